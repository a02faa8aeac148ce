"""One page as it arrives from the child: every number is checked before it is used. Parent only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.found import whole
from portal.confidentiality.render.notice import notice_line, notice_pixels
from portal.confidentiality.render.pixels import Picture, encode
from portal.confidentiality.render.refusal import RenderFailed
from portal.confidentiality.render.sandbox import Answers
from portal.confidentiality.render.structure import Leaf, parsed
from portal.confidentiality.render.wire import HEAD, Frame
from portal.confidentiality.render.words import Line, from_json

_MAX_PIXELS = 36_000_000
_MAX_WORDS = 16 << 20
_MAX_POINTS = 100_000.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A page's size in points, its picture, its words, how many words are not seen, and its boxes as they have grown.

    `kept` is False for a page that became the notice.
    """

    points: tuple[float, float]
    picture: Picture
    lines: tuple[Line, ...]
    dropped: int
    grown: tuple[Box, ...]
    kept: bool


def arrived(answers: Answers, number: int, *, withheld: bool, boxes: Sequence[Box] = (), language: str = "en") -> Arrival:
    """Page `number` with the boxes drawn on it. Raises `RenderFailed` for anything that is not one."""
    try:
        head = answers.expect("PAGE", HEAD).json()
        points = (_edge(head["points"][0]), _edge(head["points"][1]))
        grown = _grown(head["grown"], number, boxes)
        kept = head["kept"]
        if head["number"] != number or type(kept) is not bool or len(head["points"]) != 2:
            raise ValueError("another page than the next")
        if kept is withheld and (withheld or not any(box.whole for box in grown)):
            raise ValueError("withheld unasked, or not as asked")
        if not kept:
            pixels, line = notice_pixels(points, language), notice_line(points, language)
            return Arrival(points, encode(pixels, exact=True), (line,), 0, grown, kept=False)
        width, height = whole(head["width"], 1, _MAX_PIXELS), whole(head["height"], 1, _MAX_PIXELS)
        channels = 3 if head["channels"] == 3 else whole(head["channels"], 1, 1)
        dropped = whole(head["dropped"], 0, 1 << 30)
        if width * height > _MAX_PIXELS:
            raise ValueError("too many pixels")
        raw = answers.exactly("PIXL", width * height * channels)
        lines = from_json(answers.expect("WORD", _MAX_WORDS).json())
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise RenderFailed("a page of the child is not one") from error
    pixels = np.frombuffer(raw, dtype=np.uint8).reshape(height, width, channels)
    return Arrival(points, encode(pixels, exact=bool(grown)), lines, dropped, grown, kept=True)


def tree_of(answers: Answers, lines: Sequence[int]) -> tuple[Leaf, ...]:
    """What the kept lines are; `lines`: how many each page has. Raises `RenderFailed` for anything that does not hold each of them once."""
    try:
        return parsed(answers.expect("TREE", _MAX_WORDS).json(), lines)
    except (ValueError, KeyError, TypeError) as error:
        raise RenderFailed("the child's structure is not one") from error


def page_count(frame: Frame, max_pages: int) -> int:
    try:
        return whole(frame.json()["pages"], 1, max_pages)
    except (ValueError, KeyError, TypeError) as error:
        raise RenderFailed("the child's document is not one") from error


def _grown(value: Any, page: int, boxes: Sequence[Box]) -> tuple[Box, ...]:
    """What the boxes became: no more than were drawn, each drawn one within one of them."""
    if not isinstance(value, list) or len(value) > len(boxes) or any(not isinstance(item, list) or len(item) != 4 for item in value):
        raise ValueError("not boxes")
    grown = tuple(Box(page, *item) for item in value)
    if not all(any(box.covers(drawn) for box in grown) for drawn in boxes):
        raise ValueError("a box that did not grow")
    return grown


def _edge(value: object) -> float:
    if type(value) not in (int, float) or not 3 <= float(str(value)) <= _MAX_POINTS:
        raise ValueError("a size out of bounds")
    return round(float(str(value)), 2)
