"""Child only: where the lines of text stand on a page, and its columns. In pixels of the drawn page; hidden text counts as well as seen.

Whoever draws a box means lines, and the gap must not tell how wide a word was: so a box grows to whole lines and a whole column.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.confidentiality.render.glyphs import Glyphs, apart, in_line

Edges = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_TOUCH = 0.15  # of a line's height: a box that reaches so deep into a line takes it
_GIANT = 4  # times the usual line's height: a mark across the page, not a line of its text
_NEAR = (0.12, 0.03)  # of the page's height above and below a passage, where its columns are looked for
_GUTTER = 0.012  # of the page's width
_MIDDLE = (0.3, 0.7)
_LINES = 3  # on both sides, for two columns
_FILLED = 0.5  # of a column's width, by the line in the middle when ordered by width


@dataclass(frozen=True, slots=True)
class Lines:
    """`of[i]` is the line of character `i` (-1: none); `tight` and `loose` surround each line's ink, as claimed, and its room."""

    of: np.ndarray[Any, np.dtype[np.int64]]
    tight: Edges
    loose: Edges

    @property
    def usual(self) -> float:
        """The height of a line in the middle when ordered by height; 0 without lines."""
        return _middle(self.tight[:, 3] - self.tight[:, 1])

    def touched(self, box: Edges) -> Mask:
        return touched(box, self.tight, self.usual)

    def characters(self, lines: Mask) -> Mask:
        """Which characters stand in these lines?"""
        return np.asarray(np.append(lines, False)[self.of])

    def giant(self) -> Mask:
        return np.asarray(self.tight[:, 3] - self.tight[:, 1] > _GIANT * self.usual)


def touched(box: Edges, lines: Edges, usual: float) -> Mask:
    """Which lines does the box take? Those it reaches into, from above or below, deeper than a sliver.

    A giant line is no line of the text (a mark across the page): it is taken only by a box that covers more than a sliver of it.
    """
    top, bottom = lines[:, 1], lines[:, 3]
    height = np.maximum(bottom - top, 1.0)
    beside = np.minimum(box[2], lines[:, 2]) - np.maximum(box[0], lines[:, 0]) > 0
    depth = np.minimum(box[3] - top, bottom - box[1])
    shared = np.minimum(box[3], bottom) - np.maximum(box[1], top)
    giant = (height > _GIANT * usual) & (height > 3 * (box[3] - box[1]))
    return np.asarray(beside & (np.where(giant, shared, depth) > _TOUCH * height))


def _middle(lengths: Edges) -> float:
    """Not numpy's median: that one loads a module, and in a child no path can be opened any more."""
    return float(np.sort(lengths)[len(lengths) // 2]) if len(lengths) else 0.0


def text_lines(glyphs: Glyphs, shape: tuple[int, ...]) -> Lines:
    """The lines of all characters that stand on the page."""
    height, width = shape
    scale = np.array([width, height, width, height], dtype=np.float64)
    tight, loose = np.nan_to_num(glyphs.tight) * scale, np.nan_to_num(glyphs.loose) * scale
    of = np.full(len(glyphs.text), -1, dtype=np.int64)
    count, before, space = 0, -1, True
    places = glyphs.loose.tolist()
    for index, char in enumerate(glyphs.text):
        if not char.strip():
            space = True
            continue
        if not _on_page(tight[index], scale):
            continue
        if before < 0 or (not in_line(places[before], places[index]) if space else apart(places[before], places[index])):
            count += 1
        of[index], before, space = count - 1, index, False
    return Lines(of, _around(tight, of, count), _around(loose, of, count))


def _on_page(box: Edges, scale: Edges) -> bool:
    return bool(box[2] >= 0 and box[3] >= 0 and box[0] <= scale[2] and box[1] <= scale[3])


def _around(boxes: Edges, of: np.ndarray[Any, np.dtype[np.int64]], count: int) -> Edges:
    around = np.empty((count, 4))
    around[:, :2], around[:, 2:] = np.inf, -np.inf
    there = of >= 0
    np.minimum.at(around[:, :2], of[there], boxes[there, :2])
    np.maximum.at(around[:, 2:], of[there], boxes[there, 2:])
    return around


def column(lines: Lines, mine: Mask, box: Edges, shape: tuple[int, ...]) -> tuple[float, float]:
    """From where to where the column reaches that these lines stand in: of two columns one, where both are plain to see; else the page."""
    height, width = shape
    for near in _NEAR:
        room = near * height
        around = (lines.tight[:, 3] > box[1] - room) & (lines.tight[:, 1] < box[3] + room) & ~lines.giant()
        gutter = _gutter(lines.tight[around], width)
        if gutter is not None:
            left, right = lines.tight[mine, 0], lines.tight[mine, 2]
            if (right <= gutter).all():
                return 0.0, gutter - 2
            if (left >= gutter).all():
                return gutter + 2, float(width)
    return 0.0, float(width)


def _gutter(lines: Edges, width: int) -> float | None:
    """The middle of the widest upright strip without text near the middle of the page, if text fills both sides of it like columns."""
    free = np.ones(width, dtype=bool)
    for left, right in lines[:, [0, 2]]:
        free[max(0, int(left)) : max(0, int(np.ceil(right)))] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[0], free, [0]])))
    strips = [(end - start, (start + end) / 2) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    strips = [strip for strip in strips if strip[0] >= _GUTTER * width and _MIDDLE[0] * width <= strip[1] <= _MIDDLE[1] * width]
    if not strips:
        return None
    gutter = float(max(strips)[1])
    for side in (lines[lines[:, 2] <= gutter], lines[lines[:, 0] >= gutter]):
        if len(side) < _LINES or _middle(side[:, 2] - side[:, 0]) < _FILLED * (side[:, 2].max() - side[:, 0].min()):
            return None
    left, right = lines[lines[:, 2] <= gutter], lines[lines[:, 0] >= gutter]
    wide = min(left[:, 2].max() - left[:, 0].min(), right[:, 2].max() - right[:, 0].min())
    return gutter if wide >= 0.2 * width else None
