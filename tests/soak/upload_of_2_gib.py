"""2 GiB in pieces, with an independent client, the portal killed twice, every write watched. Needs strace and 8 GB of disk."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.common.large import MARKER, LargeFile
from tests.common.resumption import NAME, Client, digest_opened, in_clear, killed_while_sending
from tests.common.stages import staged
from tools.bench.memory import MIB, peak_of, register
from tools.tour.browser import Person
from tools.tour.stage import Stage

SIZE = 2048 * MIB
#: A write, as strace tells it with -y: where to, and the first bytes.
WRITE = re.compile(r"(?:write|pwrite64|writev)\(\d+<([^>]*)>")


class Watch:
    """strace on the serving process, its threads and children, for as long as it lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._running: list[subprocess.Popen[bytes]] = []

    def follow(self, stage: Stage) -> None:
        strace = shutil.which("strace")
        assert strace is not None, "this test needs strace: apt-get install strace"
        self._number += 1
        command = [strace, "-f", "-y", "-s", "256", "-e", "trace=write,pwrite64,writev", "-o", str(self._folder / f"{self._number}.strace")]
        self._running.append(subprocess.Popen([*command, "-p", str(stage.serving)], stderr=subprocess.DEVNULL))
        time.sleep(1)

    def ended(self) -> list[str]:
        """Every line, when all that was followed has ended."""
        for process in self._running:
            process.wait(timeout=60)
        return [line for file in sorted(self._folder.glob("*.strace")) for line in file.read_text(errors="replace").splitlines()]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def stage(tmp_path: Path, temporary: Path) -> Iterator[Stage]:
    (tmp_path / "stage").mkdir()
    with staged(tmp_path / "stage", None) as stage:
        yield stage


@pytest.mark.timeout(3600)
def test_two_gibibytes_resumed_after_two_kills_are_byte_for_byte_what_was_sent_and_never_in_clear(
    stage: Stage, temporary: Path, tmp_path: Path
) -> None:
    ada = Person(stage.portal, "ada")
    ada.sign_in()
    document = register(ada, "CTED/2026/XSM/1")
    file = LargeFile(SIZE)
    watch = Watch(tmp_path)
    watch.follow(stage)
    began = time.monotonic()
    client = Client(ada, document, file, 16 * MIB)
    for offset in (500 * MIB, 1500 * MIB):
        killed_while_sending(stage, client, offset)
        assert in_clear([stage.folder, temporary], [MARKER, NAME.encode()]) == []
        stage.revive()
        watch.follow(stage)
        client.go_on()
        assert client.uploader.offset >= offset
        print(f"killed and resumed at {client.uploader.offset / MIB:.0f} MiB")
    client.send_until(file.size)
    sent = time.monotonic()
    before = peak_of(stage.serving)
    answer = client.deposit()
    assert answer.status_code == 201, answer.text
    deposited = time.monotonic()
    print(f"{file.size} bytes sent in {sent - began:.0f} s, deposited in {deposited - sent:.0f} s, watched by strace")
    peak = peak_of(stage.serving)
    print(f"peak of the serving process {peak / MIB:.0f} MiB, the deposit raised it by {(peak - before) / MIB:.1f} MiB")
    assert digest_opened(stage, ada, document) == (file.size, file.digest())
    assert in_clear([stage.folder, temporary], [MARKER, NAME.encode()]) == []
    ada.post(document + "/renditions", {"recipient": "OCT"})
    stage.stop()
    lines = watch.ended()
    told = [(found[1], line) for line in lines if (found := WRITE.search(line))]
    print(f"{len(told)} writes of {len({where for where, _ in told})} places watched")
    assert [
        line[:200] for where, line in told if where.startswith("/") and (MARKER.decode() in line or "%PDF-" in line or NAME in line)
    ] == []
    assert [where for where, line in told if where.startswith("pipe:") and "%PDF-" in line]  # what goes to the sandbox is seen
    assert sum(where.startswith(str(stage.folder)) for where, _ in told) > 1000
