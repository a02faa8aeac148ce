"""Invented requests of States to keep something back, as the page of a document shows them: new, due, being lifted, ended."""

from typing import Any

from tests.web.samples_story import Context, at

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
