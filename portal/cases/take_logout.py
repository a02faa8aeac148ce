"""A provider says that somebody signed out there, or was signed out: their sessions here end (Back-Channel Logout 1.0, section 2.7)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from portal.cases.facts import BodyTarget
from portal.cases.session_data import data_of
from portal.cases.sign_in import as_subject
from portal.cases.uow import Parts, UnitOfWork
from portal.identity.logout_token import Notice as Notice
from portal.identity.models import Person, SessionRow
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden
from portal.kernel.permit import Permit


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """A logout token as it arrived at a provider's own address."""

    provider: str
    token: str


@contextmanager
def read_logout(parts: Parts, arrived: LogoutNotice) -> Iterator[Notice]:
    """Judge the token, without a transaction open. Raises `LogoutRefused`, or `ProviderDown` if the provider's keys are out of reach."""
    try:
        provider = parts.providers[arrived.provider]
    except KeyError:
        raise Hidden("there is no such provider") from None
    yield provider.read_logout(arrived.token)


def take_logout(uow: UnitOfWork, permit: Permit, target: BodyTarget, provider: str, notice: Notice) -> None:
    """End the sessions of the notice: those of one session at the provider, or all of the person. Each token is taken once.

    That nobody of that name is here is no fault: their sessions are over (section 2.7).
    """
    permit.must_cover(Action.SESSION_END_BY_PROVIDER, target)
    uow.logout_tokens.take(notice, uow.at)
    ended = [session for person in _whose(uow, notice) for session in _end(uow, person, notice)]
    uow.notes.detail |= {"provider": provider, "sessions": sorted(str(session) for session in ended)}


def _whose(uow: UnitOfWork, notice: Notice) -> list[Person]:
    """The persons it is about, locked."""
    if notice.subject is not None:
        found = [uow.people.known_as(notice.issuer, notice.subject)]
    else:
        found = [uow.people.lock(person) for person in uow.sessions.persons_in(notice.issuer, notice.provider_session or "")]
    return [person for person in found if person is not None]


def _end(uow: UnitOfWork, person: Person, notice: Notice) -> list[UUID]:
    uow.vouched(person)
    if notice.provider_session is None:
        ended = uow.people.end_sessions(person, uow.at)
        uow.vouch(person)
    else:
        of_it = SessionRow.provider_session == notice.provider_session
        ended = uow.sessions.end(uow.at, SessionRow.person_id == person.id, of_it)
    row = uow.sessions.get(ended[0]) if ended else None
    if row is not None:  # whose body it is decides who may read of it
        uow.notes.actor = as_subject(uow, person, row, data_of(uow, row))
        uow.notes.detail["person"] = str(person.id)
    return ended
