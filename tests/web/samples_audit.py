"""Invented contexts of the auditors' pages: what is kept, what was when, who saw what, what stands out."""

from datetime import datetime
from typing import Any

from portal.web.audit import CHECKPOINT, CSV, JSONL, OCSF
from tests.web.samples_integrity import INTEGRITY, INTEGRITY_BROKEN, INTEGRITY_FIRST, INTEGRITY_FOUND, INTEGRITY_RUNNING
from tests.web.samples_story import AUDITOR, SYMBOL, Context, Page, at

STATES = ["Federal Republic of Damaria", "Kingdom of Nordmark", "Republic of Samoria"]
NO_FILTER = dict.fromkeys(("document", "share", "state", "actor", "body", "event", "outcome", "since", "until", "from", "to"), "")
DONE = (3, 0, 9, 14, 2, 0, 0, 21, 18, 30, 12, 7, 0, 1, 40, 33, 28, 9, 2, 0, 16, 25, 11, 4, 0, 0, 19, 22, 8)


def _bar(number: int, done: int) -> Context:
    refused = 2 * (number % 9 == 3)
    high, more = done * 100 // 42, refused * 100 // 42
    return {
        "words": f"{number + 1} Nov 2026: {done} done, {refused} refused or failed",
        "x": number * 10 + 1,
        "width": 8,
        "done_y": 100 - high,
        "done": high,
        "refused_y": 100 - high - more,
        "refused": more,
    }


CHART: Context = {
    "width": "day",
    "cut": False,
    "box": f"0 0 {10 * len(DONE)} 100",
    "bars": [_bar(number, done) for number, done in enumerate(DONE) if done],
    "highest": 42,
    "first": "1 Nov 2026",
    "last": "29 Nov 2026",
    "figures": [
        {"words": f"{number + 1} Nov 2026", "done": done, "refused": 2 * (number % 9 == 3), "href": "audit.html"}
        for number, done in reversed(list(enumerate(DONE)))
        if done
    ],
}


def _kept(name: str, **changes: Any) -> Context:
    return {"name": name, "href": "audit.html", "here": False, "remove_url": "remove", **changes}


KEEPING: Context = {
    "kept": [_kept("Refusals of last month"), _kept("Samoria", here=True), _kept("", href=None)],
    "given": [("document", SYMBOL), ("since", "2026-10-26")],
    "keep_url": "keep",
    "name": "",
    "longest": 60,
    "faults": {},
}
KEEPING_NONE: Context = {**KEEPING, "kept": [], "given": []}
KEEPING_FAULTS: Context = {
    **KEEPING,
    "name": "Samoria",
    "faults": {
        "name": "You have a filter of this name. Use another name, or remove that one first.",
        "form": "You keep 20 filters, and no more are taken. Remove one first.",
    },
}
AROUND: Context = {"any_filter": True, "states": STATES, "acting": [("CTED", "Directorate"), ("OCT", "Office")]}


def _cell(pages: int, copies: int = 0, refusals: int = 0) -> Context:
    return {"pages": pages, "copies": copies, "refusals": refusals, "href": "audit.html"}


def _named(words: str, beside: str = "", **more: Any) -> Context:
    return {"words": words, "beside": beside, "href": "audit.html", **more}


SEEN_COLUMNS = [
    _named(SYMBOL),
    _named("CTED/2026/XTA/2"),
    _named("OCT/2026/XNO/11", "share 0197f2aa"),
    _named("CTED/2026/GEN/17"),
    _named("", "share 0198a3c1"),
]
SEEN_MATRIX: Context = {
    **AROUND,
    "filters": {**NO_FILTER, "share": "0197f2aa", "since": "2026-10-26", "until": "2026-11-24"},
    "columns": SEEN_COLUMNS,
    "rows": [
        _named("Person 1 of the Office", cells=[_cell(24, 1), None, None, _cell(3), None]),
        _named("Conrad Weiss", "Directorate", cells=[_cell(12), _cell(1, 0, 2), None, None, _cell(0, 0, 1)]),
        _named("عمر حداد", "Directorate", cells=[None, _cell(1204, 18), _cell(7), None, None]),
    ],
    "first": False,
    "more_persons": "audit_seen.html",
    "more_things": "audit_seen.html",
    "damaged": False,
}
SEEN_NOBODY: Context = {
    **SEEN_MATRIX,
    "any_filter": False,
    "filters": {**SEEN_MATRIX["filters"], "share": ""},
    "columns": [],
    "rows": [],
    "first": True,
    "more_persons": None,
    "more_things": None,
    "damaged": True,
}


def _found(what: str, who: Context, first: datetime, last: datetime, limit: str) -> Context:
    return {"what": what, "who": who, "first": first, "last": last, "limit": limit, "href": "audit.html"}


UNUSUAL: Context = {
    **AROUND,
    "filters": {**NO_FILTER, "since": "2026-10-26", "until": "2026-11-24"},
    "sections": [
        {
            "heading": "Many files taken out",
            "sought": "20 or more by one person in a day",
            "rows": [_found("31 files taken out", _named("Person 2 of the Office"), at(20, 9), at(20, 11, 40), "20")],
        },
        {
            "heading": "Bursts of refusals",
            "sought": "8 or more within 10 minutes",
            "rows": [
                _found("14 refusals", _named("Conrad Weiss", "Directorate"), at(23, 9, 51), at(23, 9, 58), "8"),
                _found("9 refusals", _named("Somebody of the Office"), at(18, 3, 2), at(18, 3, 9), "8"),
            ],
        },
        {"heading": "Failed sign-ins in a row", "sought": "5 or more, with no success between them", "rows": []},
    ],
    "cut": True,
    "damaged": False,
}
UNUSUAL_NOTHING: Context = {**UNUSUAL, "any_filter": False, "sections": [], "cut": False, "damaged": True}


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
        "signed_at": at(24, 14, 31),
        "pending": 2,
        "state": ("ok", "No difference"),
        "href": "integrity.html",
    },
    **AROUND,
    "filters": {**NO_FILTER, "event": "share.page_read", "document": SYMBOL, "since": "2026-10-26"},
    "chart": CHART,
    "keeping": KEEPING,
    "events": [("document.read", "Document read"), ("share.approved", "Share approved"), ("share.page_read", "Share page read")],
    "outcomes": ["done", "refused", "failed"],
    "rows": [
        _event(at(24, 14, 31), "Read a page", "Omar Haddad", "Reviewer", f"{SYMBOL}, page 7", "done", leaf=None),
        _event(at(24, 14, 30), "Read a page", "Omar Haddad", "Reviewer", f"{SYMBOL}, page 6", "done", note="Page 6 of 24."),
        _event(at(23, 10, 4), "Approved a release", "Rhea Okafor", "Releasing officer", SYMBOL, "done"),
        _event(
            at(23, 9, 51),
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
            at(20, 16, 5),
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
    "taking": [{"href": "audit.html", "label": label, "told": told} for label, told in (CSV, JSONL, OCSF, CHECKPOINT)],
}
AUDIT_EMPTY = {
    **AUDIT,
    "taking": AUDIT["taking"][-1:],
    "integrity": {
        "size": 0,
        "root_short": "47DE QpJ8 … NEA=",
        "signed_at": None,
        "pending": 0,
        "state": ("bad", "Event 41 differs"),
        "href": "",
    },
    "filters": {**NO_FILTER, "actor": "Nobody"},
    "chart": None,
    "keeping": KEEPING_NONE,
    "rows": [],
    "older": None,
    "total": 0,
}

PAGES: dict[str, Page] = {
    "audit": (AUDITOR, "audit", AUDIT),
    "audit-empty": (AUDITOR, "audit", AUDIT_EMPTY),
    "audit-kept": (AUDITOR, "audit", {**AUDIT, "keeping": KEEPING_FAULTS, "chart": {**CHART, "cut": True}}),
    "audit_seen": (AUDITOR, "audit", SEEN_MATRIX),
    "audit_seen-nobody": (AUDITOR, "audit", SEEN_NOBODY),
    "audit_unusual": (AUDITOR, "audit", UNUSUAL),
    "audit_unusual-nothing": (AUDITOR, "audit", UNUSUAL_NOTHING),
    "integrity": (AUDITOR, "audit", INTEGRITY),
    "integrity-first": (AUDITOR, "audit", INTEGRITY_FIRST),
    "integrity-running": (AUDITOR, "audit", INTEGRITY_RUNNING),
    "integrity-found": (AUDITOR, "audit", INTEGRITY_FOUND),
    "integrity-broken": (AUDITOR, "audit", INTEGRITY_BROKEN),
}
