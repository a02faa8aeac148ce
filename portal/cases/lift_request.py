"""Confirm a request, and lift or narrow one. Each takes a second person; to withdraw a proposed lifting takes one.

A lifting opens nothing by itself: what was closed stays closed, and what was prepared or proposed before is stale, because the document's
epoch rises. To share more it takes a new rendition, a new proposal and a new approval. A request that is narrowed ends, and another,
narrower one follows it in the same transaction.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from portal.cases.hold_document import demand_reason
from portal.cases.record_request import enter_request
from portal.cases.request_facts import LiftingTarget, RequestTarget
from portal.cases.request_form import RequestForm, bodies_of, demand_current, kept_of, until_of
from portal.cases.separation import one_human
from portal.cases.standing import register_of, seal_requests
from portal.cases.uow import UnitOfWork
from portal.confidentiality.asked import Asked
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.request_acts import Act, RequestAct, request_act_bytes
from portal.confidentiality.rules import RequestWords
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale, Tampered
from portal.kernel.ids import new_id
from portal.kernel.permit import Duty, Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftingForm:
    """Why; and, unless `whole`, what stays: pages, boxes and passages, from whom, until when. Without any of these, all it kept.

    `version`: the one that pages and boxes are of, where the whole document was kept; else they are of that which it was marked on.
    """

    reason: str
    whole: bool = True
    pages: str = ""
    boxes: str = ""
    bodies: tuple[str, ...] = ()
    until: str = ""
    version: int | None = None


def confirm_request(uow: UnitOfWork, permit: Permit, target: RequestTarget) -> None:
    """A second person says that this is what was asked. It was in force before, and opens and closes nothing."""
    permit.must_cover(Action.REQUEST_CONFIRM, target)
    assert permit.subject is not None
    document = uow.held_for(permit, _document_of(uow, target.request.document_id))
    if not one_human(uow, target.request.recorded_by, permit.subject.id):
        uow.discharge(Duty.SECOND_PERSON)
    _enter(uow, document, target.request.id, Act.CONFIRMED, by=permit.subject.id, about=target.request.id)
    uow.notes.detail |= {"request": str(target.request.id)}


def propose_lifting(uow: UnitOfWork, permit: Permit, target: RequestTarget, form: LiftingForm) -> None:
    """Propose that the request ends, or that only a part of it stays. It is in force as before. Raises `Invalid`, or `Stale`."""
    permit.must_cover(Action.REQUEST_PROPOSE_LIFTING, target)
    assert permit.subject is not None
    document = uow.held_for(permit, _document_of(uow, target.request.document_id))
    if register_of(uow, document.id, document).proposal(target.request.id) is not None:
        raise Stale("a proposal waits", public="A proposal to lift this waits for a second officer already.")
    stays = _read(uow, permit, document, asked_before(uow, permit, target.request), form)
    act = Act.LIFTING_PROPOSED if stays is None else Act.NARROWING_PROPOSED
    proposed = _enter(uow, document, target.request.id, act, by=permit.subject.id, reason=form.reason, stays=stays)
    uow.notes.detail |= {"request": str(target.request.id), "lifting": str(proposed.id), "narrows": stays is not None}
    uow.notes.private |= {"reason": form.reason}


def withdraw_lifting(uow: UnitOfWork, permit: Permit, target: LiftingTarget) -> None:
    """Take the proposal back, or refuse it: the request stays as it is. One officer suffices."""
    permit.must_cover(Action.REQUEST_WITHDRAW_LIFTING, target)
    assert permit.subject is not None
    document = uow.held_for(permit, _document_of(uow, target.act.document_id))
    _enter(uow, document, target.act.request_id, Act.WITHDRAWN, by=permit.subject.id, about=target.act.id)
    uow.notes.detail |= {"request": str(target.act.request_id), "lifting": str(target.act.id)}


def lift_request(uow: UnitOfWork, permit: Permit, target: LiftingTarget) -> None:
    """As the second person, end the request as proposed; if a part of it stays, record that. The epoch rises."""
    permit.must_cover(Action.REQUEST_LIFT, target)
    assert permit.subject is not None
    proposal = target.act
    document = uow.held_for(permit, _document_of(uow, proposal.document_id))
    if not one_human(uow, proposal.done_by, permit.subject.id):
        uow.discharge(Duty.SECOND_PERSON)
    stays = terms_of(uow, permit, proposal)
    ended = Act.LIFTED if stays is None else Act.NARROWED
    _enter(uow, document, proposal.request_id, ended, by=permit.subject.id, about=proposal.id)
    uow.notes.detail |= {"request": str(proposal.request_id), "lifting": str(proposal.id), "epoch": document.epoch}
    if stays is not None:
        narrower = enter_request(uow, document, stays, by=proposal.done_by, narrows=proposal.request_id)
        uow.notes.detail |= {"narrowed_to": str(narrower.id), "scope": stays.scope.value}


def asked_before(uow: UnitOfWork, permit: Permit, request: Request) -> Asked:
    """What a recorded request asks."""
    words = RequestWords.from_text(uow.words(permit, "request", "words", request.id, request.words))
    return Asked(words, request.scope, request.withheld_from, request.until)


def terms_of(uow: UnitOfWork, permit: Permit, proposal: RequestAct) -> Asked | None:
    """What stays if it is carried out: None if nothing does."""
    return None if proposal.terms is None else Asked.from_text(uow.words(permit, "request_act", "terms", proposal.id, proposal.terms))


def _read(uow: UnitOfWork, permit: Permit, document: Document, before: Asked, form: LiftingForm) -> Asked | None:
    """What stays, on the same account as before; None if nothing does. Raises `Invalid` with every fault."""
    faults: dict[str, str] = {}
    try:
        demand_reason(form.reason, "Say why, in 3 to 500 characters: for example the reference of what the State sent.")
    except Invalid as error:
        faults |= error.faults
    stays = None if form.whole else _narrowed(uow, permit, document, before, form, faults)
    if faults:
        raise Invalid(faults)
    return stays


def _narrowed(uow: UnitOfWork, permit: Permit, document: Document, before: Asked, form: LiftingForm, faults: dict[str, str]) -> Asked:
    """Faults are added: of what it says, and if it is the same or more than before."""
    scope = Scope.PASSAGES if form.boxes.strip() else Scope.PAGES if form.pages.strip() else before.scope
    bounds = {"pages": form.pages, "boxes": form.boxes, "bodies": form.bodies, "until": form.until}
    whole_before = before.scope is Scope.DOCUMENT
    marked = form.version if whole_before else before.words.version
    said = RequestForm(state="", reference="", dated="", received="", scope=scope.value, version=marked, **bounds)  # type: ignore[arg-type]
    kept = kept_of(uow, permit, document, said, faults)
    if whole_before:
        demand_current(uow, document, said, faults)
    withheld_from, until = bodies_of(uow, document, said, faults), until_of(uow, said, faults)
    words = before.words if said.whole else replace(before.words, version=said.version or 0)
    stays = Asked(kept.said(words), scope, withheld_from, until)
    if not faults and stays == before:
        faults["stays"] = "This is what it keeps already. Say what of it is to stay, or lift all of it."
    elif not faults and not stays.within(before):
        faults["stays"] = "This keeps something that it does not keep now. Record that as a request of its own; it works at once."
    return stays


def _enter(
    uow: UnitOfWork,
    document: Document,
    request_id: UUID,
    act: Act,
    *,
    by: UUID,
    about: UUID | None = None,
    reason: str | None = None,
    stays: Asked | None = None,
) -> RequestAct:
    """One more act on a request of a document that this transaction holds, bound to it. If it ends the request, the epoch rises."""
    register_of(uow, document.id, document)  # nothing is sealed anew over rows that were changed
    document.epoch += act.ends
    row = new_id()
    entered = RequestAct(
        id=row,
        document_id=document.id,
        originator=document.originator,
        request_id=request_id,
        act_word=act.value,
        about=about,
        reason=None if reason is None else uow.seal(document.originator, "request_act", "reason", row, reason),
        terms=None if stays is None else uow.seal(document.originator, "request_act", "terms", row, stays.to_text()),
        done_by=by,
        done_at=uow.at,
    )
    entered.mac = uow.holder.mac(document.originator, "request act", request_act_bytes(entered))
    uow.request_acts.add(entered)
    seal_requests(uow, document)
    return entered


def _document_of(uow: UnitOfWork, document_id: UUID) -> Document:
    found = uow.documents.get(document_id)
    if found is None:
        raise Tampered(f"no document {document_id}")
    return found
