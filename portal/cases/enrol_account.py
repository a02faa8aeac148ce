"""Enrolment: with a link that works once, and a code that came another way, a person sets what only they know and have.

Two officers have to hand over one each, so that neither can sign in as somebody else (`identity.grants`). The link ends when it is used,
when its time is over, or when another is made.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from portal.cases.local_state import attempt_succeeded, count_attempt, held_standing, keep_state, standing
from portal.cases.sign_in import SignInRefused
from portal.cases.uow import Parts, UnitOfWork
from portal.identity.local import LocalAccount, State
from portal.identity.models import Person
from portal.identity.passwords import hashed, password_fault
from portal.identity.totp import RECOVERY_CODES, address_of, code_hash, new_code, picture_of, used_step
from portal.identity.totp import new_secret as new_secret
from portal.kernel.errors import Invalid
from portal.kernel.permit import Subject

ENROL = "enrol"


class LinkOver(SignInRefused):
    """The same for a link that never was."""

    status = 404
    code = "link_over"
    heading = "This link no longer works"
    public = (
        "This link is not valid: it was used, its time is over, or a newer one was made. "
        "Ask the officers of your body who sent it to enrol your account anew."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An open link: whose, until when, and what the page shows. `secret` is the one-time codes' that this browser is setting up."""

    login: str
    name: str
    body: str
    until: datetime
    secret: str = field(repr=False)
    picture: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolling:
    """What was typed: the officer's code, the new password, twice, and the first one-time code."""

    handed_over: str = field(repr=False)
    password: str = field(repr=False)
    again: str = field(repr=False)
    first_code: str = field(repr=False)
    secret: str = field(repr=False)
    address: str


def issued(state: State, code: str, until: datetime) -> tuple[State, str]:
    """The state with an open link, and the link's token. What was enrolled before is void from now on: a lost factor opens nothing."""
    token = secrets.token_urlsafe(32)
    return State(login=state.login, name=state.name, link=_link_hash(token), link_code=code, link_until=until.isoformat()), token


def show_invitation(uow: UnitOfWork, account_id: UUID, token: str, secret: str) -> Invitation:
    """Raises `LinkOver`."""
    person, state = _invited(uow, uow.local.get(account_id), token)
    issuer = f"Communication Portal {person.body}"
    return Invitation(
        login=state.login,
        name=state.name,
        body=person.body,
        until=datetime.fromisoformat(state.link_until),
        secret=secret,
        picture=picture_of(address_of(secret, state.login, issuer)),
    )


def count_enrolment(uow: UnitOfWork, account_id: UUID, token: str, enrolling: Enrolling) -> Enrolling:
    """Look at the password first, which is nobody's secret yet; then count the attempt at the codes, and look at those.

    Raises `LinkOver`, `Throttled`, `Invalid`.
    """
    person, state = _invited(uow, uow.local.get(account_id), token)
    faults = new_password_faults(uow, state, person.body, enrolling.password, enrolling.again)
    if faults:
        raise Invalid(faults)
    count_attempt(uow, ENROL, account_id.bytes, enrolling.address)
    return enrolling


@contextmanager
def hash_password(parts: Parts, enrolling: Enrolling) -> Iterator[tuple[Enrolling, str]]:
    """Compute the hash, without a transaction open."""
    yield enrolling, hashed(enrolling.password)


def enrol_account(uow: UnitOfWork, begun: UUID, account_id: UUID, token: str, enrolling: Enrolling, password: str) -> tuple[str, ...]:
    """Set password and one-time codes, and use up the link. Returns the recovery codes, to be shown once. Raises `Invalid`, `LinkOver`."""
    account, _, _ = held_standing(uow, account_id)
    person, state = _invited(uow, account, token)
    assert account is not None
    faults = {}
    if not hmac.compare_digest(code_hash(enrolling.handed_over), state.link_code):
        faults["handed_over"] = "This is not the code that goes with this link. Ask the officer who gave it to you."
    step = used_step(enrolling.secret, enrolling.first_code, uow.at, 0) if enrolling.secret else None
    if step is None:
        faults["first_code"] = "This is not the code of now. Is the device's clock right? Wait for the next one and type that."
    if faults:
        raise Invalid(faults)
    codes, kept = recovery_codes()
    done = State(login=state.login, name=state.name, password=password, totp=enrolling.secret, step=step or 0, recovery=kept)
    keep_state(uow, account, done)
    attempt_succeeded(uow, ENROL, account_id.bytes, enrolling.address)
    person.access_epoch += 1
    uow.vouch(person)
    uow.sessions.end_of(person.id, uow.at)
    uow.notes.detail |= {"person": str(person.id)}
    uow.notes.actor = _as_actor(person, begun, state.name)
    return codes


def recovery_codes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """New recovery codes, and what is kept of them."""
    codes = tuple(new_code() for _ in range(RECOVERY_CODES))
    return codes, tuple(code_hash(code) for code in codes)


def new_password_faults(uow: UnitOfWork, state: State, body: str, password: str, again: str) -> dict[str, str]:
    entry = uow.parts.config.named(body)
    faults = {}
    if fault := password_fault(password, (state.login, state.name, entry.code, entry.name, entry.short, "portal")):
        faults["password"] = fault
    elif password != again:
        faults["again"] = "The two passwords differ. Type the same one twice."
    return faults


def _invited(uow: UnitOfWork, account: LocalAccount | None, token: str) -> tuple[Person, State]:
    """Whose open link this is. Raises `LinkOver`."""
    person, state = standing(uow, account)
    fits = hmac.compare_digest(_link_hash(token), state.link or _link_hash(""))
    if person is None or not state.link or not fits or uow.at >= datetime.fromisoformat(state.link_until):
        raise LinkOver("no open link")
    return person, state


def link_end(uow: UnitOfWork) -> datetime:
    return uow.at + timedelta(hours=uow.parts.config.local.link_hours)


def _link_hash(token: str) -> str:
    return hashlib.sha256(b"portal/link/v1 " + token.encode()).hexdigest()


def _as_actor(person: Person, session: UUID, name: str) -> Subject:
    return Subject(
        id=person.id,
        body=person.body,
        roles=person.roles,
        clearance=person.level,
        active=True,
        epoch=person.access_epoch,
        session=session,
        name=name,
    )
