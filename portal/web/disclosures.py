"""Who of another body saw what of a document, for its originator: to read, and to take along as a file."""

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.seen_files import Format, seen_file
from portal.cases.seen_report import CHANGED, TOLD, report_of
from portal.cases.show_document import DocumentTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.downloads import attached

bp = GuardedBlueprint("disclosures", __name__)
SEEN = Guard(action=Action.DISCLOSURE_READ, event=Event.DISCLOSURES_READ, locate=facts.document)
FILE = Guard(action=Action.DISCLOSURE_READ, event=Event.DISCLOSURES_EXPORTED, locate=facts.document)


@bp.get("/documents/<uuid:document_id>/seen", guard=SEEN)
def seen(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    report = report_of(uow, permit, document)
    return render_template(
        "seen.html",
        nav="documents",
        doc=report.view,
        told=TOLD,
        changed=CHANGED if report.view.damaged else "",
        sections=report.sections,
        back_href=url_for("documents.show", document_id=document.id),
        csv_href=url_for("disclosures.seen_csv", document_id=document.id),
        pdf_href=url_for("disclosures.seen_pdf", document_id=document.id),
    )


@bp.get("/documents/<uuid:document_id>/seen.csv", guard=FILE)
def seen_csv(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    file = seen_file(uow, permit, document, Format.CSV)
    return attached(Response(file.content, mimetype="text/csv"), file.name)


@bp.get("/documents/<uuid:document_id>/seen.pdf", guard=FILE)
def seen_pdf(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    file = seen_file(uow, permit, document, Format.PDF)
    return attached(Response(file.content, mimetype="application/pdf"), file.name)
