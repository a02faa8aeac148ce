"""Close a person's account: one administrator suffices, and their sessions end at once."""

from portal.cases.uow import UnitOfWork
from portal.identity.models import Person
from portal.kernel.actions import Action
from portal.kernel.permit import Permit

#: What doors call it.
PersonTarget = Person


def close_person(uow: UnitOfWork, permit: Permit, person: Person) -> None:
    permit.must_cover(Action.PERSON_CLOSE, person)
    if person.closed_at is None:
        uow.people.close(uow.vouched(person), uow.at)
        uow.vouch(person)
    uow.saved_filters.forget(person.id)
    uow.notes.detail["person"] = str(person.id)
