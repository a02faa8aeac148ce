"""What the document's page and lists show of requests to pass a share on."""

from typing import Any

from flask import url_for

from portal.cases.show_document import DocumentView
from portal.cases.show_onward import OnwardRow, OnwardView
from portal.kernel.actions import Action
from portal.kernel.permit import NO_RULE
from portal.web.looking import to_look


def onward_context(view: DocumentView) -> list[dict[str, Any]]:
    """The cards of the document's page, one for each request that waits."""
    return [_card(view, request) for request in view.onward]


def _card(view: DocumentView, request: OnwardView) -> dict[str, Any]:
    can_build = request.may_consent and not request.ready and view.allowed.get(Action.RENDITION_BUILD)
    where: dict[str, Any] = {"document_id": view.id, "onward_id": request.id}
    return {
        "id": request.id,
        "asker_short": request.asker_short,
        "body": request.body,
        "body_short": request.body_short,
        "purpose": request.purpose,
        "asked_at": request.asked_at,
        "build_url": url_for("documents.build", document_id=view.id) if can_build else None,
        "checks": [{"ok": ok, "text": text} for ok, text in request.checks],
        "seen": to_look(view, request.rendition, request.look_at, needed=request.to_look),
        "consent_url": url_for("onward.consent", **where) if request.may_consent and request.ready else None,
        "decline_url": url_for("onward.decline", **where) if request.may_decline else None,
        "why_not": "An uploader or a confidentiality officer consents first." if request.why_not == NO_RULE else request.why_not,
    }


def onward_row(row: OnwardRow) -> dict[str, Any]:
    """One line of a list; it leads to the card."""
    return {
        "title": row.title,
        "symbol": row.symbol,
        "level": row.level,
        "href": url_for("documents.show", document_id=row.view.document_id, _anchor="onward"),
        "asker_short": row.view.asker_short,
        "body_short": row.view.body_short,
        "purpose": row.view.purpose,
        "asked_at": row.view.asked_at,
        "line": f"the {row.view.asker_short} asks to pass it on to the {row.view.body_short}",
        "verb": "Answer",
    }
