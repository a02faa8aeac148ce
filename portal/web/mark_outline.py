"""The passages on the marking page: over the picture of the page, in the outline, and where the wording of what is marked stays."""

from collections.abc import Callable, Sequence
from typing import Any

from portal.cases.mark_passages import MarkView
from portal.cases.marked import Mark
from portal.cases.passage_marks import Echo, Marked, PassageMark

#: How many places with the same wording are listed.
ECHOES = 8
#: How many of the passages that go with another are named.
WITH = 4
#: How deep the outline is set in at most.
DEEPEST = 4


def outline_context(view: MarkView, address: Callable[[int], str | None], press: str) -> dict[str, Any]:
    """`press`: the button that was pressed, which gets the focus again. It says `take` over the picture, `pick` in the outline."""
    word, _, about = press.partition(" ")
    picked = about if word == "pick" else None
    shown = () if view.marks.painted or view.page in view.marks.pages else view.passages or ()
    return {
        "takes": [take for row in shown for take in _takes(row, focus=word == "take" and about == row.label)],
        "outline": None if view.passages is None else [_row(view, row, address, focus=row.label == picked) for row in view.passages],
        "echoes": [_echo(view, echo, address) for echo in view.echoes[:ECHOES]],
        "more_echoes": max(0, len(view.echoes) - ECHOES),
        "echoes_words": _echoes_words(view.echoes),
    }


def rect(box: Mark) -> dict[str, str]:
    """Where a box lies on the page's picture."""
    x0, y0, x1, y1 = box.edges
    return {"x": _percent(x0), "y": _percent(y0), "width": _percent(x1 - x0), "height": _percent(y1 - y0)}


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2f}%"


def _takes(row: PassageMark, *, focus: bool) -> list[dict[str, Any]]:
    """The passage's buttons over the picture; it is named and reached by the keyboard once."""
    return [
        {**rect(box), **_press(row), "label": row.label, "first": number == 0, "focus": focus and number == 0}
        for number, box in enumerate(row.here)
    ]


def _row(view: MarkView, row: PassageMark, address: Callable[[int], str | None], *, focus: bool) -> dict[str, Any]:
    return {
        **_press(row),
        "label": row.label,
        "begins": row.begins,
        "page": row.page,
        "level": min(row.level, DEEPEST),
        "kind": row.kind,
        "state": _state(row),
        "gone": row.marked is Marked.WHOLLY,
        "here": bool(row.here),
        "url": address(row.page) if row.page != view.page else None,
        "focus": focus,
    }


def passage_row(view: MarkView, row: PassageMark) -> dict[str, Any]:
    """A passage among what is marked: how it begins, and what goes with it."""
    if row.goes_with != row.label:
        return {"name": row.label, "words": [row.begins], "more": 0, "note": f"It goes with {row.goes_with}, too."}
    others = [other.label for other in view.passages or () if other.goes_with == row.label and other.label != row.label]
    named = listed([*others[:WITH], f"{len(others) - WITH} more"] if len(others) > WITH else others)
    return {"name": row.label, "words": [row.begins], "more": 0, "note": f"With {named}." if others else ""}


def _press(row: PassageMark) -> dict[str, Any]:
    """What a press of its button is about, and how it is called. What goes with another passage stays when that one does."""
    if not row.goes_with:
        return {"about": row.label, "name": f"Take {row.label}", "words": row.begins, "pressed": False}
    words = row.begins if row.goes_with == row.label else f"{row.label} goes with it"
    return {"about": row.goes_with, "name": f"Let {row.goes_with} go", "words": words, "pressed": True}


def _state(row: PassageMark) -> str:
    if row.goes_with:
        return "Marked" if row.goes_with == row.label else f"With {row.goes_with}"
    if row.marked:
        return "By boxes" if row.marked is Marked.WHOLLY else "In part"
    return {Marked.NOT: "", Marked.PARTLY: "In force in part", Marked.WHOLLY: "In force"}[row.stands]


def _echo(view: MarkView, echo: Echo, address: Callable[[int], str | None]) -> dict[str, Any]:
    return {
        "goes": echo.goes,
        "stays": echo.stays,
        "words": echo.words,
        "label": echo.label,
        "page": echo.page,
        "url": address(echo.page) if echo.page != view.page else None,
    }


def _echoes_words(echoes: Sequence[Echo]) -> str:
    """ "§31, §40 and text on page 7"."""
    places = list(dict.fromkeys(echo.stays for echo in echoes))
    return listed([*places[:ECHOES], f"{len(places) - ECHOES} more"] if len(places) > ECHOES else places)


def listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
