"""The tables against the log: what stands in the database was done, and the log says when; what the log says was closed is closed.

The log's own verification shows that no event was changed, put in or taken out. This is the other half: whoever writes a share, a key or a
closing into the tables past the portal, or takes one out, contradicts the events.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from portal.audit.canonical import Unreadable, as_text, as_uuid, as_whole, raw
from portal.audit.entry import EPOCH
from portal.audit.findings import Finding, Findings, Kind, Report
from portal.audit.models import AuditEvent
from portal.audit.record import Outcome
from portal.confidentiality.models import Rendition, Request
from portal.documents.models import Version
from portal.kernel.events import Event
from portal.sharing.models import Answer, Closure, Receipt, Share
from portal.sharing.readings import PageReading
from portal.sharing.remarks import Remark
from portal.sharing.transfers import PreparedCopy, Transfer
from portal.vault.models import KeyWrap

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says, as far as it is compared. Ids are 32 hexadecimal digits."""

    event: Event
    at: int
    actor: str
    document: str
    share: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """A table, and the events that say that its rows may be there.

    `row`: what a row is known by, and when it came to be if the event was at that very moment. `said` makes the same of an event, or None
    of one that tells of no such row. `both`: of each of these events there must be a row as well.
    """

    what: str
    events: tuple[Event, ...]
    rows: Executable
    row: Callable[[Any], tuple[Hashable, ...]]
    said: Callable[[Told], tuple[Hashable, ...] | None]
    both: bool = False


def _named(fact: str) -> Callable[[Told], tuple[Hashable, ...]]:
    """By the id that stands among the facts, and the time."""
    return lambda told: (_plain(told.detail.get(fact)), told.at)


_ANSWERS = {Event.SHARE_ACKNOWLEDGED: Answer.ACKNOWLEDGED, Event.SHARE_RECALL_CONFIRMED: Answer.RECALL_CONFIRMED}
PAIRS = (
    Pair(
        "share",
        (Event.SHARE_APPROVED,),
        select(Share.id, Share.document_id, Share.recipient, Share.approved_at),
        lambda row: (row.id.hex, row.document_id.hex, row.recipient, _micros(row.approved_at)),
        lambda told: (told.share, told.document, told.detail.get("recipient"), told.at),
        both=True,
    ),
    Pair(
        "closing of a share",
        (Event.SHARE_CLOSED,),
        select(Closure.share_id, Closure.closed_at),
        lambda row: (row.share_id.hex, _micros(row.closed_at)),
        lambda told: (told.share, told.at),
        both=True,
    ),
    Pair(
        "key of a recipient",
        (Event.SHARE_APPROVED,),
        select(KeyWrap.share_id, KeyWrap.body).where(KeyWrap.share_id.is_not(None)),
        lambda row: (row.share_id.hex, row.body),
        lambda told: (told.share, told.detail.get("recipient")),
    ),
    Pair(
        "page that was read",
        (Event.SHARE_PAGE_READ,),
        select(PageReading.share_id, PageReading.person_id, PageReading.page),
        lambda row: (row.share_id.hex, row.person_id.hex, row.page),
        lambda told: (told.share, told.actor, told.detail.get("page")),
    ),
    Pair(
        "request of a Member State",
        (Event.REQUEST_RECORDED, Event.REQUEST_LIFTED),
        select(Request.id, Request.recorded_at),
        lambda row: (row.id.hex, _micros(row.recorded_at)),
        lambda told: _request(told),
        both=True,
    ),
    Pair(
        "version",
        (Event.VERSION_DEPOSITED,),
        select(Version.document_id, Version.number, Version.deposited_at),
        lambda row: (row.document_id.hex, row.number, _micros(row.deposited_at)),
        lambda told: (told.document, told.detail.get("version"), told.at),
    ),
    Pair(
        "rendition",
        (Event.RENDITION_BUILT,),
        select(Rendition.id, Rendition.built_at),
        lambda row: (row.id.hex, _micros(row.built_at)),
        _named("rendition"),
    ),
    Pair(
        "receipt",
        (Event.SHARE_ACKNOWLEDGED, Event.SHARE_RECALL_CONFIRMED),
        select(Receipt.share_id, Receipt.answer, Receipt.given_at),
        lambda row: (row.share_id.hex, Answer(row.answer), _micros(row.given_at)),
        lambda told: (told.share, _ANSWERS[told.event], told.at),
    ),
    Pair(
        "remark",
        (Event.REMARK_MADE, Event.REMARK_ANSWERED),
        select(Remark.id, Remark.made_at),
        lambda row: (row.id.hex, _micros(row.made_at)),
        _named("remark"),
    ),
    Pair(
        "transfer",
        (Event.TRANSFER_RECORDED,),
        select(Transfer.id, Transfer.recorded_at),
        lambda row: (row.id.hex, _micros(row.recorded_at)),
        _named("transfer"),
    ),
    Pair(
        "prepared copy",
        (Event.TRANSFER_PREPARED,),
        select(PreparedCopy.share_id, PreparedCopy.number, PreparedCopy.digest),
        lambda row: (row.share_id.hex, row.number, row.digest.hex()),
        lambda told: (told.share, told.detail.get("copy"), told.detail.get("sha256")),
    ),
)
_KEYS = next(place for place, pair in enumerate(PAIRS) if pair.what == "key of a recipient")


def with_tables(session: Session, report: Report) -> Report:
    """The report of the log's verification, with what of the tables contradicts it."""
    found = Findings([*report.findings], report.more)
    for kind, text in _contradictions(session):
        found.add(kind, text)
    return replace(report, findings=tuple[Finding, ...](found.named), more=found.more)


def _contradictions(session: Session) -> Iterator[tuple[Kind, str]]:
    held = [{pair.row(row): row for row in session.execute(pair.rows)} for pair in PAIRS]
    untold: list[set[tuple[Hashable, ...]]] = [set(rows) for rows in held]
    closed = {told.share for told in _events(session, {Event.SHARE_CLOSED})}
    for told in _events(session, {event for pair in PAIRS for event in pair.events}):
        for pair, rows, rest in zip(PAIRS, held, untold, strict=True):
            if told.event in pair.events:
                key = pair.said(told)
                rest.discard(key or ())
                if pair.both and key is not None and key not in rows:
                    yield Kind.ROW_MISSING, f"the log says {told.event} of {told.share or told.document}, and there is no such {pair.what}"
    for pair, rest in zip(PAIRS, untold, strict=True):
        for key in sorted(rest, key=repr):
            yield Kind.ROW_UNTOLD, f"no event tells of this {pair.what}: {', '.join(str(part) for part in key)}"
    for share, body in held[_KEYS]:
        if share in closed:
            yield Kind.ROW_UNTOLD, f"{body} holds a key of the share {share}, which the log says was closed"


def _events(session: Session, wanted: Iterable[Event]) -> Iterator[Told]:
    """What was done, of these kinds. One that cannot be read is the log's verification's to name."""
    names = ("event", "at", "actor", "document", "share", "detail")
    columns = [raw(session, getattr(AuditEvent, name)) for name in names]
    statement = select(*columns).where(AuditEvent.event.in_([str(event) for event in wanted]), AuditEvent.outcome == str(Outcome.DONE))
    for row in session.execute(statement.execution_options(yield_per=_PAGE)).mappings():
        try:
            detail = json.loads(as_text("detail", row["detail"]))
            ids = {name: "" if row[name] is None else as_uuid(name, row[name]).hex for name in ("actor", "document", "share")}
            yield Told(event=Event(as_text("event", row["event"]).decode()), at=as_whole("at", row["at"]), detail=detail, **ids)
        except (Unreadable, ValueError):
            continue


def _request(told: Told) -> tuple[Hashable, ...] | None:
    """Recorded by an officer; or what two of them left of another one."""
    named = told.detail.get("request" if told.event is Event.REQUEST_RECORDED else "narrowed_to")
    return None if named is None else (_plain(named), told.at)


def _plain(identity: object) -> str:
    """An id as it stands among facts, in the form of `Told`."""
    return str(identity).replace("-", "")


def _micros(at: datetime) -> int:
    return int((at - EPOCH) // timedelta(microseconds=1))
