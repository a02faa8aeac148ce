"""Reading: pages of a share for its recipient, pages of a rendition for its originator. An image travels in its page: one event."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.answer_share import acknowledge_share, confirm_recall
from portal.cases.download_share import Copy, enter_copy, gather_copy, make_copy
from portal.cases.facts import BodyTarget, Located
from portal.cases.read_pages import Page, PreviewTarget, preview_target, read_rendition_page, read_share_page
from portal.cases.show_remarks import remarks_beside
from portal.cases.show_shares import ReceivedRow, ShareTarget, know_share, list_received, received_row
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit, Subject
from portal.web.downloads import attached
from portal.web.lists import list_context, narrowed
from portal.web.remarks_page import beside
from portal.web.rows import received_rows

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


@received.get("/received/<uuid:share_id>/pages/<int:page>", guard=READ)
def page(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> ResponseReturnValue:
    shown, row = read_share_page(uow, permit, share, _number()), received_row(uow, permit, share)
    remarks, back = beside(remarks_beside(uow, permit, share), shown.number), url_for("received.index")
    return _reader(shown, "received.page", {"share_id": share.id}, back, share=row, from_short=row.from_short, remarks=remarks)


def _preview(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, rendition_id: UUID, **where: object) -> Located:
    return preview_target(uow, subject, document_id=document_id, rendition_id=rendition_id)


PREVIEW = Guard(action=Action.RENDITION_READ, event=Event.RENDITION_PAGE_READ, locate=_preview)


@reading.get("/documents/<uuid:document_id>/renditions/<uuid:rendition_id>/pages/<int:page>", guard=PREVIEW)
def preview(uow: UnitOfWork, permit: Permit, target: PreviewTarget) -> ResponseReturnValue:
    shown = read_rendition_page(uow, permit, target, _number())
    where = {"document_id": target.document.id, "rendition_id": target.rendition.id}
    back = url_for("documents.show", document_id=target.document.id)
    return _reader(shown, "reading.preview", where, back, share=None, from_short=uow.parts.config.named(permit.body).short)


def _number() -> int:
    assert request.view_args is not None
    return int(request.view_args["page"])


def _reader(
    shown: Page,
    endpoint: str,
    where: dict[str, Any],
    back: str,
    *,
    share: ReceivedRow | None,
    from_short: str,
    remarks: dict[str, Any] | None = None,
) -> str:
    def href(number: int) -> str | None:
        return url_for(endpoint, **where, page=number) if 1 <= number <= shown.pages else None

    return render_template(
        "reader.html",
        nav="documents" if share is None else "received",
        title=shown.title,
        symbol=shown.symbol,
        level=shown.level,
        from_short=from_short,
        page=shown.number,
        pages=shown.pages,
        image_url=f"data:{shown.mime};base64,{b64encode(shown.image).decode()}",
        text=list(shown.text),
        prev_href=href(shown.number - 1),
        next_href=href(shown.number + 1),
        page_links=[(number, href(number), number == shown.number) for number in range(1, shown.pages + 1)],
        terms_words="Preview, for your own body" if share is None else share.terms_words,
        watermark_words="Every page carries your name, your body and the time.",
        back_href=back,
        preview=share is None,
        acknowledge_url=url_for("received.acknowledge", share_id=share.id) if share is not None and share.may_acknowledge else None,
        acknowledged_at=None if share is None else share.acknowledged_at,
        download_url=url_for("received.download", share_id=share.id) if share is not None and share.may_download else None,
        fetch_url=url_for("downloads.file", share_id=share.id) if share is not None and share.file_size is not None else None,
        file_size=None if share is None else share.file_size,
        absent=shown.absent,
        onward_url=url_for("onward.new", share_id=share.id) if share is not None and share.may_ask_onward else None,
        asked=[] if share is None else share.asked,
        eyes_only=share is not None and share.eyes_only,
        remarks=remarks,
    )
