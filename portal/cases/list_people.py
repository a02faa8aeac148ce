"""The people of the administrator's own body."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.cases.facts import BodyTarget
from portal.cases.names import person_name
from portal.cases.separation import one_human
from portal.cases.uow import UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.permit import Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    id: UUID
    name: str
    roles_words: str
    clearance_words: str
    last_seen: datetime | None
    closed: bool
    myself: bool
    #: Another account of the human who reads.
    mine: bool
    #: The names of the human's other accounts.
    same_as: list[str]


def list_people(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[PersonRow]:
    permit.must_cover(Action.PERSON_LIST, body)
    assert permit.subject is not None
    return [
        PersonRow(
            id=person.id,
            name=person_name(uow, permit, person.id),
            roles_words=", ".join(sorted(role.words for role in person.roles)),
            clearance_words=person.level.words,
            last_seen=person.last_sign_in,
            closed=person.closed_at is not None,
            myself=person.id == permit.subject.id,
            mine=one_human(uow, permit.subject.id, person.id),
            same_as=[person_name(uow, permit, row.id) for row in uow.people.accounts_of(person) if row.id != person.id],
        )
        for person in uow.people.of_body(body.code)
    ]
