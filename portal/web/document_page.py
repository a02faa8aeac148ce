"""The document page: three answers, where it stands, and the one thing expected of this person."""

from typing import Any

from flask import request, url_for

from portal.cases.document_shares import Pending, ShareView
from portal.cases.rendition_progress import expected_seconds
from portal.cases.show_document import DocumentView
from portal.cases.upload_file import Progress
from portal.kernel.actions import Action
from portal.kernel.permit import NO_RULE as NOT_YOURS
from portal.kernel.vocabulary import Level
from portal.web.again import again_context, again_expected, compare_url, propose_values
from portal.web.communications_page import communications_context
from portal.web.ends_page import ends_context
from portal.web.forms import entered, faults
from portal.web.keeping_page import keeping_context
from portal.web.looking import to_look
from portal.web.onward_page import onward_context
from portal.web.requests_page import requests_context
from portal.web.transfers_page import transfers_context
from portal.web.versions_page import is_stuck, versions_context

#: Whose act it is, for those whose it is not.
WHOSE = {
    "deposit": "An uploader sends the file.",
    "request": "A confidentiality officer records requests.",
    "build": "An uploader or a confidentiality officer prepares it.",
    "propose": "An uploader or a confidentiality officer proposes, a releasing officer decides.",
}


def document_context(view: DocumentView, max_bytes: int) -> dict[str, Any]:
    """Everything `document.html` needs."""
    found, form = faults(), (request.endpoint or "")
    return {
        "doc": {
            "id": view.id,
            "title": view.title,
            "symbol": view.symbol,
            "kind_words": view.kind_words,
            "level": view.level,
            "state_names": list(view.state_names),
            "visit": view.visit,
            "originator_short": view.originator_short,
            "registered_at": view.registered_at,
            "registered_by": view.registered_by,
            "file": view.file,
        },
        "steps": _steps(view),
        "answers": _answers(view),
        "rendition": _rendition(view),
        "shares": [_share(view, share) for share in view.shares],
        "remarks": view.remarks,
        "remarks_url": url_for("remarks.of_document", document_id=view.id),
        "transfers": transfers_context(view),
        "recall_faults": found if form == "approvals.recall" else {},
        "recall_reason": entered("reason")["reason"],
        "see": _see(view),
        "confirms": {action.value for action in view.to_confirm},
        "acts": _acts(view),
        "why_not": _why_not(view),
        "recipients": view.recipients,
        "states": view.states,
        "propose_values": propose_values(view),
        "again": again_context(view),
        "propose_faults": found if form in {"documents.propose", "documents.build"} else {},
        "onward": onward_context(view),
        "onward_faults": found if form == "onward.consent" else {},
        "max_bytes": max_bytes,
        "refused": view.refused,
        "accept": ",".join(f".{ending}" for ending in view.takes),
        "takes_office": len(view.takes) > 1,
        "office_bytes": view.office_bytes,
        "uploads": [_upload(view, upload) for upload in view.uploads],
    } | (requests_context(view) | communications_context(view) | ends_context(view) | keeping_context(view) | versions_context(view))


def _steps(view: DocumentView) -> list[dict[str, str]]:
    live = next((share for share in view.shares if share.open), None)
    prepared = view.rendition is not None and view.rendition.current
    done = [True, view.file is not None, prepared or view.live, bool(view.pending) or view.live, view.live]
    notes = [
        f"by {view.registered_by}",
        _deposited(view),
        view.rendition.withheld_words if prepared and view.rendition else "what may go across",
        f"by {view.pending[0].proposed_by}" if view.pending else f"by {live.proposed_by}" if live else "one officer",
        f"by {live.approved_by}" if live else "a second officer",
    ]
    words = ["Registered", "File deposited", "Prepared", "Proposed", "Approved"]
    now = done.index(False) if False in done else len(done)
    marks = ["done" if index < now else "now" if index == now else "todo" for index in range(len(words))]
    return [{"word": word, "note": note, "state": mark} for word, note, mark in zip(words, notes, marks, strict=True)]


def _deposited(view: DocumentView) -> str:
    if view.file is None:
        return "the document itself"
    if len(view.versions) > 1:
        return f"{len(view.versions)} versions"
    return "1 page" if view.file.pages == 1 else f"{view.file.pages} pages"


def _answers(view: DocumentView) -> dict[str, str]:
    shared = [share.recipient_short for share in view.shares if share.open]
    seen = f"The {view.originator_short}" + "".join(f" and the {name}" for name in dict.fromkeys(shared))
    expected, note = _expected(view)
    requests = len(view.requests)
    return {
        "sensitive": Level(view.level).words,
        "sensitive_note": "" if not requests else "Something is kept back" if requests == 1 else f"{requests} things are kept back",
        "seen_by": seen,
        "seen_by_note": "Only what is prepared goes across; the original stays" if shared else "Nobody outside sees that it exists",
        "expected": expected,
        "expected_note": note,
    }


def _expected(view: DocumentView) -> tuple[str, str]:
    """The next step and what it is about; whoever has none is told whose it is, or confirms a request if they can."""
    step, note = _next(view)
    if step == "Nothing" and any(row.may_confirm for row in view.requests):
        return "Confirm what was asked", "one officer recorded what is kept back"
    return step, note


def _next(view: DocumentView) -> tuple[str, str]:
    allowed = view.allowed
    if any(row.over and row.waits for row in view.consultations) and allowed.get(Action.REQUEST_RECORD):
        return "Record what the State answered", "the deadline passed"
    if mine := [pending for pending in view.pending if pending.allowed.get(Action.SHARE_APPROVE)]:
        return "Decide about the proposal", f"to share with the {mine[0].recipient_short}"
    if asked := next((request for request in view.onward if request.may_consent), None):
        return "Answer what you are asked", f"whether it may go on to the {asked.body_short}"
    if any(row.lifting is not None and row.lifting.may_answer for row in view.requests):
        return "Decide about what is kept back", "another officer proposes to lift it"
    if view.ends.lowering is not None and view.ends.lowering.may_answer:
        return "Decide about the level", "another officer proposes to lower it"
    if view.keeping.proposal is not None and view.keeping.proposal.may_answer:
        return "Decide about the shredding", "at the end of this page"
    if waiting := next((row for row in view.remarks if row.waiting), None):
        return "Answer what you are asked", f"by the {waiting.recipient_short}, under “Questions and comments”"
    if view.ends.review_waits:
        return "Review its level", "its day has come; under “Dates, level and archive”"
    if view.ends.archiving is not None:
        return "Nothing", "it is archived"
    if view.file is None and allowed.get(Action.VERSION_DEPOSIT):
        return "Send the file", "the document itself"
    if blocked := [row.number for row in view.versions if row.blocked]:
        if allowed.get(Action.REQUEST_RECORD):
            return "Say where it stands", f"what is kept back has no place in version {blocked[0]} yet"
        if is_stuck(view):
            return "Nothing", f"a confidentiality officer says where what is kept back stands in version {blocked[0]}"
    awaited = next((row for row in view.consultations if row.waits), None)
    if awaited is not None and allowed.get(Action.REQUEST_RECORD):
        return "Record what the State answers", f"by {awaited.deadline}; until then nobody approves a share"
    if view.pending:
        return "Nothing", "a second officer decides" if awaited is None else "a second officer decides, once a State has answered"
    if {code for code, _ in view.recipients} <= view.withheld_from:
        return "Nothing", "withheld at the request of a Member State"
    prepared = view.rendition is not None and view.rendition.current
    if again := next((row for row in view.again if row.step in {"build", "propose"}), None):
        return again_expected(view, again)
    if view.live and not _is_newer(view) and (view.rendition is None or view.rendition.shared or not prepared):
        return "Nothing", "shared"
    if view.file is None:
        return "Nothing", "an uploader sends the file"
    if prepared:
        if allowed.get(Action.SHARE_PROPOSE):
            return "Propose to share it", "once you have looked at what was prepared"
        return "Nothing", "an uploader or a confidentiality officer proposes to share it"
    if allowed.get(Action.RENDITION_BUILD):
        return "Prepare what the other body will see", _before_preparing(view)
    return "Nothing", "an uploader or a confidentiality officer prepares it"


def _before_preparing(view: DocumentView) -> str:
    if any(row.waits for row in view.consultations):
        return "nobody approves a share until a State has answered"
    if view.live:
        return "a version came that is not shared yet"
    return "without what is kept back" if view.requests else "after recording what a State asked to keep"


def _is_newer(view: DocumentView) -> bool:
    """Did a version come after what was prepared last?"""
    return view.rendition is not None and bool(view.versions) and view.versions[0].deposited_at > view.rendition.built_at


def _share(view: DocumentView, share: ShareView) -> dict[str, Any]:
    recall = url_for("approvals.recall", document_id=view.id, proposal_id=share.recall) if share.recall else None
    return {
        "recipient_short": share.recipient_short,
        "status": share.status,
        "note": share.note,
        "superseded": share.superseded,
        "terms_words": share.terms_words,
        "eyes": share.eyes,
        "proposed_by": share.proposed_by,
        "proposed_at": share.proposed_at,
        "approved_by": share.approved_by,
        "approved_at": share.approved_at,
        "recall_url": recall,
    }


def _upload(view: DocumentView, upload: Progress) -> dict[str, Any]:
    return {
        "url": url_for("uploads.ask", document_id=view.id, upload_id=upload.id),
        "name": upload.file_name or "A file",
        "size": upload.size,
        "percent": 100 * upload.received // upload.size,
        "fingerprint": upload.fingerprint,
        "expires_at": upload.expires_at,
    }


def _rendition(view: DocumentView) -> dict[str, Any] | None:
    rendition = view.rendition
    if rendition is None:
        return None
    preview = url_for("reading.preview", document_id=view.id, rendition_id=rendition.id, page=1)
    return {
        "pages": rendition.pages,
        "audience_short": rendition.audience_short,
        "version_words": rendition.version_words,
        "withheld_words": rendition.withheld_words,
        "built_at": rendition.built_at,
        "current": rendition.current,
        "audience": rendition.audience,
        "checks": [{"ok": ok, "text": text} for ok, text in rendition.checks],
        "seen": to_look(view, rendition.id, rendition.look_at, needed=rendition.to_look),
        "since": [{"ok": ok, "text": text} for ok, text in rendition.since],
        "compare_href": compare_url(view, rendition.id, None if rendition.before is None else rendition.before.rendition),
        "as_before": "" if rendition.before is None else rendition.before.terms_words,
        "preview_href": preview if view.allowed.get(Action.RENDITION_READ) else None,
        "stale_words": ""
        if rendition.current
        else "Something was withheld, or another version came, after this was prepared. Prepare it again.",
    }


def _see(view: DocumentView) -> list[dict[str, str]]:
    rows = [{"body": view.originator_short, "holds": "The original and everything prepared from it", "why": "It is the originator."}]
    for code, name in view.recipients:
        shares = [share for share in view.shares if share.recipient_short == name]
        if given := next((share for share in shares if share.open), None):
            rows.append({"body": name, "holds": "The prepared pages", "why": f"Shared by two officers. {given.terms_words}."})
        elif code in view.withheld_from:
            rows.append({"body": name, "holds": "Nothing", "why": "A Member State asked to keep the whole document."})
        elif closed := next((share for share in shares if share.why_closed), None):
            rows.append({"body": name, "holds": "Nothing any more", "why": closed.why_closed})
        else:
            rows.append({"body": name, "holds": "Nothing", "why": "Not shared yet."})
    return rows


def _acts(view: DocumentView) -> dict[str, Any]:
    allowed = view.allowed
    prepared = view.rendition is not None and view.rendition.current and not view.rendition.shared
    ready = prepared and not view.pending
    whole = {code for code, _ in view.recipients} <= view.withheld_from
    builds = view.file is not None and not whole and not is_stuck(view)

    def to(action: Action, endpoint: str, condition: bool = True) -> str | None:
        return url_for(endpoint, document_id=view.id) if allowed.get(action) and condition else None

    return {
        "deposit_url": to(Action.VERSION_DEPOSIT, "uploads.create"),
        "request_url": to(Action.REQUEST_RECORD, "documents.record"),
        "original_url": to(Action.VERSION_DOWNLOAD, "downloads.original"),
        "mark_url": url_for("passages.look", document_id=view.id, page=1) if allowed.get(Action.VERSION_READ) else None,
        "progress_url": to(Action.RENDITION_BUILD, "documents.progress"),
        "build_seconds": expected_seconds(view.file.pages) if view.file else 0,
        "build_url": to(Action.RENDITION_BUILD, "documents.build", builds),
        "who_url": to(Action.DOCUMENT_EXPLAIN, "who.show"),
        "seen_url": to(Action.DISCLOSURE_READ, "disclosures.seen"),
        "propose_url": to(Action.SHARE_PROPOSE, "documents.propose", ready),
        "decide": [_decide(view, pending) for pending in view.pending],
    }


def _decide(view: DocumentView, pending: Pending) -> dict[str, Any]:
    approve, decline = pending.allowed.get(Action.SHARE_APPROVE), pending.allowed.get(Action.SHARE_DECLINE)
    return {
        "approve_url": url_for("approvals.approve", proposal_id=pending.id) if approve else None,
        "decline_url": url_for("approvals.decline", proposal_id=pending.id) if decline else None,
        "proposed_by": pending.proposed_by,
        "proposed_at": pending.proposed_at,
        "purpose": pending.purpose,
        "asked_by": pending.asked_by,
        "terms_words": pending.terms_words,
        "eyes": pending.eyes,
        "unmarked": pending.unmarked,
        "recipient_short": pending.recipient_short,
        "checks": [{"ok": ok, "text": text} for ok, text in pending.checks],
        "seen": to_look(view, pending.rendition, pending.look_at, needed=False),
        "compare_href": compare_url(view, pending.rendition, pending.before),
        "why_not": None if approve else pending.reasons.get(Action.SHARE_APPROVE, NOT_YOURS),
    }


def _why_not(view: DocumentView) -> dict[str, str]:
    reasons = {
        "deposit": view.reasons.get(Action.VERSION_DEPOSIT, "") if view.file is None else "",
        "request": view.reasons.get(Action.REQUEST_RECORD, ""),
        "build": view.reasons.get(Action.RENDITION_BUILD, ""),
        "propose": view.reasons.get(Action.SHARE_PROPOSE, ""),
    }
    reasons = {act: WHOSE[act] if reason == NOT_YOURS else reason for act, reason in reasons.items()}
    if view.file is None:
        reasons["build"] = reasons["propose"] = "Send the file first."
    elif {code for code, _ in view.recipients} <= view.withheld_from:
        reasons["build"] = reasons["propose"] = "A Member State asked to keep the whole document. It cannot be prepared or proposed."
    elif is_stuck(view):
        reasons["build"] = "First a confidentiality officer says, under “Versions”, where what is kept back stands."
    elif not reasons["propose"]:
        if view.rendition is not None and view.rendition.shared:
            reasons["propose"] = "It is shared already."
        elif view.pending:
            reasons["propose"] = "A proposal waits for a second officer."
        elif view.rendition is None or not view.rendition.current:
            reasons["propose"] = "Prepare what the other body will see first, and look at it."
    return reasons
