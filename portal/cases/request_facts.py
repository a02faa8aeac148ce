"""What a recorded request is, and a proposal to lift or narrow one, as the policy sees them. Both are found through the document.

The document is locked before anything about it is looked at, so that of a lifting and an approval at the same moment the second one to
come sees the first.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from portal.cases.facts import Located
from portal.cases.keeping_facts import on_document
from portal.cases.separation import by_whom
from portal.cases.standing import Register, register_of
from portal.cases.uow import UnitOfWork
from portal.confidentiality.models import Request
from portal.confidentiality.request_acts import RequestAct
from portal.documents.models import Document
from portal.kernel.ids import NOBODY
from portal.kernel.permit import ResourceType, Subject, Value


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """A recorded request, as the target of an act on it."""

    request: Request
    resource_type: ClassVar[ResourceType] = ResourceType.REQUEST

    @property
    def resource_id(self) -> str:
        return str(self.request.id)


@dataclass(frozen=True, slots=True)
class LiftingTarget:
    """A proposal to lift or narrow a request, as the target of an act on it."""

    act: RequestAct
    resource_type: ClassVar[ResourceType] = ResourceType.LIFTING

    @property
    def resource_id(self) -> str:
        return str(self.act.id)


def request(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, request_id: UUID, **where: object) -> Located:
    """A request on this document; of another document it is as absent as one that never was."""
    document, register = _found(uow, subject, document_id)
    row = next((row for row in register.requests if row.id == request_id), None)
    by = by_whom(uow, subject, row.recorded_by if row is not None else NOBODY)
    more: dict[str, Value] = {
        "recordedBy": by,
        "confirmed": row is not None and register.is_confirmed(row),
        "inForce": row is not None and row in register.in_force,
    }
    facts = on_document(uow, subject, ResourceType.REQUEST, request_id, document, more, present=row is not None)
    return Located(facts, None if row is None else RequestTarget(row))


def lifting(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, lifting_id: UUID, **where: object) -> Located:
    """A proposal to lift or narrow a request on this document."""
    document, register = _found(uow, subject, document_id)
    act = next((act for act in register.acts if act.id == lifting_id and act.act.proposes), None)
    by = by_whom(uow, subject, act.done_by if act is not None else NOBODY)
    more: dict[str, Value] = {"proposedBy": by, "open": act is not None and register.answer(act.id) is None}
    facts = on_document(uow, subject, ResourceType.LIFTING, lifting_id, document, more, present=act is not None)
    return Located(facts, None if act is None else LiftingTarget(act))


def _found(uow: UnitOfWork, subject: Subject | None, document_id: UUID) -> tuple[Document | None, Register]:
    assert subject is not None
    document = uow.documents.get(document_id)
    mine = document is not None and document.originator == subject.body
    if document is not None and mine:
        document = uow.held(document)
    return document, register_of(uow, document_id, document if mine else None)
