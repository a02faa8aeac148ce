"""A document about which States were asked, as its page shows it: one that answered, one late, one with a form that was refused."""

from datetime import UTC, datetime
from typing import Any

Context = dict[str, Any]


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 11, day, hour, 12, tzinfo=UTC)


def _file(name: str, href: str | None = "note.html") -> Context:
    return {"name": name, "size": 184_320, "at": at(6), "by": "Conrad Weiss", "href": href}


def _row(changes: Context, **more: Any) -> Context:
    plain = {
        "state_name": "Republic of Samoria",
        "reference": "CTED/NV/2026/44",
        "deadline": "20 Nov 2026",
        "over": False,
        "waits": True,
        "by": "Conrad Weiss",
        "at": at(6),
        "later": False,
        "answer": None,
    }
    form = {"shows": {"evidence": []}, "attach_url": "attach.html", "answer_url": "answer.html", "faults": {}, "values": {}}
    return {"view": {**plain, **changes}, **form, **more}


ANSWER = {
    "words": "The State has no objection",
    "reference": "SM/NV/2026/131",
    "dated": "18 Nov 2026",
    "received": "Note verbale",
    "by": "Conrad Weiss",
    "at": at(19),
}
CONSULTATIONS = [
    _row(
        {"waits": False, "answer": ANSWER}, answer_url=None, shows={"evidence": [_file("CTED-NV-2026-44.pdf"), _file("SM-NV-2026-131.pdf")]}
    ),
    _row(
        {"state_name": "Kingdom of Velland", "over": True},
        faults={"reference": "Give the reference of the answer, at most 200 characters."},
        values={"answer": "asked", "dated": "2026-11-21"},
    ),
    _row({"state_name": "Union of Tarsia", "over": True, "waits": False}, attach_url=None, answer_url=None),
    _row({"later": True, "state_name": "Islands of Orm", "deadline": "12 Dec 2026"}),
]
#: What every document's page has of consultations.
NONE_ASKED: Context = {
    "consultations": [],
    "consulting": False,
    "consult_url": None,
    "consult_faults": {},
    "consult_values": {},
    "answer_choices": [("no_objection", "The State has no objection"), ("asked", "The State asked to keep something")],
}
ASKED: Context = {
    **NONE_ASKED,
    "consultations": CONSULTATIONS,
    "consulting": True,
    "consult_url": "consult.html",
    "consult_faults": {"deadline": "This day is over. Give a day that is still to come."},
    "consult_values": {"state": "XSM", "reference": "CTED/NV/2026/51", "deadline": "2026-11-01"},
}
EVIDENCE = {"evidence": [_file("SM-NV-2026-118 about the financing of border posts.pdf"), _file("Annex, scan.jpg", None)]}
