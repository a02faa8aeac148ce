"""Child only: the jobs of `build` and `look`. Kept pages leave as pixels and visible words; of a withheld page nothing leaves but its size.

What lies under a box does not leave either: it is painted here, and words that touch it stay behind. Only `look` may send it unpainted.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.grow import grow
from portal.confidentiality.render.kept import kept_lines
from portal.confidentiality.render.notice import notice_line
from portal.confidentiality.render.paint import paint
from portal.confidentiality.render.pixels import Pixels, decode, encode
from portal.confidentiality.render.scanned import Reader, only_marks, scanned_lines
from portal.confidentiality.render.source import open_page, open_source
from portal.confidentiality.render.structure import Kept, tree
from portal.confidentiality.render.structure import to_json as tree_json
from portal.confidentiality.render.visibility import Planes, draw
from portal.confidentiality.render.wire import pack_json
from portal.confidentiality.render.words import Line, to_json

_GREY = 16  # levels of 255 by which the colours of a grey page may differ
Sent = tuple[str, bytes | memoryview]
Frames = Iterator[Sent]


def raster(header: Mapping[str, Any], parts: list[Any]) -> Frames:
    """Frames: `DOCU`, then for each page `PAGE` and, where it is kept, `PIXL` and `WORD`; then `TREE`, what the kept lines are."""
    withheld, boxes = frozenset(header["withheld"]), _boxes(header["boxes"])
    language = str(header["language"])
    source, reader = open_source(parts[0], int(header["max_pages"])), Reader(parts[1]) if len(parts) > 1 else None
    yield "DOCU", pack_json({"pages": source.pages})
    kept: list[Kept] = []
    for number in range(1, source.pages + 1):
        page = open_page(source, number)
        points = (page.get_width(), page.get_height())
        if number in withheld:
            yield "PAGE", pack_json({"number": number, "points": _points(page), "kept": False, "grown": []})
            lines: tuple[Line, ...] | None = None
        else:
            lines = yield from _frames(page, number, [box for box in boxes if box.page == number], language, reader, painted=True)
        kept.append((points, (notice_line(points, language),) if lines is None else lines))
        page.close()
    yield "TREE", pack_json(tree_json(tree(kept)))


def look(header: Mapping[str, Any], parts: list[Any]) -> Frames:
    """The same frames for one page, painted or not; `DOCU` alone when the document does not have it."""
    source, number = open_source(parts[0], int(header["max_pages"])), int(header["page"])
    yield "DOCU", pack_json({"pages": source.pages})
    if number <= source.pages:
        page = open_page(source, number)
        yield from _frames(page, number, _boxes(header["boxes"]), str(header["language"]), None, painted=bool(header["painted"]))
        page.close()


def _frames(
    page: Any, number: int, boxes: Sequence[Box], language: str, reader: Reader | None, *, painted: bool
) -> Generator[Sent, None, tuple[Line, ...] | None]:
    """The frames of one page; returns its lines, or None if nothing of it is kept."""
    drawn = draw(page)
    grown = grow(page, drawn, boxes) if boxes else ()
    head = {"number": number, "points": _points(page), "grown": [list(box.edges) for box in grown]}
    if painted and any(box.whole for box in grown):
        yield "PAGE", pack_json({**head, "kept": False})
        return None
    shown = grown if painted else ()
    lines, dropped = kept_lines(page, drawn, shown, language)
    pixels = interleaved(paint(drawn, shown, language))
    height, width, channels = pixels.shape
    yield "PAGE", pack_json({**head, "kept": True, "dropped": dropped, "width": width, "height": height, "channels": channels})
    yield "PIXL", pixels.data.cast("B")
    if reader and only_marks(lines):
        finished = decode(encode(pixels, exact=bool(shown)))  # as the proof finds it, so that both read the same
        lines = scanned_lines(reader.read(finished), shown, finished.shape[:2], language)
    yield "WORD", pack_json(to_json(lines))
    return lines


def interleaved(drawn: Planes) -> Pixels:
    """The page as (height, width, channels); one channel when it has no colour to speak of."""
    if int((drawn.max(axis=0) - drawn.min(axis=0)).max()) < _GREY:
        return np.asarray(drawn[1][:, :, None])
    return np.asarray(np.ascontiguousarray(drawn.transpose(1, 2, 0)))


def _points(page: Any) -> list[float]:
    return [round(edge, 2) for edge in page.get_size()]


def _boxes(value: Any) -> list[Box]:
    return [Box(int(page), *edges) for page, *edges in value]
