"""What a found passage is, and what withholding it takes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from portal.confidentiality.boxes import Box, outward
from portal.confidentiality.render.numbering import Level
from portal.confidentiality.render.rows import Page, Row

_INSET = 0.15  # of a row's height: a box need not reach a line's edge to take it, and must not touch the next


class Kind(StrEnum):
    ANNEX = "annex"
    SECTION = "section"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    TABLE = "table"
    FOOTNOTE = "footnote"
    HEADING = "heading"  # without a number
    TEXT = "text"


#: What is counted as numbered; annexes, tables and footnotes have labels too.
NUMBERED = frozenset({Kind.SECTION, Kind.PARAGRAPH, Kind.ITEM})


@dataclass(frozen=True, slots=True)
class Passage:
    """`label` is "" for what has no number. `boxes` hold its rows in the full width of their columns, page by page.

    `depth` orders what has a place in the sequence, the widest first; None for tables, notes and what has no number.
    `notes` are the labels of the footnotes that its text refers to.
    """

    kind: Kind
    label: str
    boxes: tuple[Box, ...]
    text: str
    depth: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def pages(self) -> tuple[int, ...]:
        return tuple(sorted({box.page for box in self.boxes}))


@dataclass(slots=True)
class Draft:
    """A passage while its rows are gathered; a row comes with its place among all rows."""

    kind: Kind
    label: str
    level: Level | None
    rows: list[tuple[int, Row]] = field(default_factory=list)

    @property
    def heading(self) -> bool:
        return self.kind in (Kind.ANNEX, Kind.SECTION, Kind.HEADING)

    def done(self, pages: Sequence[Page]) -> Passage:
        text = " ".join(row.text for _, row in self.rows)
        return Passage(self.kind, self.label, boxes_of(self.rows, pages), text, None if self.level is None else int(self.level))


def boxes_of(placed: Sequence[tuple[int, Row]], pages: Sequence[Page]) -> tuple[Box, ...]:
    """One box for each run of rows below each other in one column."""
    runs: list[list[Row]] = []
    before = -2
    for at, row in placed:
        if runs and at == before + 1 and runs[-1][-1].column == row.column:
            runs[-1].append(row)
        else:
            runs.append([row])
        before = at
    return tuple(_around(run, pages[run[0].page - 1].points) for run in runs)


def _around(run: Sequence[Row], points: tuple[float, float]) -> Box:
    width, height = points
    left, right = run[0].reach
    top = min(row.y0 + _INSET * (row.y1 - row.y0) for row in run)
    bottom = max(row.y1 - _INSET * (row.y1 - row.y0) for row in run)
    edges = [min(left / width, 0.997), min(top / height, 0.997), right / width, bottom / height]
    edges[2], edges[3] = max(edges[2], edges[0] + 0.003), max(edges[3], edges[1] + 0.003)
    return outward(run[0].page, edges)


def taken(passages: Sequence[Passage], label: str) -> tuple[Passage, ...]:
    """What withholding this label takes: the passage, what is numbered under it and stands between, and the footnotes of all of these.

    Of annexes and sections everything up to the next of their like. Raises KeyError for a label that no passage has.
    """
    place = next((at for at, passage in enumerate(passages) if passage.label == label and label), None)
    if place is None:
        raise KeyError(label)
    return tuple(passages[at] for at in taken_from(passages, place))


def taken_from(passages: Sequence[Passage], place: int) -> tuple[int, ...]:
    """The places of what withholding the passage in this place takes, in reading order."""
    first = passages[place]
    last = place
    if first.depth is not None:
        for at in range(place + 1, len(passages)):
            depth, kind = passages[at].depth, passages[at].kind
            if kind is Kind.FOOTNOTE or (depth is not None and depth <= first.depth):
                break
            if depth is not None or first.depth < Level.PARAGRAPH:
                last = at
    inside = range(place, last + 1)
    named = {note for at in inside for note in passages[at].notes}
    return (*inside, *(at for at in range(last + 1, len(passages)) if named and passages[at].label in named))
