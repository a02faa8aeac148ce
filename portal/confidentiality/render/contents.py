"""Child only: the job of `finder`. The words that can be seen on each page, and the passages they make.

Hidden text has no say: it could put a number where none is seen, and the wrong passage would be withheld.
"""

import ctypes
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from portal.confidentiality.render.found import passage_value
from portal.confidentiality.render.glyphs import Glyphs, address, text_objects, word_numbers
from portal.confidentiality.render.outline import outline
from portal.confidentiality.render.refusal import JobRefused, Reason
from portal.confidentiality.render.rows import Page, Piece
from portal.confidentiality.render.shared import shared_wording
from portal.confidentiality.render.source import open_page, open_source
from portal.confidentiality.render.visibility import draw, visible
from portal.confidentiality.render.wire import pack_json
from portal.confidentiality.render.words import MAX_WORDS, clean

_SAME = 0.85  # of the size of the letter before: a smaller one is a mark of a note, or the like
_LONGEST = 200


def contents(header: Mapping[str, Any], parts: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """Frames: `DOCU`, one `PASS` for each passage, and `SAME`: which of them say the same."""
    source = open_source(parts[0], int(header["max_pages"]))
    yield "DOCU", pack_json({"pages": source.pages})
    pages = []
    for number in range(1, source.pages + 1):
        page = open_page(source, number)
        glyphs, seen = visible(page, draw(page))
        pages.append(Page(tuple(page.get_size()), pieces(glyphs.only(seen), _sizes(page), page.get_size())))
        page.close()
    passages = outline(pages)
    for one in passages:
        yield "PASS", pack_json(passage_value(one))
    yield "SAME", pack_json(shared_wording([one.text for one in passages]))


def pieces(glyphs: Glyphs, sizes: Mapping[int, float], points: tuple[float, float]) -> tuple[Piece, ...]:
    """The words in points; a mark of a note that hangs on a word is a piece of its own. `sizes`: of the letters of each object."""
    numbers = word_numbers(glyphs)
    width, height = points
    rooms = (np.clip(np.nan_to_num(glyphs.loose), 0.0, 1.0) * (width, height, width, height)).tolist()
    written = [sizes.get(owner) or max(room[3] - room[1], 0.1) for owner, room in zip(glyphs.owner.tolist(), rooms, strict=True)]
    found: list[Piece] = []
    run: list[int] = []
    for index in [*np.flatnonzero(numbers >= 0).tolist(), None]:
        ends = index is None or (run and (numbers[index] != numbers[run[0]] or not _alike(written[run[0]], written[index])))
        if run and (ends or len(run) >= _LONGEST):
            if text := clean("".join(glyphs.text[at] for at in run)):
                sides = list(zip(*(rooms[at] for at in run), strict=True))
                found.append(Piece(text, min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3]), written[run[0]]))
            run = []
        if index is not None:
            run.append(index)
    if len(found) > MAX_WORDS:
        raise JobRefused(Reason.TOO_HEAVY)
    return tuple(found)


def _alike(one: float, other: float) -> bool:
    return min(one, other) >= _SAME * max(one, other)


def _sizes(page: Any) -> dict[int, float]:
    """The size of the letters that each object draws, in points."""
    found, size = {}, ctypes.c_float()
    for item in text_objects(page):
        if raw.FPDFTextObj_GetFontSize(item.raw, size):
            matrix = item.get_matrix()
            found[address(item.raw)] = abs(size.value) * math.hypot(matrix.c, matrix.d)
    return found
