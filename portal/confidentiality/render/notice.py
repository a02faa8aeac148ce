"""The words that stand where something is withheld, and the page where a page is: the same for every reason, so that they tell of none.

In the six official languages of the United Nations. The words are painted from pictures that `tools/notices.py` made once: no font is
needed, and Arabic letters are joined.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from portal.confidentiality.render.pixels import Pixels
from portal.confidentiality.render.words import Line, Word, right_to_left

NOTICES = {
    "ar": "غير مدرج في هذه النسخة",
    "zh": "未列入本版本",
    "en": "Not included in this rendition",
    "fr": "Ne figure pas dans la présente version",
    "ru": "Не включено в настоящую версию",
    "es": "No figura en la presente versión",
}
NOTICE = NOTICES["en"]
PICTURES = Path(__file__).parent / "notices"
LETTERS = 96  # pixels: the size of the letters in the pictures
_DPI = 150
_MARGIN, _RULE = 0.06, 2


def _picture(language: str) -> Image.Image:
    with Image.open(PICTURES / f"{language}.png") as picture:
        return picture.convert("L")


_PICTURES = {language: _picture(language) for language in NOTICES}  # now: in a child no path can be opened later


def spoken(language: str) -> str:
    """The language of the notice in a document of this language (BCP 47): its own if it is one of the six, else English."""
    primary = language.partition("-")[0].lower()
    return primary if primary in NOTICES else "en"


def notice(language: str) -> str:
    return NOTICES[spoken(language)]


def is_notice(text: str) -> bool:
    """Are these the words of the notice, in whatever language?"""
    return text in NOTICES.values()


def letters_across(language: str, room: float) -> float:
    """The size of letters, in pixels, with which the notice is as wide as this room (pixels)."""
    return room * LETTERS / _PICTURES[spoken(language)].width


def write_notice(image: Image.Image, language: str, *, size: float, ink: int) -> None:
    """Write the notice into the middle of a grey image, with letters of this size (pixels). The same input gives the same pixels."""
    picture = _PICTURES[spoken(language)]
    width, height = (max(1, round(edge * size / LETTERS)) for edge in picture.size)
    mask = picture.resize((width, height), Image.Resampling.LANCZOS)
    image.paste(ink, ((image.width - width) // 2, (image.height - height) // 2), mask)


def notice_size(points: tuple[float, float]) -> tuple[int, int]:
    """Width and height in pixels of a notice for a page of this size in points."""
    return max(8, round(points[0] * _DPI / 72)), max(8, round(points[1] * _DPI / 72))


@lru_cache(maxsize=8)
def notice_pixels(points: tuple[float, float], language: str = "en") -> Pixels:
    """The notice as grey pixels of shape (height, width, 1). The same input gives the same pixels, in any process."""
    width, height = notice_size(points)
    image = Image.new("L", (width, height), 255)
    edge = round(min(width, height) * _MARGIN)
    ImageDraw.Draw(image).rectangle((edge, edge, width - edge - 1, height - edge - 1), outline=170, width=_RULE)
    size = min(36.0, letters_across(language, 0.9 * (width - 2 * edge)))
    if size >= 4:
        write_notice(image, language, size=size, ink=0)
    pixels = np.asarray(image)[:, :, None].copy()
    pixels.flags.writeable = False
    return pixels


def notice_line(points: tuple[float, float], language: str = "en") -> Line:
    """The words of the notice, where they stand in its picture."""
    width, height = points
    text = notice(language)
    tall = min(18.0, width / 14) / height / 2
    return tuple(
        Word(word, (round(left, 5), round(0.5 - tall, 5), round(right, 5), round(0.5 + tall, 5)))
        for word, left, right in in_a_row(text, 0.25, 0.5 / len(text))
    )


def in_a_row(text: str, start: float, step: float) -> list[tuple[str, float, float]]:
    """Each word with its left and right edge, on a line that begins at `start` and gives each letter `step`.

    They stand in the order in which they are spoken; what is read from right to left stands from right to left.
    """
    row, left = [], start
    for word in text.split():
        row.append((word, left, left + step * len(word)))
        left += step * (len(word) + 1)
    if right_to_left(text):
        end = start + step * len(text)
        row = [(word, start + end - right, start + end - left) for word, left, right in row]
    return row
