"""Remarks: a reviewer comments and asks on a page of the share; an officer of the originator answers on a page of the document."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.remark import MOST_TEXT, Question, RemarkForm, answer_question, question, remark_on_share
from portal.cases.show_document import DocumentTarget
from portal.cases.show_remarks import document_remarks, share_remarks
from portal.cases.show_shares import ShareTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import faults, typed
from portal.web.remarks_page import answer_anchor, said_context, to_answer

bp = GuardedBlueprint("remarks", __name__)


@bp.get("/received/<uuid:share_id>/remarks", guard=Guard(action=Action.SHARE_REMARK, event=Event.REMARKS_READ, locate=facts.share))
def show(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    said = share_remarks(uow, permit, share)
    return render_template("remarks.html", nav="received", faults=faults(), **said_context(said))


SAY = Guard(action=Action.SHARE_REMARK, event=Event.REMARK_MADE, locate=facts.share, again="remarks.show", resumes="Send it")


@bp.post("/received/<uuid:share_id>/remarks", guard=SAY)
def say(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    form = RemarkForm(kind=typed("kind"), page=typed("page"), passage=typed("passage"), text=typed("text"))
    remark = remark_on_share(uow, permit, share, form)
    return redirect(url_for("remarks.show", share_id=share.id, page=remark.page, _anchor=answer_anchor(remark.id)))


OF_DOCUMENT = Guard(action=Action.REMARK_READ, event=Event.REMARKS_READ, locate=facts.document)


@bp.get("/documents/<uuid:document_id>/remarks", guard=OF_DOCUMENT)
def of_document(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    said, refused = document_remarks(uow, permit, document), (request.view_args or {}).get("remark_id")
    return render_template(
        "document_remarks.html",
        nav="documents",
        said=said,
        shares=[to_answer(said, share, refused if isinstance(refused, UUID) else None) for share in said.shares],
        back_href=url_for("documents.show", document_id=said.document_id),
        most_text=MOST_TEXT,
    )


ANSWER = Guard(
    action=Action.SHARE_ANSWER, event=Event.REMARK_ANSWERED, locate=question, again="remarks.of_document", resumes="Send the answer"
)


@bp.post("/documents/<uuid:document_id>/remarks/<uuid:remark_id>/answer", guard=ANSWER)
def answer(uow: UnitOfWork, permit: Permit, asked: Question) -> ResponseReturnValue:
    answer_question(uow, permit, asked, text=typed("text"))
    where = answer_anchor(asked.remark.id)
    return redirect(url_for("remarks.of_document", document_id=asked.remark.document_id, _anchor=where))
