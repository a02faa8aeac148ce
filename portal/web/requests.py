"""Requests: confirmed, lifted and narrowed by a second person, and placed in each version. All of it stands on the document's page."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts, request_facts
from portal.cases.attest_request import attest_request
from portal.cases.lift_request import LiftingForm, confirm_request, lift_request, propose_lifting, withdraw_lifting
from portal.cases.place_request import PlaceForm, place_request
from portal.cases.request_facts import LiftingTarget, RequestTarget
from portal.cases.show_document import DocumentTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.downloads import attached
from portal.web.forms import id_typed, typed, version_asked

bp = GuardedBlueprint("requests", __name__)

CONFIRM = Guard(action=Action.REQUEST_CONFIRM, event=Event.REQUEST_CONFIRMED, locate=request_facts.request, resumes="Confirm this request")


@bp.post("/documents/<uuid:document_id>/requests/<uuid:request_id>/confirm", guard=CONFIRM)
def confirm(uow: UnitOfWork, permit: Permit, target: RequestTarget) -> ResponseReturnValue:
    confirm_request(uow, permit, target)
    return redirect(url_for("documents.show", document_id=target.request.document_id, _anchor="requests"))


PROPOSE = Guard(action=Action.REQUEST_PROPOSE_LIFTING, event=Event.LIFTING_PROPOSED, locate=request_facts.request, again="documents.show")


@bp.post("/documents/<uuid:document_id>/requests/<uuid:request_id>/lifting", guard=PROPOSE)
def propose(uow: UnitOfWork, permit: Permit, target: RequestTarget) -> ResponseReturnValue:
    form = LiftingForm(
        reason=typed("reason"),
        whole=typed("what") == "all",
        pages=typed("pages"),
        boxes=" ".join(request.form.getlist("box")),
        bodies=tuple(request.form.getlist("bodies")),
        until=typed("until"),
        version=version_asked(),
    )
    propose_lifting(uow, permit, target, form)
    return redirect(url_for("documents.show", document_id=target.request.document_id, _anchor="requests"))


WITHDRAW = Guard(action=Action.REQUEST_WITHDRAW_LIFTING, event=Event.LIFTING_WITHDRAWN, locate=request_facts.lifting)


@bp.post("/documents/<uuid:document_id>/liftings/<uuid:lifting_id>/withdraw", guard=WITHDRAW)
def withdraw(uow: UnitOfWork, permit: Permit, target: LiftingTarget) -> ResponseReturnValue:
    withdraw_lifting(uow, permit, target)
    return redirect(url_for("documents.show", document_id=target.act.document_id, _anchor="requests"))


LIFT = Guard(action=Action.REQUEST_LIFT, event=Event.REQUEST_LIFTED, locate=request_facts.lifting, resumes="Lift as proposed")


@bp.post("/documents/<uuid:document_id>/liftings/<uuid:lifting_id>/agree", guard=LIFT)
def lift(uow: UnitOfWork, permit: Permit, target: LiftingTarget) -> ResponseReturnValue:
    lift_request(uow, permit, target)
    return redirect(url_for("documents.show", document_id=target.act.document_id, _anchor="requests"))


ATTEST = Guard(action=Action.REQUEST_ATTEST, event=Event.REQUEST_ATTESTED, locate=request_facts.request)


@bp.get("/documents/<uuid:document_id>/requests/<uuid:request_id>/attestation", guard=ATTEST)
def attest(uow: UnitOfWork, permit: Permit, target: RequestTarget) -> ResponseReturnValue:
    made = attest_request(uow, permit, target)
    return attached(Response(made.content, content_type="text/plain; charset=utf-8"), made.name)


PLACE = Guard(
    action=Action.REQUEST_RECORD,
    event=Event.REQUEST_PLACED,
    locate=facts.document,
    again="passages.look",
    resumes="Say where it stands in this version",
)


@bp.post("/documents/<uuid:document_id>/places", guard=PLACE)
def place(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    form = PlaceForm(request=id_typed("place"), version=version_asked(), pages=typed("pages"), boxes=typed("boxes"))
    place_request(uow, permit, document, form)
    return redirect(url_for("documents.show", document_id=document.id, _anchor="versions"))
