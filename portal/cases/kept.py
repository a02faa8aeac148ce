"""Where a document stands between being kept and being destroyed: holds, its dates, a lower level proposed, the archive, shredding.

Rows tell it, each checked; the holder's floors, outside the database, tell what rows of a restored database no longer know: how many
holds were ever placed, and that the document was shredded. What floors know and rows do not counts as held, and as shredded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from portal.cases.standing import requests_in_force, seal_requests
from portal.cases.uow import UnitOfWork
from portal.documents.keeping import Act, KeepingAct, keeping_bytes
from portal.documents.models import Document
from portal.kernel.errors import Tampered
from portal.kernel.ids import new_id
from portal.kernel.permit import ResourceType
from portal.kernel.vocabulary import Due


@dataclass(frozen=True, slots=True)
class HoldTarget:
    """A legal hold, as the target of an act on it."""

    act: KeepingAct
    resource_type: ClassVar[ResourceType] = ResourceType.HOLD

    @property
    def resource_id(self) -> str:
        return str(self.act.id)


@dataclass(frozen=True, slots=True)
class ShreddingTarget:
    """A proposal to shred, as the target of an act on it."""

    act: KeepingAct
    resource_type: ClassVar[ResourceType] = ResourceType.SHREDDING

    @property
    def resource_id(self) -> str:
        return str(self.act.id)


@dataclass(frozen=True, slots=True)
class LoweringTarget:
    """A proposal to lower a level, as the target of an act on it."""

    act: KeepingAct
    resource_type: ClassVar[ResourceType] = ResourceType.LOWERING

    @property
    def resource_id(self) -> str:
        return str(self.act.id)


@dataclass(frozen=True, slots=True)
class ArchivingTarget:
    """That a document was archived, as the target of an act on it."""

    act: KeepingAct
    resource_type: ClassVar[ResourceType] = ResourceType.ARCHIVING

    @property
    def resource_id(self) -> str:
        return str(self.act.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`holds` are those that lie on it, `proposal` the one that waits for a second person, `shredding` what was carried out; `lowering` a
    lower level that waits for a second person, `archiving` the act by which it lies in the archive.

    `held` and `shredded` are what the policy decides on; true also without a row, if the floors know more than a restored database.
    """

    acts: Sequence[KeepingAct] = ()
    holds: Sequence[KeepingAct] = ()
    proposal: KeepingAct | None = None
    shredding: KeepingAct | None = None
    lowering: KeepingAct | None = None
    archiving: KeepingAct | None = None
    held: bool = False
    shredded: bool = False

    @property
    def archived(self) -> bool:
        return self.archiving is not None

    def sets(self, due: Due) -> KeepingAct | None:
        """The act that set this date last."""
        return next((row for row in reversed(self.acts) if row.due_word == due.value), None)

    def answer(self, act: KeepingAct) -> KeepingAct | None:
        """The act that answered this one."""
        return next((row for row in self.acts if row.about == act.id), None)


def kept_of(uow: UnitOfWork, document_id: UUID, document: Document | None) -> Kept:
    """How the document stands. Without a document (absent, or not the asker's to see) the same statement is run, and nothing is told."""
    return uow.once(("kept", document_id, document is not None), lambda: _checked(uow, document_id, document))


def _checked(uow: UnitOfWork, document_id: UUID, document: Document | None) -> Kept:
    acts = uow.keeping.of_document(document_id)
    if document is None:
        return Kept()
    for row in acts:
        uow.holder.check(document.originator, "keeping", keeping_bytes(row), row.mac)
    answered = {row.about for row in acts}
    begun = [row for row in acts if row.about is None]
    holds = [row for row in begun if row.act is Act.HELD]
    lying = [row for row in holds if row.id not in answered]
    shredding = next((row for row in acts if row.act is Act.SHREDDED), None)
    return Kept(
        acts=acts,
        holds=lying,
        proposal=next((row for row in begun if row.act is Act.PROPOSED and row.id not in answered), None),
        shredding=shredding,
        lowering=next((row for row in begun if row.act is Act.LOWERING_PROPOSED and row.id not in answered), None),
        archiving=next((row for row in begun if row.act is Act.ARCHIVED and row.id not in answered), None),
        held=bool(lying) or len(holds) < uow.holder.floor_of(document.id, _holds(document)),
        shredded=shredding is not None or uow.holder.floor_of(document.id, document.originator) > 0,
    )


def document_of(uow: UnitOfWork, target: HoldTarget | ShreddingTarget | LoweringTarget | ArchivingTarget) -> Document:
    """The document that an act on another act of keeping is about."""
    found = uow.documents.get(target.act.document_id)
    if found is None:
        raise Tampered(f"no document {target.act.document_id}")
    return found


def enter_act(
    uow: UnitOfWork,
    document: Document,
    act: Act,
    *,
    by: UUID,
    reason: str | None = None,
    about: UUID | None = None,
    statement: bytes | None = None,
    due: Due | None = None,
    day: date | None = None,
    level: int | None = None,
    closes: bool = False,
) -> KeepingAct:
    """One more act on a document that this transaction holds, bound to it. If it `closes`, the epoch rises: open readers stop."""
    requests_in_force(uow, document.id, document)  # nothing is sealed anew over rows that were changed
    document.epoch += closes
    row = new_id()
    entered = KeepingAct(
        id=row,
        document_id=document.id,
        originator=document.originator,
        act_word=act.value,
        about=about,
        reason=None if reason is None else uow.seal(document.originator, "keeping", "reason", row, reason),
        statement=statement,
        due_word=None if due is None else due.value,
        day=day,
        level=level,
        done_by=by,
        done_at=uow.at,
    )
    entered.mac = uow.holder.mac(document.originator, "keeping", keeping_bytes(entered))
    uow.keeping.add(entered)
    seal_requests(uow, document)
    return entered


def remember_holds(uow: UnitOfWork, document: Document) -> None:
    """Keep outside the database how many holds were ever placed, so that one from before opens the way to no shredding."""
    placed = sum(row.act is Act.HELD for row in uow.keeping.of_document(document.id))
    while uow.holder.floor_of(document.id, _holds(document)) < placed:
        uow.holder.raise_floor(document.id, _holds(document))


def _holds(document: Document) -> str:
    """Under which name floors count holds. No body's code has a stroke."""
    return f"{document.originator}/holds"


#: Whose reasons stay when the document is shredded: they say why it was kept, and why it is gone.
STAY = frozenset({Act.HELD, Act.LIFTED, Act.PROPOSED, Act.WITHDRAWN, Act.SHREDDED})


def forget_reasons(uow: UnitOfWork, document: Document) -> None:
    """With the shredding of a document: why its dates were set, and what reviews found, may tell of its content. The acts stay."""
    for row in uow.keeping.of_document(document.id):
        if row.reason is not None and row.act not in STAY:
            row.reason = uow.seal(document.originator, "keeping", "reason", row.id, "")
            row.mac = uow.holder.mac(document.originator, "keeping", keeping_bytes(row))
    uow.session.flush()
    seal_requests(uow, document)
