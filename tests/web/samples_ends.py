"""Invented ends of a document's life: dates, a lower level that waits, the archive, and each form with its faults."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

Context = dict[str, Any]

WHY = "The mission's findings were made public in part; ask again after the follow-up visit."


def _step(what: str, by: str, *, day: int = 12, reason: str = WHY, level: int | None = None) -> SimpleNamespace:
    return SimpleNamespace(id="s1", by=by, at=datetime(2026, 11, day, 9, tzinfo=UTC), reason=reason, level=level, what=what)


def _date(words: str, day: date | None, *, years: int = 0, by: str = "", reached: bool = False) -> Context:
    at = datetime(2026, 11, 12, 9, tzinfo=UTC) if by else None
    return {"words": words, "view": SimpleNamespace(day=day, reached=reached, years=years, by=by, at=at, reason=WHY if by else "")}


DUE = [("review", "Review due"), ("declassification", "Declassification due"), ("retention", "Retention ends")]
NO_DATES = [_date(words, None) for _, words in DUE]
ENDS: Context = {
    "dates": NO_DATES,
    "due_choices": DUE,
    "outcomes": [("keep", "The level stays"), ("0", "Propose to lower it to Unclassified")],
    "levels": [("0", "Unclassified")],
    "lowering": None,
    "archiving": None,
    "past": [],
    "review_reached": False,
    "shredded": False,
    "keeps_until": None,
    "schedule_url": None,
    "review_url": None,
    "lower_url": None,
    "archive_url": None,
    "why_not_lower": "",
    "why_not_archive": "",
    "schedule_faults": {},
    "review_faults": {},
    "lower_faults": {},
    "archive_faults": {},
    "values": {"due": "review", "day": "2020-01-01", "reason": "x", "outcome": "0", "level": "0"},
}
DATED: Context = {
    **ENDS,
    "dates": [
        _date("Review due", date(2026, 11, 20), by="Carla Moreau", reached=True),
        _date("Declassification due", date(2036, 10, 23), years=10),
        _date("Retention ends", date(2056, 10, 23), years=30),
    ],
    "review_reached": True,
    "keeps_until": date(2056, 10, 23),
    "past": [_step("Review due: 20 Nov 2026", "Carla Moreau"), _step("Reviewed", "Carla Moreau", day=3)],
    "schedule_url": "dates.html",
    "review_url": "reviews.html",
    "lower_url": "lowering.html",
    "archive_url": "archive.html",
}
_FAULT = {"reason": "Say why, in 3 to 500 characters. Only your own body reads it."}
_DAY = {"day": "This day is not to come any more. Give a later one."}
WRONG: Context = {
    **DATED,
    "schedule_faults": {"due": "Choose from the list.", **_DAY, **_FAULT},
    "review_faults": {**_DAY, **_FAULT},
    "lower_faults": {"level": "Choose a level below the present one.", **_FAULT},
    "archive_faults": _FAULT,
}
_WAITS: Context = {"step": _step("", "Carla Moreau", level=0), "to": "Unclassified"}
TO_AGREE: Context = {
    **DATED,
    "lowering": {**_WAITS, "agree_url": "agree.html", "withdraw_url": "withdraw.html", "why_not": ""},
    "lower_url": None,
}
PROPOSED: Context = {
    **ENDS,
    "lowering": {**_WAITS, "agree_url": None, "withdraw_url": None, "why_not": "A releasing officer other than who proposed it agrees."},
    "why_not_archive": "A proposal to share it waits. Decide about it first; then it can be archived.",
}
ARCHIVED: Context = {
    **DATED,
    "archiving": {"step": _step("", "Dana Ruiz"), "end_url": "end.html", "why_not": ""},
    "past": [_step("Lowered to Unclassified", "Dana Ruiz"), _step("Archived", "Dana Ruiz", day=13)],
    "archive_url": None,
}
KEPT_SHUT: Context = {
    **ARCHIVED,
    "archiving": {
        "step": _step("", "Dana Ruiz"),
        "end_url": None,
        "why_not": "You archived this yourself. Another releasing officer has to take it out.",
    },
    "review_url": None,
}
STATES = {
    "dated": DATED,
    "dates-faults": WRONG,
    "to-lower": TO_AGREE,
    "lower-proposed": PROPOSED,
    "archived": ARCHIVED,
    "kept-shut": KEPT_SHUT,
}


def documents(plain: Context) -> dict[str, Context]:
    """The document's page in each of these states."""
    return {f"document-{name}": {**plain, "ends": ends} for name, ends in STATES.items()}
