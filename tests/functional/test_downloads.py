"""Downloads over the wire, from the real server: cut while a slow reader takes little, broken off where the object is damaged, large."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from portal.gateway.sessions import COOKIE
from portal.vault.stream import SEALED_CHUNK
from tests.cases.test_downloads import damage, flipped
from tests.common.house import House, proposal_of, shared
from tests.common.s3server import S3Server
from tests.common.stages import staged
from tests.functional.test_recall import awake, noise
from tools.bench.memory import MIB, download, large_pdf
from tools.tour.beside import another_portal
from tools.tour.stage import Stage

LARGE = b"".join(large_pdf(12 * MIB)[1])


@pytest.fixture
def port(house: House) -> Iterator[int]:
    with another_portal(house.folder) as port:
        awake(house, "ada", "carla", "dana", "omar", "greta", "sven")
        yield port


@dataclass
class Slow:
    """A download whose reader took the head and then nothing. `start` came with the head."""

    connection: socket.socket
    length: int
    start: bytes
    rest: bytearray = field(default_factory=bytearray)
    reset: bool = False

    def drain(self) -> bytes:
        """Everything that still comes, until the connection ends."""
        try:
            while piece := self.connection.recv(65536):
                self.rest += piece
        except ConnectionResetError:
            self.reset = True
        self.connection.close()
        return self.start + bytes(self.rest)


def cookie_of(house: House, login: str) -> str:
    cookie = house.guest(login).client.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    return f"{COOKIE}={cookie.value}"


def slow(house: House, port: int, login: str, path: str) -> Slow:
    lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{port}", f"Cookie: {cookie_of(house, login)}", "", ""]
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    connection.settimeout(30)
    connection.connect(("localhost", port))
    connection.sendall("\r\n".join(lines).encode())
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(4096)
    head, _, start = received.partition(b"\r\n\r\n")
    assert b" 200 " in head.splitlines()[0], head
    length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
    return Slow(connection, length, start)


def ends(house: House, event: str) -> list[tuple[str, str]]:
    return [(outcome, code) for name, outcome, code in house.events() if name == event]


def ended(house: House, event: str, count: int = 1) -> float:
    """Seconds until so many ends of this kind are in the log."""
    begun = time.monotonic()
    while len(ends(house, event)) < count:
        assert time.monotonic() - begun < 20, f"the end of {event} was not recorded"
        time.sleep(0.05)
    return time.monotonic() - begun


def close_account(house: House, login: str, administrator: str) -> None:
    """An administrator of the house closes this person's account."""
    name = {"ada": "Ada Lindqvist", "omar": "Omar"}[login]
    row = next(part for part in house.guest(administrator).get("/people").text.split("<tr>") if name in part)
    assert house.guest(administrator).post(row.split('action="')[1].split('"')[0]).status_code == 302


def cut(house: House, port: int, login: str, path: str, event: str, act: Callable[[], object], count: int = 1) -> None:
    """The act takes the download away from a reader who takes nothing, within a second, and what the system held of it, too."""
    flowing = slow(house, port, login, path)
    time.sleep(0.7)  # the first decision is older than its cadence
    act()
    assert ended(house, event, count) < 3  # a second, on a machine that does other things
    assert ends(house, event)[-1] == ("failed", "cut")
    assert len(flowing.drain()) < MIB < flowing.length  # what it had received already, and nothing that waited for it
    assert flowing.reset


def end_session(house: House) -> None:
    house.sql("update session set revoked_at = 1")
    house.guests.clear()
    awake(house)


def test_an_ended_session_and_a_closed_account_cut_an_original(house: House, port: int) -> None:
    document = house.guest("ada").deposit(content=LARGE)
    path = f"/documents/{document}/file"
    cut(house, port, "ada", path, "version.download_ended", lambda: end_session(house))
    cut(house, port, "ada", path, "version.download_ended", lambda: close_account(house, "ada", "greta"), 2)


def test_an_ended_session_and_a_late_request_cut_a_recipients_file(house: House, port: int) -> None:
    document, share = shared(house, withheld="", content=noise(6), use="file")
    path = f"/received/{share}/file"
    cut(house, port, "omar", path, "share.fetch_ended", lambda: end_session(house))
    cut(house, port, "omar", path, "share.fetch_ended", lambda: house.guest("carla").withhold(document, "2"), 2)


def test_a_recall_cuts_every_download_of_the_file(house: House, port: int) -> None:
    document, share = shared(house, withheld="", content=noise(6), use="file")
    path = f"/received/{share}/file"
    begun = [slow(house, port, "omar", path) for _ in range(2)]
    house.guest("dana").recall(document, proposal_of(house))
    ended(house, "share.fetch_ended", 2)
    assert all(len(flowing.drain()) < MIB < flowing.length and flowing.reset for flowing in begun)
    assert ends(house, "share.fetch_ended") == [("failed", "cut")] * 2


def test_a_closed_account_cuts_a_recipients_file(house: House, port: int) -> None:
    _, share = shared(house, withheld="", content=noise(6), use="file")
    cut(house, port, "omar", f"/received/{share}/file", "share.fetch_ended", lambda: close_account(house, "omar", "sven"))


def test_a_reader_who_goes_away_abandons_the_file(house: House, port: int) -> None:
    document = house.guest("ada").deposit(content=LARGE)
    slow(house, port, "ada", f"/documents/{document}/file").connection.close()
    ended(house, "version.download_ended")
    assert ends(house, "version.download_ended") == [("failed", "abandoned")]


def test_a_damaged_piece_breaks_the_body_off_before_its_first_byte(house: House, port: int) -> None:
    document = house.guest("ada").deposit(content=LARGE)
    whole = (len(LARGE) // (MIB // 16)) // 2 // 16 * MIB  # a multiple of 1 MiB near the middle
    damage(house, flipped(16 + whole // 65536 * SEALED_CHUNK + 70_000))
    url, headers = f"http://localhost:{port}/documents/{document}/file", {"Cookie": cookie_of(house, "ada")}
    with pytest.raises(requests.RequestException):
        requests.get(url, headers=headers, timeout=30)
    with requests.get(url, headers=headers, timeout=30, stream=True) as answer:
        assert answer.status_code == 200
        arrived = bytearray()
        with pytest.raises(requests.RequestException):
            arrived.extend(byte for piece in answer.iter_content(4096) for byte in piece)
    raw = slow(house, port, "ada", f"/documents/{document}/file")
    for taken in (bytes(arrived), raw.drain()):
        assert len(taken) <= whole
        assert LARGE.startswith(taken)
    assert raw.reset
    ended(house, "version.download_ended", 3)
    assert ends(house, "version.download_ended") == [("failed", "broken")] * 3
    assert len(ends(house, "alarm.raised")) == 3
    good = requests.get(url, headers={**headers, "Range": "bytes=-100"}, timeout=30)
    assert (good.status_code, good.content) == (206, LARGE[-100:])


def test_a_process_that_dies_leaves_a_beginning_without_an_end(house: House, port: int) -> None:
    document = house.guest("ada").deposit(content=LARGE)
    flowing = slow(house, port, "ada", f"/documents/{document}/file")
    os.kill(_worker(port), signal.SIGKILL)
    assert len(flowing.drain()) < flowing.length
    time.sleep(0.5)
    assert ends(house, "version.downloaded") == [("done", "")]
    assert ends(house, "version.download_ended") == []


def _worker(port: int) -> int:
    """The process that listens there and has no child of its own."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parts = (folder / "cmdline").read_bytes().split(b"\0")
            children = (folder / "task" / folder.name / "children").read_text()
        except OSError:
            continue
        if any(f"config-{port}.toml".encode() in part for part in parts) and not children.strip():
            return int(folder.name)
    raise AssertionError("no worker")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, house_s3: S3Server | None) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage"), house_s3) as stage:
        yield stage


def test_a_large_download_takes_no_more_memory_than_a_small_one(stage: Stage) -> None:
    peak, rise = download(stage, 96 * MIB)
    assert rise < 48 * MIB, f"peak {peak // MIB} MiB"
