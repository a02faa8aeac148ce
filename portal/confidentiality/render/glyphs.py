"""Child only: the characters of a page as the reader of the file finds them, each with its boxes and the object that draws it.

A file may claim any text for what it draws. `/ActualText` is removed first: what counts is what the glyphs say, and only where their
ink is seen (`visibility`).
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from portal.confidentiality.render.words import Line, Word, clean

Boxes = np.ndarray[Any, np.dtype[np.float64]]
_ACTUAL = b"ActualText"
_DEVICE = 1 << 20
_LAM, _ALEFS = "\u0644", frozenset("\u0622\u0623\u0625\u0627")


@dataclass(frozen=True, slots=True)
class Glyphs:
    """`text[i]` is drawn by the object at address `owner[i]` (0: by none, a made-up space), inked within `tight[i]`, set in `loose[i]`."""

    text: tuple[str, ...]
    owner: np.ndarray[Any, np.dtype[np.uint64]]
    tight: Boxes
    loose: Boxes

    def only(self, keep: np.ndarray[Any, np.dtype[np.bool_]]) -> "Glyphs":
        """The same characters; those not to be kept become spaces, so that what stood on both sides does not grow together."""
        return Glyphs(tuple(c if k else " " for c, k in zip(self.text, keep, strict=True)), self.owner, self.tight, self.loose)

    def between(self, start: int, end: int) -> "Glyphs":
        """The characters from `start` up to `end`."""
        return Glyphs(self.text[start:end], self.owner[start:end], self.tight[start:end], self.loose[start:end])


def text_objects(page: Any) -> list[Any]:
    """Every text object, in forms within forms too."""
    return list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=30))


def address(pointer: Any) -> int:
    return ctypes.c_void_p.from_buffer(pointer).value or 0  # once for each character: `ctypes.cast` takes six times as long


def forget_actual_text(objects: Sequence[Any]) -> set[int]:
    """Take `/ActualText` from the objects, in memory. Returns the addresses of objects where it could not be taken away."""
    stubborn = set()
    for item in objects:
        for _ in range(2):
            marks = list(_marks_with_actual_text(item.raw))
            for mark in marks:
                raw.FPDFPageObjMark_RemoveParam(item.raw, mark, _ACTUAL)
        if any(_marks_with_actual_text(item.raw)):
            stubborn.add(address(item.raw))
    return stubborn


def _marks_with_actual_text(item: Any) -> Iterator[Any]:
    for index in range(max(0, raw.FPDFPageObj_CountMarks(item))):
        mark = raw.FPDFPageObj_GetMark(item, index)
        if mark and raw.FPDFPageObjMark_GetParamValueType(mark, _ACTUAL) != raw.FPDF_OBJECT_UNKNOWN:
            yield mark


def read_glyphs(page: Any) -> Glyphs:
    """All characters of the page, hidden ones too, in reading order."""
    textpage = page.get_textpage()
    try:
        handle = textpage.raw
        count = max(0, raw.FPDFText_CountChars(handle))
        text: list[str] = []
        owner = np.zeros(count, dtype=np.uint64)
        edges = np.zeros((2, count, 4))
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        rect = raw.FS_RECTF()
        for index in range(count):
            text.append(_character(raw.FPDFText_GetUnicode(handle, index)))
            if raw.FPDFText_IsGenerated(handle, index):
                text[-1] = " "
                continue
            owner[index] = address(raw.FPDFText_GetTextObject(handle, index))
            if raw.FPDFText_GetCharBox(handle, index, left, right, bottom, top):
                edges[0, index] = left.value, top.value, right.value, bottom.value
            if raw.FPDFText_GetLooseCharBox(handle, index, rect):
                edges[1, index] = rect.left, rect.top, rect.right, rect.bottom
    finally:
        textpage.close()
    _part_ligatures(text, edges[1])
    to_page = _to_page(page)
    return Glyphs(tuple(text), owner, to_page(edges[0]), to_page(edges[1]))


def _part_ligatures(text: list[str], places: Boxes) -> None:
    """One sign draws lam and alef, and pdfium turns it round with the line: in one place together, lam comes first (Unicode, 9.2)."""
    for at in range(len(text) - 1):
        if text[at] in _ALEFS and text[at + 1] == _LAM and places[at].any() and (places[at] == places[at + 1]).all():
            text[at], text[at + 1] = text[at + 1], text[at]


def _character(code: int) -> str:
    if code == 2:
        return "-"  # pdfium's mark for a hyphen at the end of a line
    if code in (0, 0xFFFE, 0xFFFF) or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return ""
    return chr(code)


def _to_page(page: Any) -> Any:
    """A function from boxes in the page's own units to fractions as displayed (rotation and crop included)."""
    x, y = ctypes.c_int(), ctypes.c_int()
    span = 1000.0

    def point(px: float, py: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page.raw, 0, 0, _DEVICE, _DEVICE, 0, px, py, x, y)
        return x.value / _DEVICE, y.value / _DEVICE

    zero, along, up = point(0, 0), point(span, 0), point(0, span)
    ax, ay = (along[0] - zero[0]) / span, (along[1] - zero[1]) / span
    bx, by = (up[0] - zero[0]) / span, (up[1] - zero[1]) / span

    def convert(boxes: Boxes) -> Boxes:
        xs, ys = boxes[:, [0, 2]], boxes[:, [1, 3]]
        u = zero[0] + ax * xs + bx * ys
        v = zero[1] + ay * xs + by * ys
        return np.stack([u.min(1), v.min(1), u.max(1), v.max(1)], axis=1)

    return convert


def to_lines(glyphs: Glyphs) -> tuple[Line, ...]:
    """Words split at spaces, wide gaps and changes of line; words beside each other become a line. Reading order is kept."""
    lines: list[list[Word]] = []
    for word in _words(glyphs):
        if lines and _beside(lines[-1][-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return tuple(tuple(line) for line in lines)


def word_numbers(glyphs: Glyphs) -> np.ndarray[Any, np.dtype[np.int64]]:
    """To which word each character belongs, counted from 0; -1 for spaces."""
    numbers = np.full(len(glyphs.text), -1, dtype=np.int64)
    count, before = 0, None
    for index, (char, box) in enumerate(zip(glyphs.text, glyphs.loose.tolist(), strict=True)):
        if not char.strip():
            before = None
            continue
        count += before is None or apart(before, box)
        numbers[index], before = count - 1, box
    return numbers


def _words(glyphs: Glyphs) -> Iterator[Word]:
    numbers = word_numbers(glyphs)
    order = np.flatnonzero(numbers >= 0)
    for one in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
        yield from _word([glyphs.text[index] for index in one], glyphs.loose[one].tolist())


def _word(text: list[str], boxes: list[list[float]]) -> Iterator[Word]:
    joined = clean("".join(text))
    for at in range(0, len(joined), 200):
        left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
        right, bottom = max(b[2] for b in boxes), max(b[3] for b in boxes)
        yield Word(joined[at : at + 200], (_unit(left), _unit(top), _unit(right), _unit(bottom)))


def _unit(edge: float) -> float:
    return min(1.0, max(0.0, edge))


def apart(before: list[float], after: list[float]) -> bool:
    """Not next to each other, neither along a line nor along turned text."""
    across, along = _meet(before, after, 0), _meet(before, after, 1)
    turned = across[0] > 0.6 * across[1] and -along[0] <= 0.3 * _size(before)
    return not (in_line(before, after) or turned)


def in_line(before: list[float], after: list[float]) -> bool:
    """Next to each other along a line."""
    across, along = _meet(before, after, 0), _meet(before, after, 1)
    return along[0] > 0.4 * along[1] and -across[0] <= 1.5 * _size(before)


def _size(box: list[float]) -> float:
    return max(box[2] - box[0], box[3] - box[1], 1e-4)


def _meet(before: list[float], after: list[float], axis: int) -> tuple[float, float]:
    """How far two boxes overlap along an axis (negative: the gap between them), and the shorter one's length."""
    overlap = min(before[axis + 2], after[axis + 2]) - max(before[axis], after[axis])
    return overlap, min(before[axis + 2] - before[axis], after[axis + 2] - after[axis])


def _beside(before: Word, after: Word) -> bool:
    _, top, right, bottom = before.box
    height = min(bottom - top, after.box[3] - after.box[1])
    overlap = min(bottom, after.box[3]) - max(top, after.box[1])
    return height > 0 and overlap > 0.5 * height and -0.02 < after.box[0] - right < 0.08
