"""copyparty (MIT) on loopback, to be compared with: a file server in Python that keeps files in clear and does not sync them.

Not a dependency: it is installed into a folder under build/, from a pin with its hash, when a row asks for it.
"""

import subprocess  # nosec B404
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tools.bench.figures import NotThere
from tools.tour.stage import ROOT, free_port, wait_for

PIN = ROOT / "tools" / "bench" / "copyparty.txt"
PLACE = ROOT / "build" / "copyparty"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Its address, from here to the end of the block; anybody on this machine may read and write. `folder` keeps what is sent."""
    _install()
    port = free_port()
    shared = folder / "shared"
    shared.mkdir()
    command = [sys.executable, "-m", "copyparty", "-q", "-i", "127.0.0.1", "-p", str(port), "-v", f"{shared}::rw", "--no-crt"]
    environment = {"PYTHONPATH": str(PLACE), "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PATH": "/usr/bin:/bin"}
    with (folder / "copyparty.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)  # nosec B603

    def check() -> None:
        if process.poll() is not None:
            raise NotThere(f"copyparty ended by itself: {(folder / 'copyparty.log').read_text(errors='replace')[-300:]}")

    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: requests.get(address, timeout=2).ok, "copyparty", check)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def _install() -> None:
    if (PLACE / PIN.name).exists() and (PLACE / PIN.name).read_text() == PIN.read_text():
        return
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--require-hashes",
        "--upgrade",
        "--target",
        str(PLACE),
        "-r",
        str(PIN),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # nosec B603
    if done.returncode:
        raise NotThere(f"copyparty cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    (PLACE / PIN.name).write_text(PIN.read_text())  # last: an installation that was cut short does not count
