"""Invented contexts of the lists: home, documents, approvals and what was received."""

from types import SimpleNamespace

from tests.web.samples_newer import LANGUAGES, NEWER
from tests.web.samples_reader import NOTHING_BESIDE
from tests.web.samples_story import AUDITOR, RELEASER, REVIEWER, SYMBOL, TITLE, UPLOADER, Context, Page, at


def _waiting(title: str, symbol: str, line: str, level: int, verb: str) -> Context:
    return {"title": title, "href": "document.html", "symbol": symbol, "line": line, "level": level, "verb": verb}


def _received(title: str | None, symbol: str, level: int | None, kind: str, word: str, day: int) -> Context:
    return {
        "available": title is not None,
        "href": "reader.html" if title else "share_gone.html",
        "title": title,
        "symbol": symbol,
        "level": level,
        "from_short": "Directorate",
        "received_at": at(day),
        "terms": "View only, watermarked",
        "terms_words": "View only, watermarked",
        "line": f"received {day} Nov 2026",
        "talk": "answered 24 Nov 2026" if day == 23 else "",
        "status": (kind, word),
        "may_confirm": title is None,
        "confirmed_at": None,
        "beside": NOTHING_BESIDE,
    }


RECEIVED = [
    _received(TITLE, SYMBOL, 1, "done", "Received", 23),
    _received("Recommendations following the visit to the Kingdom of Velland", "CTED/2026/XVL/2", 2, "wait", "Opened", 20),
    _received(None, "CTED/2026/XTA/2", None, "late", "No longer available", 18),
    _received("Trends in the financing of terrorism, analytical brief", "CTED/2026/GEN/17", 0, "done", "Read", 12),
]
#: The newest first; the one before it is superseded, another is there in three languages.
RECEIVED_NEWER: list[Context] = [
    {**_received(TITLE, SYMBOL, 1, "wait", "To acknowledge", 24)},
    {**_received(TITLE, SYMBOL, 1, "done", "Acknowledged", 12), "beside": NEWER},
    {**_received("Assessment of Velland", "CTED/2026/XVL/2", 2, "done", "Acknowledged", 10), "beside": LANGUAGES},
    _received(None, "CTED/2026/XTA/2", None, "late", "No longer available", 8),
]
HOME = {
    "groups": [
        {
            "label": "To decide as second officer",
            "rows": [
                _waiting(TITLE, SYMBOL, "to the Office, proposed by Uma Castell", 1, "Decide"),
                _waiting("Recommendations following the visit to the Kingdom of Velland", "CTED/2026/XVL/2", "to the Office", 2, "Decide"),
            ],
        },
        {
            "label": "Handed over by other means, to be confirmed",
            "rows": [_waiting(TITLE, SYMBOL, "Pouch, 21 Nov 2026, from the Directorate", 1, "Confirm its arrival")],
        },
        {
            "label": "Questions to answer",
            "rows": [_waiting("Assessment of Tarsia", "CTED/2026/XTA/2", "2 questions of the Office", 0, "Answer")],
        },
        {
            "label": "Not yet shared",
            "rows": [_waiting("Assessment of Tarsia", "CTED/2026/XTA/2", "File to send", 0, "Send the file")],
        },
    ],
    "lately": {"label": "Received lately", "rows": RECEIVED},
    "empty": "",
    "shortcuts": [],
}
HOME_EMPTY: Context = {
    "groups": [],
    "lately": None,
    "empty": "Nothing waits for you. New proposals appear here by themselves.",
    "shortcuts": [],
}
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
        "at": at(day),
    }


def _choice(name: str, label: str, chosen: str, *options: tuple[str, str]) -> Context:
    return {"name": name, "label": label, "chosen": chosen, "options": options}


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
    "more": False,
    "list_url": "documents.html",
    "export_url": "documents.html",
    "chosen": {"symbol": "CTED/2026"},
    "choices": [
        _choice("state", "State", "", ("XSM", "Republic of Samoria (12)"), ("XVL", "Kingdom of Velland (3)")),
        _choice("visit", "Visit", "", ("v1", "Republic of Samoria, 5 Oct to 9 Oct 2026 (12)")),
        _choice("kind", "Kind", "", ("mission_report", "Mission report (11)"), ("assessment", "Assessment (4)")),
        _choice("level", "Level", "1", ("0", "Unclassified (2)"), ("1", "Confidential (10)"), ("2", "Strictly Confidential (3)")),
    ],
}
RECEIVED_LIST = {
    "older": None,
    "total": 4,
    "more": False,
    "list_url": "received.html",
    "export_url": "received.html",
    "chosen": {},
    "choices": [
        _choice("originator", "From", "", ("CTED", "Directorate (4)")),
        _choice("available", "Status", "", ("yes", "Available (3)"), ("no", "No longer available (1)")),
    ],
}
NOTHING_CHOSEN = {**RECEIVED_LIST, "choices": [], "total": 0}

APPROVALS: Context = {
    **NOTHING_CHOSEN,
    "total": 2,
    "liftings": [
        {
            "href": "document-lifting.html",
            "row": SimpleNamespace(
                title=TITLE, symbol=SYMBOL, level=1, narrows=True, proposed_by="Conrad Weiss", proposed_at=at(22, 10, 12)
            ),
        }
    ],
    "asked": [
        {
            "title": TITLE,
            "symbol": SYMBOL,
            "level": 1,
            "href": "document.html",
            "asker_short": "Office",
            "body_short": "Entity",
            "purpose": "Planning of support to border management in the capital.",
            "asked_at": at(22),
        }
    ],
    "confirmed": False,
    "rows": [
        {
            "title": TITLE,
            "symbol": SYMBOL,
            "level": 1,
            "href": "document.html",
            "recipient_short": "Office",
            "proposed_by": "Uma Castell",
            "proposed_at": at(20, 16, 5),
            "withheld_words": "Pages 2, 4–6 are left out",
            "status": ("wait", "To approve"),
        }
    ],
}
APPROVALS["rows"].append({**APPROVALS["rows"][0], "level": 0, "symbol": "CTED/2026/GEN/17", "status": ("done", "Approved")})

PAGES: dict[str, Page] = {
    "home": (RELEASER, "home", HOME),
    "home-empty": (REVIEWER, "home", HOME_EMPTY),
    "home-auditor": (AUDITOR, "home", HOME_AUDITOR),
    "documents": (UPLOADER, "documents", DOCUMENTS),
    "documents-empty": (UPLOADER, "documents", {**NOTHING_CHOSEN, "rows": [], "may_register": True}),
    "documents-none-fits": (UPLOADER, "documents", {**DOCUMENTS, "rows": [], "total": 0, "older": None}),
    "approvals": (RELEASER, "approvals", APPROVALS),
    "approvals-empty": (RELEASER, "approvals", {**NOTHING_CHOSEN, "rows": [], "asked": [], "liftings": [], "confirmed": True}),
    "received": (REVIEWER, "received", {**RECEIVED_LIST, "rows": RECEIVED}),
    "received-empty": (REVIEWER, "received", {**NOTHING_CHOSEN, "rows": []}),
    "received-newer": (REVIEWER, "received", {**RECEIVED_LIST, "rows": RECEIVED_NEWER}),
    "home-newer": (REVIEWER, "home", {**HOME_EMPTY, "lately": {"label": "Received lately", "rows": RECEIVED_NEWER}}),
}
