"""Invented contexts of the pages that show one document: for its originator in each state, and for its reader."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from tests.web.samples_consultation import ASKED, EVIDENCE, NONE_ASKED
from tests.web.samples_ends import ENDS
from tests.web.samples_remarks import BESIDE, COUNTS
from tests.web.samples_transfers import BESIDE as BESIDE_TRANSFERS
from tests.web.samples_transfers import HANDED_OVER

Context = dict[str, Any]

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


def at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


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


REQUEST_ROW: Context = {
    "ground_words": "Request of a Member State",
    "state_name": "Republic of Samoria",
    "reference": "Note NV/2026/118",
    "dated": "2026-11-06",
    "scope_words": "Pages 2, 4–6",
    "version": 1,
    "from_words": "Every other body",
    "until_words": "",
    "due": False,
    "confirmed_by": "",
    "narrowed": False,
    "of_visit": False,
    "whole": False,
    "boxes": [],
    "recorded_by": "Conrad Weiss",
    "recorded_at": at(6, 15, 40),
}
AS_IT_IS: Context = {"reason": "", "what": "all", "pages": "2, 4-6", "until": "", "version": "", "boxes": [], "bodies": []}


def _request(changes: Context | None = None, **more: Any) -> Context:
    plain = {
        "shows": {"evidence": []},
        "attach_url": None,
        "confirm_url": None,
        "attest_url": None,
        "why_not_attest": "",
        "lifting": None,
        "propose_url": None,
        "faults": {},
        "values": AS_IT_IS,
    }
    return {**plain, "view": {**REQUEST_ROW, **(changes or {})}, **more}


REQUEST = _request(why_not_attest="A second officer has to confirm this request before the portal signs anything about it.")
DUE = _request(
    {
        "of_visit": True,
        "until_words": "20 Nov 2026",
        "due": True,
        "confirmed_by": "Rhea Okafor",
        "boxes": [("p7:0.1,0.2,0.9,0.3", "Passage 1, on page 7")],
    },
    attest_url="attestation.txt",
    propose_url="lift.html",
    faults={"reason": "Say why, in 3 to 500 characters.", "stays": "This is what it keeps already."},
    values={**AS_IT_IS, "what": "part", "boxes": ["p7:0.1,0.2,0.9,0.3"], "bodies": ["ENTITY"]},
)
OWN = _request(
    {
        "ground_words": "Own redaction: third party",
        "state_name": "",
        "dated": "",
        "reference": "Names of interlocutors from a bank",
        "scope_words": "Page 12",
        "from_words": "The Entity",
        "recorded_at": at(9, 9, 33),
    },
    confirm_url="confirm.html",
    propose_url="lift.html",
)
LIFTING: Context = {
    "id": "l1",
    "reason": "Note NV/2026/160: the State agrees, but for page 2",
    "stays_words": ("Page 2 of version 1 (English)", "Withheld from every other body"),
    "by": "Conrad Weiss",
    "at": at(22, 10, 12),
    "may_answer": True,
    "why_not": "You will be asked to confirm with a second factor.",
    "may_withdraw": True,
}
NARROWING = _request(lifting={"view": LIFTING, "agree_url": "agree.html", "withdraw_url": "withdraw.html", "why_not": ""})
WAITS = _request(
    lifting={
        "view": {**LIFTING, "stays_words": ()},
        "agree_url": None,
        "withdraw_url": "withdraw.html",
        "why_not": "You proposed this yourself.",
    }
)
ENDED = {
    "scope_words": "The whole document",
    "since": at(6, 15, 40),
    "ended_at": at(22, 11, 2),
    "proposed_by": "Conrad Weiss",
    "agreed_by": "Rhea Okafor",
    "reason": "Note NV/2026/160",
    "narrowed": True,
}
CHOICES: Context = {
    "grounds": [("state", "Request of a Member State"), ("third_party", "Own redaction: third party")],
    "received": [("note verbale", "Note verbale"), ("letter", "Letter"), ("meeting", "In a meeting")],
    "bodies": [],
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

ONWARD = {
    "id": "n1",
    "asker_short": "Office",
    "body": "ENTITY",
    "body_short": "Entity",
    "purpose": "Planning of support to border management in the capital, together with the Office’s own project.",
    "asked_at": at(22, 10, 5),
    "build_url": None,
    "checks": [{"ok": True, "text": "Proved: what is kept back is gone from its places, and its wording was found nowhere else"}],
    "seen": SEEN,
    "consent_url": "consent.html",
    "decline_url": "decline.html",
    "why_not": "",
}
DOCUMENT_PASSING_ON = {**DOCUMENT, "acts": {**NO_ACTS, "decide": [{**DECIDE, "asked_by": "Office", "recipient_short": "Entity"}]}}
DOCUMENT_ASKED = {
    **DOCUMENT_SHARED,
    "answers": _answers("Answer what you are asked", "whether it may go on to the Entity", "The Directorate and the Office"),
    "onward": [ONWARD, {**ONWARD, "id": "n2", "seen": None, "checks": [], "consent_url": None, "build_url": "build.html"}],
}
DOCUMENT_ASKED_FAULTS = {
    **DOCUMENT_ASKED,
    "onward": [ONWARD],
    "onward_faults": {"until": "The last day lies in the past. Give a later one, or leave it empty."},
}

ACT = {
    "id": "a1",
    "reason": "Retention is over: disposal list 2026, line 14",
    "by": "Conrad Weiss",
    "at": at(20, 11, 2),
    "answered_by": "Rhea Okafor",
    "answered_at": at(24, 9, 41),
    "why_not": "",
}
DESTROYS = [
    {"name": "visit-report-samoria-v2.pdf", "size": 18_400_000, "pages": 24, "at": at(23, 8, 20, 10), "audience": ""},
    {"name": "", "size": 21_900_000, "pages": 24, "at": at(20, 15, 58), "audience": "Office"},
]
PROPOSED = {"act": ACT, "confirm_url": "shred.html", "withdraw_url": "withdraw.html", "why_not": ""}
FAULTY = {"symbol": "Type the symbol exactly as it stands here."}
DOCUMENT_TO_SHRED = {
    **DOCUMENT_SHARED,
    "keeping": {**KEPT, "proposal": PROPOSED, "destroys": DESTROYS, "closes": ["Office"], "hold_url": "hold.html", "shred_faults": FAULTY},
}
DOCUMENT_HELD = {
    **DOCUMENT,
    "keeping": {
        **KEPT,
        "held": True,
        "holds": [{"act": ACT, "lift_url": "lift.html"}, {"act": {**ACT, "why_not": "You placed this hold yourself."}, "lift_url": None}],
        "lifted": [ACT],
        "proposal": {**PROPOSED, "confirm_url": None, "why_not": "A legal hold lies on this document."},
        "destroys": DESTROYS,
        "hold_url": "hold.html",
        "hold_faults": {"reason": "Say why it must be kept, in 3 to 500 characters."},
    },
}
DOCUMENT_TO_PROPOSE = {
    **DOCUMENT,
    "keeping": {
        **KEPT,
        "propose_url": "shredding.html",
        "hold_url": "hold.html",
        "destroys": DESTROYS,
        "propose_faults": {"reason": "Say why it is to be shredded, in 3 to 500 characters."},
    },
}
DOCUMENT_SHREDDED = {
    **DOCUMENT_EMPTY,
    "steps": [
        {"word": "Registered", "note": "by Dana Ruiz", "state": "done"},
        {"word": "Shredded", "note": "by Conrad Weiss and Rhea Okafor", "state": "done"},
    ],
    "answers": _answers("Nothing", "", "Nobody", "It was shredded; only this entry is left"),
    "see": [{"body": "Directorate", "holds": "Nothing", "why": "It was shredded. This entry stays in the register."}],
    "acts": NO_ACTS,
    "why_not": {},
    "keeping": {**KEPT, "shredded": True, "shredding": ACT},
}
DOCUMENT_RESTORED = {**DOCUMENT_SHREDDED, "keeping": {**KEPT, "held": True, "shredded": True, "unknown": True}}
DOCUMENT_HELD_UNKNOWN = {**DOCUMENT, "keeping": {**KEPT, "held": True, "unknown": True, "why_not_propose": "A legal hold lies on it."}}


def _listed(number: int) -> Context:
    opened = number in (1, 3, 4, 5, 6, 7)
    sketch = PNG if opened else None
    return {
        "number": number,
        "href": "reader.html",
        "current": number == 7,
        "opened": opened,
        "sketch": sketch,
        "after_gap": number in (3, 24),
    }


NOTHING_BESIDE: Context = {"newer": None, "others": [], "language_words": ""}
READER = {
    "title": TITLE,
    "symbol": SYMBOL,
    "level": 1,
    "from_short": "Directorate",
    "page": 7,
    "pages": 24,
    "image_url": PNG,
    "text": ["III. Border management", "20. The delegation was informed that 11 of 14 carriers transmit data."],
    "text_lang": "en",
    "prev_href": "reader.html",
    "next_href": "reader.html",
    "rail": [_listed(n) for n in (1, *range(3, 12), 24)],
    "opened": 7,
    "zoom": {"now": 100, "steps": "50 75 100 125 150 200 300", "out_href": "reader.html", "in_href": "reader.html"},
    "find": {"url": "reader.html", "term": "", "fault": "", "asked": False},
    "terms_words": "Watermarked copy allowed, until 31 Jan 2027",
    "acknowledge_url": "acknowledge.html",
    "acknowledged_at": None,
    "download_url": "copy.html",
    "fetch_url": "file.html",
    "file_size": 1_234_567,
    "watermark_words": "Omar Haddad, OCT, 24 Nov 2026 14:32 UTC, 7F3K-22QD",
    "back_href": "received.html",
    "preview": False,
    "absent": False,
    "onward_url": "onward.html",
    "asked": [SimpleNamespace(body_short="Entity", stage="asked", asked_at=at(22))],
    "eyes_only": False,
    "beside": NOTHING_BESIDE,
    "remarks": BESIDE,
    "transfers": BESIDE_TRANSFERS,
}
READER_EYES_ONLY = {
    **READER,
    "terms_words": "View only, watermarked, eyes only",
    "eyes_only": True,
    "download_url": None,
    "fetch_url": None,
}
READER_PREVIEW = {
    **READER,
    "page": 1,
    "prev_href": None,
    "preview": True,
    "beside": None,
    "remarks": None,
    "transfers": None,
    "level": 2,
    "back_href": "document.html",
    "acknowledge_url": None,
    "onward_url": None,
    "asked": [],
    "download_url": None,
    "fetch_url": None,
    "file_size": None,
}
FOUND: Context = {
    "url": "reader.html",
    "term": "advance passenger",
    "fault": "",
    "asked": True,
    "total": 9,
    "here": 2,
    "on": 4,
    "pages": [(3, 1, "reader.html", False), (7, 2, "reader.html", True), (11, 5, "reader.html", False), (20, 1, "reader.html", False)],
    "more": 0,
    "before_url": "reader.html",
    "after_url": "reader.html",
}
READER_FOUND = {**READER, "find": FOUND, "zoom": {**READER["zoom"], "now": 300, "in_href": None}}
NOT_FOUND = {**FOUND, "total": 0, "here": 0, "on": 0, "pages": [], "before_url": None, "after_url": None}
READER_NOT_FOUND = {**READER, "find": NOT_FOUND}
READER_FIND_FAULT = {
    **READER,
    "find": {**READER["find"], "term": "a", "asked": True, "fault": "Give 2 letters or more, and not more than 100."},
}
READER_ABSENT = {**READER, "page": 24, "next_href": None, "absent": True, "text": [], "remarks": {**BESIDE, "rows": [], "elsewhere": 0}}
