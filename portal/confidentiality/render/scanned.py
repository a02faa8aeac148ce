"""Child only: the words of a picture, as Tesseract reads them. The parent carries the pixels there and the table back.

What is read is the finished picture, boxes painted: of what lies under the paint there is nothing to read. The table is taken apart here,
in the child, and its words are checked like any others when they leave it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.notice import is_notice
from portal.confidentiality.render.paint import mark_line, pixel_edges
from portal.confidentiality.render.pixels import Pixels
from portal.confidentiality.render.wire import PICTURE
from portal.confidentiality.render.words import MAX_WORD, Line, Word, clean

_SURE = 40.0  # of 100: words that Tesseract is less sure of are not given out as the document's
_WORD = "5"  # the level of a word in Tesseract's table
_PAPER = 231  # levels of 255: what is lighter is paper
_GREY = np.array([299, 587, 114], dtype=np.uint32)  # of 1,000: how bright a colour is (ITU-R BT.601)


@dataclass(frozen=True, slots=True)
class Read:
    """A word, how sure Tesseract is of it (0 to 100), and the line and paragraph it stands in."""

    word: Word
    sure: float
    paragraph: tuple[str, ...]
    line: str


class Reader:
    """`ask` gives Tesseract's table for a picture."""

    def __init__(self, ask: Callable[[bytes], bytes]) -> None:
        self._ask = ask

    def read(self, pixels: Pixels) -> list[Read]:
        """Every word, sure or not. Raises ValueError for a table that is not Tesseract's."""
        grey = _grey(pixels)
        if grey.min() >= _PAPER:
            return []
        height, width = grey.shape
        return list(_words(self._ask(PICTURE.pack(width, height) + grey.tobytes()).decode("utf-8"), width, height))


def only_marks(lines: Sequence[Line]) -> bool:
    """Has a page no other words than those of its marks? Then it is a picture to us, or empty."""
    return all(is_notice(" ".join(word.text for word in line)) for line in lines)


def scanned_lines(read: Sequence[Read], boxes: Sequence[Box], shape: tuple[int, ...], language: str = "en") -> tuple[Line, ...]:
    """The lines that are surely read and do not touch the paint, and the mark of each box before what stands below it."""
    marks = sorted(boxes, key=lambda box: (box.y0, box.x0))
    lines: list[Line] = []
    for _, row in groupby(read, key=lambda one: (one.paragraph, one.line)):
        line = tuple(word for word in _level(row) if not any(_touches(word, box, shape) for box in boxes))
        if not line:
            continue
        top = min(word.box[1] for word in line)
        lines += [mark_line(box, language) for box in marks if box.y0 <= top]
        marks = [box for box in marks if box.y0 > top]
        lines.append(line)
    return (*lines, *(mark_line(box, language) for box in marks))


def _level(row: Iterable[Read]) -> list[Word]:
    """The sure words of a line, each as high as the line: letters of one size, whichever of them a word has."""
    words = [one.word for one in row if one.sure >= _SURE]
    top, bottom = min((word.box[1] for word in words), default=0.0), max((word.box[3] for word in words), default=0.0)
    return [Word(word.text, (word.box[0], top, word.box[2], bottom)) for word in words]


def texts_of(read: Sequence[Read]) -> list[str]:
    """What is read, a text for each paragraph: in search of what must not be there every word counts."""
    return [" ".join(one.word.text for one in paragraph) for _, paragraph in groupby(read, key=lambda one: one.paragraph)]


def _grey(pixels: Pixels) -> Pixels:
    if pixels.shape[2] == 1:
        return np.ascontiguousarray(pixels[:, :, 0])
    return np.asarray(pixels @ _GREY // 1000, dtype=np.uint8)


def _words(table: str, width: int, height: int) -> Iterator[Read]:
    head, *rows = table.rstrip("\n").split("\n")
    if not head.startswith("level\t"):
        raise ValueError("not a table of Tesseract's")
    for row in rows:
        level, _, block, paragraph, line, _, left, top, wide, tall, sure, text = row.split("\t")
        if level == _WORD and 0 < len(text := clean(text)) <= MAX_WORD:
            edges = int(left), int(top), int(left) + int(wide), int(top) + int(tall)
            box = (edges[0] / width, edges[1] / height, edges[2] / width, edges[3] / height)
            yield Read(Word(text, box), float(sure), (block, paragraph), line)


def _touches(word: Word, box: Box, shape: tuple[int, ...]) -> bool:
    height, width = shape
    left, top, right, bottom = pixel_edges(box, width, height)
    x0, y0, x1, y1 = word.box
    return x0 * width < right and x1 * width > left and y0 * height < bottom and y1 * height > top
