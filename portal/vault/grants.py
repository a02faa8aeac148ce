"""What two persons agree to before another body gets a key, and the proof that they did.

The statement says all of it; its digest is what each of them puts a MAC to. A grant follows from exactly one proposal and one approval,
by two persons, over this very statement.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from portal.kernel.sealing import Sealed
from portal.vault.errors import Unapproved
from portal.vault.framing import counted, framed
from portal.vault.label import ObjectLabel
from portal.vault.wrap import Wrap

_GRANT = b"portal/grant/v1\0"
_APPROVAL = b"portal/approval/v1\0"

ApprovalAct = Literal["proposed", "approved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantStatement:
    """One rendition of one version, from its originator to one recipient, under these terms, as of this epoch of the document.

    `objects` are the originator's own labels of what is granted; `terms` is the SHA-256 of the share's terms.
    """

    share_id: UUID
    document_id: UUID
    version: int
    rendition_id: UUID | None
    originator: str
    recipient: str
    level: int
    caveats: frozenset[str]
    terms: bytes
    epoch: int
    objects: tuple[ObjectLabel, ...]

    def encode(self) -> bytes:
        """The same bytes for the same agreement, in whatever order its objects are given (docs/formats/wrap.md)."""
        objects = sorted(self.objects, key=lambda label: label.object_id.bytes)
        return _GRANT + framed(
            self.share_id,
            self.document_id,
            self.version,
            self.rendition_id,
            self.originator,
            self.recipient,
            self.level,
            self.caveats,
            self.terms,
            self.epoch,
            counted(label.bare() for label in objects),
        )

    def digest(self) -> bytes:
        """SHA-256 of the encoding."""
        return hashlib.sha256(self.encode()).digest()


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's act over a statement's digest, with the holder's MAC. `human`: whose account the person is, if they have several."""

    person: UUID
    act: ApprovalAct
    digest: bytes
    mac: bytes
    human: UUID | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What the recipient gets: a wrap for each object, and the share's words under the recipient's own key."""

    wraps: tuple[Wrap, ...]
    title: Sealed
    file_name: Sealed


def recipient_label(label: ObjectLabel, statement: GrantStatement) -> ObjectLabel:
    """The label under which the recipient's wrap of this object is bound."""
    return replace(label, share_id=statement.share_id, terms=statement.terms, body=statement.recipient)


def approval_bytes(person: UUID, act: str, originator: str, digest: bytes) -> bytes:
    """What an approval's MAC covers."""
    return _APPROVAL + framed(originator, act, person, digest)


def must_hold_together(statement: GrantStatement) -> None:
    """Stop (RuntimeError) unless the statement is about another body and each of its labels is the originator's own, of this rendition."""
    if statement.recipient == statement.originator:
        raise RuntimeError("a grant to the originator itself")
    if not statement.objects or len({label.object_id for label in statement.objects}) != len(statement.objects):
        raise RuntimeError("a grant of nothing, or of one object twice")
    agreed = (statement.document_id, statement.version, statement.rendition_id, statement.level, statement.caveats, statement.originator)
    for label in statement.objects:
        if (label.document_id, label.version, label.rendition_id, label.level, label.caveats, label.body) != agreed:
            raise RuntimeError(f"object {label.object_id} is not of the rendition that the statement names")
        if label.share_id is not None or label.terms is not None:
            raise RuntimeError(f"the label of object {label.object_id} is not the originator's own")


def must_be_agreed(statement: GrantStatement, approvals: Sequence[Approval], check: Callable[[bytes, bytes], None]) -> None:
    """Raise `Unapproved` unless two persons agreed to this very statement. `check(message, mac)` raises for a MAC that is not ours."""
    if sorted(approval.act for approval in approvals) != ["approved", "proposed"]:
        raise _refused("not exactly one proposal and one approval")
    if len({approval.human or approval.person for approval in approvals}) != 2:
        raise _refused("one person twice")
    digest = statement.digest()
    for approval in approvals:
        if approval.digest != digest:
            raise _refused(f"what was {approval.act} is another statement")
        check(approval_bytes(approval.person, approval.act, statement.originator, approval.digest), approval.mac)


def must_not_be_overtaken(statement: GrantStatement, floor: int) -> None:
    """Raise `Unapproved` if the document was closed to the recipient at a later epoch than the statement's: old approvals, put back."""
    if floor > statement.epoch:
        raise _refused(f"agreed at epoch {statement.epoch}, but the document was closed to {statement.recipient} at {floor}")


def _refused(why: str) -> Unapproved:
    return Unapproved(
        why, reasons=("Two officers must agree to exactly the same. Let it be proposed again, and another officer approve it.",)
    )
