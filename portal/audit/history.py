"""Reading the log, as the auditor of one body.

The body is the permit's, never an argument. Two kinds of rows touch it, and no others can be had:

* *shared*: `bodies` names the body. The coded columns are shown; of the actor only when they are of this body, of another body's
  staff nothing but the body. The originator's part only to the originator.
* *originator's*: the body is the originator and `bodies` does not name it. Shown are the private part, the time, the outcome and the
  actor's body; a filter on anything else finds none of them, as finding them would tell what is not shown.

Id and leaf index are shown of both: the published log holds them anyway.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from portal.audit.canonical import Row
from portal.audit.entry import EPOCH, entry_columns, read_entry
from portal.audit.entry import Entry as Entry
from portal.audit.evidence import Evidence as Evidence
from portal.audit.evidence import proven_columns, read_proven
from portal.audit.integrity import integrity as integrity
from portal.audit.models import AuditEvent, AuditLeaf
from portal.audit.names import Names
from portal.audit.record import Outcome, is_body
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.kernel.sealing import Sealer

MOST = 200
#: Permits that read the log.
READING = frozenset({Action.AUDIT_READ, Action.AUDIT_EXPORT})
#: Microseconds in a minute, and minutes in a day.
_MINUTE, _DAY = 60_000_000, 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to look for; all that is set must hold. `body` is the actor's. `since` is included, `until` is not.

    `of`: any of these documents, or of these shares (two selections of ids). `hours`: minutes of the day in UTC, the first included, the
    second not; from a later one to an earlier one goes over midnight.
    """

    event: Event | None = None
    outcome: Outcome | None = None
    actor: UUID | None = None
    document: UUID | None = None
    share: UUID | None = None
    body: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    of: tuple[Select[UUID], Select[UUID]] | None = None
    hours: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: the entry after which to go on."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}.{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what `str` gives. Raises `Invalid`."""
        micros, _, identity = text.partition(".")
        try:
            cursor = cls(EPOCH + timedelta(microseconds=int(micros)), UUID(hex=identity))
        except (ValueError, OverflowError) as error:
            raise Invalid({"before": "Go back to the first page of the log."}, "not a place in the log") from error
        return cursor


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first; `older` goes on, or is None at the end."""

    entries: tuple[Entry, ...]
    older: Cursor | None


def search(session: Session, permit: Permit, wanted: Filter, *, sealer: Sealer, before: Cursor | None = None, limit: int = 50) -> Page:
    """The events that touch the permit's body, newest first; at most `limit`, and never more than `MOST`."""
    body = reader_of(permit)
    rows, more = _found(session, body, wanted, entry_columns(session), before, limit)
    names = Names(session, permit, sealer)
    entries = tuple(read_entry(row, body, names) for row in rows)
    return Page(entries, _after(entries[-1]) if more else None)


def search_proven(
    session: Session, permit: Permit, wanted: Filter, *, sealer: Sealer, before: Cursor | None = None, limit: int = 50
) -> tuple[list[tuple[Entry, Evidence | None]], Cursor | None]:
    """The same events, each with what leads to its leaf, and where to go on."""
    body = reader_of(permit)
    rows, more = _found(session, body, wanted, proven_columns(session), before, limit)
    names = Names(session, permit, sealer)
    found = [read_proven(row, body, names) for row in rows]
    return found, _after(found[-1][0]) if more else None


def _after(entry: Entry) -> Cursor:
    return Cursor(entry.at, entry.id)


def _found(
    session: Session, body: str, wanted: Filter, columns: Sequence[ColumnElement[Any]], before: Cursor | None, limit: int
) -> tuple[Sequence[Row], bool]:
    """The rows, and whether there are more."""
    limit = max(1, min(limit, MOST))
    statement = (
        select(*columns)
        .select_from(AuditEvent)
        .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .where(visible(body, wanted))
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        earlier = and_(AuditEvent.at == before.at, AuditEvent.id < before.id)
        statement = statement.where(AuditEvent.at <= before.at, or_(AuditEvent.at < before.at, earlier))
    rows = session.execute(statement).mappings().all()
    return rows[:limit], len(rows) > limit


def count(session: Session, permit: Permit, wanted: Filter) -> int:
    """How many events `search` would find in all."""
    return session.scalar(select(func.count()).select_from(AuditEvent).where(visible(reader_of(permit), wanted))) or 0


def latest_detail(session: Session, event: Event) -> dict[str, Any]:
    """The facts of the newest event of this kind that was done; empty if there is none. For the portal itself, not for readers."""
    statement = select(AuditEvent.detail).where(AuditEvent.event == str(event), AuditEvent.outcome == str(Outcome.DONE))
    text = session.scalar(statement.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(1))
    try:
        facts = {} if text is None else json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise Tampered(f"the facts of the newest {event} are damaged: run the verification")
    return facts


def reader_of(permit: Permit) -> str:
    """The body whose auditor asks. A body that could be mistaken for none, or for the portal, reads nothing."""
    if permit.action not in READING:
        raise RuntimeError(f"a permit for {permit.action} does not read the log")
    if not is_body(permit.body):
        raise RuntimeError(f"{permit.body!r} is not the code of a body")
    return permit.body


def visible(body: str, wanted: Filter) -> ColumnElement[bool]:
    """The rows that touch the body, and that match in what the reader is shown of them."""
    for_all: list[ColumnElement[bool]] = []
    if wanted.outcome is not None:
        for_all.append(AuditEvent.outcome == str(wanted.outcome))
    if wanted.body is not None:
        for_all.append(AuditEvent.actor_body == wanted.body)
    if wanted.since is not None:
        for_all.append(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        for_all.append(AuditEvent.at < wanted.until)
    if wanted.hours is not None:
        for_all.append(hours_between(wanted.hours))
    for_shared: list[ColumnElement[bool]] = []
    if wanted.event is not None:
        for_shared.append(AuditEvent.event == str(wanted.event))
    if wanted.actor is not None:
        for_shared.append(and_(AuditEvent.actor == wanted.actor, AuditEvent.actor_body == body))
    if wanted.document is not None:
        for_shared.append(AuditEvent.document == wanted.document)
    if wanted.share is not None:
        for_shared.append(AuditEvent.share == wanted.share)
    if wanted.of is not None:
        for_shared.append(or_(AuditEvent.document.in_(wanted.of[0]), AuditEvent.share.in_(wanted.of[1])))
    if for_shared:
        return and_(shared_with(body), *for_shared, *for_all)
    return and_(or_(shared_with(body), AuditEvent.originator == body), *for_all)


def shared_with(body: str) -> ColumnElement[bool]:
    """The rows whose shared part the body may read."""
    return AuditEvent.bodies.contains(f",{body},", autoescape=True)


def hours_between(hours: tuple[int, int]) -> ColumnElement[bool]:
    """The rows of these hours of the day, as in `Filter`."""
    first, last = hours
    minute = (type_coerce(AuditEvent.at, BigInteger) % (_DAY * _MINUTE)) // _MINUTE
    return and_(minute >= first, minute < last) if first < last else or_(minute >= first, minute < last)
