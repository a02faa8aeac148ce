"""A line that fails: a TCP proxy on loopback that slows, cuts, changes bytes, hangs, refuses, or answers in the place of the server.

What it does is set while it runs and holds for what comes then; `mended()` takes everything back. With `tls` it speaks TLS to the client
and plain TCP to the server.
"""

import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PIECE = 16 * 1024
UP, DOWN = "up", "down"
_HEAD = re.compile(rb"[A-Z]{3,7} /")


@dataclass(frozen=True)
class Flip:
    """In the first request with `word` in its head, or in the answer to it, a byte of the body changes."""

    direction: str
    word: bytes
    at: int = 0


@dataclass
class Weather:
    refuse: bool = False
    hang: bool = False
    speed: int = 0  # bytes a second, each way; 0 for as fast as it goes
    cut: tuple[str, int] | None = None  # after so many bytes of this direction
    flip: Flip | None = None
    lose: tuple[bytes, str, bytes] | None = None  # once the first went up, cut where the last would pass in this direction
    answer: tuple[bytes, bytes] | None = None  # to requests whose head contains the first, the second, as it goes over the line


class Proxy:
    def __init__(self, target: tuple[str, int] | Path, tls: ssl.SSLContext | None = None) -> None:
        self._target, self._tls = target, tls
        self.weather = Weather()
        #: How many connections were made, requests sent into silence, bytes changed, answers given in the server's place, and lost.
        self.connections = self.swallowed = self.flipped = self.answered = self.lost = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * PIECE)  # a slow line holds little
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def mended(self) -> None:
        """Good weather. What hangs is cut, so that nobody waits for it."""
        self.weather = Weather()
        self.drop()

    def drop(self) -> None:
        """Cut every connection there is."""
        for end in list(self._open):
            _reset(end)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits for the next
        self._listener.close()
        self.drop()
        self._thread.join(timeout=5)

    # ---- one connection
    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        if self.weather.refuse:
            _reset(client)
            return
        server = None
        try:
            if self._tls:
                client = self._tls.wrap_socket(client, server_side=True)
            self._open.add(client)
            server = _connected(self._target)
            self._open.add(server)
            heads: list[bytes] = []
            armed: list[bool] = []
            down = threading.Thread(target=self._carry, args=(DOWN, server, client, heads, armed), daemon=True)
            down.start()
            self._carry(UP, client, server, heads, armed)
            down.join()
        except OSError:
            pass
        finally:
            for end in (client, server):
                if end is not None:
                    self._open.discard(end)
                    end.close()

    def _carry(self, direction: str, source: socket.socket, target: socket.socket, heads: list[bytes], armed: list[bool]) -> None:
        carried, reader = 0, _Messages()
        with suppress(OSError):
            while piece := source.recv(PIECE):
                weather = self.weather
                if weather.hang:
                    self.swallowed += direction == UP and _HEAD.match(piece) is not None
                    continue
                if direction == UP:
                    heads[:] = [reader.head(piece)]
                    if weather.answer and weather.answer[0] in heads[0]:
                        self._answer(source, weather.answer[1], reader, piece)
                        break
                    armed[:] = armed or [True] * bool(weather.lose and weather.lose[0] in piece)
                if armed and weather.lose and weather.lose[1] == direction and weather.lose[2] in piece:
                    self.lost += 1
                    _reset(source)
                    _reset(target)
                    return
                piece = self._changed(direction, piece, reader if direction == UP else None, heads)
                if weather.speed:
                    time.sleep(len(piece) / weather.speed)
                if weather.cut and weather.cut[0] == direction and carried + len(piece) > weather.cut[1]:
                    target.sendall(piece[: weather.cut[1] - carried])
                    _reset(source)
                    _reset(target)
                    return
                target.sendall(piece)
                carried += len(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _changed(self, direction: str, piece: bytes, reader: "_Messages | None", heads: list[bytes]) -> bytes:
        flip = self.weather.flip
        if flip is None or flip.direction != direction or not heads or flip.word not in heads[0]:
            return piece
        at = reader.body_at if reader is not None else _body_at(piece)
        if at is None or at + flip.at >= len(piece):
            return piece
        self.weather.flip = None
        self.flipped += 1
        changed = bytearray(piece)
        changed[at + flip.at] ^= 0x20
        return bytes(changed)

    def _answer(self, client: socket.socket, answer: bytes, reader: "_Messages", piece: bytes) -> None:
        """Take the whole request, as a server would, and say this."""
        self.answered += 1
        while not reader.whole:
            piece = client.recv(PIECE)
            if not piece:
                return
            reader.head(piece)
        client.sendall(answer)


class _Messages:
    """Where requests begin and end on one connection: a head, then as many bytes as it says."""

    def __init__(self) -> None:
        self._head, self._buffer, self._left = b"", b"", 0
        #: Where the body begins, or goes on, in the piece that was looked at last; None if none of it is there.
        self.body_at: int | None = None
        self.whole = False

    def head(self, piece: bytes) -> bytes:
        """The head that this piece belongs to."""
        self.body_at, at = None, 0
        if self._left == 0:
            self._buffer += piece
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                self.whole = False
                return self._buffer
            self._head, rest = self._buffer[: end + 4], len(self._buffer) - end - 4
            self._buffer, self._left, at = b"", _length(self._head), len(piece) - rest
        if at < len(piece):
            self.body_at = at
        self._left = max(0, self._left - (len(piece) - at))
        self.whole = self._left == 0
        return self._head


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def _body_at(piece: bytes) -> int | None:
    """Where the body is in a piece of an answer."""
    if not piece.startswith(b"HTTP/"):
        return 0
    end = piece.find(b"\r\n\r\n")
    return end + 4 if 0 <= end < len(piece) - 4 else None


def _connected(target: tuple[str, int] | Path) -> socket.socket:
    if isinstance(target, Path):
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.connect(str(target))
        return server
    return socket.create_connection(target, timeout=None)


def _reset(end: socket.socket) -> None:
    """Close it at once, with a reset instead of an end."""
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(OSError):
        socket.socket.shutdown(end, socket.SHUT_RDWR)
    with suppress(OSError):
        end.close()


def answer(status: str, body: bytes = b"", kind: str = "application/xml") -> bytes:
    """An answer of HTTP, after which the connection ends."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@contextmanager
def proxied(target: str | Path, tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """A proxy in front of a `host:port` or of a socket, from here to the end of the block."""
    proxy = Proxy(target if isinstance(target, Path) else (target.rsplit(":", 1)[0], int(target.rsplit(":", 1)[1])), tls)
    try:
        yield proxy
    finally:
        proxy.close()
