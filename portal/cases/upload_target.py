"""What the doors of an upload are about: the document decides, the upload is found through the document and its person together.

Somebody else's upload is absent. One that is over stays known to its person for a while, so that whoever asks again after the answer
was lost is told.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from portal.cases import facts
from portal.cases.facts import Located
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.documents.upload_failures import Gone
from portal.documents.upload_models import How, Upload, UploadEnd, upload_bytes
from portal.kernel.errors import Hidden
from portal.kernel.permit import ResourceType, Subject


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """An upload of a document. Permits are about the document."""

    document: Document
    upload_id: UUID
    upload: Upload | None
    end: UploadEnd | None
    resource_type: ClassVar[ResourceType] = ResourceType.DOCUMENT

    @property
    def resource_id(self) -> str:
        return str(self.document.id)

    @property
    def is_deposited(self) -> bool:
        return self.end is not None and self.end.how == How.DEPOSITED

    def going_on(self, uow: UnitOfWork) -> Upload:
        """The upload, if it still goes on. Raises `Hidden` if there is none, `Gone` if it is over."""
        if self.end is not None or (self.upload is not None and self.upload.expires_at <= uow.at):
            raise Gone("the upload is over")
        if self.upload is None:
            raise Hidden("no such upload")
        return self.upload


def locate_upload(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, upload_id: UUID, **where: object) -> Located:
    """An upload as its person sees it. In an act that writes it is locked, after its document."""
    assert subject is not None
    located = facts.document(uow, subject, document_id=document_id)
    upload = uow.uploads.get(document_id, upload_id, subject.id, lock=uow.writes)
    end = uow.uploads.ended(document_id, upload_id, subject.id)
    document: Document | None = located.target
    if document is None or document.originator != subject.body:
        return located  # nothing is done with it: the decision refuses
    if upload is not None:
        uow.holder.check(document.originator, "upload", upload_bytes(upload), upload.mac)
    return Located(located.facts, UploadTarget(document, upload_id, upload, end))
