"""Who saw what: persons against the documents and shares of one body, over a period, as its auditor may know it.

A document of the body itself stands for all its shares; of what it received each share stands for itself. The cells come counted from the
database, for the rows and columns of one page of the matrix only.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, or_, select

from portal.audit.canonical import Row, as_uuid, as_whole
from portal.audit.models import AuditEvent
from portal.audit.record import Outcome
from portal.audit.sums import Sums, Who, named, names
from portal.kernel.events import Event

PAGES = (Event.SHARE_PAGE_READ, Event.VERSION_PAGE_READ, Event.RENDITION_PAGE_READ)
FILES = (Event.SHARE_FETCHED, Event.VERSION_DOWNLOADED)
#: Most rows and columns of one page.
MOST_PERSONS, MOST_THINGS = 50, 20


@dataclass(frozen=True, slots=True)
class Thing:
    """A document of the reader's own body, or a share that it received."""

    id: UUID
    own: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """`pages`: different pages that were opened. `copies`: files that left, whole or in part. `refusals`: what was refused or failed."""

    pages: int
    copies: int
    refusals: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows and columns as they were last active, the latest first. `more_…`: there are others beyond this page."""

    persons: list[Who]
    things: list[Thing]
    cells: dict[tuple[Who, Thing], Cell]
    more_persons: bool
    more_things: bool


def matrix(sums: Sums, own: Select[UUID], *, persons_from: int = 0, things_from: int = 0) -> Matrix:
    """One page of it. `own`: the documents of the reader's body."""
    is_own = AuditEvent.document.in_(own)
    thing: ColumnElement[UUID] = case((is_own, AuditEvent.document), else_=AuditEvent.share)
    mine: ColumnElement[int] = case((is_own, 1), else_=0)
    counted = and_(sums.shared(_counts()), thing.is_not(None))
    things_by = (named("thing"), named("own"))
    last = func.max(AuditEvent.at).desc()
    columns = select(*sums.raw(thing=thing, own=mine)).where(counted).group_by(*things_by).order_by(last, things_by[0])
    things = sums.read(columns.offset(things_from).limit(MOST_THINGS + 1), _thing)
    shown = things[:MOST_THINGS]
    here = and_(counted, thing.in_([one.id for one in shown]))
    alike = (AuditEvent.actor, AuditEvent.actor_body)
    people = select(*sums.raw(actor=alike[0], actor_body=alike[1])).where(here).group_by(*alike).order_by(last, alike[0])
    persons = sums.read(people.offset(persons_from).limit(MOST_PERSONS + 1), lambda row: (as_uuid("actor", row["actor"]), sums.who(row)))
    listed = and_(here, AuditEvent.actor.in_([actor for actor, _ in persons[:MOST_PERSONS]]))
    counts = sums.raw(actor=alike[0], actor_body=alike[1], thing=thing, own=mine, pages=_pages(), copies=_copies(), refusals=_refusals())
    found = sums.read(select(*counts).where(listed).group_by(*alike, *things_by), lambda row: ((sums.who(row), _thing(row)), _cell(row)))
    return Matrix(
        persons=[who for _, who in persons[:MOST_PERSONS]],
        things=shown,
        cells={place: cell for place, cell in found if cell.pages or cell.copies or cell.refusals},
        more_persons=len(persons) > MOST_PERSONS,
        more_things=len(things) > MOST_THINGS,
    )


def _done() -> ColumnElement[bool]:
    return AuditEvent.outcome == str(Outcome.DONE)


def is_copy() -> ColumnElement[bool]:
    """A file that left, or a part of it. A question about one that was answered without a byte of it took nothing."""
    fetched = and_(AuditEvent.event.in_(names(FILES)), AuditEvent.detail.contains('"from":'))
    return and_(_done(), or_(AuditEvent.event == str(Event.SHARE_DOWNLOADED), fetched))


def is_page() -> ColumnElement[bool]:
    return and_(_done(), AuditEvent.event.in_(names(PAGES)))


def _counts() -> ColumnElement[bool]:
    return or_(is_page(), is_copy(), ~_done())


def _pages() -> ColumnElement[int]:
    """The first view of a page in a session is an event; the same page on another day is the same page."""
    return func.count(distinct(case((is_page(), AuditEvent.detail))))


def _copies() -> ColumnElement[int]:
    return func.sum(case((is_copy(), 1), else_=0))


def _refusals() -> ColumnElement[int]:
    return func.sum(case((_done(), 0), else_=1))


def _thing(row: Row) -> Thing:
    return Thing(as_uuid("thing", row["thing"]), bool(as_whole("own", row["own"])))


def _cell(row: Row) -> Cell:
    return Cell(*(as_whole(name, row[name]) for name in ("pages", "copies", "refusals")))
