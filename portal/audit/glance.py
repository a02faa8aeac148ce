"""What the portal publishes of its log at this moment: the last checkpoint, who signed it, and whether the guard goes with it.

Signatures are checked; the tree is not built (`verify` does that).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from portal.audit.checkpoint import Head, published_checkpoint, read_checkpoint
from portal.audit.cosignature import WitnessVerifier
from portal.audit.guard import Guard
from portal.audit.signing import BadNote, VerifierKey
from portal.kernel.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Signed:
    """A witness, and when it signed the published checkpoint; None: its signature is missing or wrong."""

    name: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """`head` is None before the first checkpoint, and where the portal's own signature does not hold (`broken`).

    `guard` is the size it holds; None: it is missing, damaged, or does not go with what was signed.
    """

    head: Head | None
    broken: bool
    witnesses: tuple[Signed, ...]
    guard: int | None


def published(log_dir: Path, key: VerifierKey, witnesses: Sequence[str], guard: Guard) -> Published:
    """`witnesses` are the verifier keys that the configuration names. Never raises for what it finds."""
    head, lines, broken = None, list[str](), False
    try:
        note = published_checkpoint(log_dir)
        if note is not None:
            head = read_checkpoint(note, key)
            lines = note.rpartition("\n\n")[2].splitlines()
    except (BadNote, OSError):
        head, broken = None, True
    signed = [_signed(WitnessVerifier.parse(witness), head, lines) for witness in witnesses]
    return Published(head=head, broken=broken, witnesses=tuple(signed), guard=_guarded(guard, head))


def _signed(witness: WitnessVerifier, head: Head | None, lines: Sequence[str]) -> Signed:
    times = [] if head is None else [at for line in lines if (at := witness.signed_at(head.text, line)) is not None]
    try:
        return Signed(witness.name, datetime.fromtimestamp(max(times), UTC) if times else None)
    except (ValueError, OverflowError, OSError):
        return Signed(witness.name, None)


def _guarded(guard: Guard, head: Head | None) -> int | None:
    try:
        kept = guard.read()
    except Misconfigured:
        return None
    if head is not None and (kept.size < head.size or (kept.size == head.size and kept.root != head.root)):
        return None
    return kept.size
