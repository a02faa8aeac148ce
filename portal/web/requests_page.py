"""What the document's page shows of what is kept back: each request, what waits for a second officer, and what was lifted."""

from typing import Any

from flask import request, url_for

from portal.cases.show_document import DocumentView
from portal.cases.show_requests import RequestView
from portal.kernel.permit import NO_RULE
from portal.web.communications_page import attach_url, shown
from portal.web.forms import entered, faults
from portal.web.request_form import request_choices, request_entered


def requests_context(view: DocumentView) -> dict[str, Any]:
    """The section, and the form that records one."""
    refused = (request.view_args or {}).get("request_id") if request.endpoint == "requests.propose" else None
    return {
        "requests": [_request(view, row, refused=row.id == refused) for row in view.requests],
        "ended": view.ended,
        "request_choices": request_choices(view.recipients),
        "request_values": request_entered() if refused is None else {},
        "request_faults": faults() if request.endpoint == "documents.record" else {},
    }


def _request(view: DocumentView, row: RequestView, *, refused: bool) -> dict[str, Any]:
    where: dict[str, Any] = {"document_id": view.id, "request_id": row.id}
    return {
        "view": row,
        "shows": shown(view, row.evidence),
        "attach_url": attach_url(view, row.id),
        "confirm_url": url_for("requests.confirm", **where) if row.may_confirm else None,
        "why_not_confirm": "" if row.why_not_confirm == NO_RULE else row.why_not_confirm,
        "attest_url": url_for("requests.attest", **where) if row.may_attest else None,
        "why_not_attest": "" if row.why_not_attest == NO_RULE else row.why_not_attest,
        "lifting": _lifting(view, row),
        "propose_url": url_for("requests.propose", **where) if row.may_propose else None,
        "faults": faults() if refused else {},
        "values": _entered() if refused else _as_it_is(row),
    }


def _lifting(view: DocumentView, row: RequestView) -> dict[str, Any] | None:
    waiting = row.lifting
    if waiting is None:
        return None
    where: dict[str, Any] = {"document_id": view.id, "lifting_id": waiting.id}
    return {
        "view": waiting,
        "agree_url": url_for("requests.lift", **where) if waiting.may_answer else None,
        "withdraw_url": url_for("requests.withdraw", **where) if waiting.may_withdraw else None,
        "why_not": "A releasing officer agrees, or somebody withdraws it." if waiting.why_not == NO_RULE else waiting.why_not,
    }


def _entered() -> dict[str, Any]:
    said = entered("reason", "what", "pages", "until", "version")
    return said | {"boxes": request.form.getlist("box"), "bodies": request.form.getlist("bodies")}


def _as_it_is(row: RequestView) -> dict[str, Any]:
    """What it keeps now, to be made less. A day that is over is not offered again."""
    until = "" if row.until is None or row.due else row.until.isoformat()
    boxes = [box for box, _ in row.boxes]
    return {"reason": "", "what": "all", "pages": row.pages, "until": until, "version": "", "boxes": boxes, "bodies": list(row.bodies)}
