"""Leaves that were signed after a database was backed up, and are not in it: found in the published log, and taken up from there.

Their entries are public, their events are gone for good. The tree goes on as it was signed: each such leaf becomes a row with its entry,
without an event and without the bytes that would prove it blank. An event `restore.reconciled` declares the range; `declared` says
when the verification believes it. What is not a true beginning of the signed tree is no restore, and nothing is taken up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from portal.audit.canonical import as_uuid, committed_columns, event_entry
from portal.audit.checkpoint import Head
from portal.audit.continuity import published_head
from portal.audit.findings import Finding, Kind
from portal.audit.guard import EMPTY_ROOT, Guard, Rollback
from portal.audit.models import AuditCheckpoint, AuditEvent, AuditLeaf, AuditPending, LogHead
from portal.audit.sequencer import leaf_count, leaf_entries, locked_head
from portal.audit.signing import VerifierKey
from portal.audit.tiles import WIDTH, published_entries
from portal.audit.verify import verify_log
from portal.kernel.errors import Misconfigured
from portal.kernel.merkle import RunningTree, leaf_hash

_ENTRY = 49
#: What a restore explains, and nothing else does.
_EXPLAINED = frozenset({Kind.LOG_SHORT, Kind.EVENT_WAITING, Kind.GUARD_UNUSABLE, Kind.PUBLISHED_MISSING})


class Unrecoverable(Misconfigured):
    """Leaves that were signed stand nowhere any more, so that the log cannot be continued."""

    code = "unrecoverable"


@dataclass(frozen=True, slots=True)
class Lost:
    """Leaves `first` to `end` - 1 are missing from the database; none if both are equal.

    `guard_behind`: the guard names less than was signed, or is gone. `floors` is how many lines the floors file must have at least for
    the tree at `end`; None if nothing tells, which is so with a guard that is behind.
    """

    first: int
    end: int
    guard_behind: bool
    floors: int | None
    folders: tuple[Path, ...]


def find_lost(session: Session, *, folders: tuple[Path, ...], guard: Guard, key: VerifierKey, at: datetime) -> Lost:
    """Compare the database with the guard and the published logs in `folders`, the first of which is this installation's own.

    Raises `Rollback` unless it is a true beginning of what was signed, `Unrecoverable` if what is missing is published nowhere.
    """
    guarded = guard.path.exists()
    signed, lines = guard.read_with_floors() if guarded else (Head(guard.origin, 0, EMPTY_ROOT), None)
    for folder in folders:
        report = verify_log(session, log_dir=folder, verifier_key=key, guard_path=guard.path if guarded else None, at=at)
        wrong = [finding for finding in report.findings if finding.kind not in _EXPLAINED]
        if wrong or report.more:
            raise _tampered(wrong)
    heads = [signed, *(published_head(folder, key) for folder in folders)]
    first = leaf_count(session)
    kept = session.scalar(select(func.max(AuditCheckpoint.size))) or 0
    if first != (session.scalar(select(LogHead.size).where(LogHead.id == 1)) or 0) or kept > first:
        raise Rollback("the tables of the log disagree about its size, as no backup does: run `portal audit verify`; nothing was changed")
    end = max(first, *(head.size for head in heads))
    _follow(session, first, end, heads, folders)
    newest = max(head.size for head in heads)
    known = lines if signed.size == newest else None
    return Lost(first, end, not guarded or signed.size < newest, known, folders)


def take_up(session: Session, lost: Lost) -> int:
    """Enter the missing leaves, in the caller's write transaction. Returns how many have no event.

    An event that waited for its leaf when the backup was made may have got it since: then it is that leaf's again.
    """
    if locked_head(session) != lost.first:
        raise Rollback("the log moved while it was reconciled: stop every portal that serves, and run it again")
    waiting = _waiting(session)
    rows, found, gone = [], [], 0
    for index, entry in enumerate(_published(lost.folders, lost.first, lost.end), lost.first):
        event_id = waiting.get(entry)
        if event_id is None:
            gone += 1
        else:
            found.append(event_id)
        rows.append({"leaf_index": index, "entry": entry, "event_id": event_id, "blank": None})
        if len(rows) == WIDTH or index == lost.end - 1:
            session.execute(insert(AuditLeaf), rows)
            rows = []
    for event_id in found:
        session.execute(delete(AuditPending).where(AuditPending.event_id == event_id))
    session.execute(update(LogHead).where(LogHead.id == 1).values(size=lost.end))
    return gone


def _follow(session: Session, first: int, end: int, heads: list[Head], folders: tuple[Path, ...]) -> None:
    """Build the tree up to `end`; raise `Rollback` unless it meets every root that was signed."""
    expected: dict[int, set[bytes]] = {}
    for head in heads:
        expected.setdefault(head.size, set()).add(head.root)
    tree, entries = RunningTree(), chain(leaf_entries(session, 0, first), _published(folders, first, end))
    for size in range(end + 1):
        if size:
            tree.append(leaf_hash(next(entries)))
        if size in expected and expected[size] != {tree.root()}:
            raise Rollback(f"the first {size} leaves are not those that were signed: this is no restore; nothing was changed")


def _published(folders: tuple[Path, ...], first: int, end: int) -> Iterator[bytes]:
    """Entries `first` to `end` - 1 as published, each bundle from the first folder that has enough of it."""
    at = first
    while at < end:
        number = at // WIDTH
        upto = min(end, (number + 1) * WIDTH)
        needed = upto - number * WIDTH
        for folder in folders:
            bundle = published_entries(folder, number)
            if bundle is not None and len(bundle) >= needed and all(len(entry) == _ENTRY for entry in bundle):
                break
        else:
            raise Unrecoverable(
                f"{end} leaves were signed, the database holds {first}, and leaf {at} is not in {', '.join(map(str, folders))}: put the "
                "published log back from its newest copy, or name one with --published. Without it this log cannot go on: see "
                "docs/backup-and-restore.md, 'When the published log is lost too'. Nothing was changed"
            )
        yield from bundle[at - number * WIDTH : needed]
        at = upto


def _waiting(session: Session) -> dict[bytes, UUID]:
    """Entry → id of the events that wait for a leaf."""
    statement = select(*committed_columns(session)).join(AuditPending, AuditPending.event_id == AuditEvent.id)
    return {event_entry(row): as_uuid("id", row["id"]) for row in session.execute(statement).mappings()}


def _tampered(wrong: list[Finding]) -> Rollback:
    first = f": {wrong[0].text}" if wrong else ""
    return Rollback(f"the log is not in order{first}. This is no restore: run `portal audit verify`; nothing was changed")
