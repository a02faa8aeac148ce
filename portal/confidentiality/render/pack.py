"""The page pack: page pictures and their words in one file that is read a page at a time (docs/formats/page-pack.md).

`portal/pack/v1\\0`, u32 pages, then for each page u64 offset and u32 length of its picture, u64 offset and u32 length of its text, then the
data without gaps in that order. All big-endian.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.confidentiality.render.pixels import JPEG, PNG
from portal.kernel.errors import Tampered

MAGIC = b"portal/pack/v1\0"
_COUNT = struct.Struct(">I")
_ENTRY = struct.Struct(">QIQI")
_MAX_PAGES = 100_000
_MAX_LENGTH = 64 << 20


@dataclass(frozen=True, slots=True)
class PackPage:
    """One page: a PNG or JPEG file, and the words that can be seen on it, a line a line."""

    image: bytes
    mime: str
    text: str


def write_pack(pages: Sequence[tuple[bytes, str]]) -> bytes:
    """A pack of (picture file, text) for each page."""
    at = len(MAGIC) + _COUNT.size + _ENTRY.size * len(pages)
    table, data = [], []
    for image, text in pages:
        words = text.encode("utf-8")
        table.append(_ENTRY.pack(at, len(image), at + len(image), len(words)))
        data += [image, words]
        at += len(image) + len(words)
    return b"".join([MAGIC, _COUNT.pack(len(pages)), *table, *data])


def texts_of(pack: bytes) -> tuple[str, ...]:
    """The words of each page of a pack that is at hand."""
    reader = PackReader(lambda offset, length: pack[offset : offset + length])
    return tuple(reader.page(number).text for number in range(1, reader.pages + 1))


class PackReader:
    """Reads the table at once and each page when it is asked for. `read(offset, length)` must give exactly `length` bytes.

    Raises `Tampered` for a pack that `write_pack` would not have written.
    """

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._source = read
        head = self._read(0, len(MAGIC) + _COUNT.size)
        if not head.startswith(MAGIC):
            raise Tampered("not a page pack")
        (self.pages,) = _COUNT.unpack(head[len(MAGIC) :])
        if not 1 <= self.pages <= _MAX_PAGES:
            raise Tampered("a page pack with an impossible number of pages")
        self._table = self._entries(len(head))

    @property
    def length(self) -> int:
        """Bytes of the whole pack, by its table."""
        _, _, at, length = self._table[-1]
        return at + length

    def page(self, number: int) -> PackPage:
        """Page `number`, from 1. Raises IndexError for a page that is not there."""
        image_at, image_length, *_ = self._entry(number)
        image = self._read(image_at, image_length)
        return PackPage(image, _mime(image), self.text(number))

    def text(self, number: int) -> str:
        """The words of page `number` alone: its picture is not read. Raises IndexError for a page that is not there."""
        *_, text_at, text_length = self._entry(number)
        try:
            return self._read(text_at, text_length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Tampered("the text of a page pack is not UTF-8") from error

    def _entry(self, number: int) -> tuple[int, int, int, int]:
        if not 1 <= number <= self.pages:
            raise IndexError(number)
        return self._table[number - 1]

    def _entries(self, at: int) -> list[tuple[int, int, int, int]]:
        table = list(_ENTRY.iter_unpack(self._read(at, _ENTRY.size * self.pages)))
        at += _ENTRY.size * self.pages
        for image_at, image_length, text_at, text_length in table:
            if image_at != at or text_at != at + image_length or max(image_length, text_length) > _MAX_LENGTH:
                raise Tampered("the table of a page pack has a gap or an overlap")
            at = text_at + text_length
        return table

    def _read(self, offset: int, length: int) -> bytes:
        data = self._source(offset, length) if length else b""
        if len(data) != length:
            raise Tampered("a page pack is shorter than it says")
        return data


def _mime(image: bytes) -> str:
    if image.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if image.startswith(b"\xff\xd8\xff"):
        return JPEG
    raise Tampered("a page pack holds a picture of an unknown kind")
