"""Checks of the whole log that auditors asked for, and what came of each.

A row is made when somebody asks, and changed twice: when a process takes it up, and when it is over. It carries a MAC, so that nobody
writes "in order" into it. What is kept of findings is of which kind they are and at which leaf: ids and words of the events themselves
may be another body's.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.findings import Report
from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed

#: Findings that are kept one by one; of the others the number.
KEPT = 50


class Ended(StrEnum):
    IN_ORDER = "in_order"
    FOUND = "found"
    BROKEN_OFF = "broken_off"


class LogCheck(Base):
    """`size` is how many leaves there were when it was taken up, `leaves` how many were checked; `found` is the number of findings."""

    __tablename__ = "log_check"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(String(32))
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime] = mapped_column(Instant, index=True)
    begun_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    size: Mapped[int] = mapped_column(BigInteger)
    leaves: Mapped[int] = mapped_column(BigInteger)
    ended_word: Mapped[str | None] = mapped_column("ended", String(16))
    found: Mapped[int] = mapped_column(BigInteger)
    named: Mapped[str] = mapped_column(Text)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def ended(self) -> Ended | None:
        return None if self.ended_word is None else Ended(self.ended_word)

    @property
    def places(self) -> list[tuple[str, int | None]]:
        """Kind and leaf of each finding that is kept."""
        return [(str(kind), leaf) for kind, leaf in json.loads(self.named)]


def check_bytes(row: LogCheck) -> bytes:
    """What the MAC covers: every column."""
    times = (row.asked_at, row.begun_at, row.ended_at)
    return framed("portal/log-check/v1", row.id, row.body, row.asked_by, *times, row.size, row.leaves, row.ended_word, row.found, row.named)


def end(row: LogCheck, report: Report, at: datetime) -> None:
    """Take over what came of it."""
    row.ended_at, row.leaves, row.found = at, report.size, len(report.findings) + report.more
    row.ended_word = Ended.IN_ORDER.value if report.ok else Ended.FOUND.value
    row.named = json.dumps([[finding.kind.value, finding.leaf] for finding in report.findings[:KEPT]], separators=(",", ":"))


class Checks:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: LogCheck) -> None:
        self._session.add(row)
        self._session.flush()

    def get(self, check_id: UUID) -> LogCheck | None:
        return self._session.get(LogCheck, check_id)

    def last(self) -> LogCheck | None:
        """The one that was asked for last."""
        return self._session.scalars(select(LogCheck).order_by(LogCheck.asked_at.desc(), LogCheck.id).limit(1)).one_or_none()

    def unended(self) -> Sequence[LogCheck]:
        """Those that are not over, oldest first."""
        return self._session.scalars(select(LogCheck).where(LogCheck.ended_at.is_(None)).order_by(LogCheck.asked_at, LogCheck.id)).all()
