"""What the log must lead to: every stored checkpoint, the published one, and the guard. Signatures are checked here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.canonical import Unreadable, as_bytes, as_text, as_whole, raw
from portal.audit.checkpoint import published_checkpoint, read_checkpoint
from portal.audit.findings import Findings, Kind
from portal.audit.guard import Guard
from portal.audit.models import AuditCheckpoint
from portal.audit.signing import BadNote, VerifierKey
from portal.kernel.errors import Misconfigured

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Anchor:
    """A size and the root the log had there. `signed_at` is known for stored checkpoints only, and is the portal's own word."""

    size: int
    root: bytes
    name: str
    signed_at: str = ""


def instant(micros: int) -> str:
    """A stored time for a reader; as the number itself where no calendar holds it."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).isoformat(timespec="seconds")
    except OverflowError:
        return f"time {micros}"


def from_files(log_dir: Path | None, guard_path: Path | None, key: VerifierKey, findings: Findings) -> list[Anchor]:
    """The published checkpoint and the guard. To be read before the database, as what was signed was committed before."""
    anchors = []
    if log_dir is not None:
        try:
            note = published_checkpoint(log_dir)
            if note is not None:
                head = read_checkpoint(note, key)
                anchors.append(Anchor(head.size, head.root, "the published checkpoint"))
        except (BadNote, OSError) as error:
            findings.add(Kind.CHECKPOINT_BAD, f"the published checkpoint cannot be relied on: {error}")
    if guard_path is not None:
        try:
            head = Guard(guard_path, key.name).read()
            anchors.append(Anchor(head.size, head.root, "the guard"))
            if head.size < anchors[0].size:
                findings.add(Kind.GUARD_UNUSABLE, f"the guard has size {head.size}, but size {anchors[0].size} was signed: it was put back")
        except Misconfigured as error:
            findings.add(Kind.GUARD_UNUSABLE, error.detail)
    return anchors


def kept(note: str | None, key: VerifierKey, findings: Findings) -> list[Anchor]:
    """A checkpoint that somebody kept elsewhere."""
    if note is None:
        return []
    try:
        head = read_checkpoint(note, key)
    except BadNote as error:
        findings.add(Kind.CHECKPOINT_BAD, f"the checkpoint that was kept cannot be relied on: {error.detail}")
        return []
    return [Anchor(head.size, head.root, "the checkpoint that was kept")]


def stored(session: Session, key: VerifierKey, findings: Findings) -> Iterator[Anchor]:
    """The stored checkpoints by size, each with its signature checked; those that do not hold become findings instead."""
    columns = [raw(session, column) for column in (AuditCheckpoint.size, AuditCheckpoint.root, AuditCheckpoint.note, AuditCheckpoint.at)]
    after: int | None = None
    while True:
        statement = select(*columns).order_by(AuditCheckpoint.size).limit(_PAGE)
        page = session.execute(statement if after is None else statement.where(AuditCheckpoint.size > after)).all()
        for size_value, root_value, note_value, at_value in page:
            try:
                size = as_whole("size", size_value)
            except Unreadable:
                findings.add(Kind.CHECKPOINT_CHANGED, "a row of audit_checkpoint has no size")
                return
            after = size
            anchor = _checked(size, root_value, note_value, at_value, key, findings)
            if anchor is not None:
                yield anchor
        if len(page) < _PAGE:
            return


def _checked(size: int, root_value: object, note_value: object, at_value: object, key: VerifierKey, findings: Findings) -> Anchor | None:
    place = f"the stored checkpoint of size {size}"
    try:
        head = read_checkpoint(as_text("note", note_value).decode(), key)
        root, at = as_bytes("root", root_value), as_whole("at", at_value)
    except BadNote as error:
        findings.add(Kind.CHECKPOINT_BAD, f"{place}: {error.detail}")
        return None
    except ValueError as error:  # Unreadable, or a note that is not UTF-8
        findings.add(Kind.CHECKPOINT_CHANGED, f"{place} was changed: {error}")
        return None
    if head.size != size:
        findings.add(Kind.CHECKPOINT_CHANGED, f"{place} was changed: its note was signed for size {head.size}")
        return None
    if head.root != root:
        findings.add(Kind.CHECKPOINT_CHANGED, f"{place} was changed: its root is not the one in its note")
    return Anchor(size, head.root, place, instant(at))
