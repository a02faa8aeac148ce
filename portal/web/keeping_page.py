"""What the document's page shows about keeping and destroying it, and what is left of the page once it was shredded."""

from typing import Any

from flask import request, url_for

from portal.cases.show_document import DocumentView
from portal.kernel.permit import NO_RULE
from portal.kernel.vocabulary import Level
from portal.web.forms import entered, faults


def keeping_context(view: DocumentView) -> dict[str, Any]:
    """The section at the end of the page; after shredding also what takes the place of the rest."""
    kept, form = view.keeping, request.endpoint or ""
    keeping = {
        "held": kept.held,
        "shredded": kept.shredded,
        "unknown": kept.unknown,
        "holds": [
            {"act": hold, "lift_url": url_for("keeping.lift", document_id=view.id, hold_id=hold.id) if hold.may_answer else None}
            for hold in kept.holds
        ],
        "lifted": kept.lifted,
        "proposal": _proposal(view),
        "shredding": kept.shredding,
        "destroys": kept.destroys,
        "closes": kept.closes,
        "hold_url": url_for("keeping.hold", document_id=view.id) if kept.may_hold else None,
        "propose_url": url_for("keeping.propose", document_id=view.id) if kept.may_propose else None,
        "why_not_propose": "" if kept.why_not_propose == NO_RULE else kept.why_not_propose,
        "hold_faults": faults() if form == "keeping.hold" else {},
        "propose_faults": faults() if form == "keeping.propose" else {},
        "shred_faults": faults() if form == "keeping.shred" else {},
        "values": entered("reason", "symbol"),
    }
    return {"keeping": keeping} | (_gone(view) if kept.shredded else {})


def _proposal(view: DocumentView) -> dict[str, Any] | None:
    waiting = view.keeping.proposal
    if waiting is None:
        return None
    where: dict[str, Any] = {"document_id": view.id, "shredding_id": waiting.id}
    return {
        "act": waiting,
        "confirm_url": url_for("keeping.shred", **where) if waiting.may_answer else None,
        "withdraw_url": url_for("keeping.withdraw", **where) if waiting.may_withdraw else None,
        "why_not": "A releasing officer confirms it." if waiting.why_not == NO_RULE else waiting.why_not,
    }


def _gone(view: DocumentView) -> dict[str, Any]:
    """What the page says instead, once nothing of the document opens any more."""
    done = view.keeping.shredding
    by = f"by {done.by} and {done.answered_by}" if done is not None else ""
    held = {"body": view.originator_short, "holds": "Nothing", "why": "It was shredded. This entry stays in the register."}
    return {
        "steps": [
            {"word": "Registered", "note": f"by {view.registered_by}", "state": "done"},
            {"word": "Shredded", "note": by, "state": "done"},
        ],
        "answers": {
            "sensitive": Level(view.level).words,
            "sensitive_note": "",
            "seen_by": "Nobody",
            "seen_by_note": "It was shredded; only this entry is left",
            "expected": "Nothing",
            "expected_note": "",
        },
        "see": [held, *({"body": name, "holds": "Nothing", "why": "It was shredded."} for _, name in view.recipients)],
        "why_not": {},
    }
