"""Who of other bodies saw what of one document, as the log holds it.

For the document's originator, under a permit for exactly this document. Only what was done counts, by persons of other bodies, and only
events that name the originator among those whom they touch; events that wait for their leaf count like any other. A person of another
body is a number here and, where the originator's part of the event holds it, a name; their id, roles and address stay with their body.

The rows come summed from the database, over the index on documents: a page that was read a thousand times is one row.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true
from sqlalchemy.orm import Session

from portal.audit.canonical import Row, Unreadable, as_bytes, as_text, as_uuid, as_whole, raw
from portal.audit.entry import EPOCH
from portal.audit.log import place
from portal.audit.models import AuditEvent
from portal.audit.names import READER, Names
from portal.audit.record import Fact, Outcome, is_body
from portal.kernel.actions import Action
from portal.kernel.errors import Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.kernel.sealing import Sealed, Sealer

#: How the time of a last view stands among the facts of a sum.
_LAST = "%Y-%m-%dT%H:%M:%S.%fZ"
#: Bytes a name may take there, as JSON in ASCII.
_MOST = 400
_ACTS = (Event.SHARE_PAGE_READ, Event.SHARE_SEARCHED, Event.SHARE_DOWNLOADED, Event.SHARE_FETCHED)
#: With the sums that the portal adds by itself; these hold no name.
_SEEN = (*_ACTS, Event.READING_ENDED)


@dataclass(slots=True, kw_only=True)
class Disclosure:
    """What one person saw through one share. `person` numbers the persons of this document, the first to see something first.

    `pages` maps a page to how often it was opened. `copies` are watermarked copies, `numbers` what these bear. `files`: requests for the
    file itself, whole or a part.
    `searches`: how often words were looked for, which tells on which pages they are, of pages not opened too.
    """

    person: int
    body: str
    share: UUID | None
    name: str | None
    first: datetime
    last: datetime
    pages: dict[int, int] = field(default_factory=dict)
    copies: int = 0
    numbers: set[str] = field(default_factory=set)
    files: int = 0
    searches: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsummed:
    """Further views of one page that are counted, and that no event tells of yet. `last`: of all views of it in that session."""

    actor: UUID
    share: UUID
    page: int
    times: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Disclosures:
    """Newest first. `damaged`: some event is not what the portal wrote (an alarm), and the rows may lack something."""

    rows: tuple[Disclosure, ...]
    damaged: bool


def reader(name: str) -> dict[str, str]:
    """The fact that names a reader to the originator; a name too long for its place loses its end, and stops no reading."""
    while len(json.dumps(name)) > _MOST:
        name = name[:-1]
    return {READER: name}


def summed(again: Mapping[int, int], last: datetime) -> dict[str, Fact | list[Fact]]:
    """The facts of `reading.ended`: how often each page was opened after its first time, and when one of them was last."""
    return {"again": [f"{page}:{times}" for page, times in sorted(again.items()) if times], "last": last.strftime(_LAST)}


@dataclass(frozen=True, slots=True)
class Span:
    """One side of a moment: what was seen up to it, or `later`. Of shares that were closed at that moment (`ended`) all of it was before,
    whatever the clocks of two acts at once say."""

    moment: datetime
    ended: frozenset[UUID]
    later: bool = False

    def holds(self, seen: Disclosure) -> bool:
        return (seen.last > self.moment and seen.share not in self.ended) is self.later

    def where(self) -> ColumnElement[bool]:
        """The events of this side, and all sums: of these counts when the last view was, not when it was summed."""
        after = and_(AuditEvent.at > self.moment, or_(AuditEvent.share.is_(None), AuditEvent.share.not_in(self.ended)))
        return or_(AuditEvent.event == str(Event.READING_ENDED), after if self.later else not_(after))


def disclosures(
    session: Session, permit: Permit, document: UUID, *, sealer: Sealer, unsummed: Iterable[Unsummed] = (), span: Span | None = None
) -> Disclosures:
    """Everything the log holds of the document's being seen by other bodies, and the views that are counted for it (`unsummed`);
    of one side of a moment if that is asked."""
    body = _originator(permit, document)
    found: dict[tuple[UUID, UUID | None], Disclosure] = {}
    damaged = False
    for row in session.execute(_summed(session, body, document).where(true() if span is None else span.where())).mappings():
        try:
            actor, seen = _read(row)
        except (Unreadable, ValueError, OverflowError):
            damaged = True
            continue
        if span is not None and not span.holds(seen):  # a sum of the other side
            continue
        if not (seen.pages or seen.copies or seen.files or seen.searches):  # a question about the file, answered without a byte of it
            continue
        _count_in(found.setdefault((actor, seen.share), seen), seen)
    for view in unsummed:
        of = found.get((view.actor, view.share))
        damaged = damaged or (of is None and span is None)  # the first view of a page is always an event
        if of is not None:
            again = replace(of, first=of.first, last=view.last, pages={view.page: view.times}, copies=0, numbers=set(), files=0, searches=0)
            if span is None or span.holds(again):
                _count_in(of, again)
    names, unnamed = _names(session, permit, body, document, sealer)
    numbers: dict[UUID, int] = {}
    for (actor, _), seen in sorted(found.items(), key=lambda item: item[1].first):
        seen.person = numbers.setdefault(actor, len(numbers) + 1)
        seen.name = names.get(actor)
    rows = sorted(found.values(), key=lambda seen: (seen.last, seen.person), reverse=True)
    return Disclosures(tuple(rows), damaged or unnamed)


def _originator(permit: Permit, document: UUID) -> str:
    """The body that asks: the originator of this very document, and nobody else."""
    facts = permit.facts
    if permit.action not in {Action.DISCLOSURE_READ, Action.REQUEST_ATTEST} or facts.document != document or not facts.present:
        raise RuntimeError(f"a permit for {permit.action} does not tell who saw this document")
    if facts.originator != permit.body or not is_body(permit.body):
        raise RuntimeError("only the originator is told who saw a document")
    return permit.body


def _by_others(body: str, document: UUID, events: Sequence[Event] = _SEEN) -> ColumnElement[bool]:
    return and_(
        AuditEvent.document == document,
        AuditEvent.event.in_([str(event) for event in events]),
        AuditEvent.outcome == str(Outcome.DONE),
        AuditEvent.originator == body,
        AuditEvent.actor_body != body,
        AuditEvent.bodies.contains(f",{body},", autoescape=True),
    )


def _summed(session: Session, body: str, document: UUID) -> Select[Any]:
    """One row for each person, share, act and facts: how often, first and last."""
    alike = (AuditEvent.actor, AuditEvent.actor_body, AuditEvent.share, AuditEvent.event, AuditEvent.detail)
    columns = [raw(session, column) for column in alike]
    times = [raw(session, func.min(AuditEvent.at), "first"), raw(session, func.max(AuditEvent.at), "last"), func.count().label("times")]
    return select(*columns, *times).where(_by_others(body, document)).group_by(*alike)


def _read(row: Row) -> tuple[UUID, Disclosure]:
    """Who, and what this one row says of them. Raises `ValueError` (`Unreadable` is one) or `OverflowError`."""
    seen = Disclosure(
        person=0,
        body=as_text("actor_body", row["actor_body"]).decode(),
        share=None if row["share"] is None else as_uuid("share", row["share"]),
        name=None,
        first=_moment(row["first"]),
        last=_moment(row["last"]),
    )
    times = as_whole("times", row["times"])
    event = as_text("event", row["event"]).decode()
    if event == Event.SHARE_PAGE_READ:
        page = _facts(as_text("detail", row["detail"])).get("page")
        if not isinstance(page, int) or isinstance(page, bool):
            raise Unreadable("detail names no page")
        seen.pages[page] = times
    elif event == Event.READING_ENDED:
        _read_sum(seen, _facts(as_text("detail", row["detail"])), times)
    elif event == Event.SHARE_SEARCHED:
        seen.searches = times
    elif event == Event.SHARE_FETCHED:
        seen.files = times if "from" in _facts(as_text("detail", row["detail"])) else 0
    else:
        number = _facts(as_text("detail", row["detail"])).get("copy")
        seen.copies, seen.numbers = times, {number} if isinstance(number, str) else set()
    return as_uuid("actor", row["actor"]), seen


def _read_sum(seen: Disclosure, facts: Mapping[str, object], times: int) -> None:
    """Take over what `summed` wrote: its time is that of the last view, not of the sum."""
    again, last = facts.get("again"), facts.get("last")
    if not isinstance(again, list) or not isinstance(last, str):
        raise Unreadable("detail holds no sum")
    seen.first = seen.last = datetime.strptime(last, _LAST).replace(tzinfo=UTC)
    for item in again:
        page, _, views = str(item).partition(":")
        seen.pages[int(page)] = int(views) * times


def _count_in(whole: Disclosure, part: Disclosure) -> None:
    if whole is part:
        return
    whole.first, whole.last = min(whole.first, part.first), max(whole.last, part.last)
    whole.copies += part.copies
    whole.numbers |= part.numbers
    whole.files += part.files
    whole.searches += part.searches
    for page, times in part.pages.items():
        whole.pages[page] = whole.pages.get(page, 0) + times


def _names(session: Session, permit: Permit, body: str, document: UUID, sealer: Sealer) -> tuple[dict[UUID, str], bool]:
    """The name of each person as the newest event holds it for the originator, and whether one of these could not be opened."""
    newest = func.row_number().over(partition_by=AuditEvent.actor, order_by=(AuditEvent.at.desc(), AuditEvent.id.desc()))
    ranked = select(AuditEvent.id, newest.label("rank")).where(_by_others(body, document, _ACTS)).subquery()
    columns = [raw(session, column) for column in (AuditEvent.id, AuditEvent.actor, AuditEvent.private_part)]
    statement = select(*columns).join(ranked, ranked.c.id == AuditEvent.id).where(ranked.c.rank == 1)
    names: dict[UUID, str] = {}
    opening = Names(session, permit, sealer)
    damaged = False
    for row in session.execute(statement).mappings():
        try:
            value = Sealed(as_bytes("private_part", row["private_part"]))
            words = sealer.open_field(permit, place("private_part", as_uuid("id", row["id"])), value)
            name = opening.open_reader(place(READER, as_uuid("id", row["id"])), _facts(words.encode()))
            if name:
                names[as_uuid("actor", row["actor"])] = name
        except (Tampered, ValueError):
            damaged = True
    return names, damaged


def _facts(text: bytes) -> Mapping[str, object]:
    facts = json.loads(text)
    if not isinstance(facts, dict):
        raise Unreadable("detail holds no facts")
    return facts


def _moment(value: object) -> datetime:
    return EPOCH + timedelta(microseconds=as_whole("at", value))
