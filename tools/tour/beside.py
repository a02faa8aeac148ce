"""One more portal on an installation that is there: several may serve the same database, store and keys."""

import subprocess  # nosec B404
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tools.tour.stage import ROOT, free_port, wait_for


@contextmanager
def another_portal(folder: Path) -> Iterator[int]:
    """Serves `folder`, whose config.toml says port 8000, at a port of its own: its port."""
    port = free_port()
    file = folder / f"config-{port}.toml"
    file.write_text((folder / "config.toml").read_text().replace("port = 8000", f"port = {port}"))
    with (folder / f"portal-{port}.log").open("wb") as log:
        command = [sys.executable, "-m", "portal", "--config", str(file), "serve"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)  # nosec B603

    def check() -> None:
        if process.poll() is not None:
            raise SystemExit((folder / f"portal-{port}.log").read_text())

    try:
        wait_for(lambda: requests.get(f"http://localhost:{port}/health", timeout=2).ok, "the portal", check)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)
