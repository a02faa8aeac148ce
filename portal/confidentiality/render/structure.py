"""What the kept lines of a rendition are to whoever hears them: headings, paragraphs, lists, tables, notes. Made of kept words alone. Pure.

The child finds it (`tree`), the parent checks every value of it (`parsed`), `assemble` writes it down: PDF 32000-1:2008, 14.7 and 14.8.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.notice import is_notice
from portal.confidentiality.render.numbering import Level
from portal.confidentiality.render.outline import outline
from portal.confidentiality.render.rows import Page, Piece
from portal.confidentiality.render.text_passages import Kind, Passage
from portal.confidentiality.render.words import Line

_ROOM = 1.15  # times the size of its letters: the height of a word's room
_HEADING = 300  # letters: what is longer is no heading, however it begins
_SAME_ROW = 0.5  # of the lower of two cells: how far they share their height

#: A page's size in points and its lines, as they are kept.
Kept = tuple[tuple[float, float], Sequence[Line]]


class Role(StrEnum):
    """The structure types of the leaves, by their PDF names."""

    H1 = "H1"
    H2 = "H2"
    H3 = "H3"
    P = "P"
    ITEM = "LBody"
    CAPTION = "Caption"
    CELL = "TD"
    NOTE = "Note"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One element that holds text: lines by page (from 1) and place on it (from 0), in the order in which they are read.

    `row` is the row of a table that a cell stands in, counted over the document; 0 elsewhere.
    """

    role: Role
    lines: tuple[tuple[int, int], ...]
    row: int = 0


@dataclass(slots=True)
class _Block:
    passage: Passage | None
    lines: list[tuple[int, int]] = field(default_factory=list)


def tree(pages: Sequence[Kept]) -> list[Leaf]:
    """Every line of these pages in exactly one leaf, in reading order."""
    passages = outline([_page(points, lines) for points, lines in pages])
    leaves: list[Leaf] = []
    for block in _blocks(pages, passages):
        leaves += _leaves(block, pages, leaves)
    return leaves


def to_json(leaves: Iterable[Leaf]) -> list[object]:
    return [[leaf.role.value, leaf.row, [list(line) for line in leaf.lines]] for leaf in leaves]


def parsed(value: Any, lines: Sequence[int]) -> tuple[Leaf, ...]:
    """The leaves again. `lines`: how many each page has. Raises ValueError unless every line stands in exactly one leaf."""
    if not isinstance(value, list):
        raise ValueError("no structure")
    leaves = tuple(_leaf(item) for item in value)
    held = [line for leaf in leaves for line in leaf.lines]
    if len(held) != len(set(held)) or set(held) != {(page, at) for page, count in enumerate(lines, start=1) for at in range(count)}:
        raise ValueError("not every line once")
    return leaves


def _leaf(item: Any) -> Leaf:
    if not isinstance(item, list) or len(item) != 3 or not isinstance(item[2], list) or type(item[1]) is not int or not item[2]:
        raise ValueError("not an element")
    if not all(isinstance(line, list) and len(line) == 2 and all(type(part) is int for part in line) for line in item[2]):
        raise ValueError("not a line's place")
    return Leaf(Role(item[0]), tuple((page, at) for page, at in item[2]), item[1])


def _page(points: tuple[float, float], lines: Sequence[Line]) -> Page:
    width, height = points
    pieces = []
    for word in (word for line in lines if not _is_mark(line) for word in line):
        left, top, right, bottom = word.box
        size = max((bottom - top) * height / _ROOM, 0.1)
        pieces.append(Piece(word.text, left * width, top * height, right * width, bottom * height, size))
    return Page(points, tuple(pieces))


def _is_mark(line: Line) -> bool:
    return is_notice(" ".join(word.text for word in line))


def _blocks(pages: Sequence[Kept], passages: Sequence[Passage]) -> list[_Block]:
    """The lines of each passage together; what belongs to none, and notes, after the passage that was read before them.

    A mark ends what stands before it: nothing goes on behind it as if nothing were missing.
    """
    placed: dict[int, list[tuple[Box, int]]] = {}
    for number, passage in enumerate(passages):
        for box in passage.boxes:
            placed.setdefault(box.page, []).append((box, number))
    blocks: dict[tuple[int, ...], _Block] = {}
    notes: dict[int, tuple[int, ...]] = {}
    last, marks = -1, 0
    for number, (_, lines) in enumerate(pages, start=1):
        for at, line in enumerate(lines):
            found = _holder(line, placed.get(number, ()))
            if _is_mark(line):
                found, last, marks = None, -1, marks + 1
                notes.clear()
            order: tuple[int, ...] = (marks, last, 1, number, at)
            if found is not None and passages[found].kind is Kind.FOOTNOTE:
                order = notes.setdefault(found, order)
            elif found is not None:
                last, order = found, (marks, found, 0)
            block = blocks.setdefault(order, _Block(None if found is None else passages[found]))
            block.lines.append((number, at))
    return [blocks[order] for order in sorted(blocks)]


def _holder(line: Line, placed: Iterable[tuple[Box, int]]) -> int | None:
    """The passage in whose box the middle of the line lies."""
    left, right = min(word.box[0] for word in line), max(word.box[2] for word in line)
    top, bottom = min(word.box[1] for word in line), max(word.box[3] for word in line)
    x, y = (left + right) / 2, (top + bottom) / 2
    return next((number for box, number in placed if box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1), None)


def _leaves(block: _Block, pages: Sequence[Kept], before: Sequence[Leaf]) -> Iterator[Leaf]:
    passage, lines = block.passage, tuple(block.lines)
    if passage is not None and passage.kind is Kind.TABLE:
        yield from _table(lines, pages, before)
    else:
        yield Leaf(_role(passage, before), lines)


def _role(passage: Passage | None, before: Sequence[Leaf]) -> Role:
    if passage is None:
        return Role.P
    match passage.kind:
        case Kind.ITEM:
            return Role.ITEM
        case Kind.FOOTNOTE:
            return Role.NOTE
        case Kind.ANNEX | Kind.SECTION | Kind.HEADING if len(passage.text) <= _HEADING:
            return _heading(passage, before)
    return Role.P


def _heading(passage: Passage, before: Sequence[Leaf]) -> Role:
    """No level is passed over: who goes from heading to heading would think that something is missing."""
    wanted = {None: 2, Level.PART: 2, Level.TITLE: 3}.get(None if passage.depth is None else Level(passage.depth), 1)
    above = next((int(leaf.role.value[1]) for leaf in reversed(before) if leaf.role in (Role.H1, Role.H2, Role.H3)), 0)
    return Role(f"H{min(wanted, above + 1)}")


def _table(lines: Sequence[tuple[int, int]], pages: Sequence[Kept], before: Sequence[Leaf]) -> Iterator[Leaf]:
    """Cells by their rows. What stands alone on top is the caption."""
    rows: list[list[tuple[int, int]]] = []
    for line in lines:
        if rows and _beside(_edges(pages, rows[-1][-1]), _edges(pages, line)) and rows[-1][-1][0] == line[0]:
            rows[-1].append(line)
        else:
            rows.append([line])
    number = max((leaf.row for leaf in before), default=0)
    for at, row in enumerate(rows):
        if at == 0 and len(row) == 1:
            yield Leaf(Role.CAPTION, tuple(row))
            continue
        number += 1
        for cell in row:
            yield Leaf(Role.CELL, (cell,), number)


def _edges(pages: Sequence[Kept], line: tuple[int, int]) -> tuple[float, float]:
    words = pages[line[0] - 1][1][line[1]]
    return min(word.box[1] for word in words), max(word.box[3] for word in words)


def _beside(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return min(one[1], other[1]) - max(one[0], other[0]) > _SAME_ROW * min(one[1] - one[0], other[1] - other[0])
