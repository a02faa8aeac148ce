"""What a person has on its way to one document, for the page of that document."""

from portal.cases.uow import Notes, UnitOfWork
from portal.cases.upload_file import Progress, progress_of
from portal.documents.models import Document
from portal.documents.upload_models import upload_bytes
from portal.kernel.actions import Action
from portal.kernel.errors import Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Permit


def own_uploads(uow: UnitOfWork, permit: Permit, document: Document) -> list[Progress]:
    """This person's unfinished uploads, oldest first. A row that was edited is left out, with an alarm: the page goes on without it."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    assert permit.subject is not None
    found = []
    for upload in uow.uploads.of_person(document.id, permit.subject.id):
        if upload.expires_at <= uow.at:
            continue
        try:
            uow.holder.check(document.originator, "upload", upload_bytes(upload), upload.mac)
            found.append(progress_of(uow, permit, upload))
        except Tampered as error:
            alarm = Notes(document=document.id, detail={"alarm": error.code, "upload": str(upload.id)})
            uow.also(Event.ALARM_RAISED, alarm, originator=document.originator)
    return found
