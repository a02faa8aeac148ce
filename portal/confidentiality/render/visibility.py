"""Child only: which characters does a reader of the page really see? The page is drawn with its text and without; the difference is ink.

Ink alone does not tell whose it is (white text under black text, an invisible layer over a visible one). A character counts when ink lies
where no other object's characters claim to be; else its object alone is taken away, and the page must change where the character stands.
"""

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
_LIGATURE = 3  # letters: as in ffi
_TRIALS = 100  # objects of a page that are taken away one by one
_EACH = 8000  # boxes: counting one by one is faster up to here
_OWN = 0.04  # of a character's box: so much ink must be its alone, for the edge of a neighbour may reach in


def draw(page: Any, **options: Any) -> Planes:
    """The page in three planes of colour, 150 dpi, with form values; comments and other annotations are not the document and stay away."""
    bitmap = page.render(scale=DPI / 72, draw_annots=False, may_draw_forms=True, rev_byteorder=True, **options)
    try:
        return np.ascontiguousarray(bitmap.to_numpy()[:, :, :3].transpose(2, 0, 1))
    finally:
        bitmap.close()


def visible_lines(page: Any, drawn: Planes) -> tuple[tuple[Line, ...], int]:
    """Lines of the words that can be seen, and how many words cannot. `drawn` is `draw(page)`."""
    glyphs, seen = visible(page, drawn)
    lines = to_lines(glyphs.only(seen))
    if seen[printed(glyphs)].all():
        return lines, 0
    return lines, max(1, sum(map(len, to_lines(glyphs))) - sum(map(len, lines)))


def visible(page: Any, drawn: Planes, painted: Mask | None = None) -> tuple[Glyphs, Mask]:
    """All characters, and which of them can be seen; ink that lies where the page is `painted` is not seen."""
    objects = text_objects(page)
    nobody = {0, *forget_actual_text(objects)}
    glyphs = read_glyphs(page)
    if not printed(glyphs).any():
        return glyphs, np.zeros(len(glyphs.text), dtype=bool)
    bare = np.ones(drawn.shape[1:], dtype=bool) if painted is None else ~painted
    ink = text_ink(page, objects, drawn) & bare
    boxes = pixels_of(glyphs, ink.shape)
    possible = np.array([owner not in nobody for owner in glyphs.owner.tolist()], dtype=bool)
    possible &= _inside(glyphs) & _of_readable_size(glyphs, ink.shape) & ~_one_sign_for_many(glyphs)
    seen, doubtful = _inked(glyphs, ink, boxes)
    seen |= _missed(page, objects, (drawn, bare), glyphs, boxes, np.flatnonzero(doubtful & possible))
    return glyphs, np.asarray(seen & possible)


def text_ink(page: Any, objects: Sequence[Any], drawn: Planes) -> Mask:
    """Where the page changes when the text of these objects is taken away (and put back)."""
    without = without_text(page, objects)
    change = np.maximum(drawn, without) - np.minimum(drawn, without)
    return np.asarray(change.max(axis=0) >= _INK)


def without_text(page: Any, objects: Sequence[Any]) -> Planes:
    """The page as it is drawn without the text of these objects (which is put back)."""
    modes = [raw.FPDFTextObj_GetTextRenderMode(item.raw) for item in objects]
    for item in objects:
        raw.FPDFTextObj_SetTextRenderMode(item.raw, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
    without = draw(page)
    for item, mode in zip(objects, modes, strict=True):
        raw.FPDFTextObj_SetTextRenderMode(item.raw, mode)
    return without


def _inked(glyphs: Glyphs, ink: Mask, boxes: Numbers) -> tuple[Mask, Mask]:
    """Characters with ink of their own object, and characters with ink that another object's characters claim too."""
    there = printed(glyphs)
    own = ink & ~_contested(glyphs, boxes, there, ink.shape)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    sure = there & (_count(own, boxes) >= np.maximum(1, _OWN * area))
    return np.asarray(sure), np.asarray(there & ~sure & (_count(ink, boxes) > 0))


def _contested(glyphs: Glyphs, boxes: Numbers, printed: Mask, shape: tuple[int, ...]) -> Mask:
    """Pixels that characters of two or more objects claim. A renderer may set a character a pixel aside: so wide is each claim."""
    number = {owner: index for index, owner in enumerate(dict.fromkeys(glyphs.owner.tolist()), start=1)}
    owners = np.array([number[owner] for owner in glyphs.owner.tolist()])
    order = np.flatnonzero(printed)[np.argsort(owners[printed], kind="stable")]
    x0, y0, x1, y1 = boxes[order].T
    claims = list(zip(y0 - 1, y1 + 1, x0 - 1, x1 + 1, owners[order].tolist(), strict=True))
    last, first = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    for top, bottom, left, right, owner in claims:
        last[max(0, top) : bottom, max(0, left) : right] = owner
    for top, bottom, left, right, owner in reversed(claims):
        first[max(0, top) : bottom, max(0, left) : right] = owner
    return np.asarray(last != first)


def _missed(page: Any, objects: Sequence[Any], shown: tuple[Planes, Mask], glyphs: Glyphs, boxes: Numbers, doubtful: Numbers) -> Mask:
    """Which of the doubtful characters are missed when their object, and only that, is taken away? Beyond a limit: none (fail closed)."""
    drawn, bare = shown
    missed = np.zeros(len(glyphs.text), dtype=bool)
    by_address = {address(item.raw): item for item in objects}
    for owner in list(dict.fromkeys(glyphs.owner[doubtful].tolist()))[:_TRIALS]:
        item = by_address.get(owner)
        if item is not None:
            those = doubtful[glyphs.owner[doubtful] == owner]
            missed[those] = _count(text_ink(page, [item], drawn) & bare, boxes[those]) > 0
    return missed


def printed(glyphs: Glyphs) -> Mask:
    return np.array([bool(char.strip()) for char in glyphs.text], dtype=bool)


def _inside(glyphs: Glyphs) -> Mask:
    tight = glyphs.tight
    return np.asarray((tight.min(axis=1) >= -1e-3) & (tight.max(axis=1) <= 1 + 1e-3))


def _one_sign_for_many(glyphs: Glyphs) -> Mask:
    """Characters that share one drawn sign with more than a ligature has: a font may give a full stop the text of a sentence."""
    count = len(glyphs.text)
    starts = np.ones(count + 1, dtype=bool)
    starts[1:-1] = (glyphs.owner[1:] != glyphs.owner[:-1]) | (glyphs.tight[1:] != glyphs.tight[:-1]).any(axis=1)
    runs = np.diff(np.flatnonzero(starts))
    return np.asarray(np.repeat(runs > _LIGATURE, runs))


def _of_readable_size(glyphs: Glyphs, shape: tuple[int, ...]) -> Mask:
    height, width = shape
    loose = glyphs.loose
    return np.asarray(np.maximum((loose[:, 3] - loose[:, 1]) * height, (loose[:, 2] - loose[:, 0]) * width) >= _TINY)


def pixels_of(glyphs: Glyphs, shape: tuple[int, ...]) -> Numbers:
    """The tight boxes in pixels, at least one pixel wide and high, within the page."""
    height, width = shape
    scaled = np.clip(np.nan_to_num(glyphs.tight), 0, 1) * (width, height, width, height)
    low = np.minimum(np.floor(scaled[:, :2]).astype(np.int64), (width - 1, height - 1))
    high = np.maximum(np.ceil(scaled[:, 2:]).astype(np.int64), low + 1)
    return np.concatenate([low, high], axis=1)


def _count(mask: Mask, boxes: Numbers) -> Numbers:
    """How many pixels of the mask are set in each box: box by box, or by a table of sums where they are many or large."""
    x0, y0, x1, y1 = boxes.T
    if len(boxes) <= _EACH and ((x1 - x0) * (y1 - y0)).sum() <= mask.size:
        return np.array([np.count_nonzero(mask[top:bottom, left:right]) for left, top, right, bottom in boxes.tolist()], dtype=np.int64)
    table = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=np.int32)
    np.cumsum(mask, axis=1, dtype=np.int32, out=table[1:, 1:])
    np.cumsum(table, axis=0, out=table)
    return np.asarray(table[y1, x1] - table[y0, x1] - table[y1, x0] + table[y0, x0], dtype=np.int64)
