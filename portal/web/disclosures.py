"""Who of another body saw what of a document, for its originator."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.show_disclosures import show_disclosures
from portal.cases.show_document import DocumentTarget
from portal.cases.show_transfers import seen_transfers
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit

bp = GuardedBlueprint("disclosures", __name__)
SEEN = Guard(action=Action.DISCLOSURE_READ, event=Event.DISCLOSURES_READ, locate=facts.document)


@bp.get("/documents/<uuid:document_id>/seen", guard=SEEN)
def seen(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    view = show_disclosures(uow, permit, document)
    other = seen_transfers(uow, permit, document)
    back = url_for("documents.show", document_id=view.document_id)
    return render_template("seen.html", nav="documents", doc=view, rows=view.rows, damaged=view.damaged, back_href=back, transfers=other)
