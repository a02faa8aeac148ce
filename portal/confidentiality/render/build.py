"""Make a rendition: the child draws, the parent encodes. Pages are never dropped and numbers never change.

A withheld page is replaced by a notice; nothing of it but its size reaches the parent. Later, boxes on a page travel beside `withheld`.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from portal.confidentiality.render.assemble import Assembly
from portal.confidentiality.render.notice import notice_line, notice_pixels
from portal.confidentiality.render.pack import write_pack
from portal.confidentiality.render.pixels import Picture, encode
from portal.confidentiality.render.refusal import RenderFailed
from portal.confidentiality.render.sandbox import Answers, Sandbox
from portal.confidentiality.render.wire import SMALL, Frame
from portal.confidentiality.render.words import Line, as_text, from_json
from portal.kernel.errors import Invalid

_JOB = "portal.confidentiality.render.raster:raster"
_MAX_PIXELS = 36_000_000
_MAX_WORDS = 16 << 20
_MAX_POINTS = 100_000.0


@dataclass(frozen=True, slots=True)
class BuiltRendition:
    """A rendition that is not yet proved: never share one before `prove` says ok. `dropped_words` stood in the file but are not seen."""

    pdf: bytes
    pack: bytes
    pages: int
    withheld: tuple[int, ...]
    kept_words: int
    dropped_words: int


@dataclass(frozen=True, slots=True)
class _Page:
    points: tuple[float, float]
    picture: Picture
    lines: tuple[Line, ...]
    dropped: int


def build(sandbox: Sandbox, chunks: Iterable[bytes], *, withheld: frozenset[int], title: str, language: str = "en") -> BuiltRendition:
    """A rendition without the `withheld` pages (from 1). `title` must be neutral: it is written into the file as it is.

    Raises `FileRefused` (the file), `RenderFailed` (us), `Invalid` (a page that the document does not have, a title with controls).
    """
    _check_words(title, language)
    if any(number < 1 for number in withheld):
        raise _no_such_page()
    with sandbox.run(_JOB, {"max_pages": sandbox.max_pages, "withheld": sorted(withheld)}, chunks) as answers:
        pages = _count(answers.expect("DOCU", SMALL), sandbox.max_pages)
        if any(number > pages for number in withheld):
            raise _no_such_page()
        assembly, packed, kept, dropped = Assembly(title, language), [], 0, 0
        for number in range(1, pages + 1):
            page = _page(answers, number, number in withheld)
            assembly.add(page.points, page.picture, page.lines)
            packed.append((page.picture.file(), as_text(page.lines)))
            kept += 0 if number in withheld else sum(map(len, page.lines))
            dropped += page.dropped
        answers.end()
    return BuiltRendition(assembly.finish(), write_pack(packed), pages, tuple(sorted(withheld)), kept, dropped)


def _page(answers: Answers, number: int, withheld: bool) -> _Page:
    """One page from the child's frames, every number of which is checked before it is used."""
    try:
        head = answers.expect("PAGE", SMALL).json()
        points = (_edge(head["points"][0]), _edge(head["points"][1]))
        if head["number"] != number or head["kept"] is withheld or len(head["points"]) != 2:
            raise ValueError("another page than the next")
        if withheld:
            return _Page(points, encode(notice_pixels(points), exact=True), (notice_line(points),), 0)
        width, height = _whole(head["width"], 1, _MAX_PIXELS), _whole(head["height"], 1, _MAX_PIXELS)
        channels = 3 if head["channels"] == 3 else _whole(head["channels"], 1, 1)
        dropped = _whole(head["dropped"], 0, 1 << 30)
        if width * height > _MAX_PIXELS:
            raise ValueError("too many pixels")
        raw = answers.exactly("PIXL", width * height * channels)
        lines = from_json(answers.expect("WORD", _MAX_WORDS).json())
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise RenderFailed("a page of the child is not one") from error
    pixels = np.frombuffer(raw, dtype=np.uint8).reshape(height, width, channels)
    return _Page(points, encode(pixels), lines, dropped)


def _count(frame: Frame, max_pages: int) -> int:
    try:
        return _whole(frame.json()["pages"], 1, max_pages)
    except (ValueError, KeyError, TypeError) as error:
        raise RenderFailed("the child's document is not one") from error


def _whole(value: object, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError("a number out of bounds")
    return value


def _edge(value: object) -> float:
    if type(value) not in (int, float) or not 3 <= float(str(value)) <= _MAX_POINTS:
        raise ValueError("a size out of bounds")
    return round(float(str(value)), 2)


def _check_words(title: str, language: str) -> None:
    if not title.strip() or len(title) > 300 or any(unicodedata.category(c).startswith("C") for c in title):
        raise Invalid({"title": "Give the rendition a title of 1 to 300 characters on one line."})
    if not language.replace("-", "").isalnum() or not language.isascii() or len(language) > 35:
        raise Invalid({"language": "Name the language by its code, for example en or pt-BR."})


def _no_such_page() -> Invalid:
    return Invalid({"pages": "The document does not have all of these pages. Check the page numbers."})
