"""The marking page: the page of the original with its boxes, the list of what is marked, and the request it will be recorded with."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from flask import url_for

from portal.cases.mark_passages import MarkView
from portal.cases.marks import Mark, line_value, written
from portal.web.forms import faults, typed
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
        "record_url": url_for("passages.record", document_id=document_id),
        "page": view.page,
        "pages": view.pages,
        "prev_url": address(view.page - 1),
        "next_url": address(view.page + 1),
        "image_url": f"data:{view.mime};base64,{b64encode(view.image).decode()}",
        "painted": painted,
        "drawn": [] if painted else [_rect(box) for box in marks.on(view.page) if not box.whole],
        "grown": [] if painted else [{**_rect(box), "label": _label(view, box)} for box in view.seen.grown],
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
        "scroll": _scroll(),
        "states": view.states,
        "choices": request_choices(view.bodies),
        "values": {**request_entered(), "pages": marks.pages_text},
        "faults": {**marks.faults, **faults()},
    }


def _scroll() -> str:
    """How far the page was scrolled when a button was pressed; a request that was refused is shown from its top, where the faults are."""
    far = typed("scroll")
    return far if far.isascii() and far.isdecimal() and len(far) < 7 and not faults() else ""


def _rect(box: Mark) -> dict[str, str]:
    x0, y0, x1, y1 = box.edges
    return {"x": _percent(x0), "y": _percent(y0), "width": _percent(x1 - x0), "height": _percent(y1 - y0)}


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2f}%"


def _label(view: MarkView, grown: Mark) -> str:
    """Which of the drawn boxes one painted box stands for; empty where it is all in force already."""
    if view.page in view.marks.pages:
        return "Page withheld"
    numbers = [str(number) for number, box in enumerate(view.marks.on(view.page), 1) if grown.covers(box)]
    return f"{'Box' if len(numbers) == 1 else 'Boxes'} {', '.join(numbers)}" if numbers else ""


def _lines(view: MarkView) -> list[dict[str, Any]]:
    return [
        {"value": line_value(number, place), "text": text, "taken": any(box.meets(place) for box in view.seen.grown)}
        for number, (text, place) in enumerate(zip(view.seen.text, view.seen.places, strict=True))
    ]


def _marked(view: MarkView, address: Any) -> list[dict[str, Any]]:
    """Whole pages and boxes, page by page; a box is numbered on its page, in the order of drawing. Words only of the page that is shown."""
    rows: list[tuple[int, int, dict[str, Any]]] = []
    for page in view.marks.pages:
        rows.append((page, 0, {"name": f"Page {page}, whole", "press": f"unpage {page}", "note": "", "words": [], "more": 0}))
    counts: dict[int, int] = {}
    for box in view.marks.boxes:
        number = counts[box.page] = counts.get(box.page, 0) + 1
        row = {"name": f"Page {box.page}, box {number}", "press": f"remove {written([box])}", **_words(view, box)}
        rows.append((box.page, number, row))
    return [
        {**row, "url": address(page) if page != view.page else None, "page": page} for page, _, row in sorted(rows, key=lambda r: r[:2])
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
