"""A published log is checked at its address: nothing that answers there sends the verifier elsewhere or feeds it without end."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.rooms.audit.mirror import Mirror


class Mirrored(BaseHTTPRequestHandler):
    """Serves the folder of the server's mirror as files; `bent` answers otherwise for one of them."""

    def do_GET(self) -> None:
        mirror, bent = self.server.mirror, self.server.bent  # type: ignore[attr-defined]
        file = mirror.folder / self.path.lstrip("/")
        if self.path.startswith("/elsewhere/"):
            file = mirror.folder / self.path.removeprefix("/elsewhere/")
        elif self.path in bent:
            bent[self.path](self)
            return
        content = file.read_bytes() if file.is_file() else None
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def served(either: Mirror) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirrored)
    server.mirror, server.bent = either, {}  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def elsewhere(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", f"/elsewhere{handler.path}")
    handler.end_headers()


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        for _ in range(200):
            handler.wfile.write(bytes(1 << 16))


def failing(handler: BaseHTTPRequestHandler) -> None:
    handler.send_error(500)


def test_a_log_is_checked_at_an_address_and_nowhere_else(either: Mirror, served: ThreadingHTTPServer) -> None:
    place = f"http://127.0.0.1:{served.server_port}/"
    assert either.verdict(place=place)[0] == 0
    for path in ("/checkpoint", "/tile/entries/000.p/48"):
        for answer, code in ((elsewhere, 2), (endless, 1), (failing, 2)):
            served.bent = {path: answer}  # type: ignore[attr-defined]
            found, said = either.verdict(place=place)
            assert (found, "is larger than any file of a log" in said) == (code, answer is endless), (path, said)
    served.bent = {}  # type: ignore[attr-defined]
    assert either.verdict(place=f"{place}elsewhere")[0] == 0  # what the answer sent to would have been in order
    (either.folder / "tile/0/000.p/48").write_bytes(bytes(48 * 32))
    assert either.verdict(place=place)[0] == 1
