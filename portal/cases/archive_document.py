"""Archive a document, and take it back to work. In the archive the policy lets nobody prepare, propose, approve or send anything for it.

Open shares stay until their time is over, and whatever closes works as before. The epoch rises: what was prepared and is not shared has
to be prepared anew, and an act that began before and commits later is refused.
"""

from portal.cases.hold_document import demand_reason
from portal.cases.kept import ArchivingTarget, document_of, enter_act
from portal.cases.separation import one_human
from portal.cases.uow import UnitOfWork
from portal.documents.keeping import Act
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.permit import Duty, Permit


def archive_document(uow: UnitOfWork, permit: Permit, document: Document, *, reason: str) -> None:
    """Archive it. Raises `Invalid`."""
    permit.must_cover(Action.DOCUMENT_ARCHIVE, document)
    assert permit.subject is not None
    demand_reason(reason, "Say why it is archived, in 3 to 500 characters. Only your own body reads it.")
    document = uow.held_for(permit, document)
    act = enter_act(uow, document, Act.ARCHIVED, by=permit.subject.id, reason=reason, closes=True)
    uow.notes.detail |= {"archiving": str(act.id), "epoch": document.epoch}
    uow.notes.private |= {"reason": reason}


def unarchive_document(uow: UnitOfWork, permit: Permit, target: ArchivingTarget) -> None:
    """Take it back to work, as somebody else than who archived it."""
    permit.must_cover(Action.DOCUMENT_UNARCHIVE, target)
    assert permit.subject is not None
    document = uow.held_for(permit, document_of(uow, target))
    if not one_human(uow, target.act.done_by, permit.subject.id):
        uow.discharge(Duty.SECOND_PERSON)
    enter_act(uow, document, Act.UNARCHIVED, by=permit.subject.id, about=target.act.id)
    uow.notes.detail |= {"archiving": str(target.act.id)}
