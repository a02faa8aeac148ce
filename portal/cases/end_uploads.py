"""Uploads end: discarded by their person, overtaken by another file, refused for what they hold, or their time is over.

Rows go with the commit, the sealed segments after it; what a crash leaves in between is for the sweep.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from portal.audit.record import Fact
from portal.cases.facts import Located
from portal.cases.refused_files import enter_refused
from portal.cases.uow import Notes, UnitOfWork
from portal.cases.upload_target import UploadTarget
from portal.confidentiality.render.refusal import FileRefused, Reason
from portal.documents.models import Document
from portal.documents.upload_models import How, Upload
from portal.kernel.actions import Action
from portal.kernel.errors import PortalError
from portal.kernel.events import Event
from portal.kernel.permit import Permit

#: How long a person is told that an upload is over, and not that there is none.
TOLD = timedelta(days=30)
#: Refused for what the file is, so that the very same bytes will never be taken. Too heavy or too slow today may pass tomorrow.
FOR_GOOD = frozenset(Reason) - {Reason.TOO_LARGE, Reason.TOO_HEAVY, Reason.TOO_SLOW, Reason.UNSCANNABLE}


def end_upload(uow: UnitOfWork, upload: Upload, how: How) -> None:
    uow.drop(uow.uploads.end(upload, how, uow.at))


def terminate_upload(uow: UnitOfWork, permit: Permit, target: UploadTarget) -> None:
    """Discard what arrived (tus 1.0, termination). Raises `Hidden` or `Gone`."""
    permit.must_cover(Action.VERSION_DEPOSIT, target)
    upload = target.going_on(uow)
    uow.notes.detail |= ended_detail(upload, How.TERMINATED)
    end_upload(uow, upload, How.TERMINATED)


def end_others(uow: UnitOfWork, document: Document, besides: UUID | None = None) -> None:
    """The document has a new version: what else is on its way was sent without knowing of it, and ends. Each with an event."""
    for upload in uow.uploads.of_document(document.id):
        if upload.id != besides:
            notes = Notes(document=document.id, detail=ended_detail(upload, How.OVERTAKEN))
            uow.also(Event.UPLOAD_ENDED, notes, originator=document.originator)
            end_upload(uow, upload, How.OVERTAKEN)


def drop_refused(uow: UnitOfWork, located: Located, error: PortalError) -> None:
    """With the refusal of a file: enter it in the list, and discard the upload if the file can never be taken."""
    enter_refused(uow, located, error)
    target = located.target
    if isinstance(error, FileRefused) and error.reason in FOR_GOOD and isinstance(target, UploadTarget):
        upload = uow.uploads.lock(target.upload_id)
        if upload is not None:
            end_upload(uow, upload, How.REFUSED)


def end_expired(uow: UnitOfWork) -> Sequence[tuple[Notes, str]]:
    """End what is over; until then every door of it says so. Returns what to record for each: notes and originator."""
    ended = []
    for found in uow.uploads.over(uow.at):
        document = uow.documents.get(found.document_id)
        if document is not None:
            document = uow.held(document)
        upload = uow.uploads.lock(found.id)
        if upload is not None and document is not None:
            notes = Notes(document=document.id, detail=ended_detail(upload, How.EXPIRED), bodies={document.originator})
            end_upload(uow, upload, How.EXPIRED)
            ended.append((notes, document.originator))
    uow.uploads.forget_ends(uow.at - TOLD)
    return ended


def ended_detail(upload: Upload, how: How) -> dict[str, Fact | list[Fact]]:
    return {"upload": str(upload.id), "how": how.value, "received": upload.received, "size": upload.size}
