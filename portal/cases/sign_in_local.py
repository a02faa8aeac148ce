"""Sign in with a local account: name and password, then a one-time code or a recovery code.

Whether an account exists is told by nothing: for a name that nobody has the same statements run, the same hash is computed, the same
attempt is counted, and the same answer comes (ASVS 6.3.8). Each attempt is counted before it is made (`identity.throttle`).
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from portal.cases.local_state import WrongSignIn, attempt_succeeded, count_attempt, held_standing, keep_state, login_key, standing
from portal.cases.sign_in import SignInRefused, open_session
from portal.cases.uow import Parts, UnitOfWork
from portal.identity.arrival import Arrival
from portal.identity.local import LOCAL as LOCAL
from portal.identity.local import State, prepared_login
from portal.identity.models import Person
from portal.identity.passwords import is_password
from portal.identity.totp import code_hash, used_step
from portal.kernel.permit import Subject

#: So long the password that was right waits for the code.
PATIENCE = timedelta(minutes=5)
LOGIN, CODE = "login", "code"


class BeginAgain(SignInRefused):
    """No password was given in this browser, or too long ago, or the account changed since."""

    code = "begin_again"
    public = "This sign-in was not begun here, or too long ago. Begin again with name and password."


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody typed, and where they sit."""

    login: str
    password: str = field(repr=False)
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Who it would be, and the hash that the password has to fit; None and empty for nobody."""

    typed: Typed
    account: UUID | None
    kept: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """A sign-in whose password was right. `epoch`: of the person's access then; it is void if that moved."""

    account: UUID
    epoch: int
    at: datetime

    def to_json(self) -> str:
        return json.dumps({"account": str(self.account), "epoch": self.epoch, "at": self.at.isoformat()})

    @classmethod
    def from_json(cls, text: str) -> "Half":
        try:
            raw = json.loads(text)
            return cls(account=UUID(raw["account"]), epoch=int(raw["epoch"]), at=datetime.fromisoformat(raw["at"]))
        except (ValueError, KeyError) as error:
            raise BeginAgain("no half of a sign-in") from error


def count_password(uow: UnitOfWork, typed: Typed) -> Candidate:
    """Count the attempt, and find whom it is about. Raises `Throttled`."""
    login = prepared_login(typed.login)
    count_attempt(uow, LOGIN, login.encode(), typed.address)
    account = uow.local.named(login_key(uow, login))
    person, state = standing(uow, account)
    known = account is not None and person is not None and state.enrolled and bool(person.roles)
    return Candidate(typed=typed, account=account.id if account is not None and known else None, kept=state.password if known else "")


@contextmanager
def check_password(parts: Parts, candidate: Candidate) -> Iterator[UUID]:
    """Compute the hash, without a transaction open. Raises `WrongSignIn`."""
    right = is_password(candidate.typed.password, candidate.kept)
    if not right or candidate.account is None:
        raise WrongSignIn({"login": "The name or the password is not right. Check both, then try again."}, "password")
    yield candidate.account


def half_way(uow: UnitOfWork, typed: Typed, account_id: UUID) -> Half:
    """The password was right: what to keep in this browser's session until the code comes."""
    attempt_succeeded(uow, LOGIN, prepared_login(typed.login).encode(), typed.address, clears=False)
    person = uow.people.get(account_id)
    return Half(account=account_id, epoch=person.access_epoch if person is not None else -1, at=uow.at)


def demand_half(uow: UnitOfWork, text: str) -> Half:
    """The half of a sign-in that this browser has. Raises `BeginAgain`."""
    half = Half.from_json(text)
    if not timedelta(0) <= uow.at - half.at < PATIENCE:
        raise BeginAgain("the password was given too long ago")
    return half


def count_code(uow: UnitOfWork, text: str, address: str) -> Half:
    """Count the attempt. Raises `BeginAgain`, or `Throttled`."""
    half = demand_half(uow, text)
    count_attempt(uow, CODE, half.account.bytes, address)
    return half


def finish_local(uow: UnitOfWork, begun: UUID, half: Half, *, code: str, address: str) -> str:
    """Take the code, which counts once, and open the session. Returns its token. Raises `WrongSignIn` or `BeginAgain`."""
    person, state = _take(uow, half, code, address)
    attempt_succeeded(uow, LOGIN, state.login.encode(), "")
    return open_session(uow, begun, person, _arrival(uow, person, state))


def count_confirmation(uow: UnitOfWork, subject: Subject, address: str) -> Half:
    """Count an attempt of somebody who is signed in, and confirms that it is them. Raises `Throttled`."""
    count_attempt(uow, CODE, subject.id.bytes, address)
    return Half(account=subject.id, epoch=subject.epoch, at=uow.at)


def confirm_local(uow: UnitOfWork, subject: Subject, half: Half, carried: Mapping[str, object], *, code: str, address: str) -> str:
    """Take the code, and open another session in the place of this one, confirmed now. Returns its token. Raises `WrongSignIn`."""
    person, state = _take(uow, half, code, address)
    return open_session(uow, subject.session, person, _arrival(uow, person, state), carried)


def _take(uow: UnitOfWork, half: Half, code: str, address: str) -> tuple[Person, State]:
    """Use the code up. Returns whose it is."""
    account, person, state = held_standing(uow, half.account)
    if account is None or person is None or not person.roles or person.access_epoch != half.epoch:
        raise BeginAgain("the account changed meanwhile")
    after = spent(state, code, uow.at)
    if after is None:
        raise WrongSignIn({"code": "This code is not right, or was used already. Wait for the next one and type that."}, "code")
    keep_state(uow, account, after)
    attempt_succeeded(uow, CODE, account.id.bytes, address)
    uow.notes.detail |= {"factor": "recovery_code" if len(after.recovery) < len(state.recovery) else "totp"}
    return person, state


def _arrival(uow: UnitOfWork, person: Person, state: State) -> Arrival:
    """Both factors were used; the second just now."""
    return Arrival(
        provider=LOCAL,
        issuer=LOCAL,
        subject=person.sub,
        name=state.name,
        authenticated_at=uow.at,
        confirmed_at=uow.at,
        provider_session=None,
    )


def spent(state: State, code: str, at: datetime) -> State | None:
    """The state after this code was used; None if it is none of this account, or was used before."""
    if (step := used_step(state.totp, code, at, state.step)) is not None:
        return replace(state, step=step)
    digest = code_hash(code)
    return replace(state, recovery=tuple(kept for kept in state.recovery if kept != digest)) if digest in state.recovery else None
