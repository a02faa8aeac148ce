"""A deposit is killed at every system call that leaves something behind, and every sync fails once: the counts are printed.

Not collected by `make test`: `python -m pytest -s tests/soak/crash_at_every_call.py`. Needs strace, and the right to trace a child.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.common.house import House
from tests.faults.conftest import far_house, hasty, near_house, proxy  # noqa: F401
from tests.faults.test_crash import aftermath, house_of_either  # noqa: F401
from tools.tour.sample import SAMORIA

pytestmark = pytest.mark.timeout(3600)

#: Those that write, make, link, remove or send. strace counts each by itself.
SYSTEM_CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "link", "unlink", "mkdir", "ftruncate", "sendto", "flock", "close")


def traced(house: House, act: Callable[[], Any], inject: str) -> tuple[str, bool]:
    """Do it in a child under strace. What it answered ("" if it was killed), and whether the injection came to pass."""
    house.parts.database.engine.dispose()
    if house.s3:
        house.parts.vault._store._line.clear()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.kill(os.getpid(), signal.SIGSTOP)
            answer = act()
            os.write(write, str(answer.status_code).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, os.WUNTRACED)
    record = house.folder / "strace"
    command = ["strace", "-o", str(record), "-e", f"trace={inject.split(':')[0]}", "-e", f"inject={inject}", "-p", str(child)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    assert "attached" in tracer.stderr.readline()
    os.kill(child, signal.SIGCONT)
    os.waitpid(child, 0)
    with os.fdopen(read) as told:
        words = told.read()
    tracer.wait(timeout=60)
    tracer.stderr.close()
    text = record.read_text()
    record.unlink()
    return words, "killed by SIGKILL" in text or bool(re.search(r"\(INJECTED\)", text))


def each(house: House, inject: str) -> tuple[list[str], int]:
    """A deposit for each time that this may happen, and one more, which it spares. The acknowledged documents, and how often it did."""
    ada = house.guest("ada")
    acknowledged: list[str] = []
    hits = 0
    while hits < 300:
        document = ada.register(f"CTED/2026/XSM/{uuid4().hex[:12]}")
        answer, hit = traced(house, lambda document=document: ada.upload(document, SAMORIA), f"{inject}:when={hits + 1}")
        assert answer in {"201", "503", "500", ""}  # "": killed, or the answer itself was what failed
        if answer == "201":
            acknowledged.append(document)
        if not hit:
            return acknowledged, hits
        hits += 1
    raise AssertionError("no end")


def test_killed_at_every_system_call(house_of_either: House) -> None:  # noqa: F811
    acknowledged: list[str] = []
    kills = {}
    for call in SYSTEM_CALLS:
        done, kills[call] = each(house_of_either, f"{call}:signal=KILL")
        acknowledged += done
    sys.stdout.write(f"\nkilled at {sum(kills.values())} system calls, {kills}; {len(acknowledged)} acknowledged\n")
    assert sum(kills.values()) > 50
    aftermath(house_of_either, acknowledged)


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
@pytest.mark.parametrize("call", ["fsync", "fdatasync", "pwrite64", "write", "link", "unlink", "mkdir", "openat"])
def test_every_call_fails_once(near_house: House, call: str, error: str) -> None:  # noqa: F811
    acknowledged, failures = each(near_house, f"{call}:error={error}")
    sys.stdout.write(f"\n{call} failed with {error} at {failures} places; {len(acknowledged)} acknowledged\n")
    aftermath(near_house, acknowledged)
