"""A report as large as a test wants it, that takes no room: its bytes are made where they are read. Between its ends it is one marker."""

import hashlib
import io
from typing import Any

from tools.bench.memory import large_pdf

MARKER = b"HERON-AT-KESTREL-POINT-7f3a91 "


class LargeFile(io.RawIOBase):
    """A PDF with so many bytes that no page shows, open for reading. `filling` is repeated all through them."""

    def __init__(self, size: int, filling: bytes = MARKER) -> None:
        self.size, pieces = large_pdf(size)
        self._head, *_, self._tail = pieces
        self._filling = filling
        self._at = 0

    def at(self, offset: int, wanted: int) -> bytes:
        stop, end = offset + wanted, self.size - len(self._tail)
        first, last = max(offset, len(self._head)), min(stop, end)
        filled = b""
        if last > first:
            phase = (first - len(self._head)) % len(self._filling)
            filled = (self._filling * ((last - first) // len(self._filling) + 2))[phase : phase + last - first]
        return self._head[offset:stop] + filled + self._tail[max(0, offset - end) : max(0, stop - end)]

    def digest(self) -> bytes:
        """SHA-256 of all of it."""
        made = hashlib.sha256()
        for offset in range(0, self.size, 1 << 20):
            made.update(self.at(offset, min(1 << 20, self.size - offset)))
        return made.digest()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        piece = self.at(self._at, min(len(buffer), self.size - self._at))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
