"""The portal behind its real server."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.common.house import House
from tools.tour.stage import ROOT, free_port, wait_for


@contextmanager
def served_by(house: House, more: str = "") -> Iterator[tuple[str, int]]:
    """`portal serve` on this house's installation, started as carelessly as can be, with `more` lines of [server]: address and process."""
    port = free_port()
    file = house.folder / "config.toml"
    file.write_text(file.read_text().replace("port = 8000", f"port = {port}\n{more}"))
    with (house.folder / "portal.log").open("wb") as log:
        command = [sys.executable, "-m", "portal", "--config", str(file), "serve"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, umask=0o022)

    def check() -> None:
        assert process.poll() is None, (house.folder / "portal.log").read_text()

    address = f"http://localhost:{port}"
    try:
        wait_for(lambda: requests.get(f"{address}/health", timeout=2).status_code == 200, "the portal", check)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def serving(house: House) -> Iterator[tuple[str, int]]:
    with served_by(house) as served:
        yield served


@pytest.fixture
def served(serving: tuple[str, int]) -> str:
    return serving[0]


def test_the_process_that_serves_leaves_no_memory_on_disk_and_opens_no_file_to_others(serving: tuple[str, int]) -> None:
    (worker,) = Path(f"/proc/{serving[1]}/task/{serving[1]}/children").read_text().split()
    for process in (str(serving[1]), worker):
        assert re.search(r"^Max core file size +0 +0 ", Path(f"/proc/{process}/limits").read_text(), re.MULTILINE)
        assert re.search(r"^Umask:\s+0077$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)


def test_an_answer_does_not_say_which_server_gave_it(served: str) -> None:
    for path in ("/sign-in", "/no/such/page", "/static/portal.css"):
        assert requests.get(served + path, timeout=10).headers["Server"] == "portal", path


@pytest.mark.parametrize(
    "sent",
    [
        b"<script>evil</script>\r\n\r\n",
        b"GET / HTTP/9.evil\r\n\r\n",
        b"GET / HTTP/1.1\r\nevil header: <b>\r\n\r\n",
        b"GET /" + b"e" * 9000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nevil: " + b"e" * 9000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_without_repeating_it(served: str, sent: bytes) -> None:
    with socket.create_connection(("localhost", int(served.rsplit(":", 1)[1])), timeout=10) as line:
        line.sendall(sent)
        answer = b"".join(iter(lambda: line.recv(4096), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 4")
    assert (body, b"evil" in head) == (b"", False)
    assert {b"Cache-Control: no-store", b"X-Content-Type-Options: nosniff", b"Server: portal"} <= set(head.splitlines())
    assert b"frame-ancestors 'none'" in head
