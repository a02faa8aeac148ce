"""What an officer has marked so far, as the form of the marking page carries it from one look to the next. Pure.

Every button of that page is a `press`: a word, and for some what it is about. A press that cannot be done leaves everything as it was
typed, with a fault that says why. What is marked keeps the order in which it was, so that the last can be undone (`marked`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from portal.cases.marked import Chosen, chosen, parse_marked, written
from portal.confidentiality.boxes import LEAST, Box, boxes_text, outward, parse_boxes
from portal.confidentiality.boxes import pages_words as pages_text
from portal.confidentiality.render.found import Found
from portal.confidentiality.rules import parse_pages
from portal.kernel.errors import Invalid

NO_EDGES = ("", "", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkForm:
    """The form as it came. `edges`: left, top, right, bottom, in percent; `lines`: "3 p1:…", the line's place in the list and its box.

    `version`: on which it is marked, without it on the newest; `place`: the request that is to be placed there, if it is not a new one.
    `begins`: nothing has been marked yet, so that what is to be placed may be taken by its labels.
    """

    page: int
    press: str = ""
    boxes: str = ""
    pages: str = ""
    edges: tuple[str, str, str, str] = NO_EDGES
    lines: tuple[str, ...] = ()
    painted: bool = False
    version: int | None = None
    place: UUID | None = None
    begins: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is marked after the press. A text that could not be read is given back as it is, with its fault, and counts as empty."""

    found: Found | None = None
    marked: tuple[Box | str, ...] = ()
    pages: frozenset[int] = frozenset()
    boxes_text: str = ""
    pages_text: str = ""
    edges: tuple[str, str, str, str] = NO_EDGES
    painted: bool = False
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def chosen(self) -> Chosen:
        return chosen(self.marked, self.pages, self.found)

    def on(self, page: int) -> tuple[Box, ...]:
        """What to leave out of this page: the boxes on it, or the page."""
        return (whole_page(page),) if page in self.pages else tuple(box for box in self.chosen.boxes if box.page == page)


def pressed(form: MarkForm, *, last: int, found: Found | None = None) -> Marks:
    """What the form marks on a document of `last` pages in which these passages were found, once its press is done."""
    marks = _read(form, last, found)
    if marks.faults and not form.press.startswith(("paint", "original")):
        return marks
    word, _, about = form.press.partition(" ")
    try:
        return _done(marks, form, word, about)
    except Invalid as error:
        return replace(marks, faults=error.faults)


def _read(form: MarkForm, last: int, found: Found | None) -> Marks:
    faults: dict[str, str] = {}
    marked: tuple[Box | str, ...] = ()
    pages: frozenset[int] = frozenset()
    try:
        marked = parse_marked(form.boxes, last=last, found=found)
    except Invalid as error:
        faults |= error.faults
    try:
        pages = frozenset(parse_pages(form.pages, last=last)) if form.pages.strip() else pages
    except Invalid as error:
        faults |= error.faults
    return Marks(
        found=found,
        marked=marked,
        pages=pages,
        boxes_text=form.boxes if "boxes" in faults else written(marked),
        pages_text=form.pages,
        edges=form.edges,
        painted=form.painted,
        faults=faults,
    )


def _done(marks: Marks, form: MarkForm, word: str, about: str) -> Marks:
    match word:
        case "add":
            return replace(_with(marks, [_edged(form.page, form.edges)]), edges=NO_EDGES)
        case "enter" if any(form.edges):
            return replace(_with(marks, [_edged(form.page, form.edges)]), edges=NO_EDGES)
        case "lines":
            return _with(marks, _taken(form.page, form.lines))
        case "take" | "pick":
            return _turned(marks, about)
        case "undo":
            return _holding(marks, marks.marked[:-1])
        case "remove":
            return _holding(marks, [mark for mark in marks.marked if written([mark]) != about])
        case "page":
            return _keeping(marks, marks.pages | {form.page})
        case "unpage":
            return _keeping(marks, frozenset(page for page in marks.pages if str(page) != about))
        case "paint" | "original":
            return replace(marks, painted=word == "paint")
    return marks


def _with(marks: Marks, more: Iterable[Box | str]) -> Marks:
    marked = tuple(dict.fromkeys((*marks.marked, *more)))
    boxes = [mark for mark in marked if isinstance(mark, Box)]
    parse_boxes(written(boxes), last=max((box.page for box in boxes), default=0))  # no more than a request can hold
    return _holding(marks, marked)


def _turned(marks: Marks, label: str) -> Marks:
    """The passage is taken; or let go, if it was."""
    if marks.found is None or label not in {passage.label for passage in marks.found.passages} or not label:
        raise Invalid({"boxes": "There is no such passage. Open the page again, or draw a box."})
    if label in marks.marked:
        return _holding(marks, [mark for mark in marks.marked if mark != label])
    return _with(marks, [label])


def _holding(marks: Marks, marked: Sequence[Box | str]) -> Marks:
    return replace(marks, marked=tuple(marked), boxes_text=written(marked))


def _keeping(marks: Marks, pages: frozenset[int]) -> Marks:
    return replace(marks, pages=pages, pages_text=pages_text(pages))


def _edged(page: int, edges: tuple[str, str, str, str]) -> Box:
    try:
        x0, y0, x1, y1 = (float(edge.replace(",", ".").rstrip(" %")) / 100 for edge in edges)
        box = Box(page, x0, y0, x1, y1)
    except ValueError:
        sentence = "Give all four edges in percent of the page, from 0 to 100: left less than right, top less than bottom."
        raise Invalid({"edges": sentence}) from None
    if round(box.x1 - box.x0, 4) < LEAST or round(box.y1 - box.y0, 4) < LEAST:
        raise Invalid({"edges": "This is too thin to hold a line. Draw it around the whole passage."})
    return box


def _taken(page: int, lines: Sequence[str]) -> list[Box]:
    """The chosen lines as boxes; lines that follow one another become one, so that no strip of paint tells how many they were."""
    runs: list[tuple[int, Box]] = []
    for line in lines:
        number, box = _line(page, line)
        if runs and number == runs[-1][0] + 1 and _below(runs[-1][1], box):
            box = runs.pop()[1].with_(box)
        runs.append((number, box))
    if not runs:
        raise Invalid({"lines": "Choose at least one line."})
    return [box for _, box in runs]


def _line(page: int, line: str) -> tuple[int, Box]:
    number, _, place = line.partition(" ")
    try:
        (box,) = parse_boxes(place, last=page)
        if box.page != page:
            raise ValueError
        return int(number), box
    except (Invalid, ValueError):
        raise Invalid({"lines": "These are not lines of this page. Choose them again."}) from None


def _below(one: Box, other: Box) -> bool:
    """Does the other stand under this one, and not in the next column?"""
    return other.y1 > one.y1 and other.x0 < one.x1 and one.x0 < other.x1


def line_value(number: int, place: Box) -> str:
    """A line as a form gives it back; a stop or a dash alone is widened to what a box may be."""
    wide = outward(place.page, (place.x0, place.y0, max(place.x1, place.x0 + LEAST), max(place.y1, place.y0 + LEAST)))
    return f"{number} {boxes_text([wide])}"


def whole_page(page: int) -> Box:
    return Box(page, 0.0, 0.0, 1.0, 1.0)
