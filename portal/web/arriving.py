"""Bytes of a request's body, as they come. A sender who stalls loses the connection, so that nobody holds a thread of the server for long.

The limit of forms does not hold here: the case knows the one of files and says it kindly. What is read ends where it was announced to end;
a connection that was cut is told from an end, which the server does not do by itself.
"""

import time
from collections.abc import Callable, Iterator

from flask import request
from werkzeug.exceptions import ClientDisconnected

from portal.kernel.errors import Invalid

CHUNK = 64 * 1024


def announced() -> int | None:
    """How many bytes the body was announced with; None when it comes in chunks of unknown number."""
    if request.content_length is None and "Transfer-Encoding" not in request.headers:
        return 0  # RFC 9112, section 6.3: no length and no coding means no body
    return request.content_length


def body(cut: Callable[[], Invalid], *, patience: float, seconds: float | None = None) -> Iterator[bytes]:
    """The body, piece by piece.

    Raises `cut()` when the connection breaks, when no byte comes for `patience` seconds, or when all of it takes longer than `seconds`.
    """
    length = announced()
    # One more than announced, because the framework takes reading up to its limit for reading beyond it.
    request.max_content_length = length + 1 if length is not None else None
    return _pieces(cut, patience, time.monotonic() + seconds if seconds is not None else float("inf"))


def _pieces(cut: Callable[[], Invalid], patience: float, end: float) -> Iterator[bytes]:
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(patience)  # the server blocks for ever; it sets this anew for each request
    try:
        while chunk := request.stream.read(CHUNK):
            yield chunk
            if time.monotonic() > end:
                raise cut()
    except ClientDisconnected as error:
        raise cut() from error
