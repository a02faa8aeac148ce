"""What the log itself can show of one act to somebody who has no portal: the act opened, and the proofs that it is in the log.

The act is opened whole, as its leaf commits to all of its columns at once: its codes and random ids, of what is sealed the digests alone.
With the salt and the digest of the originator's part whoever holds them computes the entry anew (docs/formats/log.md).
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.canonical import (
    Row,
    Unreadable,
    as_bytes,
    as_text,
    as_whole,
    committed_columns,
    event_entry,
    private_digest,
    shared_parts,
)
from portal.audit.checkpoint import Head, published_checkpoint, read_checkpoint
from portal.audit.consistency import holds, proof, published_subtree
from portal.audit.inclusion import inclusion, proof_text, root_from
from portal.audit.models import AuditCheckpoint, AuditEvent, AuditLeaf
from portal.audit.record import Outcome
from portal.audit.signing import VerifierKey
from portal.kernel.errors import Stale, Tampered
from portal.kernel.events import Event
from portal.kernel.merkle import leaf_hash

INCLUSION, CONSISTENCY, END = "=== inclusion ===", "=== consistency ===", "=== end ==="


class Unsigned(Stale):
    """The act was recorded, and waits for its place in the signed log."""

    code = "unsigned"
    public = "The log has not signed this yet. It does within a minute: try again then."


@dataclass(frozen=True, slots=True)
class Attested:
    """One act in the signed log. `at` in microseconds since 1970; `text` are the proofs, to be put below words."""

    at: int
    leaf: int
    first: Head
    newest: Head
    text: str


def recording_of(session: Session, document: UUID, request: UUID) -> Row:
    """The event by which this request came into force, raw, with its `leaf_index` and `entry`. Raises `Unsigned`, `Tampered`."""
    columns = [*committed_columns(session), AuditLeaf.leaf_index, AuditLeaf.entry]
    statement = (
        select(*columns)
        .select_from(AuditEvent)
        .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .where(AuditEvent.document == document, AuditEvent.event == str(Event.REQUEST_RECORDED), AuditEvent.outcome == str(Outcome.DONE))
    )
    for row in session.execute(statement).mappings():
        if _facts(row).get("request") == str(request):
            if row["leaf_index"] is None:
                raise Unsigned(f"the recording of request {request} has no leaf yet")
            return row
    raise Tampered(f"no event tells of the recording of request {request}")


def attested(session: Session, row: Row, *, log_dir: Path, key: VerifierKey) -> Attested:
    """Its proofs: in the first checkpoint that was signed with it, and from that one to the newest published.

    Nothing is handed out on trust: what the tiles give is checked against what was signed. Raises `Unsigned`, `Tampered`.
    """
    entry, leaf = bytes(row["entry"]), int(row["leaf_index"])
    if event_entry(row) != entry:
        raise Tampered(f"leaf {leaf} is not that of its event")
    note = session.scalar(select(AuditCheckpoint.note).where(AuditCheckpoint.size > leaf).order_by(AuditCheckpoint.size).limit(1))
    published = published_checkpoint(log_dir)
    if note is None or published is None:
        raise Unsigned(f"leaf {leaf} is in no signed checkpoint yet")
    first, newest = read_checkpoint(note, key), read_checkpoint(published, key)
    subtree = published_subtree(log_dir, newest.size)
    hashes, goes_on = inclusion(leaf, first.size, subtree), proof(first.size, newest.size, subtree)
    if root_from(leaf, first.size, leaf_hash(entry), hashes) != first.root:
        raise Tampered(f"the published tiles do not lead from leaf {leaf} to the checkpoint of size {first.size}")
    if not holds(first.size, first.root, newest.size, newest.root, goes_on):
        raise Tampered(f"the published log does not go on from its checkpoint of size {first.size}")
    longer = "\n".join([f"old {first.size}", *(base64.b64encode(each).decode() for each in goes_on), "", published])
    text = "\n".join([INCLUSION, proof_text(leaf, hashes, note, extra=_opened(row)) + CONSISTENCY, longer + END, ""])
    return Attested(as_whole("at", row["at"]), leaf, first, newest, text)


def _opened(row: Row) -> bytes:
    """What the entry is computed from: the salt, the digest of the originator's part, and the framed columns of the shared one."""
    return as_bytes("salt", row["salt"]) + private_digest(row) + shared_parts(row)


def _facts(row: Row) -> dict[str, Any]:
    try:
        facts = json.loads(as_text("detail", row["detail"]))
    except (Unreadable, ValueError):
        facts = None
    return facts if isinstance(facts, dict) else {}
