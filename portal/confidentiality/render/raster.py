"""Child only: the job of `build`. Kept pages leave as pixels and visible words; of a withheld page nothing leaves but its size."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from portal.confidentiality.render.pixels import Pixels
from portal.confidentiality.render.source import open_page, open_source
from portal.confidentiality.render.visibility import Planes, draw, visible_lines
from portal.confidentiality.render.wire import pack_json
from portal.confidentiality.render.words import to_json

_GREY = 16  # levels of 255 by which the colours of a grey page may differ


def raster(header: Mapping[str, Any], parts: list[bytes]) -> Iterator[tuple[str, bytes | memoryview]]:
    """Frames: `DOCU`, then for each page `PAGE` and, where it is kept, `PIXL` and `WORD`."""
    withheld = frozenset(header["withheld"])
    source = open_source(parts[0], int(header["max_pages"]))
    yield "DOCU", pack_json({"pages": source.pages})
    for number in range(1, source.pages + 1):
        page = open_page(source, number)
        points = [round(edge, 2) for edge in page.get_size()]
        if number in withheld:
            yield "PAGE", pack_json({"number": number, "points": points, "kept": False})
        else:
            drawn = draw(page)
            pixels = interleaved(drawn)
            lines, dropped = visible_lines(page, drawn)
            height, width, channels = pixels.shape
            shape = {"width": width, "height": height, "channels": channels}
            yield "PAGE", pack_json({"number": number, "points": points, "kept": True, "dropped": dropped, **shape})
            yield "PIXL", pixels.data.cast("B")
            yield "WORD", pack_json(to_json(lines))
        page.close()


def interleaved(drawn: Planes) -> Pixels:
    """The page as (height, width, channels); one channel when it has no colour to speak of."""
    if int((drawn.max(axis=0) - drawn.min(axis=0)).max()) < _GREY:
        return np.asarray(drawn[1][:, :, None])
    return np.asarray(np.ascontiguousarray(drawn.transpose(1, 2, 0)))
