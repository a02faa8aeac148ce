"""Where a person is signed in: their own page tells by which service and in which browser, an administrator's page only the times."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from portal.cases.facts import BodyTarget
from portal.cases.names import person_name
from portal.cases.session_data import data_of
from portal.cases.uow import UnitOfWork
from portal.identity.models import Person, SessionRow
from portal.kernel.actions import Action
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Role
from portal.sharing.eyes import reference_of, written


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTimes:
    """A live session. `until`: when it ends by itself if it is not used."""

    id: UUID
    begun: datetime
    last_used: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession(SessionTimes):
    """`service` and `browser` are empty where the session does not know."""

    this: bool
    service: str
    browser: str


@dataclass(frozen=True, slots=True)
class PersonSessions:
    name: str
    rows: list[SessionTimes]


def own_sessions(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[OwnSession]:
    """The live sessions of whoever asks, the one used last first."""
    permit.must_cover(Action.SESSION_LIST, body)
    assert permit.subject is not None
    return [_own(uow, row, permit.subject.session) for row in uow.sessions.of_person(permit.subject.id, uow.at)]


def own_reference(permit: Permit, body: BodyTarget) -> str | None:
    """By which an officer of another body names whoever asks, for their eyes only; None for who reads nothing that is shared."""
    permit.must_cover(Action.SESSION_LIST, body)
    assert permit.subject is not None
    return written([reference_of(permit.subject.id)])[0] if Role.REVIEWER in permit.subject.roles else None


def sessions_of(uow: UnitOfWork, permit: Permit, person: Person) -> PersonSessions:
    """The live sessions of a person, for the security administrator of their body: times, and nothing more."""
    permit.must_cover(Action.PERSON_READ_SESSIONS, person)
    uow.notes.detail["person"] = str(person.id)
    rows = [
        SessionTimes(id=row.id, begun=row.created_at, last_used=row.last_seen, until=uow.sessions.until(row))
        for row in uow.sessions.of_person(person.id, uow.at)
    ]
    return PersonSessions(person_name(uow, permit, person.id), rows)


def _own(uow: UnitOfWork, row: SessionRow, this: UUID) -> OwnSession:
    data = data_of(uow, row)
    return OwnSession(
        id=row.id,
        begun=row.created_at,
        last_used=row.last_seen,
        until=uow.sessions.until(row),
        this=row.id == this,
        service=_service(uow, str(data.get("provider", ""))),
        browser=str(data.get("browser", "")),
    )


def _service(uow: UnitOfWork, provider: str) -> str:
    """What a person knows it by: the name in the address bar while they signed in."""
    try:
        return urlsplit(uow.parts.config.identity.named(provider).issuer).hostname or provider
    except KeyError:
        return "The portal itself" if provider == "local" else provider
