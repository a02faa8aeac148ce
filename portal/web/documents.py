"""The originator's register: list, new entry, and everything that happens to one document."""

from dataclasses import asdict
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.build_rendition import Built, build_rendition, enter_rendition, gather_source
from portal.cases.deposit_version import Incoming, Received, deposit_version, file_cut, receive_file
from portal.cases.facts import BodyTarget, Located
from portal.cases.propose_share import ProposalForm, propose_share
from portal.cases.record_request import record_request
from portal.cases.refused_files import enter_refused
from portal.cases.register_document import register_document
from portal.cases.register_visit import register_visit
from portal.cases.rendition_progress import rendition_progress
from portal.cases.show_document import DocumentTarget, show_document
from portal.cases.show_documents import list_documents, new_document_choices, suggest_symbols
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit, Subject
from portal.kernel.vocabulary import DocumentKind, Language, Level
from portal.web import arriving
from portal.web.document_page import document_context
from portal.web.forms import entered, faults, id_typed, typed
from portal.web.lists import list_context, narrowed
from portal.web.request_form import request_typed
from portal.web.rows import document_row

bp = GuardedBlueprint("documents", __name__)
HINTS = (
    "May become public without harm.",
    "Harm if it leaves the two bodies.",
    "Grave harm if it leaves. Every look takes a second factor.",
)


#: What the register can be narrowed by, as it stands in an address.
NARROWED_BY = ("title", "symbol", "state", "visit", "kind", "level", "archive")


@bp.get("/documents", guard=Guard(action=Action.DOCUMENT_LIST, event=Event.DOCUMENTS_LISTED, locate=facts.own_body))
def index(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    chosen = narrowed(*NARROWED_BY)
    register = list_documents(uow, permit, body, before=request.args.get("before", ""), chosen=chosen)
    return render_template(
        "documents.html",
        nav="documents",
        rows=[document_row(row) for row in register.page.rows],
        may_register=register.may_register,
        **list_context("documents", register.page, register.total, chosen, register.choices),
    )


@bp.get("/documents/suggest", guard=Guard(action=Action.DOCUMENT_LIST, event=Event.DOCUMENTS_SUGGESTED, locate=facts.own_body))
def suggest(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    return jsonify(suggest_symbols(uow, permit, body, typed=narrowed("q").get("q", "")))


NEW = Guard(action=Action.DOCUMENT_REGISTER, event=Event.FORM_OPENED, locate=facts.own_body)


@bp.get("/documents/new", guard=NEW)
def new(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    choices = new_document_choices(uow, permit, body)
    visit_form = request.endpoint == "documents.add_visit"
    found = faults()
    return render_template(
        "document_new.html",
        nav="deposit",
        visits=[{"id": row, "words": words} for row, words in choices.visits],
        kinds=[(kind.value, kind.words) for kind in DocumentKind],
        levels=[(int(level), level.words, HINTS[level], level <= choices.clearance) for level in Level],
        states=choices.states,
        values=entered("title", "symbol", "kind", "level", "visit", "draft") | {"states": request.form.getlist("states")},
        faults={} if visit_form else found,
        visit_url=url_for("documents.add_visit"),
        visit_values=entered("state", "start", "end", "place"),
        visit_faults=found if visit_form else {},
    )


REGISTER = Guard(action=Action.DOCUMENT_REGISTER, event=Event.DOCUMENT_REGISTERED, locate=facts.own_body, again="documents.new")


@bp.post("/documents", guard=REGISTER)
def register(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    fields = {name: typed(name) for name in ("title", "symbol", "kind", "level", "visit")}
    states, draft = request.form.getlist("states"), typed("draft") == "yes"
    document = register_document(uow, permit, body, **fields, states=states, draft=draft)
    return redirect(url_for("documents.show", document_id=document.id))


VISIT = Guard(action=Action.VISIT_REGISTER, event=Event.VISIT_REGISTERED, locate=facts.own_body, again="documents.new")


@bp.post("/visits", guard=VISIT)
def add_visit(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    register_visit(uow, permit, body, state=typed("state"), starts=typed("start"), ends=typed("end"), place=typed("place"))
    return redirect(url_for("documents.new"))


@bp.get("/documents/<uuid:document_id>", guard=Guard(action=Action.DOCUMENT_READ, event=Event.DOCUMENT_READ, locate=facts.document))
def show(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    view = show_document(uow, permit, document)
    return render_template("document.html", nav="documents", **document_context(view, uow.parts.config.uploads.max_bytes))


def _incoming(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> tuple[Permit, DocumentTarget, Incoming]:
    name = unquote(request.headers.get("X-File-Name", ""))
    chunks = arriving.body(file_cut, patience=uow.parts.config.server.patience_seconds)
    return permit, document, Incoming(chunks, arriving.announced(), name, request.headers.get("Content-Language", Language.ENGLISH))


DEPOSIT = Guard(
    action=Action.VERSION_DEPOSIT,
    event=Event.VERSION_DEPOSITED,
    locate=facts.document,
    carry=Carry(_incoming, receive_file),
    drops=enter_refused,
)


@bp.post("/documents/<uuid:document_id>/file", guard=DEPOSIT)
def deposit(uow: UnitOfWork, permit: Permit, document: DocumentTarget, received: Received) -> ResponseReturnValue:
    deposit_version(uow, permit, document, received)
    return jsonify({"location": url_for("documents.show", document_id=document.id)}), 201


REQUEST = Guard(action=Action.REQUEST_RECORD, event=Event.REQUEST_RECORDED, locate=facts.document, again="documents.show")


@bp.post("/documents/<uuid:document_id>/requests", guard=REQUEST)
def record(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    record_request(uow, permit, document, request_typed(typed("scope")))
    return redirect(url_for("documents.show", document_id=document.id))


def _source(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> Any:
    return gather_source(uow, permit, document, audience=typed("recipient"), language=typed("language"))


BUILD = Guard(
    action=Action.RENDITION_BUILD,
    event=Event.RENDITION_BUILT,
    locate=facts.document,
    carry=Carry(_source, build_rendition),
    again="documents.show",
    resumes="Prepare what the other body will see",
)


@bp.post("/documents/<uuid:document_id>/renditions", guard=BUILD)
def build(uow: UnitOfWork, permit: Permit, document: DocumentTarget, built: Built) -> ResponseReturnValue:
    rendition = enter_rendition(uow, permit, document, built)
    return redirect(url_for("reading.preview", document_id=document.id, rendition_id=rendition.id, page=1))


PROGRESS = Guard(action=Action.RENDITION_BUILD, event=Event.RENDITION_ASKED, locate=facts.document)


@bp.get("/documents/<uuid:document_id>/renditions/progress", guard=PROGRESS)
def progress(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    return jsonify(asdict(rendition_progress(uow, permit, document)))


def _proposed(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID) -> Located:
    return facts.document(uow, subject, document_id=document_id, recipient=typed("recipient"))


PROPOSE = Guard(
    action=Action.SHARE_PROPOSE, event=Event.SHARE_PROPOSED, locate=_proposed, again="documents.show", resumes="Propose the release"
)


@bp.post("/documents/<uuid:document_id>/proposals", guard=PROPOSE)
def propose(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    form = ProposalForm(
        recipient=typed("recipient"),
        purpose=typed("purpose"),
        use=typed("use") or "view_only",
        until=typed("until"),
        opens=typed("opens"),
        eyes=typed("eyes"),
        rendition=id_typed("rendition"),
        looked=id_typed("looked"),
    )
    propose_share(uow, permit, document, form)
    return redirect(url_for("documents.show", document_id=document.id))
