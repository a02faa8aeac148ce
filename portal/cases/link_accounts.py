"""Record that two accounts are one human's. From then on they are one person wherever two are needed, and hold no excluding roles.

It only closes, so one administrator suffices; it is not undone: whoever leaves a body's staff has their accounts closed.
"""

from uuid import UUID

from portal.cases.separation import held_elsewhere, one_human
from portal.cases.uow import UnitOfWork
from portal.identity.models import Person
from portal.identity.roles import excluding
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.permit import Permit


def link_accounts(uow: UnitOfWork, permit: Permit, person: Person, *, other: str) -> None:
    """Every account of both belongs to one human from now on.

    If together they hold roles that exclude each other, their sessions end, and none of them signs in before one is closed. Raises
    `Invalid`.
    """
    permit.must_cover(Action.PERSON_LINK, person)
    second = _account(uow, permit, other)
    if second is None or second.id == person.id:
        raise Invalid({"other": "Choose the other account of the same human, one of your own body."})
    if one_human(uow, person.id, second.id):
        raise Invalid({"other": "These two accounts are recorded as one human's already."})
    found = {account.id for one in (person, second) for account in uow.people.accounts_of(one)}
    accounts = [account for row in sorted(found) if (account := uow.people.lock(row)) is not None]
    human = accounts[0].id
    for account in accounts:
        uow.vouched(account).human = human
        account.access_epoch += 1
        uow.vouch(account)
    uow.session.flush()
    if excluding(uow.roles_of(person) | held_elsewhere(uow, person)):
        for account in accounts:
            uow.people.end_sessions(account, uow.at)
            uow.vouch(account)
    uow.notes.detail |= {"person": str(person.id), "other": str(second.id)}


def _account(uow: UnitOfWork, permit: Permit, word: str) -> Person | None:
    """An account of the same body, locked."""
    try:
        found = uow.people.get(UUID(word))
    except ValueError:
        return None
    if found is None or found.body != permit.body:
        return None
    return uow.people.lock(found.id)
