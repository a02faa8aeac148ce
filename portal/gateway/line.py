"""The connection under an answer that flows out: whoever may not have the rest gets it from no buffer, and takes no part for the whole.

A connection that is merely closed still delivers what the system holds for it. This one is reset: the system drops what it holds, a
server that waits for a slow reader is woken, and the reader sees a broken body.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from typing import Any

#: Close at once, and drop what was not sent (socket(7), SO_LINGER).
_AT_ONCE = struct.pack("ii", 1, 0)


def severing(environ: Mapping[str, Any]) -> Callable[[], None] | None:
    """How to reset the connection of this request, if the server says which it is. The server finds it closed, or closes it at once."""
    line, serving = environ.get("gunicorn.socket"), threading.get_ident()
    if line is None:
        return None

    def sever() -> None:
        with contextlib.suppress(OSError):  # gone already
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            if threading.get_ident() == serving:
                line.close()
            else:  # the server's thread is in the middle of sending: this wakes it, and it closes
                line.shutdown(socket.SHUT_RDWR)

    return sever
