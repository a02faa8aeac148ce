"""What a legal hold and a proposal to shred are, as the policy sees them. Both are acts on a document, and found through it.

The document is locked before anything about it is looked at, so that of a hold and a shredding at the same moment the second one to come
sees the first.
"""

from uuid import UUID

from portal.cases.facts import Located, body
from portal.cases.kept import ArchivingTarget, HoldTarget, Kept, LoweringTarget, ShreddingTarget, kept_of
from portal.cases.separation import by_whom
from portal.cases.standing import requests_in_force
from portal.cases.uow import UnitOfWork
from portal.documents.keeping import Act, KeepingAct
from portal.documents.models import Document
from portal.kernel.ids import NOBODY
from portal.kernel.permit import Facts, Ref, ResourceType, Subject, Value
from portal.kernel.vocabulary import Level


def hold(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, hold_id: UUID, **where: object) -> Located:
    """A hold on this document; of another document it is as absent as one that never was."""
    row, document, kept, _ = _found(uow, subject, document_id, hold_id, Act.HELD)
    more: dict[str, Value] = {"placedBy": _by(uow, subject, row), "open": _open(row, kept)}
    facts = on_document(uow, subject, ResourceType.HOLD, hold_id, document, more, present=row is not None)
    return Located(facts, None if row is None else HoldTarget(row))


def shredding(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, shredding_id: UUID, **where: object) -> Located:
    """A proposal to shred this document."""
    row, document, kept, _ = _found(uow, subject, document_id, shredding_id, Act.PROPOSED)
    more: dict[str, Value] = {"proposedBy": _by(uow, subject, row), "open": _open(row, kept), "held": kept.held}
    facts = on_document(uow, subject, ResourceType.SHREDDING, shredding_id, document, more, present=row is not None)
    return Located(facts, None if row is None else ShreddingTarget(row))


def lowering(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, lowering_id: UUID, **where: object) -> Located:
    """A proposal to lower the level of this document."""
    row, document, kept, requested = _found(uow, subject, document_id, lowering_id, Act.LOWERING_PROPOSED)
    more: dict[str, Value] = {"proposedBy": _by(uow, subject, row), "open": _open(row, kept)}
    more |= {"requested": requested, "shredded": kept.shredded}
    facts = on_document(uow, subject, ResourceType.LOWERING, lowering_id, document, more, present=row is not None)
    return Located(facts, None if row is None else LoweringTarget(row))


def archiving(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, archiving_id: UUID, **where: object) -> Located:
    """That this document was archived."""
    row, document, kept, _ = _found(uow, subject, document_id, archiving_id, Act.ARCHIVED)
    more: dict[str, Value] = {"archivedBy": _by(uow, subject, row), "open": _open(row, kept)}
    facts = on_document(uow, subject, ResourceType.ARCHIVING, archiving_id, document, more, present=row is not None)
    return Located(facts, None if row is None else ArchivingTarget(row))


def _found(
    uow: UnitOfWork, subject: Subject | None, document_id: UUID, act_id: UUID, act: Act
) -> tuple[KeepingAct | None, Document | None, Kept, bool]:
    assert subject is not None
    document = uow.documents.get(document_id)
    mine = document is not None and document.originator == subject.body
    if document is not None and mine:
        document = uow.held(document)
    row = uow.keeping.get(act_id)
    requested = bool(requests_in_force(uow, document_id, document if mine else None))
    kept = kept_of(uow, document_id, document if mine else None)
    if row is not None and (row.document_id != document_id or row.act is not act):
        row = None
    return row, document, kept, mine and requested


def _by(uow: UnitOfWork, subject: Subject | None, row: KeepingAct | None) -> Ref:
    return by_whom(uow, subject, row.done_by if row is not None else NOBODY)


def _open(row: KeepingAct | None, kept: Kept) -> bool:
    return row is not None and kept.answer(row) is None


def on_document(
    uow: UnitOfWork,
    subject: Subject | None,
    kind: ResourceType,
    wanted: UUID,
    document: Document | None,
    more: dict[str, Value],
    *,
    present: bool,
) -> Facts:
    """Something that hangs on a document, as its originator sees it; or the dummy for what is not there."""
    assert subject is not None
    others = uow.others(subject.body)
    there = document if present else None
    originator = there.originator if there is not None else others[wanted.int % len(others)]
    return Facts(
        type=kind,
        id=str(wanted),
        attributes={
            "originator": body(originator),
            "level": int(there.level) if there is not None else int(Level.UNCLASSIFIED),
            **more,
        },
        originator=originator,
        present=there is not None,
        document=there.id if there is not None else None,
        epoch=there.epoch if there is not None else None,
    )
