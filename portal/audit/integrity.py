"""How the log stands: what a health check and the auditors' page need to know at a glance. Proves nothing; `verify` does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import AuditCheckpoint, AuditEvent, AuditPending, LogHead

#: Events get their leaves within seconds. One that waits longer means that nobody sequences.
PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class LastCheckpoint:
    size: int
    root: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Integrity:
    """`size` in leaves, `pending` in events; `oldest_pending` is how long the oldest of these has waited, None if none does."""

    size: int
    checkpoint: LastCheckpoint | None
    pending: int
    oldest_pending: timedelta | None

    @property
    def late(self) -> bool:
        return self.oldest_pending is not None and self.oldest_pending >= PATIENCE


def integrity(session: Session, at: datetime) -> Integrity:
    """The state of the log at `at`."""
    size = session.scalar(select(LogHead.size).where(LogHead.id == 1)) or 0
    columns = (AuditCheckpoint.size, AuditCheckpoint.root, AuditCheckpoint.at)
    last = session.execute(select(*columns).order_by(AuditCheckpoint.size.desc()).limit(1)).one_or_none()
    pending = session.scalar(select(func.count()).select_from(AuditPending)) or 0
    first = session.scalar(select(func.min(AuditEvent.at)).join(AuditPending, AuditPending.event_id == AuditEvent.id))
    oldest = None if first is None else max(at - first, timedelta(0))
    return Integrity(size, None if last is None else LastCheckpoint(*last), pending, oldest)
