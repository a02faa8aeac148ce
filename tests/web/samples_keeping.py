"""Invented contexts of a document that is held, to be shredded, or shredded."""

from tests.web.samples_document import DOCUMENT, DOCUMENT_EMPTY, DOCUMENT_SHARED, KEPT, NO_ACTS, _answers
from tests.web.samples_story import at

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
