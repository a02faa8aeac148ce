"""End sessions: one's own, or, as the security administrator of their body, somebody else's. One person suffices: this only closes."""

from datetime import datetime
from uuid import UUID

from portal.cases.facts import BodyTarget
from portal.cases.uow import UnitOfWork
from portal.identity.models import Person, SessionRow
from portal.identity.sessions import TOUCH
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden
from portal.kernel.permit import Permit


def end_own_session(uow: UnitOfWork, permit: Permit, body: BodyTarget, session_id: UUID) -> None:
    """End one of one's own sessions; what flows out in it is cut. Raises `Hidden` if there is no such session of this person."""
    permit.must_cover(Action.SESSION_END, body)
    assert permit.subject is not None
    _must_belong(uow, session_id, permit.subject.id)
    ended = uow.sessions.end(uow.at, SessionRow.id == session_id, SessionRow.person_id == permit.subject.id)
    uow.notes.detail["sessions"] = _words(ended)


def end_other_sessions(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> None:
    """End all of one's own sessions but the one that asks."""
    permit.must_cover(Action.SESSION_END, body)
    assert permit.subject is not None
    mine, this = SessionRow.person_id == permit.subject.id, SessionRow.id == permit.subject.session
    uow.notes.detail["sessions"] = _words(uow.sessions.end(uow.at, mine, ~this))


def end_session_of(uow: UnitOfWork, permit: Permit, person: Person, session_id: UUID) -> None:
    """End one session of this person, and void what is under way in any: they go on with what they begin anew."""
    permit.must_cover(Action.PERSON_END_SESSIONS, person)
    _must_belong(uow, session_id, person.id)
    uow.people.void(uow.vouched(person))
    uow.vouch(person)
    ended = uow.sessions.end(uow.at, SessionRow.id == session_id, SessionRow.person_id == person.id)
    uow.notes.detail |= {"person": str(person.id), "sessions": _words(ended)}


def end_sessions_of(uow: UnitOfWork, permit: Permit, person: Person) -> None:
    """End all sessions of this person. Their account stays open: they may sign in again."""
    permit.must_cover(Action.PERSON_END_SESSIONS, person)
    ended = uow.people.end_sessions(uow.vouched(person), uow.at)
    uow.vouch(person)
    uow.notes.detail |= {"person": str(person.id), "sessions": _words(ended)}


def latest_use(uow: UnitOfWork) -> datetime:
    """When anybody was last seen here; now, if nobody ever was."""
    return uow.sessions.latest_use() or uow.at


def was_set_back(now: datetime, latest: datetime) -> bool:
    """Is it earlier than it was? Corrections within the time in which a use is noted do not count."""
    return now < latest - TOUCH


def _must_belong(uow: UnitOfWork, session_id: UUID, person_id: UUID) -> None:
    row = uow.sessions.get(session_id)
    if row is None or row.person_id != person_id:
        raise Hidden("no such session of this person")


def _words(ended: list[UUID]) -> list[str | int | bool]:
    return sorted(str(session) for session in ended)
