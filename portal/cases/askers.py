"""Who would ask: a person of the register as the policy sees them now, or somebody invented, to find out what they would be answered."""

from uuid import UUID

from portal.cases.separation import waits_to_release
from portal.cases.uow import UnitOfWork
from portal.identity.models import Person
from portal.kernel.ids import new_id
from portal.kernel.permit import Subject
from portal.kernel.vocabulary import Level, Role

#: The session of somebody who is in none.
NO_SESSION = UUID(int=0)


def asker(uow: UnitOfWork, person: Person) -> Subject:
    """What decides what this person may do, in no session: they have not confirmed that it is them."""
    roles = uow.roles_of(person)
    return Subject(
        id=person.id,
        body=person.body,
        roles=roles,
        clearance=person.level,
        active=person.closed_at is None,
        epoch=person.access_epoch,
        session=NO_SESSION,
        waits=Role.RELEASING_OFFICER in roles and waits_to_release(uow, person),
    )


def askers_of(uow: UnitOfWork, body: str) -> list[Subject]:
    """Everybody with an account in this body, each row checked; those whose account is closed as well."""
    return [asker(uow, uow.vouched(person)) for person in uow.people.of_body(body)]


def somebody(body: str, roles: frozenset[Role], clearance: Level) -> Subject:
    """A person who does not exist."""
    return Subject(id=new_id(), body=body, roles=roles, clearance=clearance, active=True, epoch=0, session=NO_SESSION)
