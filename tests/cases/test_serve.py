"""The portal behind its real server."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from tests.common.house import House
from tools.tour.stage import ROOT, free_port, wait_for


@pytest.fixture
def served(house: House) -> Iterator[str]:
    """The address of `portal serve` on this house's installation."""
    port = free_port()
    file = house.folder / "config.toml"
    file.write_text(file.read_text().replace("port = 8000", f"port = {port}"))
    with (house.folder / "portal.log").open("wb") as log:
        command = [sys.executable, "-m", "portal", "--config", str(file), "serve"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)

    def check() -> None:
        assert process.poll() is None, (house.folder / "portal.log").read_text()

    address = f"http://localhost:{port}"
    try:
        wait_for(lambda: requests.get(f"{address}/health", timeout=2).status_code == 200, "the portal", check)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_an_answer_does_not_say_which_server_gave_it(served: str) -> None:
    for path in ("/sign-in", "/no/such/page", "/static/portal.css"):
        assert requests.get(served + path, timeout=10).headers["Server"] == "portal", path
