"""Invented contexts of what a newer version and a late request leave behind, for both bodies."""

from tests.web.samples_document import DECIDE, DOCUMENT, DOCUMENT_PROPOSE, DOCUMENT_SHARED, NO_ACTS, RENDITION, SHARED, _answers
from tests.web.samples_reader import READER
from tests.web.samples_story import SYMBOL, TITLE, Context, at

NEWER: Context = {
    "newer": {"href": "reader.html", "language_words": "English", "released_at": at(24)},
    "others": [],
    "language_words": "English",
}
LANGUAGES: Context = {
    "newer": None,
    "others": [
        {"href": "reader.html", "language_words": "Arabic", "released_at": at(21)},
        {"href": "reader.html", "language_words": "French", "released_at": at(22)},
    ],
    "language_words": "English",
}
READER_OLDER: Context = {**READER, "beside": NEWER, "acknowledge_url": None, "acknowledged_at": at(23)}
READER_LANGUAGES: Context = {**READER, "beside": LANGUAGES}


def _step(words: str, state: str, href: str = "") -> Context:
    return {"words": words, "href": href, "state": state}


def _closed(now: int, whose: str = "", **more: Context | bool) -> Context:
    words = ("Prepare what the Office will see", "Propose it: terms and purpose are filled in as before", "A second officer approves")
    marks = ["done" if index < now else "now" if index == now else "todo" for index in range(len(words))]
    anchors = ("#rendition", "#propose", "#decide")
    return {
        "body": "Office",
        "recipient": "OCT",
        "language": "en",
        "version_words": "",
        "released_at": at(12),
        "closed_words": "24 Nov 2026: a request closed it",
        "terms_words": "View only, watermarked, until 31 Jan 2027",
        "withheld": False,
        "steps": [_step(word, mark, anchor if mark == "now" else "") for word, mark, anchor in zip(words, marks, anchors, strict=True)],
        "whose": whose,
        **more,
    }


CLOSED_SHARE: Context = {**SHARED, "status": ("late", "Suspended"), "note": "not confirmed by the recipient yet", "recall_url": None}
DOCUMENT_CLOSED: Context = {
    **DOCUMENT,
    "again": [_closed(0)],
    "answers": _answers("Prepare what the Office will see", "what the Office had was closed"),
    "rendition": {**RENDITION, "current": False, "stale_words": "Something was withheld after this was prepared. Prepare it again."},
    "shares": [CLOSED_SHARE],
    "acts": {**NO_ACTS, "build_url": "build.html", "seen_url": "seen.html"},
}
SINCE: list[Context] = [
    {"ok": True, "text": "Replaces what the Office had from 12 Nov 2026. Closed 24 Nov 2026: a request closed it"},
    {"ok": False, "text": "Since what the Office had: added on page 4; no longer kept on page 9"},
]
AGREED: Context = {"purpose": "Planning of support to Samoria", "use": "view_only", "until": "2027-01-31", "opens": "", "eyes": ""}
DOCUMENT_AGAIN: Context = {
    **DOCUMENT_PROPOSE,
    "again": [_closed(1)],
    "answers": _answers("Propose to share it again", "with the Office; what it had was closed"),
    "rendition": {
        **RENDITION,
        "since": SINCE,
        "compare_href": "compare-renditions.html",
        "as_before": "View only, watermarked, until 31 Jan 2027",
    },
    "shares": [CLOSED_SHARE],
    "propose_values": AGREED,
    "propose_faults": {},
}
DOCUMENT_REPLACES: Context = {
    **DOCUMENT,
    "again": [_closed(2)],
    "shares": [{**SHARED, "status": ("wait", "To approve"), "recall_url": None, "note": ""}, CLOSED_SHARE],
    "acts": {
        **NO_ACTS,
        "decide": [
            {**DECIDE, "unmarked": False, "eyes": [], "checks": [*DECIDE["checks"][:3], *SINCE], "compare_href": "compare-renditions.html"}
        ],
    },
}
DOCUMENT_WITHHELD: Context = {**DOCUMENT_CLOSED, "again": [_closed(3, withheld=True, steps=[])]}
DOCUMENT_SUPERSEDED: Context = {
    **DOCUMENT_SHARED,
    "shares": [
        {**SHARED, "terms_words": "View only, watermarked. Version 2, English"},
        {
            **SHARED,
            "terms_words": "View only, watermarked. Version 1, English",
            "superseded": "by version 2, released 24 Nov 2026: View only, watermarked",
        },
    ],
}


def _side(words: str, *pages: int) -> Context:
    return {"words": words, "pages": [(page, "mark.html") for page in pages]}


def _row(what: str, note: str, first: Context, second: Context, verdict: tuple[str, str]) -> Context:
    return {"what": what, "note": note, "first": first, "second": second, "verdict": verdict}


_COMMON: Context = {"title": TITLE, "symbol": SYMBOL, "level": 1, "originator_short": "Directorate", "back_href": "document.html"}
STATE = "Request of a Member State"
COMPARE: Context = {
    **_COMMON,
    "of": "versions",
    "audience_short": "",
    "left": None,
    "told": "",
    "heads": ("Version 1, English", "Version 2, English"),
    "short": ("Version 1", "Version 2"),
    "choose": {
        "url": "compare.html",
        "versions": [(1, "Version 1, English"), (2, "Version 2, English"), (3, "Version 3, French")],
        "chosen": (1, 2),
    },
    "rows": [
        _row(STATE, "Note NV/2026/118", _side("§16(e), on page 3", 3), _side("§16(e), on page 4", 4), ("wait", "Moved")),
        _row("Own redaction: third party", "Names of a bank", _side("Page 12", 12), _side("Page 12", 12), ("done", "Same pages")),
        _row(STATE, "Letter of 3 November", _side("2 passages on pages 5 and 7", 5, 7), _side("No place yet"), ("late", "Unplaced")),
        _row(STATE, "Note NV/2026/90", _side("Page 9", 9), _side("Nothing"), ("late", "Lifted 20 Nov 2026")),
    ],
}
COMPARE_RENDITIONS: Context = {
    **_COMMON,
    "of": "renditions",
    "audience_short": "Office",
    "told": "",
    "left": ("page 9", "pages 4 and 12"),
    "heads": ("Before: Version 1, English", "Now: Version 1, English"),
    "short": ("Before", "Now"),
    "choose": None,
    "rows": [
        _row("Page 4", "", _side("Nothing", 4), _side("2 passages", 4), ("wait", "Added")),
        _row("Page 9", "", _side("The whole page", 9), _side("Nothing", 9), ("late", "No longer kept")),
        _row("Page 12", "", _side("A passage", 12), _side("A passage", 12), ("done", "As before")),
    ],
}
COMPARE_OTHER: Context = {
    **COMPARE_RENDITIONS,
    "heads": ("Before: Version 1, English", "Now: Version 2, English"),
    "told": "These are of two versions, whose pages are not the same pages. Compare the versions instead.",
    "rows": [],
}
COMPARE_EMPTY: Context = {**COMPARE, "rows": []}
