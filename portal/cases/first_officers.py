"""The first officers of a body that has local accounts only: there is nobody yet who could give them their roles.

The operator of the installation names them, once: as soon as one of them is enrolled, roles are given by two officers and by nobody else.
It is in the log of the body, whose officers and auditors will read it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from portal.cases.grant_roles import enter_grant, give
from portal.cases.local_state import login_key, state_of
from portal.cases.propose_account import AccountForm, enter_account
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.identity.grants import GrantAct
from portal.identity.local import LOCAL, prepared_login
from portal.identity.models import Person
from portal.identity.totp import code_hash, new_code
from portal.kernel.errors import Invalid, Misconfigured
from portal.kernel.events import Event
from portal.kernel.ids import NOBODY
from portal.kernel.vocabulary import CONTENT_ROLES, Level, Role

#: Whom a body begins with: one who proposes accounts, and two who give roles.
FIRST: Mapping[str, tuple[Role, Level]] = {
    "administrator": (Role.SECURITY_ADMINISTRATOR, Level.UNCLASSIFIED),
    "confidentiality": (Role.CONFIDENTIALITY_OFFICER, Level.STRICTLY_CONFIDENTIAL),
    "releasing": (Role.RELEASING_OFFICER, Level.STRICTLY_CONFIDENTIAL),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """What to hand over to one of them: the link on one way, the code on another."""

    name: str
    role: Role
    link: str = field(repr=False)
    code: str = field(repr=False)


ByItself = Callable[[Callable[[UnitOfWork], Sequence[Invited]]], Sequence[Invited]]


def name_first_officers(parts: Parts, by_itself: ByItself, body: str, forms: Mapping[str, AccountForm]) -> Sequence[Invited]:
    """Make their accounts, with their roles and an open link each. `forms`: one for each key of `FIRST`.

    Raises `Misconfigured` if the body has officers already, or a sign-in service. Named again, those who never enrolled get new links.
    """
    if body not in parts.config.bodies or not parts.config.local.serves(body):
        raise Misconfigured(f"{body} has no local accounts: set local.enabled, and name it in local.bodies")
    if any(body in entry.bodies for entry in parts.config.identity.provider):
        raise Misconfigured(f"{body} has a sign-in service: its groups say who its officers are")
    return by_itself(partial(_name, body=body, forms=forms))


def _name(uow: UnitOfWork, *, body: str, forms: Mapping[str, AccountForm]) -> Sequence[Invited]:
    if any(_acts(uow, person) for person in uow.people.of_body(body)):
        raise Misconfigured(f"{body} has officers already: two of them give others their roles, on the page Local accounts")
    invited = [_invite(uow, body, form, *FIRST[key]) for key, form in forms.items()]
    uow.also(Event.FIRST_OFFICERS_NAMED, Notes(detail={"persons": len(invited)}), originator=body)
    return invited


def _invite(uow: UnitOfWork, body: str, form: AccountForm, role: Role, clearance: Level) -> Invited:
    account = uow.local.named(login_key(uow, prepared_login(form.login)))
    try:
        account = account or enter_account(uow, body, form)
    except Invalid as error:
        raise Misconfigured(f"{form.login!r}: {' '.join(error.faults.values())}") from error
    person = uow.people.lock(account.id)
    if person is None or person.body != body or person.closed_at is not None or state_of(uow, account).enrolled:
        raise Misconfigured(f"{form.login!r} is the name of another account: choose another")
    code = new_code()
    give_it = partial(enter_grant, uow, person, by=NOBODY, roles={role}, clearance=clearance, code=code_hash(code))
    proposal = give_it(GrantAct.PROPOSED)
    give_it(GrantAct.CONFIRMED, about=proposal.id)
    token = give(uow, account, uow.vouched(person), proposal)
    address = uow.parts.config.portal.public_url.rstrip("/")
    return Invited(name=form.name, role=role, link=f"{address}/enrol/{account.id}/{token}", code=code)


def _acts(uow: UnitOfWork, person: Person) -> bool:
    """Is this somebody with a content role who can sign in, or could before?"""
    if not uow.vouched(person).roles & CONTENT_ROLES or person.closed_at is not None:
        return False
    account = uow.local.get(person.id) if person.issuer == LOCAL else None
    return account is None or state_of(uow, account).enrolled
