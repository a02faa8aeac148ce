"""An auditor keeps the filter that is set, under a name, and finds it again. One's own only; it opens nothing by itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from portal.cases.facts import BodyTarget
from portal.cases.log_filter import asked_for, chosen
from portal.cases.plain_text import is_plain
from portal.cases.uow import Notes, UnitOfWork
from portal.identity.filters import SavedFilter
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden, Invalid, Tampered
from portal.kernel.events import Event
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit

#: Filters of one person, and letters of a name.
MOST, MOST_NAME = 20, 60


@dataclass(frozen=True, slots=True)
class KeptFilter:
    """`given`: what the address says. Both are empty, and `readable` is False, if the row is not as the portal wrote it."""

    id: UUID
    name: str
    given: dict[str, str]
    readable: bool = True


def kept_filters(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[KeptFilter]:
    """Those of the reader, by name."""
    permit.must_cover(Action.AUDIT_READ, body)
    own = _own(uow, permit)
    if not all(one.readable for one in own):
        uow.also(Event.ALARM_RAISED, Notes(detail={"alarm": "tampered", "list": "filters"}), originator=permit.body)
    return own


def keep_filter(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, name: str, given: Mapping[str, str]) -> None:
    """Keep it. Raises `Invalid` with every fault: no name, a name that is there, nothing set, or so many already."""
    permit.must_cover(Action.AUDIT_KEEP_FILTER, body)
    assert permit.subject is not None
    uow.people.lock(permit.subject.id)  # one at a time: neither is a name there twice, nor one filter too many
    own, asked, faults = _own(uow, permit), chosen(given), {}
    if not name:
        faults["name"] = "Give it a name, so that you find it again."
    elif len(name) > MOST_NAME:
        faults["name"] = f"Use at most {MOST_NAME} characters. These are {len(name)}."
    elif not is_plain(name):
        faults["name"] = "Take out control characters and marks that change the direction of text; type it anew if need be."
    elif name.casefold() in {one.name.casefold() for one in own}:
        faults["name"] = "You have a filter of this name. Use another name, or remove that one first."
    if not asked:
        faults["form"] = "No filter is set. Search for something first, then keep it."
    if len(own) >= MOST:
        faults["form"] = f"You keep {MOST} filters, and no more are taken. Remove one first."
    if faults:
        raise Invalid(faults)
    asked_for(uow, permit, asked)
    row = new_id()
    uow.saved_filters.add(
        SavedFilter(
            id=row,
            person_id=permit.subject.id,
            body=permit.body,
            name=uow.seal(permit.body, "saved_filter", "name", row, name),
            query=uow.seal(permit.body, "saved_filter", "query", row, json.dumps([str(permit.subject.id), asked])),
            kept_at=uow.at,
        )
    )
    uow.notes.detail |= {"filter": str(row), "narrowed": list(asked)}


def remove_filter(uow: UnitOfWork, permit: Permit, body: BodyTarget, filter_id: UUID) -> None:
    """Remove one of one's own. Raises `Hidden` if this person has no such filter."""
    permit.must_cover(Action.AUDIT_KEEP_FILTER, body)
    assert permit.subject is not None
    if not uow.saved_filters.remove(filter_id, permit.subject.id):
        raise Hidden("no such filter of this person")
    uow.notes.detail["filter"] = str(filter_id)


def _own(uow: UnitOfWork, permit: Permit) -> list[KeptFilter]:
    assert permit.subject is not None
    rows = uow.saved_filters.of_person(permit.subject.id, permit.body)
    return sorted((_opened(uow, permit, row) for row in rows), key=lambda one: one.name.casefold())


def _opened(uow: UnitOfWork, permit: Permit, row: SavedFilter) -> KeptFilter:
    """A row that was changed, or given to somebody else, closes no page: it can be removed."""
    try:
        name = uow.words(permit, "saved_filter", "name", row.id, row.name)
        owner, given = json.loads(uow.words(permit, "saved_filter", "query", row.id, row.query))
        if owner == str(row.person_id):
            return KeptFilter(row.id, name, chosen(given))
    except (Tampered, ValueError):
        pass
    return KeptFilter(row.id, "", {}, readable=False)
