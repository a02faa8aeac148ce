"""A share's objects, opened with the recipient's own key and no other."""

from uuid import UUID

from portal.cases.labels import own_label, statement
from portal.cases.standing import is_behind
from portal.cases.uow import UnitOfWork
from portal.confidentiality.models import Rendition
from portal.kernel.errors import Tampered
from portal.kernel.permit import Permit
from portal.sharing.models import Share
from portal.vault.errors import Withdrawn
from portal.vault.holder import recipient_label
from portal.vault.objects import FileKey, SealedObject


def rendition_of_share(uow: UnitOfWork, share: Share) -> Rendition:
    """The rendition that was shared. `facts.share` checked its MAC."""
    rendition = uow.renditions.get(share.rendition_id)
    if rendition is None:
        raise Tampered(f"share {share.id} hangs on rows that are gone")
    return rendition


def open_share(uow: UnitOfWork, permit: Permit, share: Share, rendition: Rendition, object_id: UUID) -> tuple[SealedObject, FileKey]:
    """One of the objects that the share grants, and its key; noted for the log."""
    document, proposal = uow.documents.get(share.document_id), uow.proposals.get(share.proposal_id)
    if document is None or proposal is None:
        raise Tampered(f"share {share.id} hangs on rows that are gone")
    sealed = uow.objects.get(object_id)
    agreed = statement(uow, document, rendition, share_id=share.id, recipient=share.recipient, terms=share.terms, epoch=proposal.epoch)
    label = recipient_label(own_label(document, sealed, version=share.version, rendition_id=rendition.id), agreed)
    wrap = uow.objects.wrap(sealed.id, permit.body, share.id)
    if wrap is None:
        raise Tampered(f"share {share.id} is live, but its key is gone")
    uow.notes.share = share.id
    uow.notes.document = share.document_id
    try:
        return sealed, uow.holder.open(permit, wrap, label)
    except Withdrawn:
        if is_behind(uow, document, share.recipient) or uow.holder.floor_of(sealed.id, share.recipient):
            raise  # closed at this moment, or by an act that was broken off: it looks like absence
        raise Tampered(f"share {share.id} is live, but its key is from before the document was closed: a row was put back") from None
