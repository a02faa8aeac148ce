"""From the queue into the tree, and from the tree to the public.

Three steps, each of which may be the last before a power cut:

1. `take_batch`, in a write transaction: pending events become leaves; the caller commits.
2. `Sequencer.publish`, in a fresh read: guard asked → tiles written → guard moved → signed → witnesses asked → checkpoint written.
3. `store_checkpoint`, in a write transaction: the note becomes a row; the caller commits.

Every step takes up what an earlier run left unfinished. Run 2 and 3 once at start, before the first batch, so that a checkpoint that
was published but not stored gets its row. Nothing here commits.
"""

import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from portal.audit.canonical import Unreadable, as_uuid, blank_entry, committed_columns, event_entry
from portal.audit.checkpoint import Checkpoint, Head, publish_checkpoint, sign_checkpoint
from portal.audit.cosigning import Witnesses
from portal.audit.guard import Guard, Rollback
from portal.audit.models import AuditCheckpoint, AuditEvent, AuditLeaf, AuditPending, LogHead
from portal.audit.signing import LogKey
from portal.audit.tiles import Edge, Tile, drop_partials, write_tile
from portal.audit.witnessed import Witnessed
from portal.kernel.errors import Tampered
from portal.kernel.ids import new_id

#: A batch is filled up with blank leaves to a multiple of this, so that the published sizes tell little.
STEP = 16
_PAGE = 4096


class Inconsistent(Tampered):
    """The log's own tables contradict each other. Sequencing stops; the verification says where."""

    code = "log_inconsistent"


@dataclass(frozen=True, slots=True)
class Batch:
    """What became leaves: indices `first` to `size` - 1, `events` of them events, the rest blank."""

    first: int
    size: int
    events: int


def take_batch(session: Session, limit: int = 4096, *, signed: int = 0) -> Batch | None:
    """Give pending events their leaves, oldest first, in random order among themselves; None if none wait.

    Needs a write transaction. `signed` is how many leaves were signed: a database that holds fewer was put back, and grows no other tree
    (`Rollback`). Raises `Inconsistent` if head and leaves disagree, or an event cannot be read.
    """
    first = locked_head(session)
    if first < signed:
        raise Rollback(f"the log holds {first} leaves, but {signed} were signed: stop the portal and run `portal restore reconcile`")
    entries: list[tuple[bytes, UUID | None, bytes | None]] = []
    waiting = (
        select(*committed_columns(session))
        .join(AuditPending, AuditPending.event_id == AuditEvent.id)
        .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .where(AuditLeaf.event_id.is_(None))
        .order_by(AuditEvent.at)
        .limit(limit)
    )
    for row in session.execute(waiting).mappings():
        try:
            entries.append((event_entry(row), as_uuid("id", row["id"]), None))
        except Unreadable as error:
            raise Inconsistent(f"a waiting event cannot be read: {error}") from error
    if not entries:
        return None
    events = [event_id for _, event_id, _ in entries]
    for _ in range(-(first + len(entries)) % STEP):
        blank = secrets.token_bytes(32)
        entries.append((blank_entry(new_id().bytes, blank), None, blank))
    random.SystemRandom().shuffle(entries)
    rows = [
        {"leaf_index": first + offset, "entry": entry, "event_id": event_id, "blank": blank}
        for offset, (entry, event_id, blank) in enumerate(entries)
    ]
    session.execute(insert(AuditLeaf), rows)
    session.execute(delete(AuditPending).where(AuditPending.event_id.in_(events)))
    size = first + len(entries)
    session.execute(update(LogHead).where(LogHead.id == 1).values(size=size))
    return Batch(first, size, len(events))


def locked_head(session: Session) -> int:
    """The number of leaves, its row locked; made if the log is new."""
    locked = select(LogHead.size).where(LogHead.id == 1).with_for_update()
    head = session.scalar(locked)
    leaves = leaf_count(session)
    if head is None and leaves == 0:
        # Two sequencers may begin the log at the same moment: one inserts, the other waits here and finds the row.
        session.execute(text("INSERT INTO log_head (id, size) VALUES (1, 0) ON CONFLICT DO NOTHING"))
        head, leaves = session.scalar(locked), leaf_count(session)
    if head != leaves:
        raise Inconsistent(f"log_head says {head} leaves, the last leaf says {leaves}: run the verification")
    return leaves


def leaf_count(session: Session) -> int:
    """How many leaves the database holds."""
    last = session.scalar(select(func.max(AuditLeaf.leaf_index)))
    return 0 if last is None else last + 1


def store_checkpoint(session: Session, checkpoint: Checkpoint) -> bool:
    """Keep the checkpoint as a row, unless there is one of its size already; returns whether a row was added.

    Raises `Inconsistent` if the row that is there says something else.
    """
    session.scalar(select(LogHead.size).where(LogHead.id == 1).with_for_update())  # another sequencer may be keeping the same one
    kept = session.execute(select(AuditCheckpoint.root, AuditCheckpoint.note).where(AuditCheckpoint.size == checkpoint.size)).one_or_none()
    if kept is not None:
        if tuple(kept) != (checkpoint.root, checkpoint.note):
            raise Inconsistent(f"the stored checkpoint of size {checkpoint.size} is not the one that was signed")
        return False
    values = {"size": checkpoint.size, "root": checkpoint.root, "note": checkpoint.note, "at": checkpoint.at}
    session.execute(insert(AuditCheckpoint).values(values))
    return True


@dataclass(slots=True)
class Sequencer:
    """Publishes the tree. Reads all leaves once, then only what is new; several may run, the guard's lock lets one at a time sign.

    `floors` says how many lines the floors file has: asked after the leaves were read, so that the guard never names too few for them.
    `witnesses` are asked between our signature and the publication; what the database keeps is the note with ours alone. `witnessed` keeps
    the last one that enough of them signed.
    """

    log_dir: Path
    guard: Guard
    key: LogKey
    floors: Callable[[], int] | None = None
    witnesses: Witnesses | None = None
    witnessed: Witnessed | None = None
    _edge: Edge | None = field(default=None, repr=False)

    def publish(self, session: Session, *, at: datetime) -> Checkpoint:
        """Bring the directory up to the committed leaves and sign; the same size again is a heartbeat.

        Needs a session that has read nothing yet, as its snapshot must not be older than the guard. Raises `Rollback` before anything
        is written, if the leaves are not those that were signed; `OSError` if the directory cannot be written.
        """
        if session.in_transaction():
            raise RuntimeError("publish needs a session of its own, which has read nothing yet")
        with self.guard.held():
            signed = self.guard.read()
            size = leaf_count(session)
            edge, completed = self._grown(session, signed, size)
            for tile, content in edge.partial():
                write_tile(self.log_dir, tile, content)
            root = edge.root()
            if (signed.size, signed.root) != (size, root):
                self.guard.advance(size, root, None if self.floors is None else self.floors())
            checkpoint = sign_checkpoint(self.key, size, root, at)
            note = checkpoint.note if self.witnesses is None else self.witnesses.cosign(self.log_dir, checkpoint, self.key.name)
            if self.witnessed is not None:
                self.witnessed.keep(note)
            publish_checkpoint(self.log_dir, note)
            self._edge = edge
            for tile in completed:
                drop_partials(self.log_dir, tile)
            return checkpoint

    def _grown(self, session: Session, signed: Head, size: int) -> tuple[Edge, list[Tile]]:
        """The edge at `size`, its full tiles written; only after the leaves were found to be those that were signed."""
        known = self._edge
        if known is not None and known.size > signed.size:
            raise Rollback(f"the guard says {signed.size}, but {known.size} leaves were signed: it was put back; restore the newest")
        probe = Edge() if known is None else known.copy()

        def root_then() -> bytes:
            if probe.size and _entry_at(session, probe.size - 1) != probe.last:
                raise Rollback(f"leaf {probe.size - 1} is not the one that was signed: run the verification, restore the database")
            for entry in leaf_entries(session, probe.size, signed.size):
                probe.append(entry)
            return probe.root()

        self.guard.confirm(signed, size, root_then)
        # What another sequencer signed since, it wrote as well; after a start everything is compared with the files and mended.
        edge = Edge() if known is None else probe
        completed = []
        for entry in leaf_entries(session, edge.size, size):
            for tile, content in edge.append(entry):
                write_tile(self.log_dir, tile, content)
                completed.append(tile)
        return edge, completed


def _entry_at(session: Session, index: int) -> bytes | None:
    return session.scalar(select(AuditLeaf.entry).where(AuditLeaf.leaf_index == index))


def leaf_entries(session: Session, start: int, end: int) -> Iterator[bytes]:
    """Leaf entries `start` to `end` - 1. Raises `Inconsistent` at a gap."""
    expected = start
    while expected < end:
        statement = select(AuditLeaf.leaf_index, AuditLeaf.entry).where(AuditLeaf.leaf_index >= expected, AuditLeaf.leaf_index < end)
        page = session.execute(statement.order_by(AuditLeaf.leaf_index).limit(_PAGE)).all()
        if not page:
            raise Inconsistent(f"leaf {expected} is missing: run the verification")
        for index, entry in page:
            if index != expected:
                raise Inconsistent(f"leaf {expected} is missing: run the verification")
            expected += 1
            yield entry
