"""What leaves while nobody holds a transaction: bytes of a copy, decided on again and again.

Every half second the door's decision is made anew on a fresh snapshot; a recall, a request, the end of the terms, of the session or of
the account cuts the bytes off. How it ended is an event of its own, whatever the server does with the rest.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

log = logging.getLogger("portal.flow")

#: Seconds between two decisions while bytes leave.
CADENCE = 0.5


class Flow:
    """An iterator of bytes that a server sends. `still` raises when the door is closed; `ended(code, sent)` records the end, once."""

    def __init__(self, chunks: Iterator[bytes], *, still: Callable[[], Any], ended: Callable[[str, int], None]) -> None:
        self._chunks = chunks
        self._still = still
        self._ended = ended
        self._over = False
        self._sent = 0
        self._looked = float("-inf")

    def __iter__(self) -> "Flow":
        return self

    def __next__(self) -> bytes:
        if self._over:
            raise StopIteration
        if time.monotonic() - self._looked >= CADENCE:
            try:
                self._still()
            except BaseException:
                self._end("cut")
                raise
            self._looked = time.monotonic()
        try:
            chunk = next(self._chunks)
        except StopIteration:
            self._end("")
            raise
        except BaseException:
            self._end("broken")
            raise
        self._sent += len(chunk)
        return chunk

    def close(self) -> None:
        """The server is through: with everything, or because the reader went away."""
        self._end("broken")

    def _end(self, code: str) -> None:
        if self._over:
            return
        self._over = True
        self._ended(code, self._sent)
