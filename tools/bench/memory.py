"""How much memory an upload and a download take: `make memory` sends 1 GiB through the real server and takes it back, with files and
with an S3 server in turn.

Measured is the peak of the process that serves (`VmHWM`), before and after. The file is inspected in a process of its own, with its own
limit. Unlike a timing this is the same on every machine: a rise of 100 MiB or more is a failure.
"""

import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tools.servers import keeper
from tools.servers.seaweedfs import ADMINISTRATOR
from tools.tour.browser import Person
from tools.tour.elsewhere import OWN, Sections
from tools.tour.sample import SAMORIA
from tools.tour.stage import ROOT, Stage

MIB = 1 << 20
SIZE, ALLOWED = 1024 * MIB, 100 * MIB


def main() -> int:
    too_much = 0
    for store in ("files", "S3"):
        (ROOT / "build").mkdir(exist_ok=True)
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="portal-memory-", dir=ROOT / "build"))
            stack.callback(shutil.rmtree, folder)
            text = OWN.text if store == "files" else _on_s3(stack.enter_context(keeper.kept("seaweedfs")), folder)
            stage = Stage(folder, elsewhere=Sections(text))
            stack.callback(stage.stop)
            stage.prepare()
            stage.start()
            for what, measured in (("upload", upload), ("download", download)):
                begun = time.monotonic()
                peak, rise = measured(stage, SIZE)
                took = time.monotonic() - begun
                print(
                    f"{what} of {SIZE // MIB} MiB, {store}: peak memory {peak / MIB:.1f} MiB, rose by {rise / MIB:.1f} MiB ({took:.0f} s)",
                    flush=True,
                )
                too_much += rise >= ALLOWED
    if too_much:
        print(f"The peak rose by {ALLOWED // MIB} MiB or more: a file is held in memory somewhere.", file=sys.stderr)
    return 1 if too_much else 0


def upload(stage: Stage, size: int) -> tuple[int, int]:
    """Deposit a file of about this size at a stage that was started: the serving process's peak of memory, and by how much it rose; bytes.

    Two small ones go first, so that what the process needs once is not counted.
    """
    person = Person(stage.portal, "ada")
    person.sign_in()
    for number in range(2):
        _send(person, f"CTED/2026/XSM/{number + 70}", MIB)
    before = peak_of(stage.serving)
    _send(person, "CTED/2026/XSM/79", size)
    after = peak_of(stage.serving)
    return after, after - before


def download(stage: Stage, size: int) -> tuple[int, int]:
    """Take a file of about this size out of a stage that was started: as `upload`. A small one goes first."""
    person = Person(stage.portal, "ada")
    person.sign_in()
    _take(person, _send(person, f"CTED/2026/XSM/{size // MIB}.1", MIB))
    large = _send(person, f"CTED/2026/XSM/{size // MIB}.2", size)
    before = peak_of(stage.serving)
    _take(person, large)
    after = peak_of(stage.serving)
    return after, after - before


def _take(person: Person, document: str) -> None:
    with person.stream(f"{document}/file") as answer:
        taken = sum(len(piece) for piece in answer.iter_content(MIB))
    if taken != int(answer.headers["Content-Length"]):
        raise SystemExit(f"the download broke off after {taken} bytes")


def large_pdf(size: int) -> tuple[int, Iterator[bytes]]:
    """The sample report with so many more bytes that no page shows: (its length, its bytes piece by piece)."""
    cut = SAMORIA.index(b"xref\n")
    head, tail = SAMORIA[:cut] + b"999 0 obj\n<< /Length %d >>\nstream\n" % size, SAMORIA[cut:]
    end = b"\nendstream\nendobj\n"
    tail = re.sub(rb"startxref\n\d+", b"startxref\n%d" % (len(head) + size + len(end)), tail)

    def pieces() -> Iterator[bytes]:
        yield head
        block = b"0" * MIB
        for _ in range(size // MIB):
            yield block
        yield block[: size % MIB]
        yield end + tail

    return len(head) + size + len(end) + len(tail), pieces()


def peak_of(process: int) -> int:
    """The most memory this process ever had at once, in bytes (Linux)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024


def register(person: Person, symbol: str) -> str:
    """The address of a new document without a file."""
    person.post("/visits", {"state": "XSM", "start": "2026-10-05", "end": "2026-10-09", "place": "Samora"})
    visit = re.findall(r'<option value="([0-9a-f-]{36})"', person.get("/documents/new").text)[0]
    fields = {"title": "A large report", "symbol": symbol, "kind": "other", "level": "1", "visit": visit}
    return person.post("/documents", fields).headers["Location"]


def _send(person: Person, symbol: str, size: int) -> str:
    document = register(person, symbol)
    status, answer = person.upload_stream(f"{document}/file", *large_pdf(size), "large.pdf")
    if status != 201:
        raise SystemExit(f"the upload was refused: {status} {answer[:500]}")
    return document


def _on_s3(facts: dict[str, str], folder: Path) -> str:
    (folder / "keys").mkdir()
    secret = folder / "keys" / "store-secret"
    secret.touch(0o600)
    secret.write_text(facts["secret_key"] + "\n", encoding="utf-8")
    database, _, _ = OWN.text.partition("[store]")
    return database + (
        f'[store]\nkind = "s3"\nendpoint = "{facts["endpoint"]}"\nbucket = "memory"\naccess_key = "{ADMINISTRATOR}"\n'
        'secret_key_file = "keys/store-secret"\nsecure = false\n'
    )


if __name__ == "__main__":
    sys.exit(main())
