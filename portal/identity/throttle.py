"""How often something may be tried, counted in the database, so that it holds for all processes together.

An attempt is counted, and committed, before it is made: however many try at one moment, no more get through than are allowed. After the
free ones each has to wait for its time, twice as long as the one before, up to an end: nothing is ever locked for good (ASVS 6.3.1). What
is refused does not count. Keys are hashes; the table says nothing about anybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import LargeBinary, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base, Instant, take_turns
from portal.kernel.errors import PortalError

#: Attempts are forgotten after this time without another.
FORGOTTEN = timedelta(hours=24)


class Throttled(PortalError):
    """Too many attempts; says nothing about what was tried."""

    status = 429
    code = "throttled"

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, ceil(wait.total_seconds()))
        words = f"{seconds} seconds" if seconds < 120 else f"{ceil(seconds / 60)} minutes"
        super().__init__(f"the next attempt is due in {seconds} s", public=f"Too many attempts. Wait {words}, then try again.")
        self.headers = {"Retry-After": str(seconds)}


class ThrottleRow(Base):
    """`attempts` since the last success; `until` when the next one may be made."""

    __tablename__ = "throttle"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    attempts: Mapped[int]
    until: Mapped[datetime] = mapped_column(Instant)
    last: Mapped[datetime] = mapped_column(Instant, index=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`free` attempts at once, then one after `wait`, one after twice that, and so on up to `longest`."""

    free: int
    wait: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)

    def pause(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts."""
        beyond = attempts - self.free
        if beyond < 0:
            return timedelta(0)
        return min(self.longest, self.wait * (1 << min(beyond, 20)))


class Throttle:
    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, key: bytes, limit: Limit, at: datetime) -> None:
        """Count one attempt, or raise `Throttled`. Whoever asks for the same key at the same moment waits until this one is committed."""
        row = self._held(key)
        if row is None:
            row = ThrottleRow(key=key, attempts=0, until=at, last=at)
            self._session.add(row)
        elif at < row.until:
            raise Throttled(row.until - at)
        elif at - row.last >= FORGOTTEN:
            row.attempts = 0
        row.attempts += 1
        row.last, row.until = at, at + limit.pause(row.attempts)
        self._session.flush()

    def clear(self, key: bytes) -> None:
        """It succeeded: nothing is held against this key any more."""
        row = self._held(key)
        if row is not None:
            self._session.delete(row)

    def give_back(self, key: bytes, limit: Limit) -> None:
        """The attempt succeeded, where many share one key: it alone is taken off."""
        row = self._held(key)
        if row is not None:
            row.attempts = max(0, row.attempts - 1)
            row.until = row.last + limit.pause(row.attempts)

    def forget(self, at: datetime) -> None:
        """Delete what is not held against anybody any more."""
        self._session.execute(delete(ThrottleRow).where(ThrottleRow.last < at - FORGOTTEN))

    def _held(self, key: bytes) -> ThrottleRow | None:
        take_turns(self._session, f"throttle {key.hex()}")
        return self._session.get(ThrottleRow, key, populate_existing=True)
