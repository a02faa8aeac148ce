"""A sketch of a page: so few dots that where things stand can be seen, and no letter of a text.

It carries no watermark, so it must be nothing that is worth keeping: a dot is six millimetres of an A4 page. Sketches are made of pages
that a person has opened, kept in the memory of this process alone, and only the last few hundred of them.
"""

import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from PIL import Image

from portal.kernel.errors import Tampered

#: Dots across a page, whatever its size.
ACROSS = 36
_LARGEST = 36_000_000


def sketch(image: bytes) -> bytes:
    """The sketch of a page's picture, as a PNG. Raises `Tampered` for bytes that are not a picture."""
    try:
        with Image.open(io.BytesIO(image), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > _LARGEST:
                raise Tampered("a page of a pack is too large")
            down = max(1, min(4 * ACROSS, round(ACROSS * opened.height / opened.width)))
            small = opened.convert("L").resize((ACROSS, down), Image.Resampling.BOX)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Tampered("a page of a pack is not a picture") from error
    out = io.BytesIO()
    small.save(out, "PNG")
    return out.getvalue()


class Sketches:
    """The sketches made last, by what they are of."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, what: Hashable, picture: Callable[[], bytes]) -> bytes:
        """The sketch of this page; its picture is asked for only if none is kept."""
        with self._lock:
            if what in self._kept:
                self._kept.move_to_end(what)
                return self._kept[what]
        made = sketch(picture())
        with self._lock:
            self._kept[what] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
