"""The paint over a box: flat light grey, with neutral words where they fit. Made in the child, and anew in the proof."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.notice import NOTICE
from portal.confidentiality.render.pixels import Pixels
from portal.confidentiality.render.words import Line, Word

Planes = np.ndarray[Any, np.dtype[np.uint8]]  # (3, height, width)
GREY = 221  # one of the sixteen levels of a grey page
_INK = 68
_LARGEST, _SMALLEST = 24, 9  # pixels at 150 dpi


def pixel_edges(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the painted pixels on a page of this size (pixels): every pixel that the box touches."""
    return (
        int(np.floor(box.x0 * width + 1e-6)),
        int(np.floor(box.y0 * height + 1e-6)),
        min(width, int(np.ceil(box.x1 * width - 1e-6))),
        min(height, int(np.ceil(box.y1 * height - 1e-6))),
    )


def paint(planes: Planes, boxes: Sequence[Box]) -> Planes:
    """The page with its boxes painted; the planes themselves stay as they are."""
    if not boxes:
        return planes
    done = planes.copy()
    _, height, width = planes.shape
    for box in boxes:
        left, top, right, bottom = pixel_edges(box, width, height)
        done[:, top:bottom, left:right] = patch(right - left, bottom - top)
    return done


@lru_cache(maxsize=32)
def patch(width: int, height: int) -> Pixels:
    """The paint of this size as grey levels of shape (height, width). The same size gives the same pixels, in any process."""
    image = Image.new("L", (width, height), GREY)
    size = min(_LARGEST, int(height * 0.6), int(width / 16))
    if size >= _SMALLEST:
        ImageDraw.Draw(image).text((width / 2, height / 2), NOTICE, fill=_INK, font=ImageFont.load_default(size), anchor="mm")
    pixels = np.asarray(image).copy()
    pixels.flags.writeable = False
    return pixels


def mark_line(box: Box) -> Line:
    """The words of the paint for readers of the text layer, within the box."""
    words = NOTICE.split()
    step = (box.x1 - box.x0) / (len(NOTICE) + 1)
    tall = min((box.y1 - box.y0) / 4, 1.5 * step)  # letters of a shape that readers take for letters
    middle = (box.y0 + box.y1) / 2
    line, left = [], box.x0 + step
    for word in words:
        right = left + step * len(word)
        line.append(Word(word, (round(left, 5), round(middle - tall, 5), round(right - step / 2, 5), round(middle + tall, 5))))
        left = right + step
    return tuple(line)
