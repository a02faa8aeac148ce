"""Decide about a proposed share. Approving is the one act that lets another body in, and it takes a second person.

The recipient's key wrap is made by the holder's `grant`, from the approvals of two persons over the very same statement. An approval
that saw an older epoch than the document has now is `Stale`.
"""

from dataclasses import replace

from portal.cases.labels import granted_objects, statement
from portal.cases.places import must_be_current, must_be_placed
from portal.cases.separation import human_of, one_human
from portal.cases.standing import must_not_be_behind, register_of, rendition_of
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Stale, Tampered
from portal.kernel.permit import Duty, Permit
from portal.kernel.sealing import Place
from portal.sharing.models import Decision, Proposal, Share, Verdict
from portal.sharing.statements import decision_bytes, share_bytes
from portal.sharing.terms import Terms
from portal.vault.grants import Approval

#: What doors call it.
ProposalTarget = Proposal


def approve_share(uow: UnitOfWork, permit: Permit, proposal: Proposal) -> Share:
    """Approve, grant the rendition's key to the recipient, and create the share."""
    permit.must_cover(Action.SHARE_APPROVE, proposal)
    assert permit.subject is not None
    document = _lock(uow, permit, proposal)
    if proposal.epoch != document.epoch:
        raise Stale(f"proposal of epoch {proposal.epoch}, document at {document.epoch}", public=_MOVED)
    must_not_be_behind(uow, document, proposal.recipient)
    rendition = rendition_of(uow, document.originator, uow.renditions.get(proposal.rendition_id))
    if rendition is None:
        raise Tampered(f"no rendition {proposal.rendition_id}")
    register = register_of(uow, document.id, document)
    must_be_current(register, rendition.version)
    must_be_placed(uow, permit, register, proposal.recipient, rendition.version)
    agreed = statement(
        uow, document, rendition, share_id=proposal.share_id, recipient=proposal.recipient, terms=proposal.terms, epoch=proposal.epoch
    )
    if agreed.digest() != proposal.statement:
        raise Stale("the statement is no longer what was proposed", public=_MOVED)
    if not one_human(uow, proposal.proposed_by, permit.subject.id):
        uow.discharge(Duty.SECOND_PERSON)
    digest = agreed.digest()
    approval = uow.holder.approve(permit.subject.id, "approved", document.originator, digest)
    _decide(uow, permit, proposal, Verdict.APPROVED, approval=approval.mac)
    title = uow.words(permit, "document", "title", document.id, document.title)
    wraps = [uow.objects.wrap(sealed.id, document.originator, None) for sealed in granted_objects(uow, rendition, proposal.terms)]
    if any(wrap is None for wrap in wraps):
        raise Tampered(f"a key wrap of rendition {rendition.id} is gone")
    grant = uow.holder.grant(
        agreed,
        [_of_human(uow, Approval(proposal.proposed_by, "proposed", proposal.statement, proposal.approval)), _of_human(uow, approval)],
        wraps=[wrap for wrap in wraps if wrap is not None],
        title=(Place("share", "title", proposal.share_id), title),
        file_name=(Place("share", "file_name", proposal.share_id), _neutral_name(document)),
    )
    share = Share(
        id=proposal.share_id,
        proposal_id=proposal.id,
        document_id=document.id,
        version=rendition.version,
        rendition_id=rendition.id,
        originator=document.originator,
        recipient=proposal.recipient,
        symbol=document.symbol,
        level_number=document.level_number,
        terms=proposal.terms,
        title=grant.title,
        file_name=grant.file_name,
        pages=rendition.pages,
        covers_all_requests=True,
        approved_at=uow.at,
        draft=document.draft,
        ends_at=Terms.from_text(proposal.terms).ends_at,
        opens_at=Terms.from_text(proposal.terms).opens_at,
        onward_id=proposal.onward_id,
    )
    share.mac = uow.holder.mac(document.originator, "share", share_bytes(share))
    uow.shares.add(share)
    for wrap in grant.wraps:
        uow.objects.add_wrap(wrap, share.id)
    uow.notes.share = share.id
    if not Terms.from_text(share.terms).is_embargoed(uow.at):
        uow.notes.bodies.add(share.recipient)
    uow.notes.detail |= {"statement": digest.hex(), "recipient": share.recipient, "wraps": len(grant.wraps)}
    return share


def decline_share(uow: UnitOfWork, permit: Permit, proposal: Proposal) -> None:
    """Decline. It closes, so one officer suffices."""
    permit.must_cover(Action.SHARE_DECLINE, proposal)
    _lock(uow, permit, proposal)
    _decide(uow, permit, proposal, Verdict.DECLINED)
    uow.notes.detail |= {"proposal": str(proposal.id)}


_MOVED = "Something was withheld, or another version came, after this was proposed. Prepare it again, and let it be proposed anew."


def _lock(uow: UnitOfWork, permit: Permit, proposal: Proposal) -> Document:
    found = uow.documents.get(proposal.document_id)
    if found is None:
        raise Tampered(f"no document {proposal.document_id}")
    document = uow.held_for(permit, found)
    if uow.proposals.decision(proposal.id) is not None:
        raise Stale("decided already", public="Another officer has decided about this proposal already.")
    return document


def _decide(uow: UnitOfWork, permit: Permit, proposal: Proposal, verdict: Verdict, *, approval: bytes | None = None) -> None:
    assert permit.subject is not None
    decision = Decision(
        proposal_id=proposal.id, verdict_word=verdict.value, decided_by=permit.subject.id, decided_at=uow.at, approval=approval
    )
    decision.mac = uow.holder.mac(proposal.originator, "decision", decision_bytes(decision, proposal))
    uow.proposals.decide(decision)


def _of_human(uow: UnitOfWork, approval: Approval) -> Approval:
    return replace(approval, human=human_of(uow, approval.person))


def _neutral_name(document: Document) -> str:
    """The recipient's file name comes from the symbol: the uploaded name may say what was withheld."""
    return document.symbol.replace("/", "-") + ".pdf"
