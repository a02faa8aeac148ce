"""Invented contexts for every template: the ordinary page, the empty one, the one with faults. Invented States only."""

from copy import deepcopy
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

Context = dict[str, Any]

NOW = datetime(2026, 11, 24, 14, 32, 9, tzinfo=UTC)
TITLE = "Report of the visit to the Republic of Samoria, 5–9 October 2026"
SYMBOL = "CTED/2026/XSM/3"
STATES = [
    ("XDM", "Republic of Damaria"),
    ("XNO", "Kingdom of Nordmark"),
    ("XSM", "Republic of Samoria"),
    ("XTA", "Tarsia"),
    ("XVL", "Kingdom of Velland"),
]
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII="


def _at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def _person(name: str, roles: str, body: str, short: str, *may: str) -> Any:
    return SimpleNamespace(name=name, roles_words=roles, body=body, body_short=short, may=set(may))


UPLOADER = _person("Dana Ruiz", "Uploader", "CTED", "Directorate", "document:list", "document:register", "received:list")
OFFICER = _person("Conrad Weiss", "Confidentiality officer", "CTED", "Directorate", "document:list", "proposal:list", "received:list")
RELEASER = _person("Rhea Okafor", "Releasing officer", "CTED", "Directorate", "document:list", "proposal:list", "received:list")
REVIEWER = _person("Omar Haddad", "Reviewer", "OCT", "Office", "received:list")
AUDITOR = _person("Audra Lindqvist", "Auditor", "CTED", "Directorate", "audit:read")
ADMINISTRATOR = _person("Sol Ibarra", "Security administrator", "CTED", "Directorate", "person:list")


def globals_for(me: Any, nav: str, **more: Any) -> Context:
    return {"me": me, "csrf": "token-of-this-session", "samples": True, "nav": nav, "now": NOW, "lang": "en", "dir": "ltr", **more}


def _waiting(title: str, symbol: str, line: str, level: int, due: str, verb: str) -> Context:
    return {"title": title, "href": "document.html", "symbol": symbol, "line": line, "level": level, "due": due, "verb": verb}


def _received(title: str | None, symbol: str, level: int | None, kind: str, word: str, day: int) -> Context:
    return {
        "available": title is not None,
        "href": "reader.html" if title else "share_gone.html",
        "title": title,
        "symbol": symbol,
        "level": level,
        "from_short": "Directorate",
        "received_at": _at(day),
        "terms": "View only, watermarked",
        "terms_words": "View only, watermarked",
        "line": f"received {day} Nov 2026",
        "status": (kind, word),
    }


RECEIVED = [
    _received(TITLE, SYMBOL, 1, "new", "New", 23),
    _received("Recommendations following the visit to the Kingdom of Velland", "CTED/2026/XVL/2", 2, "wait", "Opened", 20),
    _received(None, "CTED/2026/XTA/2", None, "late", "No longer available", 18),
    _received("Trends in the financing of terrorism, analytical brief", "CTED/2026/GEN/17", 0, "done", "Read", 12),
]

HOME = {
    "groups": [
        {
            "label": "To decide as second officer",
            "rows": [
                _waiting(TITLE, SYMBOL, "to the Office, proposed by Uma Castell", 1, "25 Nov", "Decide"),
                _waiting(
                    "Recommendations following the visit to the Kingdom of Velland", "CTED/2026/XVL/2", "to the Office", 2, "", "Decide"
                ),
            ],
        },
        {
            "label": "Not yet shared",
            "rows": [_waiting("Assessment of Tarsia", "CTED/2026/XTA/2", "File to send", 0, "", "Send the file")],
        },
    ],
    "lately": {"label": "Received lately", "rows": RECEIVED},
    "empty": "",
    "shortcuts": [],
}
HOME_EMPTY = {"groups": [], "lately": None, "empty": "Nothing waits for you. New proposals appear here by themselves.", "shortcuts": []}
HOME_AUDITOR = {
    "groups": [],
    "lately": None,
    "empty": "",
    "shortcuts": [
        {"label": "Read the log", "href": "audit.html", "text": "Who did and saw what, for everything that touches your body."},
    ],
}


def _document_row(title: str, symbol: str, level: int, states: list[str], visit: str, status: tuple[str, str], day: int) -> Context:
    return {
        "href": "document.html",
        "title": title,
        "symbol": symbol,
        "kind_words": "Mission report",
        "level": level,
        "state_names": states,
        "visit": visit,
        "status": status,
        "at": _at(day),
    }


DOCUMENTS = {
    "rows": [
        _document_row(TITLE, SYMBOL, 1, ["Republic of Samoria"], "Samoria, 5–9 October 2026", ("wait", "To approve"), 23),
        _document_row(
            "Recommendations following the visit to the Kingdom of Velland, with the views of the authorities met",
            "CTED/2026/XVL/2",
            2,
            ["Kingdom of Velland", "Kingdom of Nordmark"],
            "Velland, 14–18 September 2026",
            ("done", "Shared"),
            20,
        ),
        _document_row("Assessment of Tarsia", "CTED/2026/XTA/2", 0, ["Tarsia"], "", ("", "File to send"), 9),
        _document_row("Report of the visit to Damaria", "CTED/2026/XDM/1", 1, ["Republic of Damaria"], "Damaria", ("late", "Suspended"), 2),
    ],
    "may_register": True,
    "older": "documents.html",
    "total": 1142,
}

FORM_EMPTY = {"title": "", "symbol": "", "kind": "", "level": "", "visit": "", "states": []}
DOCUMENT_NEW = {
    "visits": [{"id": "v1", "words": "Samoria, 5–9 October 2026"}, {"id": "v2", "words": "Velland, 14–18 September 2026"}],
    "kinds": [("mission_report", "Mission report"), ("assessment", "Assessment"), ("recommendations", "Recommendations")],
    "levels": [
        (0, "Unclassified", "May become public without harm.", True),
        (1, "Confidential", "Harm if it leaves the two bodies.", True),
        (2, "Strictly Confidential", "Grave harm if it leaves. Cannot be shared here yet.", False),
    ],
    "states": STATES,
    "values": {"title": TITLE, "symbol": SYMBOL, "kind": "mission_report", "level": "1", "visit": "v1", "states": ["XSM"]},
    "faults": {},
    "visit_url": "document_new.html",
    "visit_values": {},
    "visit_faults": {},
}
DOCUMENT_NEW_FAULTS = {
    **DOCUMENT_NEW,
    "values": {**FORM_EMPTY, "symbol": "CTED 2026"},
    "faults": {
        "symbol": "Use letters, digits and / . - ( ), for example CTED/2026/XSM/3.",
        "title": "Give a title of 3 to 300 characters.",
        "level": "Choose Unclassified, Confidential or Strictly Confidential.",
        "states": "Choose at least one State.",
        "form": "The form is larger than the portal takes. Shorten it.",
    },
    "visit_values": {"state": "XSM", "start": "2026-10-09", "end": "2026-10-05", "place": "Port Samor"},
    "visit_faults": {"end": "The visit ends before it begins."},
}
DOCUMENT_NEW_FIRST = {**DOCUMENT_NEW, "visits": [], "values": FORM_EMPTY}

DOC = {
    "id": "d1",
    "title": TITLE,
    "symbol": SYMBOL,
    "kind_words": "Mission report",
    "level": 1,
    "state_names": ["Republic of Samoria"],
    "visit": "Samoria, 5–9 October 2026",
    "originator_short": "Directorate",
    "registered_at": _at(23, 8, 14, 10),
    "registered_by": "Dana Ruiz",
    "file": {
        "name": "visit-report-samoria-v2.pdf",
        "size": 18_400_000,
        "pages": 24,
        "deposited_at": _at(23, 8, 20, 10),
        "deposited_by": "Dana Ruiz",
    },
}


def _steps(now: int, *notes: str) -> list[Context]:
    words = ["Registered", "File deposited", "Prepared", "Proposed", "Approved"]
    states = ["done" if n < now else "now" if n == now else "todo" for n in range(5)]
    return [{"word": word, "note": note, "state": state} for word, note, state in zip(words, notes, states, strict=True)]


def _answers(expected: str, note: str, seen: str = "The Directorate", seen_note: str = "Nobody outside sees that it exists") -> Context:
    return {
        "sensitive": "Confidential",
        "sensitive_note": "with originator control",
        "seen_by": seen,
        "seen_by_note": seen_note,
        "expected": expected,
        "expected_note": note,
    }


REQUEST = {
    "state_name": "Republic of Samoria",
    "reference": "Note NV/2026/118",
    "dated": "2026-11-06",
    "scope_words": "Pages 2, 4–6",
    "recorded_by": "Conrad Weiss",
    "recorded_at": _at(6, 15, 40),
}
RENDITION = {
    "pages": 24,
    "audience_short": "Office",
    "withheld_words": "Pages 2, 4–6 are left out",
    "built_at": _at(20, 15, 58),
    "current": True,
    "proof_words": "Proved: nothing withheld was found in it",
    "preview_href": "reader-preview.html",
    "stale_words": "",
}
SHARE = {
    "recipient_short": "Office",
    "status": ("wait", "To approve"),
    "proposed_by": "Uma Castell",
    "proposed_at": _at(20, 16, 5),
    "approved_by": None,
    "approved_at": None,
    "terms_words": "View only, watermarked",
}
SHARED = {**SHARE, "status": ("done", "Shared"), "approved_by": "Rhea Okafor", "approved_at": _at(23, 10, 4)}
DECIDE = {
    "approve_url": "approve.html",
    "decline_url": "decline.html",
    "proposed_by": "Uma Castell",
    "proposed_at": _at(20, 16, 5),
    "purpose": "Planning of support to Samoria",
    "recipient_short": "Office",
    "checks": [
        {"ok": True, "text": "Pages 2, 4–6 are left out"},
        {"ok": True, "text": "Proved: nothing withheld was found in the rendition"},
        {"ok": True, "text": "Nothing was closed since it was prepared"},
    ],
    "why_not": None,
}
NO_ACTS = {"deposit_url": None, "request_url": None, "build_url": None, "propose_url": None, "decide": None}

DOCUMENT = {
    "doc": DOC,
    "steps": _steps(4, "by Dana Ruiz", "24 pages", "Pages 2, 4–6 are left out", "by Uma Castell", "needs you"),
    "answers": _answers("Decide about the proposal", "to share with the Office"),
    "requests": [REQUEST],
    "rendition": RENDITION,
    "shares": [SHARE],
    "see": [
        {"body": "Directorate", "holds": "The original and everything prepared from it", "why": "It is the originator."},
        {"body": "Office of Counter-Terrorism", "holds": "Nothing", "why": "Not shared yet."},
    ],
    "acts": {**NO_ACTS, "decide": DECIDE},
    "why_not": {"request": "Recording a request is the confidentiality officer’s."},
    "recipients": [("OCT", "Office of Counter-Terrorism")],
    "states": STATES,
    "request_values": {},
    "request_faults": {},
    "propose_faults": {},
    "max_bytes": 268_435_456,
}
DOCUMENT_EMPTY = {
    **DOCUMENT,
    "doc": {**DOC, "file": None},
    "steps": _steps(1, "by Dana Ruiz", "PDF", "what may go across", "one officer", "a second officer"),
    "answers": _answers("Send the file", "a PDF"),
    "requests": [],
    "rendition": None,
    "shares": [],
    "acts": {**NO_ACTS, "deposit_url": "deposit.html"},
    "why_not": {"build": "Send the file first.", "propose": "Send the file first."},
}
DOCUMENT_OFFICER = {
    **DOCUMENT,
    "steps": _steps(2, "by Dana Ruiz", "24 pages", "what may go across", "one officer", "a second officer"),
    "answers": _answers("Prepare what the other body will see", "after recording what a State asked to keep"),
    "requests": [REQUEST, {**REQUEST, "scope_words": "Page 12", "reference": "Letter PM/44", "recorded_at": _at(9, 9, 33)}],
    "rendition": {**RENDITION, "current": False, "stale_words": "Something was withheld after this was prepared. Prepare it again."},
    "shares": [],
    "acts": {**NO_ACTS, "request_url": "request.html", "build_url": "build.html"},
    "why_not": {"propose": "Prepare what the other body will see first, and look at it."},
    "request_values": {"state": "XSM", "reference": "", "dated": "", "received": "letter", "scope": "pages", "pages": "2, 99"},
    "request_faults": {"reference": "Give the reference of the communication.", "pages": "The document has 24 pages; page 99 is not one."},
}
DOCUMENT_PROPOSE = {
    **DOCUMENT,
    "steps": _steps(3, "by Dana Ruiz", "24 pages", "Pages 2, 4–6 are left out", "one officer", "a second officer"),
    "answers": _answers("Propose to share it", "once you have looked at what was prepared"),
    "shares": [],
    "acts": {**NO_ACTS, "request_url": "request.html", "build_url": "build.html", "propose_url": "propose.html"},
    "why_not": {},
    "propose_values": {"recipient": "OCT", "purpose": ""},
    "propose_faults": {"purpose": "Say in one sentence what the reader needs it for."},
}
DOCUMENT_OWN = {
    **DOCUMENT,
    "answers": _answers("Nothing", "a second officer decides"),
    "acts": {**NO_ACTS, "decide": {**DECIDE, "approve_url": None, "why_not": "The person who proposes a release cannot approve it."}},
}
DOCUMENT_SHARED = {
    **DOCUMENT,
    "doc": {**DOC, "level": 2},
    "steps": _steps(5, "by Dana Ruiz", "24 pages", "Pages 2, 4–6 are left out", "by Uma Castell", "shared"),
    "answers": _answers("Nothing", "shared", "The Directorate and the Office", "Only what is prepared goes across; the original stays"),
    "shares": [SHARED, {**SHARED, "status": ("late", "Suspended")}],
    "see": [
        {"body": "Directorate", "holds": "The original and everything prepared from it", "why": "It is the originator."},
        {"body": "Office of Counter-Terrorism", "holds": "The prepared pages, view only", "why": "Shared by two officers."},
    ],
    "acts": NO_ACTS,
    "why_not": {"propose": "It is shared already."},
}

APPROVALS = {
    "rows": [
        {
            "title": TITLE,
            "symbol": SYMBOL,
            "level": 1,
            "href": "document.html",
            "recipient_short": "Office",
            "proposed_by": "Uma Castell",
            "proposed_at": _at(20, 16, 5),
            "withheld_words": "Pages 2, 4–6 are left out",
            "status": ("wait", "To approve"),
        }
    ]
}
APPROVALS["rows"].append({**APPROVALS["rows"][0], "level": 0, "symbol": "CTED/2026/GEN/17", "status": ("done", "Approved")})

READER = {
    "title": TITLE,
    "symbol": SYMBOL,
    "level": 1,
    "from_short": "Directorate",
    "page": 7,
    "pages": 24,
    "image_url": PNG,
    "text": ["III. Border management", "20. The delegation was informed that 11 of 14 carriers transmit data."],
    "prev_href": "reader.html",
    "next_href": "reader.html",
    "page_links": [(n, "reader.html", n == 7) for n in range(1, 25)],
    "terms_words": "View only, watermarked",
    "watermark_words": "Omar Haddad, OCT, 24 Nov 2026 14:32 UTC, 7F3K-22QD",
    "back_href": "received.html",
    "preview": False,
    "absent": False,
}
READER_PREVIEW = {**READER, "page": 1, "prev_href": None, "preview": True, "level": 2, "back_href": "document.html"}
READER_ABSENT = {**READER, "page": 24, "next_href": None, "absent": True, "text": []}


def _event(at: datetime, words: str, who: str | None, roles: str, what: str, outcome: str, **more: Any) -> Context:
    rules = [("share-read", "The share is live and the reader is of the body it was shared with.")]
    return {
        "at": at,
        "event_words": words,
        "who": who,
        "body_short": "Office" if who == "Omar Haddad" else "Directorate" if who else "",
        "roles_words": roles,
        "object_words": what,
        "outcome": outcome,
        "code": "",
        "rules": rules,
        "policy_short": "4e1c 9a07",
        "address": None,
        "leaf": 1_284_871,
        "note": None,
        **more,
    }


AUDIT = {
    "integrity": {
        "size": 1_284_907,
        "root_short": "q7Vd w0eH … 3kA=",
        "signed_at": _at(24, 14, 31),
        "pending": 2,
        "state": ("ok", "No difference"),
    },
    "filters": {"event": "share.page_read", "outcome": "", "actor": "", "document": SYMBOL, "since": "2026-10-26", "until": ""},
    "events": ["document.read", "share.approved", "share.page_read"],
    "outcomes": ["done", "refused", "failed"],
    "rows": [
        _event(_at(24, 14, 31), "Read a page", "Omar Haddad", "Reviewer", f"{SYMBOL}, page 7", "done", leaf=None),
        _event(_at(24, 14, 30), "Read a page", "Omar Haddad", "Reviewer", f"{SYMBOL}, page 6", "done", note="Page 6 of 24."),
        _event(_at(23, 10, 4), "Approved a release", "Rhea Okafor", "Releasing officer", SYMBOL, "done"),
        _event(
            _at(23, 9, 51),
            "Approved a release",
            "Uma Castell",
            "Releasing officer",
            SYMBOL,
            "refused",
            code="denied",
            rules=[("four-eyes", "The person who proposes a release cannot approve it."), ("own-body", "")],
            address="198.51.100.24",
            note="Nothing was released.",
        ),
        _event(
            _at(20, 16, 5),
            "Read an address that is none",
            None,
            "",
            "",
            "failed",
            code="not_found",
            rules=[],
            policy_short="",
            address="192.0.2.7",
        ),
    ],
    "older": "audit.html",
    "total": 412,
}
AUDIT_EMPTY = {
    **AUDIT,
    "integrity": {"size": 0, "root_short": "47DE QpJ8 … NEA=", "signed_at": None, "pending": 0, "state": ("bad", "Event 41 differs")},
    "filters": {"event": None, "outcome": None, "actor": "Nobody", "document": None, "since": None, "until": None},
    "rows": [],
    "older": None,
    "total": 0,
}


def _account(name: str, roles: str, seen: datetime | None, closed: bool, url: str | None, why: str | None) -> Context:
    return {
        "name": name,
        "roles_words": roles,
        "clearance_words": "Confidential",
        "last_seen": seen,
        "closed": closed,
        "close_url": url,
        "why_not": why,
    }


PEOPLE = {
    "rows": [
        _account("Audra Lindqvist", "Auditor", _at(24, 8, 52), False, "close.html", None),
        _account("Conrad Weiss", "Confidentiality officer, Releasing officer", _at(23, 9, 40), False, "close.html", None),
        _account("Dana Ruiz", "Uploader", None, True, None, None),
        _account("Sol Ibarra", "Security administrator", _at(24, 9, 1), False, None, "You cannot close your own account."),
    ]
}

ERROR = {
    "status": 404,
    "heading": "Nothing here",
    "message": "There is nothing here for you. Check the address, or go back to your list.",
    "reference": None,
    "faults": {},
    "back_href": "home.html",
    "sign_in_url": None,
}
ERROR_FAULTS = {
    **ERROR,
    "status": 422,
    "heading": "Please look again",
    "message": "Some fields need another look. Nothing was saved.",
    "reference": "7F3K-22QD",
    "faults": {"recipient": "Choose one of the bodies in the list."},
}
SIGN_IN = {"provider_name": "login.example", "start_url": "home.html", "notice": None}


def pages() -> dict[str, tuple[str, Context]]:
    """Page name to (template, whole context). A name is the template's, and a variant after a dash."""
    listed: dict[str, tuple[Any, str, Context]] = {
        "sign_in": (None, "", SIGN_IN),
        "sign_in-refused": (None, "", {**SIGN_IN, "notice": ("bad", "This sign-in was not begun here, or too long ago. Begin again.")}),
        "sign_in-out": (None, "", {**SIGN_IN, "notice": ("info", "You are signed out.")}),
        "home": (RELEASER, "home", HOME),
        "home-empty": (REVIEWER, "home", HOME_EMPTY),
        "home-auditor": (AUDITOR, "home", HOME_AUDITOR),
        "documents": (UPLOADER, "documents", DOCUMENTS),
        "documents-empty": (UPLOADER, "documents", {"rows": [], "may_register": True, "older": None, "total": 0}),
        "document_new": (UPLOADER, "deposit", DOCUMENT_NEW),
        "document_new-faults": (UPLOADER, "deposit", DOCUMENT_NEW_FAULTS),
        "document_new-first": (UPLOADER, "deposit", DOCUMENT_NEW_FIRST),
        "document": (RELEASER, "documents", DOCUMENT),
        "document-empty": (UPLOADER, "documents", DOCUMENT_EMPTY),
        "document-officer": (OFFICER, "documents", DOCUMENT_OFFICER),
        "document-propose": (OFFICER, "documents", DOCUMENT_PROPOSE),
        "document-own": (RELEASER, "documents", DOCUMENT_OWN),
        "document-shared": (RELEASER, "documents", DOCUMENT_SHARED),
        "approvals": (RELEASER, "approvals", APPROVALS),
        "approvals-empty": (RELEASER, "approvals", {"rows": []}),
        "received": (REVIEWER, "received", {"rows": RECEIVED}),
        "received-empty": (REVIEWER, "received", {"rows": []}),
        "reader": (REVIEWER, "received", READER),
        "reader-preview": (OFFICER, "documents", READER_PREVIEW),
        "reader-absent": (REVIEWER, "received", READER_ABSENT),
        "share_gone": (REVIEWER, "received", {"symbol": "CTED/2026/XTA/2", "back_href": "received.html"}),
        "audit": (AUDITOR, "audit", AUDIT),
        "audit-empty": (AUDITOR, "audit", AUDIT_EMPTY),
        "people": (ADMINISTRATOR, "people", PEOPLE),
        "people-empty": (ADMINISTRATOR, "people", {"rows": []}),
        "error": (REVIEWER, "", ERROR),
        "error-faults": (OFFICER, "", ERROR_FAULTS),
        "error-stranger": (
            None,
            "",
            {**ERROR, "status": 401, "heading": "Sign in to continue", "message": "Sign in to continue.", "sign_in_url": "sign_in.html"},
        ),
    }
    return {
        name: (f"{name.split('-')[0]}.html", deepcopy({**globals_for(me, nav), **context})) for name, (me, nav, context) in listed.items()
    }
