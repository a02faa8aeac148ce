"""Invented contexts of the page on which passages are marked."""

from typing import Any

from tests.web.samples_requests import CHOICES
from tests.web.samples_story import PNG, STATES, SYMBOL, TITLE

Context = dict[str, Any]


def _row(name: str, *words: str, more: int = 0, note: str = "", url: str | None = None) -> Context:
    return {"name": name, "press": f"remove {name}", "words": list(words), "more": more, "note": note, "url": url, "page": 7}


def _passage(label: str, begins: str, page: int = 7, level: int = 1, state: str = "", *, about: str = "") -> Context:
    said = {"label": label, "begins": begins, "page": page, "level": level, "kind": "paragraph", "state": state, "gone": bool(state)}
    press = {"about": about or label, "name": f"Take {label}", "words": begins, "pressed": bool(state)}
    return {**said, **press, "here": page == 7, "url": None if page == 7 else "mark.html", "focus": False}


def _take(label: str, top: int, height: int, *, pressed: bool = False, first: bool = True) -> Context:
    place = {"x": "8.00%", "y": f"{top}.00%", "width": "84.00%", "height": f"{height}.00%"}
    return {
        **place,
        "about": label,
        "name": f"Take {label}",
        "words": "The Service stated",
        "pressed": pressed,
        "label": label,
        "first": first,
        "focus": False,
    }


def _echo(goes: str, stays: str, label: str, page: int, words: int) -> Context:
    return {"goes": goes, "stays": stays, "label": label, "page": page, "words": words, "url": None if page == 7 else "mark.html"}


OUTLINE = [
    _passage("II", "II. Border control", 6, 0),
    _passage("§20", "20. The delegation was informed that 11 of 14 carriers transmit their lists."),
    _passage("§21", "21. The Service stated that the lists are compared once a day.", state="Marked"),
    _passage("§21(a)", "(a) with the list of the sanctions committee", level=2, state="With §21", about="§21"),
    _passage("§21(b)", "(b) with the national list", level=2, state="With §21", about="§21"),
    _passage("§22", "22. It asked for training.", state="In part"),
    *(
        _passage(f"§{number}", f"{number}. The mission visited the border post and met its officers.", 8 + number // 9)
        for number in range(23, 60)
    ),
    _passage("footnote 4", "4 Interview of 3 November.", 9, 0),
]

MARK: Context = {
    "symbol": SYMBOL,
    "title": TITLE,
    "level": 1,
    "originator_short": "Directorate",
    "other": "Office",
    "back_href": "document.html",
    "action": "mark.html",
    "record_url": "document.html",
    "version": 1,
    "version_words": "Version 1, English",
    "place_id": "",
    "place_words": ("", ""),
    "place_labels": [],
    "page": 7,
    "pages": 24,
    "prev_url": "mark.html",
    "next_url": "mark.html",
    "image_url": PNG,
    "painted": False,
    "drawn": [{"x": "20.00%", "y": "22.00%", "width": "40.00%", "height": "3.00%"}],
    "grown": [
        {"x": "8.00%", "y": "21.50%", "width": "84.00%", "height": "6.00%", "label": "Box 1"},
        {"x": "8.00%", "y": "60.00%", "width": "84.00%", "height": "8.00%", "label": ""},
    ],
    "whole": False,
    "stands": True,
    "wholly": False,
    "lines": [
        {"value": "0 p7:0.1,0.1,0.9,0.12", "text": "20. The delegation was informed that 11 of 14 carriers transmit.", "taken": False},
        {"value": "1 p7:0.1,0.2,0.9,0.22", "text": "21. The Service stated that the lists are compared once a day.", "taken": True},
    ],
    "picture": "",
    "text": ["20. The delegation was informed.", "21. The Service stated."],
    "marked": [
        _row("Page 3, whole", url="mark.html"),
        _row("Page 7, box 1", "21. The Service stated that the lists", "are compared once a day", more=1),
        _row("Page 7, box 2", note="No text that the portal can read."),
    ],
    "here_whole": False,
    "boxes_text": "p7:0.2,0.22,0.6,0.25",
    "edges": {"left": "", "top": "", "right": "", "bottom": ""},
    "scroll": "",
    "rolled": "",
    "takes": [_take("§20", 30, 6), _take("§21", 60, 8, pressed=True), _take("§21", 70, 3, pressed=True, first=False)],
    "outline": OUTLINE,
    "echoes": [_echo("§21", "§31", "§31", 11, 38), _echo("§21", "text on page 7", "", 7, 14)],
    "more_echoes": 3,
    "echoes_words": "§31, text on page 7 and 3 more",
    "states": STATES,
    "choices": CHOICES,
    "values": {"state": "XSM", "reference": "NV/2026/118", "dated": "2026-11-06", "received": "letter", "pages": "3"},
    "faults": {},
}
MARK_PAINTED: Context = {**MARK, "painted": True, "drawn": [], "grown": [], "lines": [], "takes": [], "stands": False}
MARK_FIRST: Context = {
    **MARK,
    "page": 1,
    "prev_url": None,
    "drawn": [],
    "grown": [],
    "lines": [],
    "picture": "unread",
    "text": [],
    "marked": [],
    "takes": [],
    "outline": None,
    "echoes": [],
    "more_echoes": 0,
    "echoes_words": "",
    "boxes_text": "",
    "wholly": True,
    "values": {"state": "", "reference": "", "dated": "", "received": "", "pages": ""},
}
MARK_FAULTS: Context = {
    **MARK,
    "level": 2,
    "whole": True,
    "takes": [],
    "outline": [],
    "echoes": [],
    "echoes_words": "",
    "boxes_text": "p7:0.2,0.22",
    "edges": {"left": "90", "top": "2", "right": "10", "bottom": "x"},
    "faults": {
        "boxes": "'p7:0.2,0.22' is not a box.",
        "edges": "Give all four edges in percent of the page.",
        "lines": "Choose at least one line.",
        "pages": "The document has pages 1 to 24; 99 is not among them.",
        "state": "Choose the State.",
        "reference": "Give the reference of the communication.",
        "dated": "The date lies in the future.",
    },
}
