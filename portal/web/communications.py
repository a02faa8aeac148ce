"""What a State is asked and answers about a document, and the files that show it. Everything happens on the document's page."""

from urllib.parse import unquote
from uuid import UUID

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.consult_state import AnswerForm, ConsultationForm, open_consultation, record_answer
from portal.cases.deposit_version import Incoming, file_cut
from portal.cases.keep_evidence import Kept, add_evidence, receive_evidence
from portal.cases.refused_files import enter_refused
from portal.cases.show_document import DocumentTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web import arriving
from portal.web.forms import typed

bp = GuardedBlueprint("communications", __name__)

OPEN = Guard(action=Action.REQUEST_RECORD, event=Event.CONSULTATION_OPENED, locate=facts.document, again="documents.show")


@bp.post("/documents/<uuid:document_id>/consultations", guard=OPEN)
def consult(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    form = ConsultationForm(state=typed("state"), reference=typed("reference"), deadline=typed("deadline"))
    open_consultation(uow, permit, document, form)
    return redirect(url_for("documents.show", document_id=document.id, _anchor="consultation"))


ANSWER = Guard(action=Action.REQUEST_RECORD, event=Event.CONSULTATION_ANSWERED, locate=facts.document, again="documents.show")


@bp.post("/documents/<uuid:document_id>/consultations/<uuid:consultation_id>/answer", guard=ANSWER)
def answer(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    said = {name: typed(name) for name in ("answer", "reference", "dated", "received")}
    record_answer(uow, permit, document, _named("consultation_id"), AnswerForm(**said))
    return redirect(url_for("documents.show", document_id=document.id, _anchor="consultation"))


def _incoming(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> tuple[Permit, DocumentTarget, Incoming]:
    name = unquote(request.headers.get("X-File-Name", ""))
    chunks = arriving.body(file_cut, patience=uow.parts.config.server.patience_seconds)
    return permit, document, Incoming(chunks, arriving.announced(), name)


ADD = Guard(
    action=Action.REQUEST_RECORD,
    event=Event.EVIDENCE_ADDED,
    locate=facts.document,
    carry=Carry(_incoming, receive_evidence),
    drops=enter_refused,
)


@bp.post("/documents/<uuid:document_id>/evidence/of/<uuid:about_id>", guard=ADD)
def add(uow: UnitOfWork, permit: Permit, document: DocumentTarget, kept: Kept) -> ResponseReturnValue:
    add_evidence(uow, permit, document, _named("about_id"), kept)
    return jsonify({"location": url_for("documents.show", document_id=document.id)}), 201


def _named(name: str) -> UUID:
    found = (request.view_args or {})[name]
    assert isinstance(found, UUID)
    return found
