"""Propose to share the prepared rendition with a body. It opens nothing: a second officer decides."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.cases.document_shares import repeats_of
from portal.cases.labels import statement
from portal.cases.places import must_be_current, must_be_placed
from portal.cases.plain_text import demand_plain
from portal.cases.standing import is_current, must_not_be_behind, register_of, rendition_of, withheld_from
from portal.cases.uow import UnitOfWork
from portal.confidentiality.models import Rendition
from portal.confidentiality.rules import WhollyWithheld
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.sharing.eyes import MOST, read_references
from portal.sharing.models import Proposal
from portal.sharing.statements import proposal_bytes
from portal.sharing.terms import Terms, Use


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalForm:
    recipient: str
    purpose: str
    use: str = Use.VIEW_ONLY.value
    until: str = ""
    opens: str = ""
    eyes: str = ""
    #: Which rendition the page showed, and the same again from whoever looked at the pages that it named.
    rendition: UUID | None = None
    looked: UUID | None = None


def propose_share(uow: UnitOfWork, permit: Permit, document: Document, form: ProposalForm) -> Proposal:
    """Raises `Invalid` with every fault, `Stale` (shared already, no rendition, or one from before something was closed)."""
    permit.must_cover(Action.SHARE_PROPOSE, document)
    terms = agreed_terms(uow, document, form)
    return enter_proposal(uow, permit, uow.held_for(permit, document), form, terms)


def enter_proposal(
    uow: UnitOfWork, permit: Permit, document: Document, form: ProposalForm, agreed: Terms, *, onward: UUID | None = None
) -> Proposal:
    """The proposal itself, of a document that is locked. `onward`: the request to pass a share on that it answers."""
    assert permit.subject is not None
    recipient = form.recipient
    rendition = current_rendition(uow, permit, document, recipient)
    _must_be_looked_at(uow, permit, rendition, form)
    if uow.shares.open_to(document.id, recipient, rendition.version):
        raise Stale("shared already", public="It is shared with this body already. To share it under other terms, recall it first.")
    waiting = [row for row in uow.proposals.of_document(document.id) if (row.recipient, row.version) == (recipient, rendition.version)]
    if any(_open_for(uow, row.id, document) for row in waiting):
        raise Stale("a proposal is waiting", public="A proposal for this body is already waiting for a second officer.")
    row, share_id, terms = new_id(), new_id(), agreed.to_text()
    stated = statement(uow, document, rendition, share_id=share_id, recipient=recipient, terms=terms, epoch=document.epoch)
    proposal = Proposal(
        id=row,
        share_id=share_id,
        document_id=document.id,
        version=rendition.version,
        rendition_id=rendition.id,
        originator=document.originator,
        recipient=recipient,
        level_number=document.level_number,
        terms=terms,
        purpose=uow.seal(document.originator, "proposal", "purpose", row, form.purpose),
        epoch=document.epoch,
        statement=stated.digest(),
        proposed_by=permit.subject.id,
        proposed_at=uow.at,
        approval=uow.holder.approve(permit.subject.id, "proposed", document.originator, stated.digest()).mac,
        onward_id=onward,
    )
    proposal.mac = uow.holder.mac(document.originator, "proposal", proposal_bytes(proposal))
    uow.proposals.add(proposal)
    uow.notes.detail |= {"proposal": str(row), "recipient": recipient, "rendition": str(rendition.id), "epoch": document.epoch}
    return proposal


def current_rendition(uow: UnitOfWork, permit: Permit, document: Document, recipient: str) -> Rendition:
    """The one prepared last for this audience, if it rests on the document as it is now; `WhollyWithheld`, `Unplaced` or `Stale` if not."""
    must_not_be_behind(uow, document, recipient)
    register = register_of(uow, document.id, document)
    requests = register.in_force
    if recipient in withheld_from(uow, requests, document.originator):
        raise WhollyWithheld(f"document {document.id} is withheld from {recipient}")
    rendition = rendition_of(uow, document.originator, uow.renditions.latest(document.id, recipient))
    if rendition is None:
        raise Stale("no rendition", public="Nothing is prepared for this body yet. Prepare what it will see first, and look at it.")
    if not is_current(document, rendition, requests):
        raise Stale(
            f"rendition {rendition.id} is of epoch {rendition.epoch}",
            public="Something was withheld, or another version came, after this was prepared. Prepare it again, and look at it.",
        )
    must_be_current(register, rendition.version)
    must_be_placed(uow, permit, register, recipient, rendition.version)
    return rendition


def _must_be_looked_at(uow: UnitOfWork, permit: Permit, rendition: Rendition, form: ProposalForm) -> None:
    """Raises `Stale` if what is proposed is not what the page showed, `Invalid` if it shows wording that nobody said may go across."""
    if form.rendition != rendition.id:
        raise Stale(
            f"the form names rendition {form.rendition}, the last one for this body is {rendition.id}",
            public="What you looked at is not what was prepared last for this body. Open the document again, and look at that.",
        )
    if repeats_of(uow, permit, rendition) and form.looked != rendition.id:
        raise Invalid({"looked": "Look at the pages that are named beside this form, then say here that this may go across."})


def _open_for(uow: UnitOfWork, proposal_id: UUID, document: Document) -> bool:
    proposal = uow.proposals.get(proposal_id)
    return proposal is not None and proposal.epoch == document.epoch and uow.proposals.decision(proposal_id) is None


def agreed_terms(uow: UnitOfWork, document: Document, form: ProposalForm) -> Terms:
    """The terms that the form asks for, or `Invalid` with every fault."""
    faults: dict[str, str] = {}
    until = opens = None
    eyes: frozenset[str] = frozenset()
    if form.recipient not in uow.others(document.originator):
        faults["recipient"] = "Choose one of the bodies in the list."
    if len(form.purpose) > 500:
        faults["purpose"] = "Use at most 500 characters."
    demand_plain(faults, purpose=form.purpose)
    if form.use not in set(Use):
        faults["use"] = "Choose whether it is for reading only, whether a copy may be taken, or the file itself."
    if form.until:
        try:
            until = date.fromisoformat(form.until)
        except ValueError:
            faults["until"] = "Give the last day as a date, for example 2027-01-31, or leave it empty."
        else:
            if until < uow.at.date():
                faults["until"] = "The last day lies in the past. Give a later one, or leave it empty."
    if form.opens:
        try:
            opens = date.fromisoformat(form.opens)
        except ValueError:
            faults["opens"] = "Give the first day as a date, for example 2027-01-31, or leave it empty."
        else:
            if opens <= uow.at.date() or (until is not None and opens > until):
                faults["opens"] = "Give a day to come, and not after the last one, or leave it empty."
    try:
        eyes = read_references(form.eyes)
    except ValueError:
        faults["eyes"] = (
            "One of these is no reference. Each is three groups of four letters and digits: compare them with what you were told."
        )
    if len(eyes) > MOST:
        faults["eyes"] = f"Name at most {MOST} persons, or leave it empty."
    if faults:
        raise Invalid(faults)
    return Terms(Use(form.use), until, opens, eyes)
