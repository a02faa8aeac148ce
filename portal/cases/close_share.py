"""Close a share to its recipient: taken back, overtaken by a request, or its time is over. Closing takes one officer, or none.

Whatever closed it, the recipient's log shows the same event, and the recipient the same stub: the reason is the originator's to know,
for it would tell that a request exists.
"""

from collections.abc import Sequence
from uuid import UUID

from portal.audit.record import Fact
from portal.cases.labels import granted_objects
from portal.cases.newer import superseding
from portal.cases.open_share import rendition_of_share
from portal.cases.plain_text import demand_plain
from portal.cases.remark import forget_heard
from portal.cases.standing import close_to, requests_in_force, seal_requests
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale, Tampered
from portal.kernel.events import Event
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.sharing.models import Proposal, Reason, Share
from portal.sharing.terms import Terms


def close_share(uow: UnitOfWork, share: Share, reason: Reason, *, by: UUID | None) -> frozenset[str]:
    """Close it, and what was passed on from it: delete the key wraps, forget what was said for the recipient, and record of each what its
    recipient's log may know.

    Returns to whom something was closed.
    """
    uow.shares.close(share, reason=reason, by=by, at=uow.at, closure_id=new_id())
    uow.objects.withdraw(share.id)
    forget_heard(uow, share)
    known = set() if Terms.from_text(share.terms).is_embargoed(uow.at) else {share.recipient}
    notes = Notes(document=share.document_id, share=share.id, bodies=known)
    uow.also(Event.SHARE_CLOSED, notes, originator=share.originator)
    further = [passed for passed in uow.onward.came_of(share.id) if not uow.shares.closed(passed.id)]
    return frozenset({share.recipient}).union(*(close_share(uow, passed, reason, by=by) for passed in further))


def recall_share(uow: UnitOfWork, permit: Permit, proposal: Proposal, *, reason: str) -> None:
    """Take back from its recipient everything of this document, and what was passed on from it.

    The reason is sealed in the originator's part of the log. The epoch rises, so that open readers and downloads stop, and the floor, so
    that no key from before opens again. Raises `Invalid`.
    """
    permit.must_cover(Action.SHARE_RECALL, proposal)
    assert permit.subject is not None
    faults: dict[str, str] = {}
    if not 3 <= len(reason) <= 500:
        faults["reason"] = "Say why it is recalled, in 3 to 500 characters. Only your own body reads it."
    demand_plain(faults, reason=reason)
    if faults:
        raise Invalid(faults)
    found = uow.documents.get(proposal.document_id)
    if found is None:
        raise Tampered(f"no document {proposal.document_id}")
    document = uow.held_for(permit, found)
    requests_in_force(uow, document.id, document)  # nothing is sealed anew over rows that were changed
    document.epoch += 1
    seal_requests(uow, document)
    shares = uow.shares.open_to(document.id, proposal.recipient)
    closed = frozenset({proposal.recipient}).union(*(close_share(uow, share, Reason.RECALL, by=permit.subject.id) for share in shares))
    for body in sorted(closed):
        close_to(uow, document, body)
    uow.notes.detail |= {"proposal": str(proposal.id), "recipient": proposal.recipient, "epoch": document.epoch}
    uow.notes.detail["closed"] = sorted(closed)
    uow.notes.private |= {"reason": reason}


def recall_superseded(uow: UnitOfWork, permit: Permit, proposal: Proposal) -> None:
    """Take back this one share, which a newer version superseded, and what was passed on from it; the newer and other languages stay.

    The document's floor would close these as well. So the floors of this share's own objects rise: nothing but this share was ever granted
    them for its recipient, and of a superseded version nothing is granted again. Raises `Stale` unless a newer one is open to be read.
    """
    permit.must_cover(Action.SHARE_RECALL, proposal)
    assert permit.subject is not None
    document = uow.documents.get(proposal.document_id)
    share = uow.shares.get(proposal.share_id)
    if document is None or share is None:
        raise Tampered(f"proposal {proposal.id} hangs on rows that are gone")
    document = uow.held_for(permit, document)
    requests_in_force(uow, document.id, document)  # nothing is sealed anew over rows that were changed
    there = uow.shares.open_to(document.id, share.recipient)
    if share not in there or superseding(there, uow.documents.versions(document.id), share, uow.at) is None:
        raise Stale(f"share {share.id} is closed, or no newer one is open", public=_NOTHING_NEWER)
    document.epoch += 1
    seal_requests(uow, document)
    taken = _with_onward(uow, share)
    closed = close_share(uow, share, Reason.RECALL, by=permit.subject.id)
    granted = [(sealed.id, row.recipient) for row in taken for sealed in granted_objects(uow, rendition_of_share(uow, row), row.terms)]
    for object_id, body in granted:
        uow.holder.raise_floor(object_id, body)
    uow.notes.detail |= {"proposal": str(proposal.id), "recipient": proposal.recipient, "superseded": str(share.id)}
    uow.notes.detail |= {"closed": list[Fact](sorted(closed)), "objects": [f"{object_id}/{body}" for object_id, body in granted]}


_NOTHING_NEWER = "It is closed already, or no newer version of it can be read. Open the document again; to take it back, recall it."


def _with_onward(uow: UnitOfWork, share: Share) -> list[Share]:
    """It, and what was passed on from it and is open."""
    further = [passed for passed in uow.onward.came_of(share.id) if not uow.shares.closed(passed.id)]
    return [share, *(row for passed in further for row in _with_onward(uow, passed))]


def close_expired(uow: UnitOfWork) -> Sequence[tuple[Notes, str]]:
    """Close what is over, so that no clock set back opens it again. Until then the decision on each page and copy refuses it.

    Returns what to record for each: notes and originator.
    """
    for share in uow.shares.over(uow.at):
        document = uow.documents.get(share.document_id)
        if document is not None:
            uow.held(document)
        if not uow.shares.closed(share.id):
            close_share(uow, share, Reason.EXPIRED, by=None)
    return [(notes, originator) for _, notes, originator in uow.consequences()]
