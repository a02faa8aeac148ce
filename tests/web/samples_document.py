"""Invented contexts of the page of one document, for its originator in each state."""

from types import SimpleNamespace

from tests.web.samples_consultation import ASKED, EVIDENCE, NONE_ASKED
from tests.web.samples_ends import ENDS
from tests.web.samples_remarks import COUNTS
from tests.web.samples_requests import CHOICES, DUE, ENDED, NARROWING, OWN, REQUEST, WAITS
from tests.web.samples_story import STATES, SYMBOL, TITLE, Context, at
from tests.web.samples_transfers import HANDED_OVER

DOC = {
    "id": "d1",
    "title": TITLE,
    "symbol": SYMBOL,
    "kind_words": "Mission report",
    "level": 1,
    "state_names": ["Republic of Samoria"],
    "visit": "Samoria, 5–9 October 2026",
    "originator_short": "Directorate",
    "registered_at": at(23, 8, 14, 10),
    "registered_by": "Dana Ruiz",
    "file": {
        "name": "visit-report-samoria-v2.pdf",
        "size": 18_400_000,
        "pages": 24,
        "language_words": "English",
        "deposited_at": at(23, 8, 20, 10),
        "deposited_by": "Dana Ruiz",
        "scan_words": "The virus scanner found nothing",
        "converted": False,
    },
}
REFUSED = [
    SimpleNamespace(
        name="Samoria visit report (from the mission's laptop).pdf",
        size=18_200_000,
        why="Malware: Pdf.Exploit.Agent-36219",
        advice="Do not open or send it again; tell your security administrator.",
        malware=True,
        by="Dana Ruiz",
        at=at(23, 8, 2, 10),
    ),
    SimpleNamespace(
        name="report.pdf",
        size=900_000,
        why="This PDF is protected by a password or by rights.",
        advice="Save it without protection and send that file.",
        malware=False,
        by="Dana Ruiz",
        at=at(23, 7, 58, 10),
    ),
]


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


SEEN = {"id": "r1", "href": "reader-preview.html", "pages": [], "needed": False, "looked": False}
RENDITION = {
    "version_words": "",
    "pages": 24,
    "audience_short": "Office",
    "withheld_words": "Pages 2, 4–6 are left out",
    "built_at": at(20, 15, 58),
    "current": True,
    "audience": "OCT",
    "checks": [{"ok": True, "text": "Proved: what is kept back is gone from its places, and its wording was found nowhere else"}],
    "seen": SEEN,
    "preview_href": "reader-preview.html",
    "stale_words": "",
    "since": [],
    "compare_href": None,
    "as_before": "",
}
SHARE = {
    "recipient_short": "Office",
    "status": ("wait", "To approve"),
    "proposed_by": "Uma Castell",
    "proposed_at": at(20, 16, 5),
    "approved_by": None,
    "approved_at": None,
    "terms_words": "View only, watermarked, eyes only",
    "eyes": ["Y9E2-F1JA-54WM"],
    "note": "",
    "superseded": "",
    "recall_url": None,
}
SHARED = {
    **SHARE,
    "status": ("done", "Shared"),
    "approved_by": "Rhea Okafor",
    "approved_at": at(23, 10, 4),
    "note": "acknowledged 23 Nov 2026",
    "recall_url": "recall.html",
}
DECIDE = {
    "asked_by": "",
    "approve_url": "approve.html",
    "decline_url": "decline.html",
    "proposed_by": "Uma Castell",
    "proposed_at": at(20, 16, 5),
    "purpose": "Planning of support to Samoria",
    "terms_words": "File allowed, without watermark, eyes only, until 31 Jan 2027",
    "eyes": ["K3RA-9M7Z-TT0C", "Y9E2-F1JA-54WM"],
    "unmarked": True,
    "recipient_short": "Office",
    "checks": [
        {"ok": True, "text": "Pages 2, 4–6 are left out"},
        {"ok": True, "text": "It honours every request in force"},
        {"ok": True, "text": "Proved: what is kept back is gone from its places"},
        {"ok": False, "text": "Pages 1, 5 still show wording of what is kept back: look whether it may go across"},
    ],
    "seen": {**SEEN, "pages": [(1, "reader-preview.html"), (5, "reader-preview.html")]},
    "compare_href": None,
    "why_not": None,
}
NO_ACTS = {
    "deposit_url": None,
    "request_url": None,
    "mark_url": None,
    "original_url": "original.html",
    "build_url": None,
    "progress_url": "progress.html",
    "build_seconds": 10,
    "propose_url": None,
    "seen_url": None,
    "who_url": None,
    "decide": [],
}

KEPT: Context = {
    "held": False,
    "shredded": False,
    "unknown": False,
    "holds": [],
    "lifted": [],
    "proposal": None,
    "shredding": None,
    "destroys": [],
    "closes": [],
    "hold_url": None,
    "propose_url": None,
    "why_not_propose": "",
    "hold_faults": {},
    "propose_faults": {},
    "shred_faults": {},
    "values": {"reason": "", "symbol": ""},
}

DOCUMENT = {
    "doc": DOC,
    "steps": _steps(4, "by Dana Ruiz", "24 pages", "Pages 2, 4–6 are left out", "by Uma Castell", "needs you"),
    "answers": _answers("Decide about the proposal", "to share with the Office"),
    "requests": [REQUEST],
    "ended": [],
    "rendition": RENDITION,
    "shares": [SHARE],
    "see": [
        {"body": "Directorate", "holds": "The original and everything prepared from it", "why": "It is the originator."},
        {"body": "Office of Counter-Terrorism", "holds": "Nothing", "why": "Not shared yet."},
    ],
    "acts": {**NO_ACTS, "decide": [DECIDE]},
    "why_not": {"request": "Recording a request is the confidentiality officer’s."},
    "recipients": [("OCT", "Office of Counter-Terrorism")],
    "states": STATES,
    "request_choices": CHOICES,
    "request_values": {},
    "request_faults": {},
    "propose_faults": {},
    "confirms": {"share:approve", "share:propose"},
    "recall_faults": {},
    "recall_reason": "",
    "keeping": KEPT,
    "ends": ENDS,
    "max_bytes": 268_435_456,
    "accept": ".pdf",
    "takes_office": False,
    "office_bytes": 64_000_000,
    "versions": [],
    "to_prepare": "en",
    "spoken": [("en", "English, version 1")],
    "marked_on": [(1, "Version 1, English: 24 pages")],
    "may_place": False,
    "languages": [("ar", "Arabic"), ("zh", "Chinese"), ("en", "English"), ("fr", "French"), ("ru", "Russian"), ("es", "Spanish")],
    "uploads": [],
    "refused": [],
    "onward": [],
    "onward_faults": {},
    "again": [],
    "remarks": [],
    "transfers": [],
    "remarks_url": "document_remarks.html",
    **NONE_ASKED,
}
DOCUMENT_EMPTY = {
    **DOCUMENT,
    "doc": {**DOC, "file": None},
    "accept": ".pdf,.docx,.odt,.xlsx,.ods,.pptx,.odp",
    "takes_office": True,
    "steps": _steps(1, "by Dana Ruiz", "the document itself", "what may go across", "one officer", "a second officer"),
    "answers": _answers("Send the file", "the document itself"),
    "requests": [],
    "rendition": None,
    "shares": [],
    "acts": {**NO_ACTS, "deposit_url": "deposit.html"},
    "refused": REFUSED,
    "uploads": [
        {
            "url": "upload.html",
            "name": "Samoria visit report.pdf",
            "size": 1_240_000_000,
            "percent": 43,
            "fingerprint": "ab" * 32,
            "expires_at": at(30),
        }
    ],
    "why_not": {"build": "Send the file first.", "propose": "Send the file first."},
}
DOCUMENT_OFFICER = {
    **DOCUMENT,
    "doc": {**DOC, "file": {**DOC["file"], "name": "visit-report-samoria-v2.docx", "converted": True}},
    "steps": _steps(2, "by Dana Ruiz", "24 pages", "what may go across", "one officer", "a second officer"),
    "answers": _answers("Prepare what the other body will see", "after recording what a State asked to keep"),
    "requests": [REQUEST, DUE, OWN],
    "ended": [ENDED],
    "rendition": {**RENDITION, "current": False, "stale_words": "Something was withheld after this was prepared. Prepare it again."},
    "shares": [],
    "acts": {**NO_ACTS, "request_url": "request.html", "mark_url": "mark.html", "build_url": "build.html"},
    "why_not": {"propose": "Prepare what the other body will see first, and look at it."},
    "request_choices": {**CHOICES, "bodies": [("OCT", "Office"), ("ENTITY", "Entity")]},
    "request_values": {"state": "XSM", "reference": "", "received": "letter", "scope": "pages", "pages": "2, 99", "bodies": ["ENTITY"]},
    "request_faults": {"reference": "Give the reference of the communication.", "pages": "The document has 24 pages; page 99 is not one."},
}
DOCUMENT_CONSULTING = {
    **DOCUMENT_OFFICER,
    **ASKED,
    "requests": [{**REQUEST, "shows": EVIDENCE, "attach_url": "attach.html"}],
    "request_faults": {},
}
DOCUMENT_LIFTING = {**DOCUMENT, "requests": [NARROWING, WAITS]}
DOCUMENT_PROPOSE = {
    **DOCUMENT,
    "steps": _steps(3, "by Dana Ruiz", "24 pages", "Pages 2, 4–6 are left out", "one officer", "a second officer"),
    "answers": _answers("Propose to share it", "once you have looked at what was prepared"),
    "shares": [],
    "acts": {**NO_ACTS, "request_url": "request.html", "mark_url": "mark.html", "build_url": "build.html", "propose_url": "propose.html"},
    "why_not": {},
    "propose_values": {"recipient": "OCT", "purpose": "", "eyes": "Y9E2 F1JA 54WN"},
    "propose_faults": {
        "purpose": "Say in one sentence what the reader needs it for.",
        "eyes": "One of these is no reference. Each is three groups of four letters and digits: compare them with what you were told.",
    },
}
DOCUMENT_REPEATS = {
    **DOCUMENT_PROPOSE,
    "rendition": {
        **RENDITION,
        "checks": [
            {"ok": True, "text": "Proved: what is kept back is gone from its places"},
            {"ok": False, "text": "Pages 1, 5 still show wording of what is kept back: look whether it may go across"},
            {"ok": False, "text": "What is kept back could not be compared with version 1: look at every page"},
        ],
        "seen": {**SEEN, "pages": [(1, "reader-preview.html"), (5, "reader-preview.html")], "needed": True},
    },
    "propose_faults": {"looked": "Look at the pages that are named beside this form, then say here that this may go across."},
}
DOCUMENT_STALE = {**DOCUMENT_PROPOSE, "rendition": {**RENDITION, "current": False}, "propose_faults": {}}
DOCUMENT_OWN = {
    **DOCUMENT,
    "answers": _answers("Nothing", "a second officer decides"),
    "acts": {**NO_ACTS, "decide": [{**DECIDE, "approve_url": None, "why_not": "The person who proposes a release cannot approve it."}]},
}
DOCUMENT_SHARED = {
    **DOCUMENT,
    "doc": {**DOC, "level": 2},
    "steps": _steps(5, "by Dana Ruiz", "24 pages", "Pages 2, 4–6 are left out", "by Uma Castell", "shared"),
    "answers": _answers("Nothing", "shared", "The Directorate and the Office", "Only what is prepared goes across; the original stays"),
    "shares": [SHARED, {**SHARED, "status": ("late", "Suspended"), "note": "not confirmed by the recipient yet", "recall_url": None}],
    "see": [
        {"body": "Directorate", "holds": "The original and everything prepared from it", "why": "It is the originator."},
        {"body": "Office of Counter-Terrorism", "holds": "The prepared pages, view only", "why": "Shared by two officers."},
    ],
    "acts": {**NO_ACTS, "seen_url": "seen.html", "who_url": "who.html"},
    "why_not": {"propose": "It is shared already."},
    "remarks": COUNTS,
    "transfers": HANDED_OVER,
}
