"""Separation of roles, asked of humans: two accounts recorded as one human's never are two persons, and hold no roles that exclude each
other. A deputy's roles count like those of the account.
"""

from datetime import timedelta
from uuid import UUID

from portal.cases.uow import UnitOfWork
from portal.identity.models import Person
from portal.identity.roles import demand_separate
from portal.kernel.permit import Ref, Subject
from portal.kernel.vocabulary import Role


def human_of(uow: UnitOfWork, person_id: UUID) -> UUID:
    """Whose account this is: the same for every account of one human."""
    person = uow.people.get(person_id)
    return person_id if person is None else uow.vouched(person).human or person_id


def one_human(uow: UnitOfWork, one: UUID, other: UUID) -> bool:
    return one == other or human_of(uow, one) == human_of(uow, other)


def by_whom(uow: UnitOfWork, subject: Subject | None, person_id: UUID) -> Ref:
    """Who did something, as the policy sees it: the person who asks, if it was any account of theirs."""
    mine = subject is not None and one_human(uow, subject.id, person_id)
    return Ref("User", str(subject.id if mine and subject is not None else person_id))


def must_be_separate(uow: UnitOfWork, person: Person, roles: frozenset[Role]) -> None:
    """Raise `ConflictingRoles` if `roles` of this account exclude what its human holds, or may come to hold, besides."""
    deputies = frozenset(row.role for row in uow.deputies_of(person) if row.body == person.body and row.named_at is not None)
    demand_separate(roles, as_deputy=deputies, elsewhere=held_elsewhere(uow, person))


def held_elsewhere(uow: UnitOfWork, person: Person) -> frozenset[Role]:
    """What the human's other open accounts hold or may come to hold."""
    others = [uow.vouched(row) for row in uow.people.accounts_of(person) if row.id != person.id and row.closed_at is None]
    held = [row.roles | {deputy.role for deputy in uow.deputies_of(row) if deputy.named_at is not None} for row in others]
    return frozenset().union(*held)


def waits_to_release(uow: UnitOfWork, person: Person) -> bool:
    """Has this releasing officer held the role for less than `identity.approval_wait_hours`?

    An account that held it before the portal kept since when has held it long enough.
    """
    since = [row.held_since for row in uow.in_force(person) if row.role is Role.RELEASING_OFFICER]
    if Role.RELEASING_OFFICER in person.roles:
        since.append(person.releases_since)
    wait = timedelta(hours=uow.parts.config.identity.approval_wait_hours)
    return not any(begun is None or begun + wait <= uow.at for begun in since)
