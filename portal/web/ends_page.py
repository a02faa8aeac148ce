"""What the document's page shows about the end of its life, and what a date asks for on the home page."""

from typing import Any

from flask import request, url_for

from portal.cases.show_document import DocumentView
from portal.cases.show_due import DueRow
from portal.cases.show_ends import DATE_WORDS
from portal.cases.show_home import HomeView
from portal.kernel.permit import NO_RULE
from portal.kernel.vocabulary import Due, Level
from portal.web.forms import entered, faults

AGREES = "A releasing officer other than who proposed it agrees."


def ends_context(view: DocumentView) -> dict[str, Any]:
    """The section above the one about keeping and destroying."""
    ends, form = view.ends, request.endpoint or ""

    def door(name: str, may: bool) -> str | None:
        return url_for(f"ends.{name}", document_id=view.id) if may else None

    def wrong(name: str) -> dict[str, str]:
        return faults() if form == f"ends.{name}" else {}

    return {
        "ends": {
            "dates": [{"view": one, "words": DATE_WORDS[one.due]} for one in ends.dates],
            "due_choices": [(due.value, DATE_WORDS[due]) for due in Due],
            "outcomes": [("keep", "The level stays"), *((str(n), f"Propose to lower it to {words}") for n, words in ends.lower_levels)]
            if ends.may_lower
            else [("keep", "The level stays")],
            "levels": [(str(number), words) for number, words in ends.lower_levels],
            "lowering": _lowering(view),
            "archiving": _archiving(view),
            "past": ends.past,
            "review_reached": Due.REVIEW in ends.reached,
            "shredded": ends.shredded,
            "keeps_until": ends.keeps_until,
            "schedule_url": door("schedule", ends.may_schedule),
            "review_url": door("review", ends.may_review),
            "lower_url": door("propose", ends.may_lower),
            "archive_url": door("archive", ends.may_archive),
            "why_not_lower": "" if ends.why_not_lower == NO_RULE else ends.why_not_lower,
            "why_not_archive": "" if ends.why_not_archive == NO_RULE or ends.archiving else ends.why_not_archive,
            "schedule_faults": wrong("schedule"),
            "review_faults": wrong("review"),
            "lower_faults": wrong("propose"),
            "archive_faults": wrong("archive"),
            "values": entered("due", "day", "reason", "outcome", "level"),
        }
    }


def _lowering(view: DocumentView) -> dict[str, Any] | None:
    waiting = view.ends.lowering
    if waiting is None:
        return None
    where: dict[str, Any] = {"document_id": view.id, "lowering_id": waiting.id}
    return {
        "step": waiting,
        "to": Level(waiting.level or 0).words,
        "agree_url": url_for("ends.agree", **where) if waiting.may_answer else None,
        "withdraw_url": url_for("ends.withdraw", **where) if waiting.may_withdraw else None,
        "why_not": AGREES if waiting.why_not == NO_RULE else waiting.why_not,
    }


def _archiving(view: DocumentView) -> dict[str, Any] | None:
    lies = view.ends.archiving
    if lies is None:
        return None
    where: dict[str, Any] = {"document_id": view.id, "archiving_id": lies.id}
    return {
        "step": lies,
        "end_url": url_for("ends.unarchive", **where) if lies.may_answer else None,
        "why_not": "A releasing officer other than who archived it takes it out." if lies.why_not == NO_RULE else lies.why_not,
    }


def due_groups(view: HomeView) -> list[dict[str, Any]]:
    """Home's groups of documents of which a date has come; a group that is empty is left out."""
    due = view.due
    found = (
        ("Levels due for review", due.reviews, "dates", "review due since", "Review"),
        ("Declassification is due", due.declassifications, "dates", "due since", "Decide"),
        ("Retention is over", due.retentions, "keeping", "kept until", "Decide"),
    )
    return [{"label": label, "rows": [_row(row, *words) for row in rows]} for label, rows, *words in found if rows]


def _row(row: DueRow, anchor: str, words: str, verb: str) -> dict[str, Any]:
    return {
        "title": row.title,
        "href": url_for("documents.show", document_id=row.document_id, _anchor=anchor),
        "symbol": row.symbol,
        "line": f"{words} {row.day:%-d %b %Y}",
        "level": row.level,
        "verb": verb,
    }
