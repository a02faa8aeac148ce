"""Child only: the proof of a page with painted boxes. Apart from `grow` and `kept` on purpose: those say what is done, this what must hold.

The growth is done again, and must give the same boxes. But an error in it would be in both: so what lies in the paint is also looked at by
other means: pixel by pixel in the finished picture, by the ink of the objects that are taken, by the words that a reader extracts.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.findings import Kind
from portal.confidentiality.render.glyphs import Glyphs, address, forget_actual_text, read_glyphs, text_objects
from portal.confidentiality.render.grow import grow
from portal.confidentiality.render.notice import notice
from portal.confidentiality.render.paint import patch, pixel_edges
from portal.confidentiality.render.pixels import Pixels
from portal.confidentiality.render.visibility import Mask, Planes, text_ink
from portal.confidentiality.render.wording import wording

_TILE = 16  # pixels: what one block of a JPEG in colour holds
_STRAY = 20  # levels of 255 by which a tile of a JPEG may differ from paint: the sharp edges beside it ring
_SHARP = 0.0005  # of the page: by so much the words of a text layer are rounded


def faults(
    page: Any, drawn: Planes, boxes: Sequence[Box], grown: Sequence[Box], pixels: Pixels, output: Glyphs, language: str
) -> Iterator[Kind]:
    """What is wrong with this page. `page` and `drawn` are the source's, `pixels` and `output` (its characters) the rendition's."""
    if not all(any(large.covers(box) for large in grown) for box in boxes):
        yield Kind.BOX_COVER
    if (grow(page, drawn, boxes) if boxes else ()) != tuple(grown):
        yield Kind.BOX_GROWTH
    if not all(_is_paint(pixels, box, language) for box in grown):
        yield Kind.BOX_PAINT
    if _ink_beside(page, drawn, grown):
        yield Kind.BOX_INK
    if not all(_only_the_mark(_words_in(output, box), language) for box in grown):
        yield Kind.BOX_WORDS


def taken_texts(page: Any, drawn: Planes, grown: Sequence[Box]) -> list[str]:
    """What is written in the paint on a page of the source, hidden or seen, by `/ActualText` and by its signs."""
    texts = [_written(read_glyphs(page), grown, drawn.shape[1:])]
    forget_actual_text(text_objects(page))
    return [*texts, _written(read_glyphs(page), grown, drawn.shape[1:])]


def four_bits(pixels: Pixels) -> Pixels:
    return ((pixels.astype(np.uint16) * 15 + 127) // 255 * 17).astype(np.uint8)


def _is_paint(pixels: Pixels, box: Box, language: str) -> bool:
    """Is the paint there, and nothing else? To the pixel where the page is grey, by tiles where it is a JPEG in colour."""
    height, width, channels = pixels.shape
    left, top, right, bottom = pixel_edges(box, width, height)
    shown, paint = pixels[top:bottom, left:right], patch(right - left, bottom - top, language)
    if channels == 1:
        return bool(np.array_equal(shown[:, :, 0], four_bits(paint)))
    stray = np.abs(shown.astype(np.int16) - paint[:, :, None]).max(axis=2)
    tiles = (stray[y : y + _TILE, x : x + _TILE] for y in range(0, bottom - top, _TILE) for x in range(0, right - left, _TILE))
    return all(tile.mean() <= _STRAY for tile in tiles)


def _ink_beside(page: Any, drawn: Planes, grown: Sequence[Box]) -> bool:
    """Do objects that mostly stand in the paint have ink beside it, in a ring around it or anywhere?"""
    objects = text_objects(page)
    forget_actual_text(objects)
    glyphs = read_glyphs(page)
    inside, there = _centred(glyphs, grown, drawn.shape[1:]), np.array([bool(char.strip()) for char in glyphs.text], dtype=bool)
    owners = glyphs.owner[there].tolist()
    counts: dict[int, list[int]] = {}
    for owner, taken in zip(owners, inside[there].tolist(), strict=True):
        count = counts.setdefault(owner, [0, 0])
        count[0] += 1
        count[1] += taken
    taken_away = [item for item in objects if 2 * counts.get(address(item.raw), [1, 0])[1] >= counts.get(address(item.raw), [1, 0])[0]]
    if not taken_away:
        return False
    ink = text_ink(page, taken_away, drawn)
    for box in grown:
        left, top, right, bottom = pixel_edges(box, ink.shape[1], ink.shape[0])
        ink[top:bottom, left:right] = False
    return bool(ink.any())


def _centred(glyphs: Glyphs, boxes: Sequence[Box], shape: tuple[int, ...]) -> Mask:
    """Characters whose ink, as claimed, or whose room has its middle in a box."""
    height, width = shape
    found = np.zeros(len(glyphs.text), dtype=bool)
    for box in boxes:
        left, top, right, bottom = pixel_edges(box, width, height)
        for edges in (np.nan_to_num(glyphs.tight), np.nan_to_num(glyphs.loose)):
            across, down = (edges[:, 0] + edges[:, 2]) / 2 * width, (edges[:, 1] + edges[:, 3]) / 2 * height
            found |= (across >= left) & (across <= right) & (down >= top) & (down <= bottom)
    return found


def _written(glyphs: Glyphs, grown: Sequence[Box], shape: tuple[int, ...]) -> str:
    return "".join(glyphs.only(_centred(glyphs, grown, shape)).text)


def _only_the_mark(words: Sequence[str], language: str) -> bool:
    """Are these words of the mark, in its order, each once at most? (A reader leaves out a word that stands close above its like.)"""
    mark = iter(wording(notice(language)).tokens)
    return all(word in mark for word in words)


def _words_in(output: Glyphs, box: Box) -> tuple[str, ...]:
    """The words of the rendition's text layer that meet the paint."""
    low, high = output.loose[:, :2], output.loose[:, 2:]
    middle = (low + high) / 2
    low, high = np.minimum(low + _SHARP, middle), np.maximum(high - _SHARP, middle)
    meets = np.asarray(((low < (box.x1, box.y1)) & (high > (box.x0, box.y0))).all(axis=1))
    return wording("".join(output.only(meets).text)).tokens
