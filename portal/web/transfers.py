"""What went by other means: recorded and struck on the document's page, answered for on a page of the share."""

from uuid import UUID

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.answer_transfer import Delivery, delivery, receive_transfer, return_transfer
from portal.cases.download_share import Copy
from portal.cases.facts import Located
from portal.cases.prepare_copy import enter_prepared, gather_prepared, make_prepared
from portal.cases.show_shares import ShareTarget
from portal.cases.show_transfers import received_transfers
from portal.cases.transfer import HandOver, TransferForm, hand_over, handed_over, record_transfer, strike_transfer
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit, Subject
from portal.web.downloads import attached
from portal.web.forms import typed
from portal.web.transfers_page import received_context

bp = GuardedBlueprint("transfers", __name__)


def _to_record(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, share_id: UUID, **where: object) -> Located:
    """With what went, as it was typed: the rules ask whether something stays there."""
    return hand_over(uow, subject, document_id=document_id, share_id=share_id, went=typed("went"), day=typed("day"))


RECORD = Guard(action=Action.TRANSFER_RECORD, event=Event.TRANSFER_RECORDED, locate=_to_record, again="documents.show", resumes="Record it")


@bp.post("/documents/<uuid:document_id>/shares/<uuid:share_id>/transfers", guard=RECORD)
def record(uow: UnitOfWork, permit: Permit, target: HandOver) -> ResponseReturnValue:
    names = ("means", "went", "day", "to_whom", "number", "copies", "pages", "note")
    record_transfer(uow, permit, target, TransferForm(**{name: typed(name) for name in names}))
    return redirect(url_for("documents.show", document_id=target.share.document_id, _anchor="transfers"))


PREPARE = Guard(
    action=Action.TRANSFER_RECORD,
    event=Event.TRANSFER_PREPARED,
    locate=hand_over,
    carry=Carry(gather_prepared, make_prepared),
    resumes="Take a copy for the pouch",
    ends=Event.TRANSFER_PREPARING_ENDED,
)


@bp.post("/documents/<uuid:document_id>/shares/<uuid:share_id>/prepared", guard=PREPARE)
def prepare(uow: UnitOfWork, permit: Permit, target: HandOver, copy: Copy) -> ResponseReturnValue:
    enter_prepared(uow, permit, target, copy)
    answer = attached(Response(copy.chunks(), mimetype="application/pdf"), copy.name)
    answer.content_length = len(copy.content)
    answer.headers["Accept-Ranges"] = "none"  # each copy is made once, with a number of its own
    return answer


STRIKE = Guard(action=Action.TRANSFER_STRIKE, event=Event.TRANSFER_STRUCK, locate=handed_over, again="documents.show")


@bp.post("/documents/<uuid:document_id>/transfers/<uuid:transfer_id>/strike", guard=STRIKE)
def strike(uow: UnitOfWork, permit: Permit, target: HandOver) -> ResponseReturnValue:
    strike_transfer(uow, permit, target, reason=typed("reason"))
    return redirect(url_for("documents.show", document_id=target.share.document_id, _anchor="transfers"))


@bp.get("/received/<uuid:share_id>/transfers", guard=Guard(action=Action.SHARE_KNOW, event=Event.SHARE_FOUND, locate=facts.share))
def show(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    view = received_transfers(uow, permit, share)
    return render_template("transfers.html", nav="received", **received_context(view))


RECEIVE = Guard(
    action=Action.TRANSFER_RECEIVE, event=Event.TRANSFER_RECEIVED, locate=delivery, again="transfers.show", resumes="It arrived"
)


@bp.post("/received/<uuid:share_id>/transfers/<uuid:transfer_id>/receipt", guard=RECEIVE)
def receive(uow: UnitOfWork, permit: Permit, target: Delivery) -> ResponseReturnValue:
    receive_transfer(uow, permit, target, digest=typed("digest"))
    return redirect(url_for("transfers.show", share_id=target.share.id))


RETURN = Guard(action=Action.TRANSFER_RETURN, event=Event.TRANSFER_RETURNED, locate=delivery, again="transfers.show")


@bp.post("/received/<uuid:share_id>/transfers/<uuid:transfer_id>/return", guard=RETURN)
def give_back(uow: UnitOfWork, permit: Permit, target: Delivery) -> ResponseReturnValue:
    return_transfer(uow, permit, target, what=typed("what"), day=typed("day"))
    return redirect(url_for("transfers.show", share_id=target.share.id))
