"""An upload that goes on: the portal is killed twice on the way, an independent client resumes, and what arrives is what was sent."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.common import databases
from tests.common.large import MARKER, LargeFile
from tests.common.resumption import NAME, Client, digest_opened, in_clear, killed_while_sending
from tests.common.s3server import S3Server
from tests.common.stages import staged
from tests.functional.test_uploads import answer
from tools.bench.memory import MIB, peak_of, register
from tools.tour.browser import COOKIE, Person
from tools.tour.stage import Stage

_numbers = iter(range(100, 1000))


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the portal puts temporary files, if it does."""
    folder = tmp_path_factory.mktemp("temporary")
    if databases.POSTGRESQL:
        databases.server()  # another user runs it, who cannot enter that folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, temporary: Path, house_s3: S3Server | None) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage"), house_s3) as stage:
        yield stage


@pytest.fixture
def ada(stage: Stage) -> Person:
    person = Person(stage.portal, "ada")
    person.sign_in()
    return person


@pytest.fixture
def document(ada: Person) -> str:
    return register(ada, f"CTED/2026/XSM/{next(_numbers)}")


def test_an_upload_resumed_after_two_kills_is_byte_for_byte_what_was_sent_and_never_in_clear(
    stage: Stage, ada: Person, document: str, temporary: Path
) -> None:
    file = LargeFile(144 * MIB)
    client = Client(ada, document, file, 3 * MIB)
    for offset in (10 * MIB, 40 * MIB):
        killed_while_sending(stage, client, offset)
        assert in_clear([stage.folder, temporary], [MARKER, NAME.encode()]) == []
        stage.revive()
        client.go_on()
        assert offset <= client.uploader.offset < file.size
        assert client.uploader.offset % (3 * MIB) == 0
    client.send_until(client.uploader.offset + 1)  # what the process needs once is not counted
    before = peak_of(stage.serving)
    client.send_until(file.size)
    assert client.deposit().status_code == 201
    assert peak_of(stage.serving) - before < file.size / 2, (
        "an S3 server is sent whole parts, which take some 50 MiB whatever the file's size"
    )
    assert digest_opened(stage, ada, document) == (file.size, file.digest())
    assert in_clear([stage.folder, temporary], [MARKER, NAME.encode()]) == []
    (stage.folder / "a copy in clear").write_bytes(bytes(99) + MARKER)
    assert [word for _, word in in_clear([stage.folder], [MARKER])] == [MARKER]
    (stage.folder / "a copy in clear").unlink()


def test_a_portal_that_dies_between_arrival_and_deposit_takes_the_deposit_afterwards(stage: Stage, ada: Person, document: str) -> None:
    file = LargeFile(3 * MIB)
    client = Client(ada, document, file, MIB)
    client.send_until(file.size)
    stage.kill()
    stage.revive()
    assert client.deposit().status_code == 201
    assert client.deposit().status_code == 200
    assert digest_opened(stage, ada, document) == (file.size, file.digest())


def test_a_sender_who_stalls_within_a_piece_loses_the_connection_and_frees_the_thread(
    tmp_path_factory: pytest.TempPathFactory, house_s3: S3Server | None
) -> None:
    """With one thread, whoever holds it holds the portal."""
    folder = tmp_path_factory.mktemp("stalled")
    with staged(folder, house_s3) as stage:
        stage.kill()
        text = stage.config.read_text().replace(f"port = {stage.port}", f"port = {stage.port}\nthreads = 1\npatience_seconds = 2")
        stage.config.write_text(text)
        stage.revive()
        ada = Person(stage.portal, "ada")
        ada.sign_in()
        document = register(ada, "CTED/2026/XSM/1")
        client = Client(ada, document, LargeFile(MIB), MIB // 2)
        client.send_until(1)
        stored = stage.stored()
        parts = urlsplit(stage.portal)
        lines = [f"PATCH {urlsplit(client.uploader.url).path} HTTP/1.1", f"Host: {parts.netloc}", "Tus-Resumable: 1.0.0"]
        lines += ["Content-Type: application/offset+octet-stream", f"Content-Length: {MIB // 2}", f"Upload-Offset: {MIB // 2}"]
        lines += [f"Cookie: {COOKIE}={ada.cookie}", f"X-CSRF-Token: {ada.token()}", "Connection: close"]
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60) as stalled:
            stalled.sendall("\r\n".join([*lines, "", ""]).encode() + b"x" * 100_000)
            began = time.monotonic()
            said = answer(stalled)
            assert time.monotonic() - began < 30
        assert said.startswith("HTTP/1.1 422 ")
        assert "go on from there" in said
        assert stage.settles(stored)
        client.send_until(MIB * 2)
        assert client.deposit().status_code == 201
