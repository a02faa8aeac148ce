"""1 GiB over HTTP: into the portal and out of it, against copyparty, both sent and fetched by the same `curl` over loopback.

The portal's server is the real one (`portal serve`): the file is sealed while it comes, synced, then opened again and looked at in a
process of its own before the answer; every byte going out is authenticated and decrypted. copyparty keeps it in clear and syncs nothing.
Between two runs the disks are synced, so that neither pays for what the other left to be written.
"""

import os
import shutil
import subprocess  # nosec B404
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

from tools.bench import copyparty
from tools.bench.figures import GIB, MIB, Figure, NotThere, alternating, timed
from tools.bench.memory import large_pdf, register
from tools.tour.browser import COOKIE, Person
from tools.tour.elsewhere import OWN
from tools.tour.stage import Stage

SIZE, PIECE = GIB, 16 * MIB


def transfer(folder: Path) -> Iterator[Figure]:
    """Upload through `POST /documents/<id>/file` against PUT; download through `GET` of the same address."""
    with _both(folder) as (source, person, other):
        documents: list[str] = []

        def upload() -> float:
            documents.append(register(person, f"CTED/2026/XSM/{len(documents) + 1}"))
            return _sent(person, source, f"{person.portal}{documents[-1]}/file")

        ours, theirs = alternating(upload, lambda: _put(folder, source, other))
        yield _rate("upload 1 GiB over HTTP (sealed, synced, inspected), against copyparty PUT", ours, theirs, 1.0)
        door = f"{person.portal}{documents[-1]}/file"
        ours, theirs = alternating(
            lambda: _curl(["-o", "/dev/null", door], expect="200", headers=[_cookie(person)]),
            lambda: _curl(["-o", "/dev/null", f"{other}/report.pdf"], expect="200"),
        )
        yield _rate("download 1 GiB over HTTP, against copyparty GET", ours, theirs, 0.8)


def resumable(folder: Path) -> Iterator[Figure]:
    """Upload through tus, in pieces of 16 MiB each of which is sealed and synced, then made one file, against copyparty PUT."""
    with _both(folder) as (source, person, other):
        documents: list[str] = []

        def upload() -> float:
            documents.append(register(person, f"CTED/2026/XSM/{len(documents) + 1}"))
            token = person.token()
            os.sync()
            return timed(lambda: in_pieces(person, token, f"{documents[-1]}/uploads", source))

        ours, theirs = alternating(upload, lambda: _put(folder, source, other))
        yield _rate("upload 1 GiB through tus (sealed twice, synced, inspected), against copyparty PUT", ours, theirs, 1.0)


def in_pieces(person: Person, token: str, collection: str, source: Path) -> None:
    """Create an upload, send its pieces, deposit it."""
    parts = urlsplit(person.portal)
    connection = HTTPConnection(parts.hostname or "localhost", parts.port, timeout=600)
    common = {"Cookie": f"{COOKIE}={person.cookie}", "X-CSRF-Token": token, "Tus-Resumable": "1.0.0", "Accept": "application/json"}

    def ask(method: str, path: str, body: bytes, headers: dict[str, str], expect: int) -> HTTPResponse:
        connection.request(method, path, body=body, headers=common | headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == expect, f"{method} {path}: {answer.status} {content[:300]!r}"
        return answer

    try:
        named = {"Upload-Length": str(source.stat().st_size), "Upload-Metadata": "filename cmVwb3J0LnBkZg=="}
        upload = urlsplit(ask("POST", collection, b"", named, 201).headers["Location"]).path
        offset = 0
        with source.open("rb") as file:
            while piece := file.read(PIECE):
                kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
                ask("PATCH", upload, piece, kind, 204)
                offset += len(piece)
        ask("POST", f"{upload}/deposit", b"", {}, 201)
    finally:
        connection.close()


@contextmanager
def _both(folder: Path) -> Iterator[tuple[Path, Person, str]]:
    """The file to send, a signed-in uploader at a portal that serves, and the address of a copyparty that does."""
    if shutil.which("curl") is None:
        raise NotThere("there is no `curl` on this machine")
    source = _pdf(folder)
    with serving(folder / "portal") as stage, copyparty.serving(folder) as other:
        person = Person(stage.portal, "ada")
        person.sign_in()
        yield source, person, other


def _put(folder: Path, source: Path, other: str) -> float:
    for old in (folder / "shared").glob("*.pdf"):
        old.unlink()
    return _curl(["-T", str(source), f"{other}/report.pdf"], expect="201")


def _rate(name: str, ours: float, theirs: float, target: float) -> Figure:
    return Figure(name=name, ours=SIZE / MIB / ours, theirs=SIZE / MIB / theirs, unit="MiB/s", target=target, better="higher")


@contextmanager
def serving(folder: Path) -> Iterator[Stage]:
    folder.mkdir()
    stage = Stage(folder, elsewhere=OWN)
    try:
        stage.prepare()
        stage.start()
        yield stage
    finally:
        stage.stop()


def _pdf(folder: Path) -> Path:
    """A PDF of about 1 GiB, most of which no page shows."""
    path = folder / "report.pdf"
    _, pieces = large_pdf(SIZE)
    with path.open("wb") as file:
        file.writelines(pieces)
    return path


def _sent(person: Person, source: Path, address: str) -> float:
    headers = [f"X-CSRF-Token: {person.token()}", "X-File-Name: report.pdf", "Content-Type: application/pdf", "Accept: application/json"]
    return _curl(["-X", "POST", "-T", str(source), address], expect="201", headers=[_cookie(person), *headers])


def _cookie(person: Person) -> str:
    return f"Cookie: {COOKIE}={person.cookie}"


def _curl(arguments: list[str], *, expect: str, headers: list[str] | None = None) -> float:
    """Seconds, as curl counts them. Headers go through its standard input: a cookie must not stand in the list of processes."""
    os.sync()
    command = ["curl", "-sS", "--noproxy", "*", "-H", "Expect:", "-H", "@-", "-w", "%{stderr}%{http_code} %{time_total}", *arguments]
    done = subprocess.run(command, input="\n".join(headers or []), capture_output=True, text=True, check=True)  # nosec B603 B607
    status, seconds = done.stderr.split()
    assert status == expect, f"{arguments[-1]}: {status} {done.stdout[:300]}"
    return float(seconds)
