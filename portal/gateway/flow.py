"""What leaves while nobody holds a transaction: bytes of a copy or a file, decided on again and again.

Every half second the door's decision is made anew on a fresh snapshot; a recall, a request, the end of the terms, of the session or of
the account cuts the bytes off. A server that waits for a slow reader asks for nothing, so a watch decides in its place, and takes the
connection away. How it ended is an event of its own, whatever the server does with the rest: "" for everything, `cut` for a decision,
`abandoned` for a reader who went away or stopped taking, else the code of what failed.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from portal.kernel.errors import PortalError

log = logging.getLogger("portal.flow")

#: Seconds between two decisions while bytes leave.
CADENCE = 0.5
#: Seconds after which a reader who took nothing is one who went away.
PATIENCE = 300.0


class Flow:
    """An iterator of bytes that a server sends. `still` raises when the door is closed; `ended(code, sent)` records the end, once.

    `sever` resets the connection; without it a flow is decided on only when the server asks for more. `sent` counts what was handed to the
    server: the reader has at most so many bytes.
    """

    def __init__(
        self,
        chunks: Iterator[bytes],
        *,
        still: Callable[[], Any],
        ended: Callable[[str, int], None],
        sever: Callable[[], None] | None = None,
    ) -> None:
        self._chunks = chunks
        self._still = still
        self._ended = ended
        self._sever = sever
        self._turn = threading.Lock()  # one decides, and one ends it
        self._over = threading.Event()
        self._why: BaseException | None = None
        self._sent = 0
        self._looked = float("-inf")
        self._moved = time.monotonic()
        self._watched = False

    def __iter__(self) -> "Flow":
        return self

    def __next__(self) -> bytes:
        self._go_on()
        try:
            chunk = next(self._chunks)
        except StopIteration:
            self._end("")
            raise
        except BaseException as error:
            self._end(error.code if isinstance(error, PortalError) else "internal", error)
            raise
        with self._turn:
            self._stop_if_over()
            self._sent += len(chunk)
            self._moved = time.monotonic()
        return chunk

    def close(self) -> None:
        """The server is through: with everything, or because the reader went away."""
        self._end("abandoned")

    def _go_on(self) -> None:
        with self._turn:
            self._stop_if_over()
            refusal = self._refusal()
        if refusal is not None:
            self._end("cut", refusal)
            raise refusal
        if not self._watched and self._sever is not None:
            self._watched = True
            threading.Thread(target=self._watch, name="flow", daemon=True).start()

    def _stop_if_over(self) -> None:
        if self._over.is_set():
            raise self._why or StopIteration

    def _refusal(self) -> BaseException | None:
        """Decide anew if the last decision is older than the cadence."""
        if time.monotonic() - self._looked < CADENCE:
            return None
        try:
            self._still()
        except BaseException as error:
            return error
        self._looked = time.monotonic()
        return None

    def _watch(self) -> None:
        """Beside the server, until the end: it may be waiting for its reader, and then nothing else would look."""
        while not self._over.wait(CADENCE / 2):
            with self._turn:
                if self._over.is_set():
                    return
                refusal = self._refusal()
            if refusal is not None:
                self._end("cut", refusal)
            elif time.monotonic() - self._moved > PATIENCE:
                self._end("abandoned", TimeoutError("the reader took nothing"))

    def _end(self, code: str, why: BaseException | None = None) -> None:
        with self._turn:  # the server waits here, too, before it closes the connection
            if self._over.is_set():
                return
            self._why = why
            self._over.set()
            if why is not None and self._sent and self._sever is not None:
                self._sever()
        self._ended(code, self._sent)
