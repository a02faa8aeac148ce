"""Child only: the words that stay on a page with painted boxes. No word stays that touches the paint, not even a part of it.

Where a box begins in reading order stands its mark, so that who hears the page learns that something is not included.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.glyphs import Glyphs, to_lines, word_numbers
from portal.confidentiality.render.paint import mark_line, pixel_edges
from portal.confidentiality.render.visibility import Mask, Planes, pixels_of, printed, visible, visible_lines
from portal.confidentiality.render.words import Line, Word

_LEFT = 0.5  # of a word's room that must be off the paint; a word's room is wider than its ink


def kept_lines(page: Any, drawn: Planes, boxes: Sequence[Box], language: str = "en") -> tuple[tuple[Line, ...], int]:
    """Lines of the words that are seen beside the boxes, and their marks; and how many words are not seen though no box takes them."""
    if not boxes:
        return visible_lines(page, drawn)
    shape = drawn.shape[1:]
    glyphs, seen = visible(page, drawn, painted(boxes, shape))
    hits = [touching(glyphs, box, shape) for box in boxes]
    numbers = word_numbers(glyphs)
    gone = np.zeros(int(numbers.max(initial=-1)) + 2, dtype=bool)  # the last: no word
    gone[numbers[np.any(hits, axis=0) & printed(glyphs)]] = True
    taken = gone[numbers] & (numbers >= 0)
    marks = [mark_line(box, language) for box in boxes]
    lines = tuple(_in_order(glyphs.only(seen & ~taken), boxes, marks, hits, shape))
    kept = sum(map(len, lines)) - sum(map(len, marks))
    return lines, max(0, len(gone) - 1 - int(gone[:-1].sum()) - kept)


def painted(boxes: Sequence[Box], shape: tuple[int, ...]) -> Mask:
    """The pixels under the boxes on a page of this height and width."""
    height, width = shape
    mask = np.zeros((height, width), dtype=bool)
    for box in boxes:
        left, top, right, bottom = pixel_edges(box, width, height)
        mask[top:bottom, left:right] = True
    return mask


def touching(glyphs: Glyphs, box: Box, shape: tuple[int, ...]) -> Mask:
    """Characters whose ink, as claimed, meets the box, or whose room has its middle in it."""
    height, width = shape
    left, top, right, bottom = pixel_edges(box, width, height)
    x0, y0, x1, y1 = pixels_of(glyphs, shape).T
    meets = (x0 < right) & (x1 > left) & (y0 < bottom) & (y1 > top)
    room = np.nan_to_num(glyphs.loose)
    across, down = (room[:, 0] + room[:, 2]) / 2 * width, (room[:, 1] + room[:, 3]) / 2 * height
    return np.asarray(meets | ((across > left) & (across < right) & (down > top) & (down < bottom)))


def _in_order(glyphs: Glyphs, boxes: Sequence[Box], marks: Sequence[Line], hits: Sequence[Mask], shape: tuple[int, ...]) -> Iterator[Line]:
    """The lines, each box's mark before what followed on it."""
    end = len(glyphs.text)
    firsts = sorted((int(np.argmax(hit)) if hit.any() else end, box, mark) for hit, box, mark in zip(hits, boxes, marks, strict=True))
    at = 0
    for first, _, mark in [*firsts, (end, None, ())]:
        for line in to_lines(glyphs.between(at, first)):
            if clear := tuple(word for word in (_clear(word, boxes, shape) for word in line) if word is not None):
                yield clear
        if mark:
            yield mark
        at = first


def _clear(word: Word, boxes: Sequence[Box], shape: tuple[int, ...]) -> Word | None:
    """The word with its room cut back to the edge of the paint; None if too little is left."""
    height, width = shape
    room = list(word.box)
    for box in boxes:
        left, top, right, bottom = pixel_edges(box, width, height)
        edges = (left / width, top / height, right / width, bottom / height)
        if edges[0] < room[2] and room[0] < edges[2] and edges[1] < room[3] and room[1] < edges[3]:
            cuts = (edges[2] - room[0], edges[3] - room[1], room[2] - edges[0], room[3] - edges[1])
            side = min(range(4), key=lambda at: cuts[at] * (width, height)[at % 2])
            if cuts[side] > (1 - _LEFT) * (room[side % 2 + 2] - room[side % 2]):
                return None
            room[side] = edges[(side + 2) % 4]
    return Word(word.text, (room[0], room[1], room[2], room[3]))
