"""A page's picture, encoded once: the same bytes serve the PDF and the page pack, so that neither can show what the other does not.

Grey pages become 4-bit grey in Flate with PNG's row predictor (losslessly re-wrapped as PNG), or JPEG where that is smaller; colour JPEG.
"""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

Pixels = np.ndarray[Any, np.dtype[np.uint8]]

PNG, JPEG = "image/png", "image/jpeg"
_QUALITY = 72
_BUSY = 0.10  # bytes a pixel beyond which JPEG is worth trying
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
Image.preinit()  # loads the codecs now: in a child no path can be opened later


@dataclass(frozen=True, slots=True)
class Picture:
    """`data` is the body of the PDF's image: zlib rows of 4-bit grey, or a whole JPEG file."""

    width: int
    height: int
    channels: int
    mime: str
    data: bytes

    def file(self) -> bytes:
        """The picture as a PNG or JPEG file."""
        if self.mime == JPEG:
            return self.data
        head = struct.pack(">IIBBBBB", self.width, self.height, 4, 0, 0, 0, 0)
        return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", self.data) + _chunk(b"IEND", b"")


def encode(pixels: Pixels, *, exact: bool = False) -> Picture:
    """A picture of (height, width, 1 or 3) pixels; `exact` forbids JPEG where the page is grey (in colour there is nothing else)."""
    height, width, channels = pixels.shape
    if channels == 3:
        return Picture(width, height, 3, JPEG, _jpeg(Image.fromarray(pixels)))
    grey = pixels[:, :, 0]
    flat = zlib.compress(_rows(grey), 9 if exact else 6)
    if not exact and len(flat) > _BUSY * width * height:
        jpeg = _jpeg(Image.fromarray(grey))
        if len(jpeg) < len(flat):
            return Picture(width, height, 1, JPEG, jpeg)
    return Picture(width, height, 1, PNG, flat)


def decode(picture: Picture) -> Pixels:
    """The pixels again, shape (height, width, channels). Raises ValueError if the data is not exactly what `encode` would have written."""
    if picture.mime == JPEG:
        return _decode_jpeg(picture)
    stride = 1 + (picture.width + 1) // 2
    reader = zlib.decompressobj()
    flat = reader.decompress(picture.data, stride * picture.height + 1)
    if len(flat) != stride * picture.height or not reader.eof or reader.unused_data or picture.channels != 1:
        raise ValueError("not the rows of this picture")
    rows = np.frombuffer(flat, dtype=np.uint8).reshape(picture.height, stride)
    if rows[:, 0].any():
        raise ValueError("not a row of ours")
    wide = np.empty((picture.height, (stride - 1) * 2), dtype=np.uint8)
    wide[:, 0::2], wide[:, 1::2] = rows[:, 1:] >> 4, rows[:, 1:] & 15
    if wide[:, picture.width :].any():
        raise ValueError("something stands beside the picture")
    return wide[:, : picture.width, None] * np.uint8(17)


def _rows(grey: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    height, width = grey.shape
    levels = np.zeros((height, (width + 1) // 2 * 2), dtype=np.uint8)
    levels[:, :width] = _LEVEL[grey]
    rows = np.zeros((height, 1 + levels.shape[1] // 2), dtype=np.uint8)  # the first byte of a row: no filter
    rows[:, 1:] = levels[:, 0::2] << 4 | levels[:, 1::2]
    return rows.tobytes()


_LEVEL = ((np.arange(256) * 15 + 127) // 255).astype(np.uint8)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _decode_jpeg(picture: Picture) -> Pixels:
    try:
        with Image.open(io.BytesIO(picture.data), formats=("JPEG",)) as image:
            if image.size != (picture.width, picture.height) or image.mode != {1: "L", 3: "RGB"}.get(picture.channels):
                raise ValueError("not this picture")
            return np.asarray(image).reshape(picture.height, picture.width, picture.channels)
    except (OSError, SyntaxError) as error:
        raise ValueError("not a JPEG") from error


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
