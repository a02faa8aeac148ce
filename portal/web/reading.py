"""Reading: pages of a share for its recipient, pages of a rendition for its originator. An image travels in its page: one event."""

from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.answer_share import acknowledge_share, confirm_recall
from portal.cases.download_share import Copy, enter_copy, gather_copy, make_copy
from portal.cases.facts import BodyTarget, Located
from portal.cases.read_pages import PreviewTarget, preview_target, read_rendition_page, read_share_page
from portal.cases.show_remarks import remarks_beside
from portal.cases.show_shares import ShareTarget, know_share, list_received, received_row
from portal.cases.show_transfers import received_transfers, transfers_beside
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit, Subject
from portal.web.downloads import attached
from portal.web.forms import typed
from portal.web.lists import list_context, narrowed
from portal.web.reader_page import reader_context
from portal.web.remarks_page import said_beside
from portal.web.rows import received_rows
from portal.web.transfers_page import beside_context

reading = GuardedBlueprint("reading", __name__)
received = GuardedBlueprint("received", __name__)
#: What the list can be narrowed by, as it stands in an address.
NARROWED_BY = ("title", "symbol", "originator", "available")


@received.get("/received", guard=Guard(action=Action.RECEIVED_LIST, event=Event.RECEIVED_LISTED, locate=facts.own_body))
def index(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    chosen = narrowed(*NARROWED_BY)
    received_list = list_received(uow, permit, body, before=request.args.get("before", ""), chosen=chosen)
    return render_template(
        "received.html",
        nav="received",
        rows=received_rows(received_list.page.rows),
        **list_context("received", received_list.page, received_list.total, chosen, received_list.choices),
    )


@received.get("/received/<uuid:share_id>", guard=Guard(action=Action.SHARE_KNOW, event=Event.SHARE_FOUND, locate=facts.share))
def show(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    row = know_share(uow, permit, share)
    if row.available:
        return redirect(url_for("received.page", share_id=row.id, page=1))
    confirm_url = url_for("received.confirm", share_id=row.id) if row.may_confirm else None
    return render_template(
        "share_gone.html",
        nav="received",
        symbol=row.symbol,
        confirm_url=confirm_url,
        confirmed_at=row.confirmed_at,
        transfers=beside_context(received_transfers(uow, permit, share)),
        back_href=url_for("received.index"),
    )


ACKNOWLEDGE = Guard(action=Action.SHARE_ACKNOWLEDGE, event=Event.SHARE_ACKNOWLEDGED, locate=facts.share)


@received.post("/received/<uuid:share_id>/acknowledgement", guard=ACKNOWLEDGE)
def acknowledge(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    acknowledge_share(uow, permit, share)
    return redirect(url_for("received.show", share_id=share.id))


CONFIRM = Guard(action=Action.SHARE_CONFIRM_RECALL, event=Event.SHARE_RECALL_CONFIRMED, locate=facts.share)


@received.post("/received/<uuid:share_id>/confirmation", guard=CONFIRM)
def confirm(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    confirm_recall(uow, permit, share)
    return redirect(url_for("received.show", share_id=share.id))


DOWNLOAD = Guard(
    action=Action.SHARE_DOWNLOAD,
    event=Event.SHARE_DOWNLOADED,
    locate=facts.share,
    carry=Carry(gather_copy, make_copy),
    resumes="Take a copy",
    ends=Event.SHARE_DOWNLOAD_ENDED,
)


@received.post("/received/<uuid:share_id>/copies", guard=DOWNLOAD)
def download(uow: UnitOfWork, permit: Permit, share: ShareTarget, copy: Copy) -> ResponseReturnValue:
    enter_copy(uow, permit, share, copy)
    answer = attached(Response(copy.chunks(), mimetype="application/pdf"), copy.name)
    answer.content_length = len(copy.content)
    answer.headers["Accept-Ranges"] = "none"  # each copy is made once, with a number of its own: no part of it fits another
    return answer


READ = Guard(action=Action.SHARE_READ, event=Event.SHARE_PAGE_READ, locate=facts.share)
FIND = Guard(action=Action.SHARE_READ, event=Event.SHARE_SEARCHED, locate=facts.share, looks=True, resumes="Find it")


@received.get("/received/<uuid:share_id>/pages/<int:page>", guard=READ)
def page(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    return _share_page(uow, permit, share, term=None)


@received.post("/received/<uuid:share_id>/pages/<int:page>", guard=FIND)
def find(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    """The page, and where a term stands in the document. The term came in a form: it stands in no address, and in no event."""
    return _share_page(uow, permit, share, term=typed("term"))


def _share_page(uow: UnitOfWork, permit: Permit, share: ShareTarget, *, term: str | None) -> str:
    shown, row = read_share_page(uow, permit, share, _number(), term=term), received_row(uow, permit, share)
    where, back = {"share_id": share.id}, url_for("received.index")
    context = reader_context(shown, "received.page", where, back=back, share=row, from_short=row.from_short)
    beside = {
        "remarks": said_beside(remarks_beside(uow, permit, share), shown.number),
        "transfers": beside_context(transfers_beside(uow, permit, share)),
    }
    return render_template("reader.html", **context, **beside)


def _preview(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, rendition_id: UUID, **where: object) -> Located:
    return preview_target(uow, subject, document_id=document_id, rendition_id=rendition_id)


PREVIEW = Guard(action=Action.RENDITION_READ, event=Event.RENDITION_PAGE_READ, locate=_preview)
FIND_PREVIEW = Guard(action=Action.RENDITION_READ, event=Event.RENDITION_SEARCHED, locate=_preview, looks=True, resumes="Find it")


@reading.get("/documents/<uuid:document_id>/renditions/<uuid:rendition_id>/pages/<int:page>", guard=PREVIEW)
def preview(uow: UnitOfWork, permit: Permit, target: PreviewTarget) -> ResponseReturnValue:
    return _preview_page(uow, permit, target, term=None)


@reading.post("/documents/<uuid:document_id>/renditions/<uuid:rendition_id>/pages/<int:page>", guard=FIND_PREVIEW)
def find_preview(uow: UnitOfWork, permit: Permit, target: PreviewTarget) -> ResponseReturnValue:
    return _preview_page(uow, permit, target, term=typed("term"))


def _preview_page(uow: UnitOfWork, permit: Permit, target: PreviewTarget, *, term: str | None) -> str:
    shown = read_rendition_page(uow, permit, target, _number(), term=term)
    where = {"document_id": target.document.id, "rendition_id": target.rendition.id}
    back, short = url_for("documents.show", document_id=target.document.id), uow.parts.config.named(permit.body).short
    return render_template(
        "reader.html",
        **reader_context(shown, "reading.preview", where, back=back, share=None, from_short=short),
        remarks=None,
        transfers=None,
    )


def _number() -> int:
    assert request.view_args is not None
    return int(request.view_args["page"])
