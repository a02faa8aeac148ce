"""Who can see a document and why, for the originator's officers who keep back and release."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.ask_why import ask_why, choices
from portal.cases.explain_document import explain_document
from portal.cases.show_document import DocumentTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit

bp = GuardedBlueprint("who", __name__)
WHO = Guard(action=Action.DOCUMENT_EXPLAIN, event=Event.DOCUMENT_EXPLAINED, locate=facts.document)


@bp.get("/documents/<uuid:document_id>/who", guard=WHO)
def show(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    view = explain_document(uow, permit, document)
    whom, act = request.args.get("whom", ""), request.args.get("act", "")
    return render_template(
        "who.html",
        nav="documents",
        doc=view,
        bodies=view.bodies,
        choices=choices(uow, permit, document),
        chosen={"whom": whom, "act": act},
        why=ask_why(uow, permit, document, whom=whom, act=act) if whom or act else None,
        ask_url=url_for("who.show", document_id=view.document_id),
        back_href=url_for("documents.show", document_id=view.document_id),
    )
