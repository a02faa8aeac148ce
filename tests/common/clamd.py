"""A real clamd on a Unix socket, which knows one signature: that of the harmless file that stands for malware in tests (EICAR)."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.tour.stage import wait_for

#: In two pieces, so that no scanner takes this file for the other.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "Eicar.Test"
#: What is larger the scanner does not look at; what is twice as large it does not take.
LIMIT = 1 << 20

CONFIGURATION = """
Foreground yes
LocalSocket {folder}/socket
PidFile {folder}/pid
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}/work
StreamMaxLength {most}
MaxFileSize {limit}
MaxScanSize {limit}
AlertExceedsMax yes
MaxThreads 4
SelfCheck 0
"""


@dataclass
class Clamd:
    """`socket` is where it listens as long as it runs."""

    process: subprocess.Popen[bytes]
    socket: Path

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=20)


@contextmanager
def serving(folder: Path) -> Iterator[Clamd]:
    (folder / "signatures").mkdir(parents=True)
    (folder / "work").mkdir()
    (folder / "signatures" / "test.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(CONFIGURATION.format(folder=folder, limit=LIMIT, most=2 * LIMIT))
    command = ["/usr/sbin/clamd", "--config-file", str(folder / "clamd.conf")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env={"PATH": os.defpath})

    def check() -> None:
        assert process.poll() is None, (folder / "log").read_text()

    try:
        wait_for((folder / "socket").exists, "clamd", check)
        yield Clamd(process, folder / "socket")
    finally:
        process.terminate()
        process.wait(timeout=20)
