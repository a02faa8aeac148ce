"""A file sent with an independent client (tuspy) to the real server, which is killed on the way and comes back."""

import hashlib
import mmap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.uploader import Uploader

from portal.app import wire
from portal.cases import facts
from portal.cases.original import open_original
from portal.cases.sign_in import find_session
from portal.gateway.passage import Errand, Guard, Passage
from portal.kernel.actions import Action
from portal.kernel.config import StoreSection, load_config
from portal.kernel.events import Event
from tests.common.large import LargeFile
from tools.tour.browser import COOKIE, Person
from tools.tour.stage import Stage

#: The client's name for the file, which must not stand anywhere in clear either.
NAME = "harrier report.pdf"


class Client:
    """One person's upload of one file, through tuspy. `begin` makes it known to the server."""

    def __init__(self, person: Person, document: str, file: LargeFile, chunk: int) -> None:
        self.headers = {"Cookie": f"{COOKIE}={person.cookie}", "X-CSRF-Token": person.token()}
        self._client = TusClient(f"{person.portal}{document}/uploads", headers=self.headers)
        self._file, self._chunk = file, chunk
        self.uploader = self._uploader("")

    def _uploader(self, url: str) -> Uploader:
        return self._client.uploader(
            file_stream=self._file,
            url=url or None,
            chunk_size=self._chunk,
            metadata={"filename": NAME, "fingerprint": "ab" * 32},
            upload_checksum=True,
        )

    @property
    def size(self) -> int:
        return self._file.size

    def go_on(self) -> None:
        """As a program that was started again: all it kept is the address."""
        self.uploader = self._uploader(self.uploader.url)

    def send_until(self, offset: int) -> None:
        while self.uploader.offset < min(offset, self._file.size):
            self.uploader.stop_at = self._file.size
            self.uploader.upload_chunk()

    def deposit(self) -> requests.Response:
        headers = {**self.headers, "Accept": "application/json"}
        return requests.post(f"{self.uploader.url}/deposit", headers=headers, timeout=600)


def killed_while_sending(stage: Stage, client: Client, offset: int) -> None:
    """Send until the server dies: it is killed in the middle of the first piece at or after `offset`."""
    client.send_until(offset)
    before = _half_written(stage)

    def kill() -> None:
        end = time.monotonic() + _patience(stage)
        while _half_written(stage) == before and time.monotonic() < end:
            time.sleep(0.002)
        stage.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        while client.uploader.offset < client.size:
            client.send_until(client.uploader.offset + 1)
        raise AssertionError("everything was sent before the server was killed")
    except (TusUploadFailed, TusCommunicationError):
        pass  # the connection broke, or nobody listens any more
    killer.join(timeout=30)


def _patience(stage: Stage) -> float:
    """Seconds until the server is killed, whatever it does. What is half written on another server is not seen from here."""
    return 5.0 if isinstance(load_config(stage.config).store, StoreSection) else 0.05


def _half_written(stage: Stage) -> frozenset[str]:
    store = load_config(stage.config).store
    return frozenset(path.name for path in store.path.rglob("*.part")) if isinstance(store, StoreSection) else frozenset()


def digest_opened(stage: Stage, person: Person, document: str) -> tuple[int, bytes]:
    """(size, SHA-256) of a document's file, opened with its originator's key in this process."""
    parts = wire(load_config(stage.config))
    try:
        with parts.read() as uow:
            opened = find_session(uow, person.cookie)
        assert opened is not None
        guard = Guard(action=Action.DOCUMENT_READ, event=Event.DOCUMENT_READ, locate=facts.document)
        where = {"document_id": UUID(document.rsplit("/", 1)[-1])}
        asked = Errand(guard=guard, subject=opened.subject, where=where)
        original = Passage(parts).read(asked, lambda uow, permit, row: open_original(uow, permit, row))
        made, size = hashlib.sha256(), 0
        for chunk in parts.vault.stream(original.sealed, original.key):
            made.update(chunk)
            size += len(chunk)
        return size, made.digest()
    finally:
        parts.database.close()


def in_clear(folders: list[Path], words: list[bytes]) -> list[tuple[str, bytes]]:
    """(file, word) wherever a word stands in a file of these folders."""
    return [(str(path), word) for path, found in _searched(folders) for word in words if found(word)]


def _searched(folders: list[Path]) -> Iterator[tuple[Path, Callable[[bytes], bool]]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size:
                with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                    yield path, lambda word, content=content: content.find(word) >= 0  # type: ignore[misc]
