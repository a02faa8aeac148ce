"""Does the database continue what was signed? Asked at every start, before anything is served; cheap, and proves nothing (`verify` does).

A database put back from a backup holds fewer leaves than were signed; a guard put back names a smaller tree than was signed; floors put
back have fewer lines than the guard has seen. None of this comes from a crash: leaves are committed before the guard moves, the guard
moves before anything is signed, and floors are raised before the act that they belong to commits.
"""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.checkpoint import Head, published_checkpoint, read_checkpoint
from portal.audit.guard import EMPTY_ROOT, Guard, Rollback
from portal.audit.models import AuditCheckpoint
from portal.audit.sequencer import leaf_count, leaf_entries
from portal.audit.signing import BadNote, VerifierKey
from portal.kernel.errors import Misconfigured
from portal.kernel.merkle import RunningTree, leaf_hash


class Restored(Misconfigured):
    """Something of this installation was put back from a backup. Nothing is served until the restore was reconciled."""

    code = "restored"

    def __init__(self, why: str) -> None:
        super().__init__(f"restored from a backup ({why}): run `portal restore reconcile`")


def demand_continued(session: Session, *, log_dir: Path, guard: Guard, key: VerifierKey, floors: Callable[[], int]) -> None:
    """Raise `Restored` if a part is older than the others say, `Rollback` if the leaves are others than those that were signed.

    Needs a session that has read nothing yet: nobody signs while this looks.
    """
    if session.in_transaction():
        raise RuntimeError("the session must have read nothing yet")
    with guard.held():
        signed, lines = guard.read_with_floors()
        published = published_head(log_dir, key)
        size = leaf_count(session)
        kept = session.scalar(select(AuditCheckpoint.size).order_by(AuditCheckpoint.size.desc()).limit(1)) or 0
    most = max(signed.size, published.size)
    if size < most:
        raise Restored(f"the database holds {size} leaves of the log, but {most} were signed")
    for head in (signed, published):
        if not _holds(session, head):
            raise Rollback(f"the first {head.size} leaves are not those that were signed: `portal audit verify` says where")
    if signed.size < max(published.size, kept):
        raise Restored(f"log.guard names {signed.size} leaves, but {max(published.size, kept)} were signed")
    if lines is not None and floors() < lines:
        raise Restored(f"the floors file lacks lines: it had {lines}")


def published_head(log_dir: Path, key: VerifierKey) -> Head:
    """What the published checkpoint says; the empty tree where there is none that this key signed."""
    try:
        note = published_checkpoint(log_dir)
        return Head(key.name, 0, EMPTY_ROOT) if note is None else read_checkpoint(note, key)
    except BadNote:
        return Head(key.name, 0, EMPTY_ROOT)


def _holds(session: Session, head: Head) -> bool:
    """Had the tree this root? The stored checkpoint of the size says so, or the leaves do, where none was stored yet."""
    if session.scalar(select(AuditCheckpoint.root).where(AuditCheckpoint.size == head.size)) == head.root:
        return True
    tree = RunningTree()
    for entry in leaf_entries(session, 0, head.size):
        tree.append(leaf_hash(entry))
    return tree.root() == head.root
