"""Sessions as rows: a random token in the cookie, its SHA-256 in the database, an idle and an absolute end, rotation at sign-in."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from portal.identity.models import Person, SessionRow
from portal.kernel.config import SessionSection
from portal.kernel.ids import new_id
from portal.kernel.sealing import Place, Sealed

#: An unfinished sign-in is forgotten after this time.
UNFINISHED = timedelta(minutes=15)
#: `last_seen` is written at most this often.
TOUCH = timedelta(minutes=1)


def new_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def data_place(session_id: UUID) -> Place:
    return Place("session", "data", session_id)


class Sessions:
    def __init__(self, session: Session, limits: SessionSection) -> None:
        self._session = session
        self._idle = timedelta(minutes=limits.idle_minutes)
        self._absolute = timedelta(hours=limits.absolute_hours)

    def find(self, token: str, at: datetime) -> SessionRow | None:
        """The live session of this token, or None: unknown, revoked, idle too long or too old."""
        row = self._session.scalar(select(SessionRow).where(SessionRow.token_hash == token_hash(token)))
        return row if row is not None and self.alive(row, at) else None

    def alive(self, row: SessionRow, at: datetime) -> bool:
        """Not ended, and within its limits. One that was begun or used later than now shows that the clock was set back, and is over."""
        if row.revoked_at is not None or max(row.created_at, row.last_seen) > at + TOUCH:
            return False
        return at < self.until(row)

    def until(self, row: SessionRow) -> datetime:
        """When it ends by itself if nobody uses it any more."""
        if row.person_id is None:
            return row.created_at + UNFINISHED
        return min(row.last_seen + self._idle, row.created_at + self._absolute)

    def of_person(self, person_id: UUID, at: datetime) -> list[SessionRow]:
        """The live sessions of a person, the one used last first."""
        rows = self._session.scalars(select(SessionRow).where(SessionRow.person_id == person_id, SessionRow.revoked_at.is_(None)))
        return sorted((row for row in rows if self.alive(row, at)), key=lambda row: (row.last_seen, row.created_at), reverse=True)

    def latest_use(self) -> datetime | None:
        """When any session, ended or not, was last used."""
        return self._session.scalar(select(func.max(SessionRow.last_seen)))

    def persons_in(self, issuer: str, provider_session: str) -> list[UUID]:
        """Whose sessions came of this session at the provider, in the order in which persons are locked."""
        rows = select(SessionRow.person_id).join(Person, Person.id == SessionRow.person_id)
        found = rows.where(Person.issuer == issuer, SessionRow.provider_session == provider_session, SessionRow.revoked_at.is_(None))
        return sorted({person for person in self._session.scalars(found) if person is not None})

    def end(self, at: datetime, *which: ColumnElement[bool]) -> list[UUID]:
        """End the sessions of which all this holds; returns those that were not ended yet."""
        ended = update(SessionRow).where(SessionRow.revoked_at.is_(None), *which).values(revoked_at=at)
        return list(self._session.scalars(ended.returning(SessionRow.id)))

    def get(self, session_id: UUID) -> SessionRow | None:
        return self._session.get(SessionRow, session_id)

    def lock(self, session_id: UUID) -> SessionRow | None:
        """The session as of now, locked: whoever acts in it is done, or waits."""
        found = select(SessionRow).where(SessionRow.id == session_id).with_for_update()
        return self._session.scalar(found.execution_options(populate_existing=True))

    def kept(self, session_id: UUID) -> SessionRow | None:
        """The session as of now; its row does not change until the transaction ends."""
        found = select(SessionRow).where(SessionRow.id == session_id).with_for_update(read=True)
        return self._session.scalar(found.execution_options(populate_existing=True))

    def open(self, token: str, at: datetime, *, session_id: UUID | None = None, data: Sealed) -> SessionRow:
        row = SessionRow(id=session_id or new_id(), token_hash=token_hash(token), created_at=at, last_seen=at, data=data)
        self._session.add(row)
        self._session.flush()
        return row

    def keep_unfinished(self, most: int) -> None:
        """Keep the newest sign-ins that are under way, at most so many."""
        under_way = self._session.scalar(select(func.count()).select_from(SessionRow).where(SessionRow.person_id.is_(None))) or 0
        if under_way <= most:
            return
        oldest = select(SessionRow.id).where(SessionRow.person_id.is_(None)).order_by(SessionRow.created_at.desc(), SessionRow.id)
        # Rows that another transaction is about to change or delete are left to it: two that wait for each other would both fail.
        surplus = self._session.scalars(oldest.offset(most).with_for_update(skip_locked=True)).all()
        self._session.execute(delete(SessionRow).where(SessionRow.id.in_(surplus)))

    def end_of(self, person_id: UUID, at: datetime, *, but: UUID | None = None) -> int:
        """End every session of this person, except the one named; returns how many were not ended yet."""
        return len(self.end(at, SessionRow.person_id == person_id, SessionRow.id != but))

    def end_all(self, at: datetime) -> int:
        """End every session; returns how many were not ended yet."""
        return len(self.end(at))

    def forget_unfinished(self, at: datetime) -> int:
        """Delete sign-ins that nobody finished, so that strangers cannot fill the table."""
        result = self._session.execute(delete(SessionRow).where(SessionRow.person_id.is_(None), SessionRow.created_at < at - UNFINISHED))
        return int(result.rowcount)  # type: ignore[attr-defined]
