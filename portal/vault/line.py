"""The line to an S3 server: whose certificate is believed, how long one waits, what is sent again.

* Nobody waits for silence longer than `SILENCE` seconds, and for a whole request not longer than `ANSWER` and its bytes at `SLOWEST`.
* A request is sent again once, at once, if the connection broke or the server said it was busy, and never after a silence.
* After a failure the store is given `BRIEF` seconds for a while (`WHILE`): what is to be cleaned up, and whoever comes next, fails soon.
* A redirection is an error. Only certificates that fit the name are believed, of the system's authorities or of the ones named.
"""

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from urllib3 import PoolManager, Retry, Timeout
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError
from urllib3.exceptions import TimeoutError as Silent
from urllib3.response import BaseHTTPResponse

from portal.kernel.errors import Misconfigured

#: Seconds to reach the server, to wait for its next word, and for all of an answer beside its bytes; how often a request is repeated.
CONNECT, SILENCE, ANSWER, AGAIN = 5.0, 20.0, 30.0, 1
#: Bytes a second below which a line does not count as one.
SLOWEST = 128 * 1024
#: Seconds of patience with a store that has just failed, and for how long that is all it gets.
BRIEF, WHILE = 3.0, 30.0
#: Bytes that are sent at once, each of which may take as long as a silence, and bytes that may be under way: the silence after the last
#: one begins when it was handed over, not when it arrived.
PIECE, UNDER_WAY = 64 * 1024, 512 * 1024


class _Again(Retry):
    """Repeats what broke, and not what was silent: a server that hangs would hold its caller for as long again."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: TracebackType | None = None,
    ) -> "_Again":
        if isinstance(error, Silent):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)


class _Pool(HTTPConnectionPool):
    def _make_request(self, conn: Any, method: str, url: str, body: Any = None, **named: Any) -> Any:  # type: ignore[override]
        with _bounded(self, conn, url, body):
            return super()._make_request(conn, method, url, body=body, **named)


class _SecurePool(HTTPSConnectionPool):
    def _make_request(self, conn: Any, method: str, url: str, body: Any = None, **named: Any) -> Any:  # type: ignore[override]
        with _bounded(self, conn, url, body):
            return super()._make_request(conn, method, url, body=body, **named)


@contextmanager
def _bounded(pool: HTTPConnectionPool, connection: Any, url: str, body: Any) -> Iterator[None]:
    """One request on a connection ends within its time, however slowly the answer trickles in."""
    bound = time_for(len(body.getbuffer()) if isinstance(body, io.BytesIO) else 0)
    cut = threading.Event()

    def end() -> None:
        cut.set()
        if connection.sock is not None:
            _shut(connection.sock)

    watch = threading.Timer(bound, end)
    watch.daemon = True
    watch.start()
    late: Exception | None = None
    try:
        yield
    except Exception as error:
        late = error
        if not cut.is_set():
            raise
    finally:
        watch.cancel()
    if cut.is_set():  # with or without an error: a head that was cut off reads like a short one
        raise ReadTimeoutError(pool, url, f"no whole answer within {bound:.0f} s") from late


class Line(PoolManager):
    """Connections to one server. `skew` is how many seconds its clock was ahead of ours when it last answered."""

    def __init__(self, ca_file: Path | None = None, now: Callable[[], float] = time.time) -> None:
        if ca_file is not None and not _is_readable(ca_file):
            raise Misconfigured(f"store.ca_file {ca_file} cannot be read: name a file with the authority's certificate (PEM)")
        super().__init__(
            maxsize=32,
            blocksize=PIECE,
            cert_reqs="CERT_REQUIRED",
            ca_certs=str(ca_file) if ca_file else None,
            socket_options=[*HTTPConnection.default_socket_options, (socket.SOL_SOCKET, socket.SO_SNDBUF, UNDER_WAY)],
        )
        self.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        self.skew = 0.0
        self._now = now
        self._failed_at = float("-inf")

    def urlopen(self, method: str, url: str, redirect: bool = True, **named: Any) -> BaseHTTPResponse:  # type: ignore[override]
        body = named.get("body")
        if body:
            named["body"] = io.BytesIO(body)  # in pieces, or all of it would have to go out within one silence
        with self._patience() as (connect, silence, again):
            named["timeout"] = Timeout(connect=connect, read=silence)
            named["retries"] = _Again(
                total=again,
                redirect=False,
                backoff_factor=0.2,
                status_forcelist=[500, 502, 503, 504],
                raise_on_status=False,
                respect_retry_after_header=False,  # it could say an hour
            )
            response = super().urlopen(method, url, redirect=redirect, **named)
            _demand_head(response)
        self._note(response.headers.get("Date"))
        return response

    @contextmanager
    def _patience(self) -> Iterator[tuple[float, float, int]]:
        """How long to try to connect, to wait for a word, and how often to repeat. A failure makes the next ones impatient."""
        tired = time.monotonic() - self._failed_at < WHILE
        try:
            yield (min(CONNECT, BRIEF), min(SILENCE, BRIEF), 0) if tired else (CONNECT, SILENCE, AGAIN)
        except (HTTPError, OSError):
            if not tired:
                self._failed_at = time.monotonic()
            raise
        self._failed_at = float("-inf")

    def _note(self, date: str | None) -> None:
        try:
            self.skew = parsedate_to_datetime(date or "").timestamp() - self._now()
        except ValueError:
            return


def _demand_head(response: BaseHTTPResponse) -> None:
    """A head that was cut off reads like a short one, and the object like one without an end: nothing is believed of such an answer."""
    original = getattr(response, "_original_response", None)
    endless = response.status in {200, 206} and not {"Content-Length", "Transfer-Encoding"} & {name.title() for name in response.headers}
    if endless or (original is not None and original.msg is not None and original.msg.defects):
        response.close()
        raise ProtocolError("the head of the answer was cut off")


def time_for(size: int) -> float:
    """Seconds that a request may take whose body, or whose answer, has so many bytes."""
    return ANSWER + size / SLOWEST


def _shut(sock: Any) -> None:
    """End both directions under whoever waits for them; of a TLS socket the one below, whose state is another thread's."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


def _is_readable(file: Path) -> bool:
    try:
        return b"-----BEGIN CERTIFICATE-----" in file.read_bytes()
    except OSError:
        return False
