"""Passages drawn as boxes on pages, and what one rendition leaves out. Pure.

A box is given in fractions of its page as a reader sees it (turned and cropped as the file says), from the top left corner, in steps of
1/10,000. Written: `p3:0.1000,0.2000,0.9000,0.4000` (page; left, top, right, bottom), boxes apart by white space. Where a box lies tells
what a State asked to keep: boxes are confidential, and stand in no event.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from portal.kernel.errors import Invalid

MOST_BOXES = 500
LEAST = 0.002  # of the page's width and height: about half a millimetre of A4
_STEPS = 10_000
_BOX = re.compile(r"p(\d{1,5}):([^,\s]{1,20}),([^,\s]{1,20}),([^,\s]{1,20}),([^,\s]{1,20})")
_EXAMPLE = "Write, for example: p3:0.10,0.20,0.90,0.40"
_LONGEST = 64 * MOST_BOXES


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """`page` counts from 1; the edges lie within 0..1, and left and top before right and bottom. Raises ValueError for anything else."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if type(self.page) is not int or self.page < 1:
            raise ValueError("not a page")
        for name in ("x0", "y0", "x1", "y1"):
            object.__setattr__(self, name, round(_fraction(getattr(self, name)), 4))
        if not (self.x0 < self.x1 and self.y0 < self.y1):
            raise ValueError("a box without an inside")

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.x0, self.y0, self.x1, self.y1

    @property
    def whole(self) -> bool:
        """Is it the page, from edge to edge? Then the page is withheld, and shown as the notice."""
        return self.edges == (0.0, 0.0, 1.0, 1.0)

    def covers(self, other: "Box") -> bool:
        inside = self.x0 <= other.x0 and self.y0 <= other.y0 and self.x1 >= other.x1 and self.y1 >= other.y1
        return self.page == other.page and inside

    def meets(self, other: "Box") -> bool:
        """Do they share some area?"""
        apart = self.x1 <= other.x0 or other.x1 <= self.x0 or self.y1 <= other.y0 or other.y1 <= self.y0
        return self.page == other.page and not apart

    def with_(self, other: "Box") -> "Box":
        """The smallest box around both."""
        return Box(self.page, min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))


def outward(page: int, edges: Iterable[float]) -> Box:
    """The smallest box in our steps around these edges, which may reach over the page."""
    x0, y0, x1, y1 = (min(1.0, max(0.0, _finite(edge))) for edge in edges)
    low = [math.floor(edge * _STEPS + 1e-6) / _STEPS for edge in (x0, y0)]
    high = [math.ceil(edge * _STEPS - 1e-6) / _STEPS for edge in (x1, y1)]
    return Box(page, low[0], low[1], high[0], high[1])


def parse_boxes(text: str, *, last: int) -> tuple[Box, ...]:
    """ "p3:0.10,0.20,0.90,0.40 p5:…" → boxes, sorted, each once; none for an empty text.

    Raises `Invalid` for `boxes`, naming what is wrong: the notation, a number, a page that the document does not have, too many.
    """
    pieces = text[: _LONGEST + 1].split()
    if len(pieces) > MOST_BOXES or len(text) > _LONGEST:
        raise Invalid({"boxes": f"These are more than {MOST_BOXES} boxes. Withhold whole pages instead."})
    return tuple(sorted({_asked(piece, last) for piece in pieces}))


def boxes_text(boxes: Iterable[Box]) -> str:
    """The inverse of `parse_boxes`."""
    return " ".join(f"p{box.page}:" + ",".join(f"{edge:.4f}" for edge in box.edges) for box in sorted(boxes))


def _asked(piece: str, last: int) -> Box:
    match = _BOX.fullmatch(piece)
    shown = piece[:80]
    if match is None:
        raise Invalid({"boxes": f"{shown!r} is not a box. {_EXAMPLE}"})
    if not 1 <= int(match[1]) <= last:
        raise Invalid({"boxes": f"The document has pages 1 to {last}; page {int(match[1])} of {shown!r} is not among them."})
    try:
        edges = [float(edge) for edge in match.groups()[1:]]
        if not all(math.isfinite(edge) and 0 <= edge <= 1 for edge in edges):
            raise ValueError
    except ValueError:
        raise Invalid({"boxes": f"The edges in {shown!r} are not all fractions of the page, from 0 to 1. {_EXAMPLE}"}) from None
    x0, y0, x1, y1 = edges
    if not (x0 < x1 and y0 < y1):
        raise Invalid({"boxes": f"{shown!r} has no inside: write left, top, right, bottom, the smaller first. {_EXAMPLE}"})
    if round(x1 - x0, 4) < LEAST or round(y1 - y0, 4) < LEAST:
        raise Invalid({"boxes": f"{shown!r} is too thin to hold a line. Draw it around the whole passage."})
    return Box(int(match[1]), x0, y0, x1, y1)


def _fraction(value: object) -> float:
    if type(value) not in (int, float) or not 0 <= value <= 1:  # type: ignore[operator]  # NaN is not within either
        raise ValueError("not a fraction")
    return float(value) + 0.0  # type: ignore[arg-type]


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("not a number")
    return value


@dataclass(frozen=True, slots=True)
class Withheld:
    """What one rendition leaves out: whole pages, and boxes as drawn. `grown`: the boxes as they are painted, once it is built."""

    pages: frozenset[int] = frozenset()
    boxes: tuple[Box, ...] = ()
    grown: tuple[Box, ...] = ()

    def __post_init__(self) -> None:
        if any(type(page) is not int or page < 1 for page in self.pages):
            raise ValueError("not a page")
        object.__setattr__(self, "boxes", tuple(sorted(set(self.boxes))))
        object.__setattr__(self, "grown", tuple(sorted(set(self.grown))))

    def __bool__(self) -> bool:
        return bool(self.pages or self.boxes)

    @property
    def last(self) -> int:
        """The last page of which something is left out; 0 for none."""
        return max([*self.pages, *(box.page for box in self.boxes)], default=0)

    def on(self, page: int) -> tuple[Box, ...]:
        """The boxes drawn on a page that is not withheld as a whole."""
        return () if page in self.pages else tuple(box for box in self.boxes if box.page == page)

    def within(self, other: "Withheld") -> bool:
        """Does it leave out nothing that the other does not: pages among its pages, boxes on these or inside one of its boxes?"""
        boxes = all(box.page in other.pages or any(wide.covers(box) for wide in other.boxes) for box in self.boxes)
        return self.pages <= other.pages and boxes

    def to_text(self) -> str:
        return json.dumps({"pages": sorted(self.pages), "boxes": boxes_text(self.boxes), "grown": boxes_text(self.grown)}, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> "Withheld":
        """The inverse. A list of pages alone is how it was written before there were boxes. Raises ValueError for anything else."""
        raw = json.loads(text)
        if isinstance(raw, list):
            return cls(frozenset(raw))
        try:
            return cls(frozenset(raw["pages"]), stored_boxes(raw["boxes"]), stored_boxes(raw["grown"]))
        except (KeyError, TypeError) as error:
            raise ValueError("not what a rendition leaves out") from error

    @property
    def words(self) -> str:
        """For officers: "page 3, and 2 passages on pages 5 and 7"; empty when nothing is left out."""
        pages = _named(sorted(self.pages)) if self.pages else ""
        return ", and ".join(filter(None, (pages, self.passage_words)))

    @property
    def passage_words(self) -> str:
        """ "2 passages on pages 5 and 7": those on pages that are not left out whole."""
        passages = [box for box in self.boxes if box.page not in self.pages]
        count = "a passage" if len(passages) == 1 else f"{len(passages)} passages"
        return f"{count} on {_listed(sorted({box.page for box in passages}))}" if passages else ""


def stored_boxes(text: str) -> tuple[Box, ...]:
    """Boxes as we stored them, however many. Raises ValueError for anything that `boxes_text` would not have written."""
    found = []
    for piece in text.split():
        match = _BOX.fullmatch(piece)
        if match is None:
            raise ValueError("not a box")
        found.append(Box(int(match[1]), *(float(edge) for edge in match.groups()[1:])))
    return tuple(found)


def pages_words(pages: Iterable[int]) -> str:
    """(2, 4, 5, 6) → "2, 4-6"."""
    runs: list[list[int]] = []
    for page in sorted(set(pages)):
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _named(pages: list[int]) -> str:
    return f"{'page' if len(pages) == 1 else 'pages'} {pages_words(pages)}"


def _listed(pages: list[int]) -> str:
    """ "page 5"; "pages 5 and 7"; "pages 5-7, 9"."""
    if len(pages) == 2:
        return f"pages {pages[0]} and {pages[1]}"
    return _named(pages)
