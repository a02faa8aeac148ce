"""Where a person stands between being named in the log and erased from it: holds, the proposal that waits, what stands in the way.

Rows tell it, each checked. That somebody was erased, and how many holds were ever placed, is kept outside the database besides: a restored
one that no longer knows of a hold counts the person as held.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.audit.names import touched
from portal.cases.kept import kept_of
from portal.cases.names import day
from portal.cases.uow import UnitOfWork
from portal.identity.models import Person
from portal.identity.person_acts import PersonAct, PersonActs, PersonDeed, person_act_bytes
from portal.kernel.ids import new_id

_HOLDS = "PORTAL/name-holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKept:
    """`hold` lies on the person, `proposal` waits for a second administrator. `obstacles`: why nothing can be erased now, in sentences."""

    hold: PersonAct | None
    proposal: PersonAct | None
    erased: bool
    obstacles: tuple[str, ...]


def person_kept(uow: UnitOfWork, person: Person) -> PersonKept:
    acts = _acts(uow, person.id)
    answered = {row.about for row in acts}
    lying = [row for row in acts if row.act is PersonDeed.HELD and row.id not in answered]
    placed = sum(row.act is PersonDeed.HELD for row in acts)
    held = bool(lying) or placed < uow.holder.floor_of(person.id, _HOLDS)
    proposals = [row for row in acts if row.act is PersonDeed.PROPOSED and row.id not in answered]
    return PersonKept(
        hold=lying[0] if lying else None,
        proposal=proposals[0] if proposals else None,
        erased=uow.holder.names_are_erased(person.id) or any(row.act is PersonDeed.ERASED for row in acts),
        obstacles=tuple(_obstacles(uow, person, held=held)),
    )


def kept_until(uow: UnitOfWork, person: Person) -> datetime | None:
    """Until when the log names a person whose account is closed; None for an open one."""
    days = uow.parts.config.log.erase_after_days
    return None if person.closed_at is None else person.closed_at + timedelta(days=days)


def _obstacles(uow: UnitOfWork, person: Person, *, held: bool) -> list[str]:
    found = []
    until = kept_until(uow, person)
    if until is None:
        found.append("The account is open. Close it first.")
    elif uow.at < until:
        found.append(f"The log names this person until {day(until)}: so long after an account was closed.")
    if held:
        found.append("A hold lies on this person’s names. Another administrator than the one who placed it can lift it.")
    holders = _held_by(uow, person.id)
    if person.body in holders:
        found.append("A legal hold lies on something that this person worked with.")
    if holders and not found:  # that another body holds something is that body's to know
        found.append("These names are still needed, and cannot be erased yet. Try again later.")
    return found


def _held_by(uow: UnitOfWork, person: UUID) -> set[str]:
    """The bodies that hold a document which this person worked with: who saw what must be kept stays named."""
    documents = {document: uow.documents.get(document) for document in touched(uow.session, person)}
    held = [found for document, found in documents.items() if kept_of(uow, document, found).held]
    return {"" if found is None else found.originator for found in held}


def enter_person_act(
    uow: UnitOfWork, person: Person, deed: PersonDeed, *, by: UUID, about: UUID | None = None, reason: str | None = None
) -> PersonAct:
    row = new_id()
    act = PersonAct(
        id=row,
        person_id=person.id,
        body=person.body,
        act_word=deed.value,
        about=about,
        reason=None if reason is None else uow.seal(person.body, "person_act", "reason", row, reason),
        done_by=by,
        done_at=uow.at,
    )
    act.mac = uow.holder.mac(person.body, "person_act", person_act_bytes(act))
    PersonActs(uow.session).add(act)
    return act


def remember_person_holds(uow: UnitOfWork, person: Person) -> None:
    """Keep outside the database how many holds were ever placed."""
    placed = sum(row.act is PersonDeed.HELD for row in _acts(uow, person.id))
    while uow.holder.floor_of(person.id, _HOLDS) < placed:
        uow.holder.raise_floor(person.id, _HOLDS)


def _acts(uow: UnitOfWork, person: UUID) -> list[PersonAct]:
    rows = list(PersonActs(uow.session).of_person(person))
    for row in rows:
        uow.holder.check(row.body, "person_act", person_act_bytes(row), row.mac)
    return rows
