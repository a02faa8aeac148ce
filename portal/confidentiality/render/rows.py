"""Rows of text in the order in which they are read: one or two columns, without running heads and page numbers. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from portal.confidentiality.render.words import right_to_left

_BESIDE = 1.1  # of a word's size: a wider gap is no space between words
_CELL = 1.6  # of a row's size: a wider gap parts the cells of a table
_RAISED = 0.8  # of the row's size: a smaller word that stands high is a mark of a note
_MIDDLE = (0.3, 0.7)  # of the page's width: where the gap between two columns is looked for
_LEAST_ROWS = 3  # on both sides, for two columns
_FILLED = 0.6  # of a column's width, by the row in the middle when ordered by width
_HEAD, _FOOT = 0.12, 0.9  # of the page's height: where what repeats is no text


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, or a mark of a note that hangs on one: its box in points from the top left of the page, and the size of its letters."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float

    @property
    def height(self) -> float:
        return max(self.y1 - self.y0, 0.1)


@dataclass(frozen=True, slots=True)
class Page:
    """A page's width and height in points, and what is written on it."""

    points: tuple[float, float]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a column.

    `column` is its number in the document, `reach` from where to where the column's text goes, `base` where the letters stand. `cells`: how
    many pieces stand apart from each other, the first (a number, perhaps) not counted; `raised`: marks of notes in it.
    """

    page: int
    column: int
    reach: tuple[float, float]
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float
    cells: int
    text: str
    raised: tuple[str, ...]
    rtl: bool

    @property
    def short(self) -> bool:
        """Does it end well before the column does?"""
        room = self.reach[1] - self.reach[0]
        left = self.x0 - self.reach[0] if self.rtl else self.reach[1] - self.x1
        return left > 0.1 * room

    @property
    def indent(self) -> float:
        return self.reach[1] - self.x1 if self.rtl else self.x0 - self.reach[0]


def rows(pages: Sequence[Page]) -> list[Row]:
    """All rows that are text of the document, in reading order."""
    found: list[Row] = []
    columns = 0
    for number, page in enumerate(pages, start=1):
        for pieces in _columns(page):
            found += _rows_of(pieces, number, columns)
            columns += 1
    return _with_reach(_without_running(found, pages))


def _with_reach(found: Sequence[Row]) -> list[Row]:
    """Each row with the reach of its column's text."""
    reach: dict[int, tuple[float, float]] = {}
    for row in found:
        left, right = reach.get(row.column, (row.x0, row.x1))
        reach[row.column] = min(left, row.x0), max(right, row.x1)
    return [replace(row, reach=reach[row.column]) for row in found]


def _columns(page: Page) -> list[list[Piece]]:
    """The words of each column, in the order in which columns are read: what goes across ends the columns above it."""
    pieces = page.pieces
    if not pieces:
        return []
    runs = _runs(pieces)
    gutter = _gutter(runs, page.points[0])
    if gutter is None:
        return [list(pieces)]
    rtl = sum(right_to_left(piece.text) for piece in pieces) > len(pieces) / 2
    done: list[list[Piece]] = []
    for across, band in _bands(runs, gutter):
        if across:
            done.append([piece for run in band for piece in run])
            continue
        sides = [[piece for run in band for piece in run if (_end(run) <= gutter) is left] for left in (not rtl, rtl)]
        done += [side for side in sides if side]
    return done


def _runs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Words that stand beside each other with no more than a space between."""
    usual = max(middle(piece.size for piece in pieces), 1.0)
    open_runs: dict[int, list[list[Piece]]] = defaultdict(list)
    runs: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.x0, piece.y0)):
        place = int((piece.y0 + piece.y1) / 2 / usual)
        near = [run for at in (place - 1, place, place + 1) for run in open_runs[at]]
        run = next((run for run in near if _level(run[-1], piece) and -usual <= piece.x0 - run[-1].x1 <= _BESIDE * piece.size), None)
        if run is None:
            run = []
            runs.append(run)
            open_runs[place].append(run)
        run.append(piece)
    return runs


def _level(one: Piece, other: Piece) -> bool:
    return min(one.y1, other.y1) - max(one.y0, other.y0) > 0.5 * min(one.height, other.height)


def _end(run: Sequence[Piece]) -> float:
    return max(piece.x1 for piece in run)


def _gutter(runs: Sequence[list[Piece]], width: float) -> float | None:
    """Where the gap between two columns is, if some part of the page plainly has two."""
    spans = [(run[0].x0, _end(run)) for run in runs]
    places = [width * step / 200 for step in range(int(200 * _MIDDLE[0]), int(200 * _MIDDLE[1]) + 1)]
    crossing = [sum(left < place < right for left, right in spans) for place in places]
    least = min(crossing)
    free = [place for place, count in zip(places, crossing, strict=True) if count == least]
    gutter = min(free, key=lambda place: abs(place - width / 2))
    strip = [place for place in free if abs(place - gutter) <= sum(abs(other - gutter) < 0.1 * width for other in free) * width / 200]
    gutter = (min(strip) + max(strip)) / 2
    for across, band in _bands(runs, gutter):
        sides = ([run for run in band if _end(run) <= gutter], [run for run in band if _end(run) > gutter])
        if not across and all(_like_column(side, width) for side in sides):
            return gutter
    return None


def _bands(runs: Sequence[list[Piece]], gutter: float) -> list[tuple[bool, list[list[Piece]]]]:
    """Top to bottom: runs that go across the gutter, and between them runs that do not."""
    bands: list[tuple[bool, list[list[Piece]]]] = []
    for run in sorted(runs, key=lambda run: (min(piece.y0 for piece in run), run[0].x0)):
        across = run[0].x0 < gutter < _end(run)
        if not bands or bands[-1][0] is not across:
            bands.append((across, []))
        bands[-1][1].append(run)
    return bands


def _like_column(side: Sequence[list[Piece]], width: float) -> bool:
    """Enough rows, most of them as wide as the column: not the cells of a table."""
    lines = _lines([piece for run in side for piece in run])
    if len(lines) < _LEAST_ROWS:
        return False
    widths = [_end(line) - min(piece.x0 for piece in line) for line in lines]
    room = max(map(_end, lines)) - min(piece.x0 for line in lines for piece in line)
    return room >= 0.2 * width and middle(widths) >= _FILLED * room


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The words of each line, from top to bottom."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.y0 + piece.y1, piece.x0)):
        if lines and _level(max(lines[-1], key=lambda one: one.size), piece):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines


def _rows_of(pieces: Sequence[Piece], page: int, column: int) -> list[Row]:
    return [_row(line, page, column) for line in _lines(pieces)]


def _row(line: Sequence[Piece], page: int, column: int) -> Row:
    size = middle(piece.size for piece in line for _ in piece.text)
    rtl = 2 * sum(right_to_left(piece.text) for piece in line) >= sum(any(c.isalpha() for c in piece.text) for piece in line) > 0
    ordered = _spoken(line) if rtl else sorted(line, key=lambda piece: piece.x0)
    gaps = [max(two.x0 - one.x1, one.x0 - two.x1) for one, two in pairwise(ordered[1:])]
    large = [piece for piece in line if piece.size >= _RAISED * size]
    floor = min(piece.y1 for piece in large) - 0.05 * size
    return Row(
        page=page,
        column=column,
        reach=(0.0, 0.0),  # not known before all rows are
        x0=min(piece.x0 for piece in line),
        y0=min(piece.y0 for piece in line),
        x1=max(piece.x1 for piece in line),
        y1=max(piece.y1 for piece in line),
        base=middle(piece.y1 for piece in large for _ in piece.text),
        size=size,
        cells=1 + sum(gap > _CELL * size for gap in gaps),
        text=" ".join(piece.text for piece in ordered),
        raised=tuple(piece.text for piece in ordered if piece.size < _RAISED * size and piece.y1 < floor),
        rtl=rtl,
    )


def _spoken(line: Sequence[Piece]) -> list[Piece]:
    """From right to left; runs of words from left to right keep their own order."""
    done: list[Piece] = []
    latin: list[Piece] = []
    for piece in sorted(line, key=lambda piece: -piece.x1):
        if any(c.isalpha() for c in piece.text) and not right_to_left(piece.text):
            latin.insert(0, piece)
            continue
        done += [*latin, piece]
        latin = []
    return done + latin


def _without_running(found: Sequence[Row], pages: Sequence[Page]) -> list[Row]:
    """Without what stands on half of the pages at the same height near an edge, and without lone page numbers there."""

    def near_edge(row: Row) -> bool:
        height = pages[row.page - 1].points[1]
        return row.y0 < _HEAD * height or row.y1 > _FOOT * height

    def shape(row: Row) -> tuple[str, int]:
        return re.sub(r"\d+", "#", row.text), round(row.y0 / 4)

    seen = Counter(key for key, _ in {(shape(row), row.page) for row in found if near_edge(row)})
    need = max(2, len(pages) / 2)
    return [row for row in found if not near_edge(row) or (seen[shape(row)] < need and not re.fullmatch(r"[\d\W_]+", row.text))]


def middle(lengths: Iterable[float]) -> float:
    ordered = sorted(lengths)
    return ordered[len(ordered) // 2] if ordered else 0.0
