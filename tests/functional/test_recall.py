"""A recall at one portal while a copy flows out of another, and while a reader turns pages there: what goes first, and what never goes."""

import io
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest
import requests
from PIL import Image

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.build import build
from portal.gateway.sessions import COOKIE
from tests.cases.subjects import subject_of
from tests.common.house import House, proposal_of, shared
from tests.common.slips import SAMORIA
from tools.bench.entering import enter
from tools.bench.figures import GIB, MIB
from tools.tour.beside import another_portal

#: A rendition of more than the four megabytes that a connection may hold.
PAGES = 6


def noise(count: int = PAGES) -> bytes:
    """A PDF whose rendition is larger than what a connection takes in without its reader."""
    random = np.random.default_rng(2395)
    pages = [Image.fromarray(random.integers(0, 256, (1754, 1240), dtype=np.uint8)) for _ in range(count)]
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=150, save_all=True, append_images=pages[1:])
    return out.getvalue()


@pytest.fixture
def two(house: House) -> Iterator[tuple[int, int]]:
    with another_portal(house.folder) as one, another_portal(house.folder) as other:
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


def test_a_copy_whose_reader_goes_away_is_recorded_as_abandoned(house: House) -> None:
    _, share = _shared_noise(house)
    with another_portal(house.folder) as port:
        connection, _, _ = slow_download(house, port, share)
        connection.close()
        _wait_for_end(house)
    assert ("share.download_ended", "failed", "abandoned") in house.events()


def test_a_recall_while_one_gib_leaves_and_a_reader_turns_pages_ends_both(house: House, two: tuple[int, int]) -> None:
    """Nothing is said about time here (`make bench ONLY=recall` measures it): what went first, and that nothing came after."""
    one, other = two
    awake(house, house.cast.uploader, house.cast.releasing, house.cast.reader)
    document, share = shared_large(house, GIB)
    flowing, reading, recalled = threading.Event(), threading.Event(), threading.Event()
    taken, pages = [0], list[tuple[bool, int]]()

    def take() -> None:
        with asked(house, one, f"/received/{share}/file") as answer:
            assert int(answer.headers["Content-Length"]) == GIB
            for piece in answer.iter_content(MIB):
                taken[0] += len(piece)
                if taken[0] > 32 * MIB:
                    flowing.set()
                time.sleep(0.005 if reading.is_set() else 0.1)  # a fast line, and not so fast that all is through before an officer presses

    def download() -> None:
        with pytest.raises(requests.RequestException):
            take()

    def read() -> None:
        while pages[-1:] != [(True, 403)]:
            late = recalled.is_set()
            page = f"/received/{share}/pages/{len(pages) % 3 + 1}"
            pages.append((late, sent(house, house.cast.reader, one, "GET", page).status_code))
            reading.set()

    readers = [threading.Thread(target=download), threading.Thread(target=read)]
    for reader in readers:
        reader.start()
    assert reading.wait(60)
    assert flowing.wait(60)
    recall = f"/documents/{document}/proposals/{proposal_of(house)}/recall"
    assert sent(house, house.cast.releasing, other, "POST", recall, reason="Sent by mistake").status_code == 302
    recalled.set()
    for reader in readers:
        reader.join(timeout=120)
    _wait_for_end(house, "share.fetch_ended")
    assert 32 * MIB < taken[0] < GIB
    assert (False, 200) in pages
    assert {status for late, status in pages if late} == {403}
    told = [(event, outcome, code) for event, outcome, code in house.events() if event.startswith("share.")]
    at = told.index(("share.recalled", "done", ""))
    assert ("share.fetched", "done", "") in told[:at]
    assert set(told[at + 1 :]) == {
        ("share.closed", "done", ""),
        ("share.fetch_ended", "failed", "cut"),
        ("share.page_read", "refused", "denied"),
    }


def asked(house: House, port: int, path: str) -> requests.Response:
    """The reader's answer, whose body is still to be read."""
    cookie = house.guest(house.cast.reader).client.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    return requests.get(f"http://localhost:{port}{path}", headers={"Cookie": f"{COOKIE}={cookie.value}"}, timeout=60, stream=True)


def shared_large(house: House, size: int) -> tuple[str, str]:
    """A document whose rendition has three pages and a file of this size, shared to be fetched."""
    uploader, parts = house.guest(house.cast.uploader), house.parts
    document = uploader.deposit()
    pack = build(parts.sandbox, [SAMORIA], withheld=Withheld(), title="A report").pack
    recovery = parts.recovery[house.cast.body]
    block = bytes(MIB)
    pdf = parts.vault.seal((block for _ in range(size // MIB)), size, recovery)
    subject = subject_of(house, house.cast.uploader)
    enter(house.passage, subject, document, pdf, parts.vault.seal([pack], len(pack), recovery), pages=3)
    assert uploader.propose(document, use="file").status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    return document, str(UUID(house.sql("select id from share")[0][0]))


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


def _wait_for_end(house: House, ended: str = "share.download_ended") -> None:
    end = time.monotonic() + 20
    while not any(event == ended for event, *_ in house.events()):
        assert time.monotonic() < end, "the end of the copy was not recorded"
        time.sleep(0.1)
