"""Mark passages on the pages of the original, and record the request with them.

The form of the page carries everything, and every button of it posts: so nothing that is marked stands in an address, in a history or
in the log. The door that only shows is a look, though it is posted to.
"""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.mark_passages import mark_passages
from portal.cases.marks import MarkForm
from portal.cases.record_request import record_request
from portal.cases.show_document import DocumentTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import id_typed, typed, version_asked
from portal.web.mark_page import mark_context
from portal.web.request_form import request_typed

bp = GuardedBlueprint("passages", __name__)
LOOK = Guard(action=Action.VERSION_READ, event=Event.VERSION_PAGE_READ, locate=facts.document, looks=True, resumes="Go on marking")
RECORD = Guard(
    action=Action.REQUEST_RECORD,
    event=Event.REQUEST_RECORDED,
    locate=facts.document,
    again="passages.look",
    resumes="Record the request",
)


@bp.route("/documents/<uuid:document_id>/passages/<int:page>", methods=["GET", "POST"], guard=LOOK)
def look(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    view = mark_passages(uow, permit, document, _form())
    return render_template("mark.html", nav="documents", **mark_context(view, document.id))


@bp.post("/documents/<uuid:document_id>/passages", guard=RECORD)
def record(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    record_request(uow, permit, document, request_typed("passages"))
    return redirect(url_for("documents.show", document_id=document.id, _anchor="requests"))


def _form() -> MarkForm:
    """What came; the page is that of the address, or, when the request is shown again, the one that was looked at."""
    where = request.view_args or {}
    again = typed("at")
    page = where["page"] if "page" in where else int(again) if again.isascii() and again.isdecimal() and len(again) < 6 else 1
    return MarkForm(
        page=page,
        press=typed("press") if "page" in where else "",
        boxes=typed("boxes"),
        pages=typed("pages"),
        edges=(typed("left"), typed("top"), typed("right"), typed("bottom")),
        lines=tuple(request.form.getlist("line")),
        painted=typed("painted") == "yes",
        version=version_asked(),
        place=id_typed("place"),
        begins=request.method == "GET",
    )
