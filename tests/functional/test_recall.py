"""A recall at one portal while a copy flows out of another, and while a reader turns pages there: what goes first, and what never goes."""

import io
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np
import pytest
import requests
from PIL import Image

from portal.gateway.sessions import COOKIE
from tests.common.house import House, proposal_of, shared
from tools.tour.stage import ROOT, free_port, wait_for

PAGES = 14


def noise(count: int = PAGES) -> bytes:
    """A PDF whose rendition is larger than what a connection takes in without its reader."""
    random = np.random.default_rng(2395)
    pages = [Image.fromarray(random.integers(0, 256, (1754, 1240), dtype=np.uint8)) for _ in range(count)]
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=150, save_all=True, append_images=pages[1:])
    return out.getvalue()


@contextmanager
def portal(house: House) -> Iterator[int]:
    """One more portal on this house's installation; its port."""
    port = free_port()
    file = house.folder / f"config-{port}.toml"
    file.write_text((house.folder / "config.toml").read_text().replace("port = 8000", f"port = {port}"))
    with (house.folder / f"portal-{port}.log").open("wb") as log:
        command = [sys.executable, "-m", "portal", "--config", str(file), "serve"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)

    def check() -> None:
        assert process.poll() is None, (house.folder / f"portal-{port}.log").read_text()

    try:
        wait_for(lambda: requests.get(f"http://localhost:{port}/health", timeout=2).ok, "the portal", check)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def two(house: House) -> Iterator[tuple[int, int]]:
    with portal(house) as one, portal(house) as other:
        yield one, other


def sent(house: House, login: str, port: int, method: str, path: str, **fields: str) -> requests.Response:
    guest = house.guest(login)
    cookie = guest.client.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    data = {"csrf": guest.token(), **fields} if method == "POST" else None
    headers = {"Cookie": f"{COOKIE}={cookie.value}"}
    return requests.request(method, f"http://localhost:{port}{path}", data=data, headers=headers, timeout=60, allow_redirects=False)


def slow_download(house: House, port: int, share: str) -> tuple[socket.socket, int, bytes]:
    """A copy that has begun to arrive at a reader who takes little: the connection, the length announced, what came with the head."""
    guest = house.guest(house.cast.reader)
    cookie = guest.client.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    body = f"csrf={guest.token()}"
    lines = [f"POST /received/{share}/copies HTTP/1.1", f"Host: localhost:{port}", "Content-Type: application/x-www-form-urlencoded"]
    lines += [f"Content-Length: {len(body)}", f"Cookie: {COOKIE}={cookie.value}", "Connection: close", "", body]
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    connection.settimeout(60)
    connection.connect(("localhost", port))
    connection.sendall("\r\n".join(lines).encode())
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(4096)
    head, _, start = received.partition(b"\r\n\r\n")
    assert b" 200 " in head.splitlines()[0]
    length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
    return connection, length, start


def test_a_recall_at_one_portal_cuts_a_copy_and_a_reader_at_another(house: House, two: tuple[int, int]) -> None:
    one, other = two
    document, share = _shared_noise(house)
    connection, length, start = slow_download(house, one, share)
    assert sent(house, house.cast.reader, one, "GET", f"/received/{share}/pages/1").status_code == 200
    recall = f"/documents/{document}/proposals/{proposal_of(house)}/recall"
    assert sent(house, house.cast.releasing, other, "POST", recall, reason="Sent by mistake").status_code == 302
    assert sent(house, house.cast.reader, one, "GET", f"/received/{share}/pages/2").status_code == 403
    time.sleep(1)
    arrived = len(start)
    while piece := _received(connection):
        arrived += len(piece)
    connection.close()
    assert arrived < length
    _wait_for_end(house)
    told = [(event, outcome, code) for event, outcome, code in house.events() if event.startswith("share.")]
    begun = told.index(("share.downloaded", "done", ""))
    assert told[begun : begun + 4] == [
        ("share.downloaded", "done", ""),
        ("share.page_read", "done", ""),
        ("share.recalled", "done", ""),
        ("share.closed", "done", ""),
    ]
    assert sorted(told[begun + 4 :]) == [("share.download_ended", "failed", "cut"), ("share.page_read", "refused", "denied")]


def test_a_copy_whose_reader_goes_away_is_recorded_as_abandoned(house: House, two: tuple[int, int]) -> None:
    _, share = _shared_noise(house)
    connection, _, _ = slow_download(house, two[0], share)
    connection.close()
    _wait_for_end(house)
    assert ("share.download_ended", "failed", "abandoned") in house.events()


def awake(house: House, *logins: str) -> None:
    """Sign these in now, at the time that it is: starting servers and preparing pages takes longer than a provider's word counts."""
    house.clock.at = datetime.now(UTC)
    for login in logins:
        house.guest(login)


def _shared_noise(house: House) -> tuple[str, str]:
    awake(house, house.cast.uploader, house.cast.releasing, house.cast.reader)
    return shared(house, withheld="", content=noise(), use="download")


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


def _wait_for_end(house: House) -> None:
    end = time.monotonic() + 20
    while not any(event == "share.download_ended" for event, *_ in house.events()):
        assert time.monotonic() < end, "the end of the copy was not recorded"
        time.sleep(0.1)
