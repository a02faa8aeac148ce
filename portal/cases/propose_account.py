"""Propose a local account: a security administrator says who it is for. It has no role and nobody can sign in with it."""

from dataclasses import dataclass

from portal.cases.facts import BodyTarget
from portal.cases.local_state import keep_state, login_key
from portal.cases.plain_text import demand_plain
from portal.cases.uow import UnitOfWork
from portal.identity.local import LOCAL, LocalAccount, State, is_login, prepared_login
from portal.identity.models import Person
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForm:
    name: str
    login: str


def propose_account(uow: UnitOfWork, permit: Permit, target: BodyTarget, form: AccountForm) -> LocalAccount:
    """Raises `Invalid` with every fault."""
    permit.must_cover(Action.ACCOUNT_PROPOSE, target)
    account = enter_account(uow, target.code, form)
    uow.notes.detail |= {"person": str(account.id)}
    return account


def enter_account(uow: UnitOfWork, body: str, form: AccountForm) -> LocalAccount:
    """The person and their account, without any role. Raises `Invalid`."""
    login = prepared_login(form.login)
    _demand(uow, form, login)
    row = new_id()
    person = Person(
        id=row,
        issuer=LOCAL,
        sub=str(row),
        body=body,
        roles_text="",
        clearance=int(Level.UNCLASSIFIED),
        name=uow.seal(body, "person", "name", row, form.name),
        access_epoch=0,
        created_at=uow.at,
    )
    uow.vouch(person)
    uow.people.add(person)
    account = LocalAccount(id=row, login_key=login_key(uow, login))
    keep_state(uow, account, State(login=login, name=form.name))
    uow.local.add(account)
    return account


def _demand(uow: UnitOfWork, form: AccountForm, login: str) -> None:
    faults: dict[str, str] = {}
    if not 2 <= len(form.name) <= 100:
        faults["name"] = "Give the person's name, in 2 to 100 characters."
    demand_plain(faults, name=form.name)
    if not is_login(login):
        faults["login"] = "Use 3 to 64 of a-z, 0-9, dots, hyphens and underscores, and begin with a letter or a digit."
    elif uow.local.named(login_key(uow, login)) is not None:
        faults["login"] = "Somebody has this name already. Choose another."
    if faults:
        raise Invalid(faults)
