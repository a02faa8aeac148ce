"""What touches a body, in the order of its leaves, for a receiver; and how far the receiver has it. Nothing here opens a sealed column.

The place is a leaf, not a time or an id: leaves have no gaps and appear in order, so nothing is skipped. It moves only after a delivery:
what was under way when something broke is sent again.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from portal.audit.canonical import Unreadable, as_bytes, raw
from portal.audit.entry import entry_columns, read_coded
from portal.audit.history import shared_with
from portal.audit.models import AuditEvent, AuditLeaf, LogHead, LogOutbox
from portal.audit.syslog import Sent
from portal.kernel.merkle import leaf_hash

#: Events of one delivery, and leaves that may pass without one before the place is moved all the same.
MOST, STRIDE = 500, 4096


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be sent, from `start`, and where the place is afterwards. `new`: this receiver has no place yet."""

    start: int
    sent: tuple[Sent, ...]
    end: int
    new: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a receiver is behind, in leaves, and since when it has not taken anything; None if it did."""

    behind: int
    failing_since: datetime | None


def due(session: Session, receiver: str, body: str) -> Due:
    """The next events for this receiver, at most `MOST`. What waits for its leaf comes when it has it."""
    place = session.get(LogOutbox, (receiver, body))
    start, before = (place.next_leaf, place.last_leaf) if place is not None else (0, None)
    size = session.scalar(select(LogHead.size).where(LogHead.id == 1)) or 0
    statement = (
        select(*entry_columns(session), raw(session, AuditLeaf.entry, "leaf_entry"))
        .select_from(AuditLeaf)
        .join(AuditEvent, AuditEvent.id == AuditLeaf.event_id)
        .where(AuditLeaf.leaf_index >= start, AuditLeaf.leaf_index < size, shared_with(body))
        .order_by(AuditLeaf.leaf_index)
        .limit(MOST)
    )
    sent: list[Sent] = []
    for row in session.execute(statement).mappings():
        entry = read_coded(row, body)
        try:
            digest = leaf_hash(as_bytes("entry", row["leaf_entry"])).hex()
        except Unreadable:
            digest = ""
        sent.append(Sent(entry, digest, before))
        before = entry.leaf_index
    last = sent[-1].entry.leaf_index if len(sent) == MOST else None
    return Due(start, tuple(sent), size if last is None else last + 1, place is None)


def move(session: Session, receiver: str, body: str, done: Due) -> None:
    """The receiver has these. Nothing moves if another process was ahead; nothing ever moves back."""
    changes: dict[str, object] = {"next_leaf": done.end, "failing_since": None}
    if done.sent:
        changes["last_leaf"] = done.sent[-1].entry.leaf_index
    session.execute(update(LogOutbox).where(_of(receiver, body), LogOutbox.next_leaf == done.start).values(changes))


def begin(session: Session, receiver: str, body: str) -> bool:
    """Make sure that the receiver has a place; whether it had none."""
    if session.get(LogOutbox, (receiver, body)) is not None:
        return False
    session.add(LogOutbox(receiver=receiver, body=body, next_leaf=0, last_leaf=None, failing_since=None))
    return True


def fail(session: Session, receiver: str, body: str, at: datetime) -> None:
    """The receiver did not take it; the first time counts."""
    session.execute(update(LogOutbox).where(_of(receiver, body), LogOutbox.failing_since.is_(None)).values(failing_since=at))


def standing(session: Session, receiver: str, body: str) -> Standing:
    place = session.get(LogOutbox, (receiver, body))
    size = session.scalar(select(LogHead.size).where(LogHead.id == 1)) or 0
    if place is None:
        return Standing(size, None)
    return Standing(max(size - place.next_leaf, 0), place.failing_since)


def _of(receiver: str, body: str) -> ColumnElement[bool]:
    return and_(LogOutbox.receiver == receiver, LogOutbox.body == body)
