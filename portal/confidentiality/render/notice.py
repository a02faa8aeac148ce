"""The page that stands where a page is withheld: the same words and picture for every reason, so that it tells of none."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from portal.confidentiality.render.pixels import Pixels
from portal.confidentiality.render.words import Line, Word

NOTICE = "Not included in this rendition"
_DPI = 150
_MARGIN, _RULE = 0.06, 2


def notice_size(points: tuple[float, float]) -> tuple[int, int]:
    """Width and height in pixels of a notice for a page of this size in points."""
    return max(8, round(points[0] * _DPI / 72)), max(8, round(points[1] * _DPI / 72))


@lru_cache(maxsize=8)
def notice_pixels(points: tuple[float, float]) -> Pixels:
    """The notice as grey pixels of shape (height, width, 1). The same input gives the same pixels, in any process."""
    width, height = notice_size(points)
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    edge = round(min(width, height) * _MARGIN)
    pen.rectangle((edge, edge, width - edge - 1, height - edge - 1), outline=170, width=_RULE)
    size = min(36.0, (width - 2 * edge) / 16)
    if size >= 4:
        pen.text((width / 2, height / 2), NOTICE, fill=0, font=ImageFont.load_default(size), anchor="mm")
    pixels = np.asarray(image)[:, :, None].copy()
    pixels.flags.writeable = False
    return pixels


def notice_line(points: tuple[float, float]) -> Line:
    """The words of the notice, where they stand in its picture."""
    width, height = points
    tall = min(18.0, width / 14) / height / 2
    words = NOTICE.split()
    left, step = 0.25, 0.5 / len(NOTICE)
    line = []
    for word in words:
        right = left + step * len(word)
        line.append(Word(word, (round(left, 5), round(0.5 - tall, 5), round(right, 5), round(0.5 + tall, 5))))
        left = right + step
    return tuple(line)
