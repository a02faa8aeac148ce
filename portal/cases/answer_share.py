"""What a recipient answers about a share: it arrived; or, once it was closed, it is no longer used. One officer answers for the body."""

from portal.cases.uow import UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.permit import Permit
from portal.sharing.models import Answer, Share


def acknowledge_share(uow: UnitOfWork, permit: Permit, share: Share) -> None:
    """The originator sees that it arrived, and when. A second time changes nothing."""
    permit.must_cover(Action.SHARE_ACKNOWLEDGE, share)
    _answer(uow, permit, share, Answer.ACKNOWLEDGED)


def confirm_recall(uow: UnitOfWork, permit: Permit, share: Share) -> None:
    """The originator sees that copies were destroyed and the content is no longer used. A second time changes nothing."""
    permit.must_cover(Action.SHARE_CONFIRM_RECALL, share)
    _answer(uow, permit, share, Answer.RECALL_CONFIRMED)


def _answer(uow: UnitOfWork, permit: Permit, share: Share, answer: Answer) -> None:
    assert permit.subject is not None
    document = uow.documents.get(share.document_id)
    if document is not None:
        uow.held_for(permit, document)
    if uow.shares.answered(share.id, answer) is None:
        uow.shares.answer(share, answer, by=permit.subject.id, at=uow.at)
    uow.notes.share = share.id
    uow.notes.bodies.add(share.originator)
