"""The way back after a late request: what it closed, and the next step until a second officer releases it again."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from portal.cases.shared_before import Again, as_before
from portal.cases.show_document import DocumentView
from portal.kernel.actions import Action
from portal.web.forms import entered

#: The steps in their order, each with where on the document's page it is done.
STEPS = {
    "place": ("Say where what is kept back stands", "versions"),
    "build": ("Prepare what the {body} will see", "rendition"),
    "propose": ("Propose it: terms and purpose are filled in as before", "propose"),
    "decide": ("A second officer approves", "decide"),
}
WHOSE = {
    "place": "A confidentiality officer does.",
    "build": "An uploader or a confidentiality officer does.",
    "propose": "An uploader or a confidentiality officer does.",
    "decide": "A releasing officer does, who did not propose it.",
}
NEEDS = {
    "place": (Action.REQUEST_RECORD, Action.VERSION_READ),
    "build": (Action.RENDITION_BUILD,),
    "propose": (Action.SHARE_PROPOSE,),
    "decide": (),
}


def again_context(view: DocumentView) -> list[dict[str, Any]]:
    """A card for each body and language that had it and waits for it."""
    return [_card(view, row) for row in view.again]


def again_expected(view: DocumentView, row: Again) -> tuple[str, str]:
    """The next step of the first of them, for who may take it."""
    body = row.before.recipient_short
    if not _may(view, row.step):
        who = "an uploader or a confidentiality officer"
        return "Nothing", f"{who} prepares it for the {body} again" if row.step == "build" else f"{who} proposes to share it again"
    if row.step == "propose":
        return "Propose to share it again", f"with the {body}; what it had was closed"
    return f"Prepare what the {body} will see", f"what the {body} had was closed"


def propose_values(view: DocumentView) -> dict[str, Any]:
    """What was typed; on a form that nobody has sent yet, what was agreed for the share that this one replaces."""
    values = entered("recipient", "purpose", "use", "until", "opens", "eyes")
    if request.endpoint == "documents.propose" or view.rendition is None or view.rendition.before is None:
        return values
    return values | as_before(view.rendition.before, view.now)


def compare_url(view: DocumentView, rendition: UUID, before: UUID | None) -> str | None:
    """To the page that holds a rendition against the one that the body had before."""
    if before is None or not view.allowed.get(Action.RENDITION_READ):
        return None
    return url_for("comparing.renditions", document_id=view.id, rendition_id=rendition, before=before)


def _card(view: DocumentView, row: Again) -> dict[str, Any]:
    before, steps = row.before, list(STEPS)
    now = steps.index(row.step) if row.step in STEPS else len(steps)
    shown = [name for name in steps if name != "place" or row.step == "place"]
    return {
        "body": before.recipient_short,
        "recipient": before.recipient,
        "language": before.language,
        "version_words": before.version_words if len(view.versions) > 1 else "",
        "released_at": before.released_at,
        "closed_words": before.closed_words,
        "terms_words": before.terms_words,
        "withheld": row.step == "withheld",
        "steps": [_step(name, before.recipient_short, steps.index(name), now) for name in shown],
        "whose": "" if row.step not in STEPS or _may(view, row.step) else WHOSE[row.step],
    }


def _step(name: str, body: str, index: int, now: int) -> dict[str, Any]:
    words, anchor = STEPS[name]
    state = "done" if index < now else "now" if index == now else "todo"
    return {"words": words.format(body=body), "href": f"#{anchor}" if index == now else "", "state": state}


def _may(view: DocumentView, step: str) -> bool:
    if step == "decide":
        return any(pending.allowed.get(Action.SHARE_APPROVE) for pending in view.pending)
    return all(view.allowed.get(action) for action in NEEDS[step])
