"""Uploads over the wire, to the real server: cut, shorter or longer than announced, large. Nothing is left of what did not arrive."""

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from portal.kernel.config import load_config
from portal.vault.s3 import PART
from tests.common import databases
from tests.common.s3server import S3Server
from tests.common.stages import staged
from tools.bench.memory import MIB, large_pdf, register, upload
from tools.tour.browser import COOKIE, Person
from tools.tour.stage import Stage

#: So much is on its way when a connection is lost: more than a part of an upload, so that a store holds some of it.
SOME, ALL = PART + 4 * MIB, 3 * PART


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, house_s3: S3Server | None) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage"), house_s3) as stage:
        yield stage


@pytest.fixture
def ada(stage: Stage) -> Person:
    person = Person(stage.portal, "ada")
    person.sign_in()
    return person


_numbers = iter(range(100, 1000))


@pytest.fixture
def document(ada: Person) -> str:
    """The address of a document that waits for its file."""
    return register(ada, f"CTED/2026/XSM/{next(_numbers)}")


def begun(person: Person, document: str, *, length: int | None) -> socket.socket:
    """An upload's head is sent: announced with a length, or in chunks."""
    parts = urlsplit(person.portal)
    announced = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
    lines = [f"POST {document}/file HTTP/1.1", f"Host: {parts.netloc}", "Content-Type: application/pdf", announced]
    lines += [f"Cookie: {COOKIE}={person.cookie}", f"X-CSRF-Token: {person.token()}", "Accept: application/json", "Connection: close"]
    connection = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30)
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def answer(connection: socket.socket) -> str:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received.decode()


def outcomes(stage: Stage) -> list[tuple[str, str]]:
    """What became of every deposit so far."""
    url = load_config(stage.config).database.url
    return databases.tamper(url, "select outcome, code from audit_event where event = 'version.deposited' order by at")


def test_an_upload_that_is_cut_leaves_nothing_behind(stage: Stage, ada: Person, document: str) -> None:
    stored, before = stage.stored(), len(outcomes(stage))
    size, pieces = large_pdf(ALL)
    with begun(ada, document, length=size) as connection:
        sent = 0
        for piece in pieces:
            connection.sendall(piece)
            sent += len(piece)
            if sent >= SOME:
                break
        end = time.monotonic() + 30
        while stage.stored() == stored and time.monotonic() < end:
            time.sleep(0.05)
        assert stage.stored() > stored  # it had come to the store already
    assert stage.settles(stored)
    assert [outcome for outcome, _ in outcomes(stage)[before:]] == ["failed"]
    assert ada.upload_stream(f"{document}/file", *large_pdf(0), "again.pdf")[0] == 201


@pytest.mark.parametrize("arrives", [0, 1000, SOME])
def test_an_upload_shorter_than_announced_is_refused_and_leaves_nothing(stage: Stage, ada: Person, document: str, arrives: int) -> None:
    stored = stage.stored()
    size, pieces = large_pdf(ALL)
    content = b"".join(pieces)[:arrives]
    with begun(ada, document, length=size) as connection:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        said = answer(connection)
    assert said.startswith("HTTP/1.1 422 "), said[:500]
    assert "connection" in said
    assert stage.settles(stored)


def test_an_upload_longer_than_announced_is_refused_and_leaves_nothing(stage: Stage, ada: Person, document: str) -> None:
    """What is taken ends where it was announced to end, so it is no whole file; what follows is no part of it, and no request either."""
    stored, before = stage.stored(), len(outcomes(stage))
    size, pieces = large_pdf(MIB)
    with begun(ada, document, length=size - 100) as connection:
        connection.sendall(b"".join(pieces))
        said = answer(connection)
    assert said.startswith("HTTP/1.1 422 "), said[:500]
    assert said.count("HTTP/1.1") == 1
    assert stage.settles(stored)
    assert [outcome for outcome, _ in outcomes(stage)[before:]] == ["failed"]


def test_an_upload_without_a_length_is_refused_and_leaves_nothing(stage: Stage, ada: Person, document: str) -> None:
    stored = stage.stored()
    _, pieces = large_pdf(1000)
    content = b"".join(pieces)
    with begun(ada, document, length=None) as connection:
        connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content))
        said = answer(connection)
    assert said.split()[1] in {"411", "422"}, said[:500]
    assert stage.settles(stored)


def test_a_large_upload_takes_no_more_memory_than_a_small_one(stage: Stage) -> None:
    peak, rise = upload(stage, 96 * MIB)
    assert rise < 48 * MIB, f"peak {peak // MIB} MiB"
