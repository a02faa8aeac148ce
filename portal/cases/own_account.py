"""One's own local account: the password, and the recovery codes that are left. A change needs the password and a code of now."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from portal.cases.account_facts import AccountTarget
from portal.cases.enrol_account import new_password_faults, recovery_codes
from portal.cases.local_state import attempt_succeeded, count_attempt, keep_state, state_of
from portal.cases.sign_in_local import CODE, spent
from portal.cases.uow import Parts, UnitOfWork
from portal.identity.local import State
from portal.identity.passwords import hashed, is_password
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.permit import Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    login: str
    recovery_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was typed. Without `new` only the recovery codes are made anew."""

    current: str = field(repr=False)
    code: str = field(repr=False)
    new: str | None = field(default=None, repr=False)
    again: str | None = field(default=None, repr=False)
    address: str


def show_own_account(uow: UnitOfWork, permit: Permit, target: AccountTarget) -> OwnAccount:
    permit.must_cover(Action.ACCOUNT_CHANGE, target)
    state = state_of(uow, target.account)
    return OwnAccount(login=state.login, recovery_left=len(state.recovery))


def count_change(uow: UnitOfWork, permit: Permit, target: AccountTarget, change: Change) -> tuple[Change, str]:
    """Count the attempt: who found a browser open must not guess at the password here. Raises `Throttled`, or `Invalid` for the new one."""
    permit.must_cover(Action.ACCOUNT_CHANGE, target)
    state = state_of(uow, target.account)
    if change.new is not None and (faults := new_password_faults(uow, state, target.person.body, change.new, change.again or "")):
        raise Invalid(faults)
    count_attempt(uow, CODE, target.account.id.bytes, change.address)
    return change, state.password


@contextmanager
def check_change(parts: Parts, counted: tuple[Change, str]) -> Iterator[tuple[Change, str]]:
    """Compute the hashes, without a transaction open. Yields the change and the new password's. Raises `Invalid`."""
    change, kept = counted
    if not is_password(change.current, kept):
        raise Invalid({"current": "This is not your password. Type it again."})
    yield change, hashed(change.new) if change.new is not None else ""


def change_password(uow: UnitOfWork, permit: Permit, target: AccountTarget, change: Change, password: str) -> None:
    """From now on the new one. Every other session of the person ends. Raises `Invalid` if the code is not right."""
    permit.must_cover(Action.ACCOUNT_CHANGE, target)
    assert permit.subject is not None
    state = _spent(uow, target, change)
    keep_state(uow, target.account, replace(state, password=password))
    target.person.access_epoch += 1
    uow.vouch(target.person)
    uow.sessions.end_of(target.person.id, uow.at, but=permit.subject.session)


def renew_recovery_codes(uow: UnitOfWork, permit: Permit, target: AccountTarget, change: Change) -> tuple[str, ...]:
    """New recovery codes, to be shown once; the old ones count no more. Raises `Invalid` if the code is not right."""
    permit.must_cover(Action.ACCOUNT_CHANGE, target)
    codes, kept = recovery_codes()
    keep_state(uow, target.account, replace(_spent(uow, target, change), recovery=kept))
    return codes


def _spent(uow: UnitOfWork, target: AccountTarget, change: Change) -> State:
    """The state after the code was used."""
    state = spent(state_of(uow, target.account), change.code, uow.at)
    if state is None:
        raise Invalid({"code": "This code is not right, or was used already. Wait for the next one and type that."})
    attempt_succeeded(uow, CODE, target.account.id.bytes, change.address)
    return state
