"""Who saw what, for an auditor: persons against documents and shares, each cell a way into the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.audit.matrix import MOST_PERSONS, MOST_THINGS, Cell, Thing, matrix
from portal.audit.sums import Sums, Who
from portal.cases.facts import BodyTarget
from portal.cases.log_filter import asked_for, chosen
from portal.cases.names import body_short, person_name
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.events import Event
from portal.kernel.permit import Permit

#: What the page can be narrowed by, and for how many days it looks back if nothing is said.
NARROWED_BY = ("document", "share", "state", "actor", "since", "until")
DAYS = 30
#: Pages of the matrix, either way, before it has to be narrowed.
MOST_PLACE = 200


@dataclass(frozen=True, slots=True)
class Named:
    """A person or a thing in words, and the filter of the log that finds what they did or what happened to it."""

    words: str
    beside: str
    narrows: dict[str, str]


@dataclass(frozen=True, slots=True)
class SeenCell:
    pages: int
    copies: int
    refusals: int
    narrows: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMatrix:
    """`rows`: persons, each with a cell for each column, or None. `since` and `until`: the days, both included.

    `persons` and `things`: the next page either way, or None. `damaged`: something was changed after it was written.
    """

    columns: list[Named]
    rows: list[tuple[Named, list[SeenCell | None]]]
    since: str
    until: str
    shown: dict[str, str]
    persons: int | None
    things: int | None
    damaged: bool


def show_seen(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, given: Mapping[str, str], persons: int, things: int) -> SeenMatrix:
    """One page of the matrix. Raises `Invalid` for a filter that cannot be read."""
    permit.must_cover(Action.AUDIT_READ, body)
    days = period(uow.at, given, DAYS)
    asked = asked_for(uow, permit, dict(given) | days)
    uow.notes.detail |= {"view": "seen", "narrowed": list(chosen(given))}
    if not (0 <= persons < MOST_PLACE and 0 <= things < MOST_PLACE):
        raise Invalid({"since": "Narrow it by dates, by a person or by a document: so far back this page does not go."})
    shown = {name: asked.shown[name] for name in NARROWED_BY}
    if asked.wanted is None:
        return SeenMatrix(columns=[], rows=[], **days, shown=shown, persons=None, things=None, damaged=False)
    sums = Sums(uow.session, permit, asked.wanted)
    own = uow.documents.ids_of_body(permit.body)
    found = matrix(sums, own, persons_from=persons * MOST_PERSONS, things_from=things * MOST_THINGS)
    raise_alarm(uow, permit, sums, "seen")
    columns = {thing: _thing(uow, permit, thing, days) for thing in found.things}
    rows = []
    for who in found.persons:
        named = whose(uow, permit, who, days)
        rows.append((named, [_cell(found.cells.get((who, thing)), named, columns[thing]) for thing in found.things]))
    return SeenMatrix(
        columns=list(columns.values()),
        rows=rows,
        **days,
        shown=shown,
        persons=persons + 1 if found.more_persons else None,
        things=things + 1 if found.more_things else None,
        damaged=sums.damaged,
    )


def period(at: datetime, given: Mapping[str, str], days: int) -> dict[str, str]:
    """The days to look at: those that are given, or so many up to now."""
    since, until = given.get("since", ""), given.get("until", "")
    if not since and not until:
        since = (at - timedelta(days=days - 1)).date().isoformat()
    return {"since": since, "until": until or at.date().isoformat()}


def whose(uow: UnitOfWork, permit: Permit, who: Who, days: Mapping[str, str]) -> Named:
    """A colleague by name; of another body's staff a number, which holds on this page only."""
    short = body_short(uow, who.body) if who.body else ""
    if who.person is not None:
        return Named(person_name(uow, permit, who.person), short, {"actor": str(who.person), **days})
    if who.number:
        return Named(f"Person {who.number} of the {short}", "", {"body": who.body, **days})
    return Named(f"Somebody of the {short}" if short else "Nobody signed in", "", {"body": who.body, **days} if who.body else dict(days))


def raise_alarm(uow: UnitOfWork, permit: Permit, sums: Sums, view: str) -> None:
    """If something could not be read, that is the body's to know, and to have checked."""
    if sums.damaged:
        uow.also(Event.ALARM_RAISED, Notes(detail={"alarm": "tampered", "list": view}), originator=permit.body)


def _thing(uow: UnitOfWork, permit: Permit, thing: Thing, days: Mapping[str, str]) -> Named:
    """Symbols only, never titles; of another body's document only the share."""
    if thing.own:
        document = uow.documents.get(thing.id)
        symbol = document.symbol if document is not None else ""
        return Named(symbol, "", {"document": symbol, **days})
    share = uow.shares.get(thing.id)
    known = share is not None and permit.body in (share.originator, share.recipient)
    return Named(share.symbol if share is not None and known else "", f"share {str(thing.id)[:8]}", {"share": str(thing.id), **days})


def _cell(cell: Cell | None, who: Named, thing: Named) -> SeenCell | None:
    return None if cell is None else SeenCell(cell.pages, cell.copies, cell.refusals, {**who.narrows, **thing.narrows})
