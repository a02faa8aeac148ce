"""The connection under an answer that flows out: whoever may not have the rest gets it from no buffer, and takes no part for the whole.

A connection that is merely closed still delivers what the system holds for it, and ends as if that were all. This one is reset: the
system drops what it holds, a server that waits for a slow reader is woken, and the reader sees a broken body.
"""

import contextlib
import os
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from typing import Any

#: Close at once, and drop what was not sent (socket(7), SO_LINGER).
_AT_ONCE = struct.pack("ii", 1, 0)


def severing(environ: Mapping[str, Any]) -> Callable[[], None] | None:
    """How to reset the connection of this request, if the server says which it is. The server must not close it meanwhile."""
    line, serving = environ.get("gunicorn.socket"), threading.get_ident()
    if line is None:
        return None

    def sever() -> None:
        with contextlib.suppress(OSError):  # gone already
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            if threading.get_ident() != serving:  # the server's thread may be waiting to send
                line.shutdown(socket.SHUT_RDWR)
            # The number stays the server's to close, so that no other connection takes it while the server still holds it.
            with open(os.devnull, "rb") as nothing:
                os.dup2(nothing.fileno(), line.fileno(), inheritable=False)

    return sever
