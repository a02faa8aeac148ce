"""The marking page: the page of the original with its boxes, the list of what is marked, and the request it will be recorded with."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from flask import url_for

from portal.cases.mark_passages import MarkView
from portal.cases.marked import Mark, written
from portal.cases.marks import line_value
from portal.web.forms import faults, typed
from portal.web.mark_outline import outline_context, passage_row, rect
from portal.web.request_form import request_choices, request_entered

#: How much of what a box takes is said in the list: lines, and letters of each.
LINES, LETTERS = 4, 60


def mark_context(view: MarkView, document_id: UUID) -> dict[str, Any]:
    """Everything `mark.html` needs."""

    def address(page: int) -> str | None:
        return url_for("passages.look", document_id=document_id, page=page) if 1 <= page <= view.pages else None

    marks, painted = view.marks, view.marks.painted
    return {
        "symbol": view.symbol,
        "title": view.title,
        "level": view.level,
        "originator_short": view.originator_short,
        "other": " and the ".join(view.others),
        "back_href": url_for("documents.show", document_id=document_id),
        "action": address(view.page),
        "record_url": url_for("passages.record" if view.place is None else "requests.place", document_id=document_id),
        "version": view.version,
        "version_words": view.version_words,
        "place_id": "" if view.place is None else str(view.place),
        "place_words": view.place_words,
        "place_labels": list(view.place_labels),
        "page": view.page,
        "pages": view.pages,
        "prev_url": address(view.page - 1),
        "next_url": address(view.page + 1),
        "image_url": f"data:{view.mime};base64,{b64encode(view.image).decode()}",
        "painted": painted,
        "drawn": [] if painted or view.page in marks.pages else [rect(box) for box in _drawn(view)],
        "grown": [] if painted else [{**rect(box), "label": _label(view, box)} for box in view.seen.grown],
        "whole": any(box.whole for box in view.seen.grown),
        "stands": bool(view.standing.boxes),
        "wholly": view.standing.wholly,
        "lines": [] if painted else _lines(view),
        "text": list(view.seen.text),
        "picture": "" if not view.seen.picture else "read" if view.reads_pictures else "unread",
        "marked": _marked(view, address),
        "here_whole": view.page in marks.pages,
        "boxes_text": marks.boxes_text,
        "edges": dict(zip(("left", "top", "right", "bottom"), marks.edges, strict=True)),
        "scroll": _far("scroll"),
        "rolled": _far("rolled"),
        **outline_context(view, address, "" if typed("pointed") else typed("press")),
        "states": view.states,
        "choices": request_choices(view.bodies),
        "values": {**request_entered(), "pages": marks.pages_text},
        "faults": {**marks.faults, **faults()},
    }


def _far(name: str) -> str:
    """How far the page, or its outline, was scrolled when a button was pressed; a request that was refused is shown from its top."""
    far = typed(name)
    return far if far.isascii() and far.isdecimal() and len(far) < 7 and not faults() else ""


def _drawn(view: MarkView) -> list[Mark]:
    """The boxes that were drawn on this page, in the order of drawing."""
    return [mark for mark in view.marks.marked if isinstance(mark, Mark) and mark.page == view.page]


def _label(view: MarkView, grown: Mark) -> str:
    """Which passages and drawn boxes one painted box stands for; empty where it is all in force already."""
    if view.page in view.marks.pages:
        return "Page withheld"
    numbers = [str(number) for number, box in enumerate(_drawn(view), 1) if grown.covers(box)]
    boxes = [f"{'Box' if len(numbers) == 1 else 'Boxes'} {', '.join(numbers)}"] if numbers else []
    return ", ".join([*_taken(view, grown), *boxes])


def _taken(view: MarkView, grown: Mark) -> list[str]:
    """The passages that were taken and of which lines lie in it."""
    inside = {row.goes_with for row in view.passages or () if any(grown.covers(box) for box in row.here)}
    return [label for label in view.marks.chosen.labels if label in inside]


def _lines(view: MarkView) -> list[dict[str, Any]]:
    return [
        {"value": line_value(number, place), "text": text, "taken": any(box.meets(place) for box in view.seen.grown)}
        for number, (text, place) in enumerate(zip(view.seen.text, view.seen.places, strict=True))
    ]


def _marked(view: MarkView, address: Any) -> list[dict[str, Any]]:
    """Whole pages, passages and boxes, page by page; a box is numbered on its page, in the order of drawing; words only of that page."""
    rows: list[tuple[int, int, int, dict[str, Any]]] = []
    for page in view.marks.pages:
        rows.append((page, 0, 0, {"name": f"Page {page}, whole", "press": f"unpage {page}", "note": "", "words": [], "more": 0}))
    for at, passage in enumerate(view.passages or ()):
        if passage.label in view.marks.marked:
            rows.append((passage.page, 1, at, {**passage_row(view, passage), "press": f"remove {written([passage.label])}"}))
    counts: dict[int, int] = {}
    for box in view.marks.marked:
        if isinstance(box, Mark):
            number = counts[box.page] = counts.get(box.page, 0) + 1
            row = {"name": f"Page {box.page}, box {number}", "press": f"remove {written([box])}", **_words(view, box)}
            rows.append((box.page, 2, number, row))
    return [
        {**row, "url": address(page) if page != view.page else None, "page": page} for page, _, _, row in sorted(rows, key=lambda r: r[:3])
    ]


def _words(view: MarkView, box: Mark) -> dict[str, Any]:
    if box.page in view.marks.pages:
        return {"note": "The whole page is withheld.", "words": [], "more": 0}
    if box.page != view.page or view.marks.painted:
        return {"note": "", "words": [], "more": 0}
    around = next((grown for grown in view.seen.grown if grown.covers(box)), box)
    if around.whole:
        return {"note": "So much of the page that all of it is withheld.", "words": [], "more": 0}
    taken = [text for text, place in zip(view.seen.text, view.seen.places, strict=True) if around.meets(place)]
    words = [text if len(text) <= LETTERS else text[: LETTERS - 1].rstrip() + "…" for text in taken[:LINES]]
    note = "" if taken else "No text that the portal can read: what lies in the box is painted over as it was drawn."
    return {"note": note, "words": words, "more": len(taken) - len(words)}
