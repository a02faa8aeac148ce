"""A file too large to hand over in one go: the child asks for the pieces it reads. So its memory does not grow with the file.

Both halves: `OnDemand` is what the parent offers, `Remote` what a reader of files in the child sees, like an open file.
"""

import io
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from portal.confidentiality.render.wire import CHUNK

#: What the child asks with: offset and length, in bytes.
WANT = struct.Struct(">QI")
SIZE = struct.Struct(">Q")
#: Pieces asked for at once, and how many are kept.
BLOCK, KEPT = 256 * 1024, 64


@dataclass(frozen=True, slots=True)
class OnDemand:
    """A part of a job that stays with the parent. `read(offset, length)` gives exactly these bytes."""

    size: int
    read: Callable[[int, int], bytes]

    def most(self) -> int:
        """How many bytes a child may ask for in all: readers look at some places again, but not for ever."""
        return 16 * self.size + (1 << 30)


#: How a file comes into the sandbox.
Content = Iterable[bytes] | OnDemand


class Remote(io.RawIOBase):
    """Child only: random access to the parent's file. `ask(offset, length)` gives exactly these bytes."""

    def __init__(self, size: int, ask: Callable[[int, int], bytes]) -> None:
        self.size = size
        self._ask = ask
        self._at = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer, unless the file ends in it: readers of PDF take less for the end."""
        view = memoryview(buffer).cast("B")
        done = 0
        while done < len(view) and self._at < self.size:
            index, start = divmod(self._at, BLOCK)
            piece = memoryview(self._block(index))[start : start + len(view) - done]
            view[done : done + len(piece)] = piece
            done += len(piece)
            self._at += len(piece)
        return done

    def _block(self, index: int) -> bytes:
        block = self._blocks.pop(index, None)
        if block is None:
            block = self._ask(index * BLOCK, min(BLOCK, self.size - index * BLOCK))
            if len(self._blocks) >= KEPT:
                self._blocks.popitem(last=False)
        self._blocks[index] = block
        return block


assert BLOCK <= CHUNK
