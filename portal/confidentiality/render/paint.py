"""The paint over a box: flat light grey, with neutral words where they fit. Made in the child, and anew in the proof."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.notice import in_a_row, letters_across, notice, write_notice
from portal.confidentiality.render.pixels import Pixels
from portal.confidentiality.render.words import Line, Word

Planes = np.ndarray[Any, np.dtype[np.uint8]]  # (3, height, width)
GREY = 221  # one of the sixteen levels of a grey page
_INK = 68
_LARGEST, _SMALLEST = 24, 9  # pixels at 150 dpi
_WIDE = 0.7  # half the height of a word, in fractions of pages that may be upright or across: the width of its letters


def pixel_edges(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the painted pixels on a page of this size (pixels): every pixel that the box touches."""
    return (
        int(np.floor(box.x0 * width + 1e-6)),
        int(np.floor(box.y0 * height + 1e-6)),
        min(width, int(np.ceil(box.x1 * width - 1e-6))),
        min(height, int(np.ceil(box.y1 * height - 1e-6))),
    )


def paint(planes: Planes, boxes: Sequence[Box], language: str = "en") -> Planes:
    """The page with its boxes painted; the planes themselves stay as they are."""
    if not boxes:
        return planes
    done = planes.copy()
    _, height, width = planes.shape
    for box in boxes:
        left, top, right, bottom = pixel_edges(box, width, height)
        done[:, top:bottom, left:right] = patch(right - left, bottom - top, language)
    return done


@lru_cache(maxsize=32)
def patch(width: int, height: int, language: str = "en") -> Pixels:
    """The paint of this size as grey levels of shape (height, width). The same size gives the same pixels, in any process."""
    image = Image.new("L", (width, height), GREY)
    size = min(_LARGEST, int(height * 0.6), int(letters_across(language, 0.9 * width)))
    if size >= _SMALLEST:
        write_notice(image, language, size=size, ink=_INK)
    pixels = np.asarray(image).copy()
    pixels.flags.writeable = False
    return pixels


def mark_line(box: Box, language: str = "en") -> Line:
    """The words of the paint for readers of the text layer, within the box."""
    text = notice(language)
    step = (box.x1 - box.x0) / (len(text) + 1)
    tall = min((box.y1 - box.y0) / 4, 1.5 * step)  # letters of a shape that readers take for letters
    step = min(step, _WIDE * tall)  # and so near each other that they take them for one line
    middle = (box.y0 + box.y1) / 2
    line = []
    for word, left, right in in_a_row(text, (box.x0 + box.x1 - step * len(text)) / 2, step):
        line.append(Word(word, (round(left, 5), round(middle - tall, 5), round(right - step / 2, 5), round(middle + tall, 5))))
    return tuple(line)
