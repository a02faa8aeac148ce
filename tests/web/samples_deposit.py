"""Invented contexts of the form that registers a document, and a visit with it."""

from tests.web.samples_story import STATES, SYMBOL, TITLE, UPLOADER, Page

FORM_EMPTY = {"title": "", "symbol": "", "kind": "", "level": "", "visit": "", "states": []}
DOCUMENT_NEW = {
    "visits": [{"id": "v1", "words": "Samoria, 5–9 October 2026"}, {"id": "v2", "words": "Velland, 14–18 September 2026"}],
    "kinds": [("mission_report", "Mission report"), ("assessment", "Assessment"), ("recommendations", "Recommendations")],
    "levels": [
        (0, "Unclassified", "May become public without harm.", True),
        (1, "Confidential", "Harm if it leaves the two bodies.", True),
        (2, "Strictly Confidential", "Grave harm if it leaves. Every look takes a second factor.", False),
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

PAGES: dict[str, Page] = {
    "document_new": (UPLOADER, "deposit", DOCUMENT_NEW),
    "document_new-faults": (UPLOADER, "deposit", DOCUMENT_NEW_FAULTS),
    "document_new-first": (UPLOADER, "deposit", DOCUMENT_NEW_FIRST),
}
