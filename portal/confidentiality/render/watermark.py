"""Burn who reads, for which body, when and under which share into a page's picture. A deterrent and a trace, not a lock.

Runs in the web process, on pictures from packs that we sealed ourselves. The marks lie across the whole page, so that any quarter of it
carries them whole; they darken what is light and lighten what is dark, so that the text stays readable.
"""

import io
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont, JpegImagePlugin, PngImagePlugin

from portal.kernel.errors import Tampered

_DEPTH = 46  # levels of 255 by which a mark changes the page
_ANGLE = 30
_LARGEST = 36_000_000
_LINES, _LETTERS = 8, 80
_PLAIN = {
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ı": "i",
    "þ": "th",
    "Þ": "Th",
}
_CODECS = (JpegImagePlugin.JpegImageFile, PngImagePlugin.PngImageFile)

Levels = np.ndarray[Any, np.dtype[np.uint8]]


def stamp(image: bytes, lines: Sequence[str]) -> bytes:
    """The picture (PNG or JPEG, from a page pack) with the lines across it and once more at its foot; the same kind of file.

    Letters that the font lacks (it covers little more than English) become "?": always pass a short id of person and share
    too. Raises `Tampered` for bytes that are not a picture.
    """
    try:
        with Image.open(io.BytesIO(image), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > _LARGEST:
                raise Tampered("a page of a pack is too large")
            kind, grey = opened.format, opened.mode != "RGB"
            page = np.asarray(opened.convert("L" if grey else "RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Tampered("a page of a pack is not a picture") from error
    height, width = page.shape[:2]
    marked = _mark(page, pattern(lines, width, height))
    return _jpeg(marked) if kind == "JPEG" else _png(marked)


def pattern(lines: Sequence[str], width: int, height: int) -> Levels:
    """How much each pixel of a page of this size is changed by the marks: shape (height, width)."""
    return _pattern(tuple(_printable(line) for line in lines[:_LINES] if line.strip()), width, height)


def _mark(page: Levels, marks: Levels) -> Levels:
    """Darker by the marks where the page is light, lighter where it is dark."""
    depth = marks if page.ndim == 2 else marks[:, :, None]
    return np.where(page >= 128, page - np.minimum(depth, page), page + np.minimum(depth, 255 - page)).astype(np.uint8)


@lru_cache(maxsize=4)
def _pattern(words: tuple[str, ...], width: int, height: int) -> Levels:
    """How much each pixel is changed. Pages of a document are of one size: the next page finds it ready."""
    size = max(9, round(min(width, height) / 52))
    tile = _tile(words, size)
    canvas = Image.new("L", (width, height), 0)
    step_x, step_y = max(1, tile.width * 5 // 6), max(1, tile.height * 5 // 6)
    for row, y in enumerate(range(-tile.height // 2, height, step_y)):
        for x in range(-tile.width // 2 - (row % 2) * step_x // 2, width, step_x):
            canvas.paste(_DEPTH, (x, y), tile)
    foot = " · ".join(words)
    font = _fitting(foot, size, width - 2 * size)
    pen = ImageDraw.Draw(canvas)
    base = height - size // 2
    pen.rectangle((0, base - round(font.size * 1.5), width, height), fill=0)
    pen.text((width / 2, base), foot, fill=150, font=font, anchor="ms")
    marks = np.asarray(canvas).copy()
    marks.flags.writeable = False
    return marks


def _tile(words: tuple[str, ...], size: int) -> Image.Image:
    """The lines as a slanted block."""
    font = ImageFont.load_default(size)
    text = "\n".join(words)
    box = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), text, font=font, align="center", spacing=size // 3)
    flat = Image.new("L", (round(box[2] - box[0]) + size, round(box[3] - box[1]) + size), 0)
    ImageDraw.Draw(flat).multiline_text(
        (flat.width / 2, flat.height / 2), text, fill=255, font=font, anchor="mm", align="center", spacing=size // 3
    )
    return flat.rotate(_ANGLE, resample=Image.Resampling.BILINEAR, expand=True)


def _fitting(text: str, size: int, width: int) -> ImageFont.FreeTypeFont:
    for smaller in range(size, 5, -1):
        font = ImageFont.load_default(smaller)
        if isinstance(font, ImageFont.FreeTypeFont) and font.getlength(text) <= width:
            return font
    return ImageFont.truetype(io.BytesIO(_font_file()), 6)


def _printable(line: str) -> str:
    """Letters with marks that the font lacks lose the marks (ü to u); letters it lacks altogether become "?"."""
    covered, out = _covered(), []
    for letter in unicodedata.normalize("NFC", line.strip())[:_LETTERS]:
        plain = letter if ord(letter) in covered else _PLAIN.get(letter) or unicodedata.normalize("NFKD", letter)
        kept = "".join(c for c in plain if ord(c) in covered)
        out.append(kept or ("" if unicodedata.category(letter) in ("Mn", "Cf") else "?"))
    return "".join(out)


@lru_cache(maxsize=1)
def _covered() -> frozenset[int]:
    with TTFont(io.BytesIO(_font_file()), lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=1)
def _font_file() -> bytes:
    """The font that Pillow carries inside: no font of the system is needed."""
    font = ImageFont.load_default(12)
    if not isinstance(font, ImageFont.FreeTypeFont) or not isinstance(font.path, io.BytesIO):
        raise RuntimeError("Pillow was built without FreeType; install a build with it")
    return font.path.getvalue()


def _png(page: Levels) -> bytes:
    """16 levels of grey, as the pack has them."""
    out = io.BytesIO()
    grey = Image.fromarray(((page.astype(np.uint16) * 15 + 127) // 255).astype(np.uint8)).convert("P")
    grey.putpalette([level * 17 for level in range(16) for _ in range(3)])
    grey.save(out, "PNG", bits=4, compress_level=3)
    return out.getvalue()


def _jpeg(page: Levels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(page).save(out, "JPEG", quality=80)
    return out.getvalue()
