"""Child only: which characters does a reader of the page really see? The page is drawn with its text and without; the difference is ink.

Ink alone does not tell whose it is (white text under black text, an invisible layer over a visible one). A character counts when ink lies
where no other character claims to be; else the page is drawn once more, each text object in a colour of its own, and its own must show.
"""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from portal.confidentiality.render.glyphs import Glyphs, address, forget_actual_text, read_glyphs, text_objects, to_lines
from portal.confidentiality.render.source import DPI
from portal.confidentiality.render.words import Line

Planes = np.ndarray[Any, np.dtype[np.uint8]]  # (3, height, width): numpy is slow along a short last axis
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]

_INK = 24  # levels of 255: less is not seen on paper or screen
_TINY = 5  # pixels at 150 dpi: text lower than 2.4 points cannot be read from the picture
_OWN = 0.04  # of a character's box: so much ink must be its alone, for the edge of a neighbour's may reach in


def draw(page: Any, **options: Any) -> Planes:
    """The page in three planes of colour, 150 dpi, with form values; comments and other annotations are not the document and stay away."""
    bitmap = page.render(scale=DPI / 72, draw_annots=False, may_draw_forms=True, rev_byteorder=True, **options)
    try:
        return np.ascontiguousarray(bitmap.to_numpy()[:, :, :3].transpose(2, 0, 1))
    finally:
        bitmap.close()


def visible_lines(page: Any, drawn: Planes) -> tuple[tuple[Line, ...], int]:
    """Lines of the words that can be seen, and how many words cannot. `drawn` is `draw(page)`; do not draw it again."""
    objects = text_objects(page)
    stubborn = forget_actual_text(objects)
    glyphs = read_glyphs(page)
    if not _printed(glyphs).any():
        return (), 0
    ink = _ink(page, objects, drawn)
    boxes = _pixels(glyphs, ink.shape)
    possible = _inside(glyphs) & _of_readable_size(glyphs, ink.shape) & ~np.isin(glyphs.owner, [0, *stubborn])
    seen, doubtful = _inked(glyphs, ink, boxes)
    doubtful &= possible
    if doubtful.any():
        coloured, colours = _in_own_colours(page, objects)
        for index in np.flatnonzero(doubtful):
            colour = colours.get(int(glyphs.owner[index]), -1)
            x0, y0, x1, y1 = boxes[index]
            seen[index] = bool((ink[y0:y1, x0:x1] & (coloured[y0:y1, x0:x1] == colour)).any())
    seen &= possible
    lines = to_lines(glyphs.only(seen))
    if seen[_printed(glyphs)].all():
        return lines, 0
    return lines, max(1, sum(map(len, to_lines(glyphs))) - sum(map(len, lines)))


def _ink(page: Any, objects: Sequence[Any], drawn: Planes) -> Mask:
    """Where the page changes when its text is taken away."""
    modes = [raw.FPDFTextObj_GetTextRenderMode(item.raw) for item in objects]
    for item in objects:
        raw.FPDFTextObj_SetTextRenderMode(item.raw, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
    without = draw(page)
    for item, mode in zip(objects, modes, strict=True):
        raw.FPDFTextObj_SetTextRenderMode(item.raw, mode)
    change = np.maximum(drawn, without) - np.minimum(drawn, without)
    return np.asarray(change.max(axis=0) >= _INK)


def _in_own_colours(page: Any, objects: Sequence[Any]) -> tuple[np.ndarray[Any, np.dtype[np.int32]], dict[int, int]]:
    """The page with each text object in a colour of its own (one number a pixel), and the colour of each object's address."""
    colours = {}
    for number, item in enumerate(objects, start=1):
        colour = number * 7919 % 0xFFFFFE + 1  # spread, never black or white, none twice
        for read, write in (
            (raw.FPDFPageObj_GetFillColor, raw.FPDFPageObj_SetFillColor),
            (raw.FPDFPageObj_GetStrokeColor, raw.FPDFPageObj_SetStrokeColor),
        ):
            old = [ctypes.c_uint() for _ in range(4)]
            opacity = old[3].value if read(item.raw, *old) else 255
            write(item.raw, colour >> 16, colour >> 8 & 255, colour & 255, opacity)
        colours[address(item.raw)] = colour
    wide = draw(page, no_smoothtext=True).astype(np.int32)
    return wide[0] << 16 | wide[1] << 8 | wide[2], colours


def _inked(glyphs: Glyphs, ink: Mask, boxes: Numbers) -> tuple[Mask, Mask]:
    """Characters with ink of their own, and characters with ink that others claim too."""
    printed = _printed(glyphs)
    alone = ink & (_claims(boxes[printed], ink.shape) < 2)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    own = printed & (_count(alone, boxes) >= np.maximum(1, _OWN * area))
    return np.asarray(own), np.asarray(printed & ~own & (_count(ink, boxes) > 0))


def _claims(boxes: Numbers, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.int16]]:
    """How many boxes cover each pixel."""
    height, width = shape
    steps = np.zeros((height + 1, width + 1), dtype=np.int16)
    x0, y0, x1, y1 = boxes.T
    for ys, xs, sign in ((y0, x0, 1), (y0, x1, -1), (y1, x0, -1), (y1, x1, 1)):
        np.add.at(steps, (ys, xs), sign)
    np.cumsum(steps, axis=1, out=steps)
    np.cumsum(steps, axis=0, out=steps)
    return steps[:-1, :-1]


def _printed(glyphs: Glyphs) -> Mask:
    return np.array([bool(char.strip()) for char in glyphs.text], dtype=bool)


def _inside(glyphs: Glyphs) -> Mask:
    tight = glyphs.tight
    return np.asarray((tight.min(axis=1) >= -1e-3) & (tight.max(axis=1) <= 1 + 1e-3))


def _of_readable_size(glyphs: Glyphs, shape: tuple[int, ...]) -> Mask:
    height, width = shape
    loose = glyphs.loose
    return np.asarray(np.maximum((loose[:, 3] - loose[:, 1]) * height, (loose[:, 2] - loose[:, 0]) * width) >= _TINY)


def _pixels(glyphs: Glyphs, shape: tuple[int, ...]) -> Numbers:
    """The tight boxes in pixels, at least one pixel wide and high, within the page."""
    height, width = shape
    scaled = np.clip(np.nan_to_num(glyphs.tight), 0, 1) * (width, height, width, height)
    low = np.minimum(np.floor(scaled[:, :2]).astype(np.int64), (width - 1, height - 1))
    high = np.maximum(np.ceil(scaled[:, 2:]).astype(np.int64), low + 1)
    return np.concatenate([low, high], axis=1)


def _count(mask: Mask, boxes: Numbers) -> Numbers:
    """How many pixels of the mask are set in each box (by a table of sums)."""
    table = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=np.int32)
    np.cumsum(mask, axis=1, dtype=np.int32, out=table[1:, 1:])
    np.cumsum(table, axis=0, out=table)
    x0, y0, x1, y1 = boxes.T
    return np.asarray(table[y1, x1] - table[y0, x1] - table[y1, x0] + table[y0, x0], dtype=np.int64)
