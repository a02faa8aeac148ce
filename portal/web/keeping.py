"""Legal holds and shredding: everything happens on the document's page."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts, keeping_facts
from portal.cases.hold_document import lift_hold, place_hold
from portal.cases.kept import HoldTarget, ShreddingTarget
from portal.cases.show_document import DocumentTarget
from portal.cases.shred_document import propose_shredding, shred_document, withdraw_shredding
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import typed

bp = GuardedBlueprint("keeping", __name__)

HOLD = Guard(action=Action.DOCUMENT_HOLD, event=Event.HOLD_PLACED, locate=facts.document, again="documents.show")


@bp.post("/documents/<uuid:document_id>/holds", guard=HOLD)
def hold(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    place_hold(uow, permit, document, reason=typed("reason"))
    return redirect(url_for("documents.show", document_id=document.id, _anchor="keeping"))


LIFT = Guard(action=Action.DOCUMENT_LIFT_HOLD, event=Event.HOLD_LIFTED, locate=keeping_facts.hold, resumes="Lift this hold")


@bp.post("/documents/<uuid:document_id>/holds/<uuid:hold_id>/lift", guard=LIFT)
def lift(uow: UnitOfWork, permit: Permit, target: HoldTarget) -> ResponseReturnValue:
    lift_hold(uow, permit, target)
    return redirect(url_for("documents.show", document_id=target.act.document_id, _anchor="keeping"))


PROPOSE = Guard(action=Action.DOCUMENT_PROPOSE_SHREDDING, event=Event.SHREDDING_PROPOSED, locate=facts.document, again="documents.show")


@bp.post("/documents/<uuid:document_id>/shredding", guard=PROPOSE)
def propose(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    propose_shredding(uow, permit, document, reason=typed("reason"))
    return redirect(url_for("documents.show", document_id=document.id, _anchor="keeping"))


WITHDRAW = Guard(action=Action.DOCUMENT_WITHDRAW_SHREDDING, event=Event.SHREDDING_WITHDRAWN, locate=keeping_facts.shredding)


@bp.post("/documents/<uuid:document_id>/shredding/<uuid:shredding_id>/withdraw", guard=WITHDRAW)
def withdraw(uow: UnitOfWork, permit: Permit, target: ShreddingTarget) -> ResponseReturnValue:
    withdraw_shredding(uow, permit, target)
    return redirect(url_for("documents.show", document_id=target.act.document_id, _anchor="keeping"))


SHRED = Guard(
    action=Action.DOCUMENT_SHRED,
    event=Event.DOCUMENT_SHREDDED,
    locate=keeping_facts.shredding,
    again="documents.show",
    resumes="Shred it for good",
)


@bp.post("/documents/<uuid:document_id>/shredding/<uuid:shredding_id>/confirm", guard=SHRED)
def shred(uow: UnitOfWork, permit: Permit, target: ShreddingTarget) -> ResponseReturnValue:
    shred_document(uow, permit, target, symbol=typed("symbol"))
    return redirect(url_for("documents.show", document_id=target.act.document_id))
