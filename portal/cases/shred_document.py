"""Shred a document: its keys are destroyed for good, so that nothing of it opens any more. It takes two persons (docs/shredding.md).

The transaction is the act: every wrap and every header of the document's objects gone, its shares closed, the event. What follows the
commit is only cleaning up, and is repeated until it is done: the floor that keeps a restored database from opening it, the headers and
payloads in the store. The originator's own floor is raised only then, because its own wraps have floor 0: raised before, by an act that
was broken off, it would take from the originator what nobody shredded.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from portal.audit.names import destroy as destroy_words
from portal.cases.close_share import close_share
from portal.cases.hold_document import demand_reason
from portal.cases.kept import ShreddingTarget, document_of, enter_act, forget_reasons, kept_of
from portal.cases.refused_files import forget_names
from portal.cases.remark import forget_said
from portal.cases.separation import one_human
from portal.cases.standing import close_to
from portal.cases.transfer import forget_handovers
from portal.cases.uow import Parts, UnitOfWork
from portal.documents.keeping import Act, keeping_bytes
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale, Tampered, Unavailable
from portal.kernel.framing import framed
from portal.kernel.permit import Duty, Permit
from portal.sharing.models import Reason


def objects_of(uow: UnitOfWork, document: Document) -> tuple[UUID, ...]:
    """Every sealed object of a document: what shredding destroys. Whatever else comes to be sealed for one must be named here, too."""
    versions = [object_id for version in uow.documents.versions(document.id) for object_id in version.objects]
    renditions = [(row.pdf_object_id, row.pack_object_id) for row in uow.renditions.of_document(document.id)]
    files = [row.object_id for row in uow.communications.of_document(document.id) if row.object_id is not None]
    return (*versions, *files, *(object_id for pair in renditions for object_id in pair))


def propose_shredding(uow: UnitOfWork, permit: Permit, document: Document, *, reason: str) -> None:
    """Propose it; nothing is destroyed. Raises `Invalid`, or `Stale` if a proposal waits already."""
    permit.must_cover(Action.DOCUMENT_PROPOSE_SHREDDING, document)
    assert permit.subject is not None
    demand_reason(reason, "Say why it is to be shredded, in 3 to 500 characters. Only your own body reads it.")
    document = uow.held_for(permit, document)
    if kept_of(uow, document.id, document).proposal is not None:
        raise Stale("a proposal waits", public="A proposal to shred this document waits for a second officer already.")
    objects = objects_of(uow, document)
    digest = _statement(document, objects)
    proposal = enter_act(uow, document, Act.PROPOSED, by=permit.subject.id, reason=reason, statement=digest)
    uow.notes.detail |= {"shredding": str(proposal.id), "objects": len(objects), "statement": digest.hex()}
    uow.notes.private |= {"reason": reason}


def withdraw_shredding(uow: UnitOfWork, permit: Permit, target: ShreddingTarget) -> None:
    """Take the proposal back, or refuse it: the document stays. One officer suffices."""
    permit.must_cover(Action.DOCUMENT_WITHDRAW_SHREDDING, target)
    assert permit.subject is not None
    document = uow.held_for(permit, document_of(uow, target))
    enter_act(uow, document, Act.WITHDRAWN, by=permit.subject.id, about=target.act.id)
    uow.notes.detail |= {"shredding": str(target.act.id)}


def shred_document(uow: UnitOfWork, permit: Permit, target: ShreddingTarget, *, symbol: str) -> None:
    """Carry it out, as the second person. Raises `Invalid` unless the symbol was typed, `Stale` if there is more than was proposed."""
    permit.must_cover(Action.DOCUMENT_SHRED, target)
    assert permit.subject is not None
    document = uow.held_for(permit, document_of(uow, target))
    if symbol != document.symbol:
        raise Invalid({"symbol": "Type the symbol exactly as it stands here."})
    objects = objects_of(uow, document)
    if _statement(document, objects) != target.act.statement:
        raise Stale("there is more than was proposed", public=_MORE)
    if not one_human(uow, target.act.done_by, permit.subject.id):
        uow.discharge(Duty.SECOND_PERSON)
    enter_act(uow, document, Act.SHREDDED, by=permit.subject.id, about=target.act.id, closes=True)
    closed = _close_shares(uow, document, by=permit.subject.id)
    keys = destroy_keys(uow, document)
    for body in uow.others(document.originator):
        close_to(uow, document, body)
    uow.notes.detail |= {
        "shredding": str(target.act.id),
        "objects": [str(object_id) for object_id in objects],
        "shares": closed,
        "epoch": document.epoch,
    }
    uow.afterwards.append(partial(finish, uow.parts, document.id, document.originator, keys))


_MORE = "Something was added to this document after it was proposed to shred it. Withdraw the proposal, and let it be proposed anew."


def _statement(document: Document, objects: Sequence[UUID]) -> bytes:
    """What both persons agree to destroy: this document, and these objects."""
    return hashlib.sha256(framed("portal/shredding/v1", document.id, *sorted(object_id.bytes for object_id in objects))).digest()


def _close_shares(uow: UnitOfWork, document: Document, *, by: UUID) -> int:
    """As a recall does, so that the other bodies learn no more than of one. How many."""
    live = [share for share in uow.shares.of_document(document.id) if not uow.shares.closed(share.id)]
    for share in live:
        if not uow.shares.closed(share.id):
            close_share(uow, share, Reason.SHREDDED, by=by)
    return len(live)


def destroy_keys(uow: UnitOfWork, document: Document) -> Sequence[str]:
    """Destroy in this transaction what opens the document, and the words that tell of its content. Returns its keys in the store."""
    objects = objects_of(uow, document)
    uow.objects.shred(objects, uow.at)
    for version in uow.documents.versions(document.id):
        version.file_name = uow.seal(document.originator, "version", "file_name", version.id, "")
    forget_names(uow, document)
    forget_said(uow, document)
    forget_handovers(uow, document)
    forget_reasons(uow, document)
    destroy_words(uow.session, document.id, uow.at)
    return uow.objects.keys_of(objects)


def finish(parts: Parts, document_id: UUID, originator: str, keys: Sequence[str]) -> bool:
    """What follows the commit, safe to repeat; False while something of it is still to be done.

    One floor closes every object, those of an older backup as well: each wrap is bound to its document.
    """
    if parts.holder.floor_of(document_id, originator) == 0:
        parts.holder.raise_floor(document_id, originator)
    gone = [parts.vault.destroy(key) for key in keys]
    parts.database.forget()
    return all(gone)


def finish_shreddings(uow: UnitOfWork) -> int:
    """Finish every shredding that a crash, or a store that did not let go, left unfinished; returns of how many something is left."""
    done = uow.keeping.shredded()
    stored = uow.parts.vault.stored() if done else frozenset()
    unfinished = 0
    for act in done:
        document = uow.documents.get(act.document_id)
        if document is None:
            continue
        try:
            uow.holder.check(document.originator, "keeping", keeping_bytes(act), act.mac)
            keys = [key for key in uow.objects.keys_of(objects_of(uow, document)) if key in stored]
            if keys or uow.holder.floor_of(document.id, document.originator) == 0:
                unfinished += not finish(uow.parts, document.id, document.originator, keys)
        except (Tampered, Unavailable):  # a row that is not ours destroys nothing; a store out of reach is asked again
            unfinished += 1
    return unfinished
