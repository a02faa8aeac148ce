"""Onward sharing: the recipient asks on a page of the share; the originator answers on the document's page."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts, onward_facts
from portal.cases.answer_onward import OnwardTarget, consent_onward, decline_onward
from portal.cases.ask_onward import ask_onward, show_asking
from portal.cases.show_shares import ShareTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import entered, faults, id_typed, typed

bp = GuardedBlueprint("onward", __name__)


@bp.get("/received/<uuid:share_id>/onward", guard=Guard(action=Action.SHARE_ASK_ONWARD, event=Event.FORM_OPENED, locate=facts.share))
def new(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    return render_template(
        "onward.html",
        nav="received",
        asking=show_asking(uow, permit, share),
        ask_url=url_for("onward.ask", share_id=share.id),
        back_href=url_for("received.show", share_id=share.id),
        values=entered("recipient", "purpose"),
        faults=faults(),
    )


ASK = Guard(action=Action.SHARE_ASK_ONWARD, event=Event.ONWARD_ASKED, locate=facts.share, again="onward.new")


@bp.post("/received/<uuid:share_id>/onward", guard=ASK)
def ask(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    ask_onward(uow, permit, share, recipient=typed("recipient"), purpose=typed("purpose"))
    return redirect(url_for("onward.new", share_id=share.id))


CONSENT = Guard(
    action=Action.ONWARD_CONSENT,
    event=Event.ONWARD_CONSENTED,
    locate=onward_facts.onward,
    again="documents.show",
    resumes="Propose to pass it on",
)


@bp.post("/documents/<uuid:document_id>/onward/<uuid:onward_id>/consent", guard=CONSENT)
def consent(uow: UnitOfWork, permit: Permit, onward: OnwardTarget) -> ResponseReturnValue:
    seen = {"rendition": id_typed("rendition"), "looked": id_typed("looked")}
    consent_onward(uow, permit, onward, use=typed("use") or "view_only", until=typed("until"), **seen)
    return redirect(url_for("documents.show", document_id=onward.document_id))


DECLINE = Guard(action=Action.ONWARD_DECLINE, event=Event.ONWARD_DECLINED, locate=onward_facts.onward)


@bp.post("/documents/<uuid:document_id>/onward/<uuid:onward_id>/decline", guard=DECLINE)
def decline(uow: UnitOfWork, permit: Permit, onward: OnwardTarget) -> ResponseReturnValue:
    decline_onward(uow, permit, onward)
    return redirect(url_for("documents.show", document_id=onward.document_id))
