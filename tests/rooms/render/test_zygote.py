"""What children are forked from holds nothing, outlives nobody, and is replaced."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.confidentiality.render.refusal import RenderFailed
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.zygote import Zygote, _number

PROBES = "tests.rooms.render.probes:"
SECRET = "never-shown-to-a-later-child"


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def gone(pid: int) -> bool:
    """No such process, or one that ended and waits to be counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def soon(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def shout(sandbox: Sandbox, said: bytes) -> bytes:
    with sandbox.run(PROBES + "shout", {}, [said]) as answers:
        return answers.expect("GOOD", 1 << 20).payload


def test_children_of_two_jobs_have_one_origin_and_a_keeper_each() -> None:
    with Sandbox(seconds=5).run(PROBES + "sleep", {}) as one, Sandbox(seconds=5).run(PROBES + "sleep", {}) as other:
        keepers = [parent_of(answers._process.pid) for answers in (one, other)]
        origins = {parent_of(keeper) for keeper in keepers}
    assert len(set(keepers)) == 2
    assert len(origins) == 1
    origin = origins.pop()
    assert parent_of(origin) == os.getpid()
    assert Path(f"/proc/{origin}/environ").read_bytes() == b""
    assert soon(lambda: all(gone(keeper) for keeper in keepers))


def test_nothing_that_one_job_read_is_where_the_next_begins() -> None:
    """Looked for in all the memory that children are made from."""
    with Sandbox(seconds=5).run(PROBES + "sleep", {}) as answers:
        origin = parent_of(parent_of(answers._process.pid))
    assert shout(Sandbox(seconds=5), SECRET.encode()) == SECRET.encode()
    assert SECRET.encode() not in memory_of(origin)
    assert b"portal.confidentiality.render" in memory_of(origin)  # the look itself works


def memory_of(pid: int) -> bytes:
    pieces = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if rights.startswith("rw") and "[v" not in line:
                start, end = (int(part, 16) for part in span.split("-"))
                memory.seek(start)
                pieces.append(memory.read(end - start))
    return b"".join(pieces)


def test_an_origin_that_is_killed_is_replaced() -> None:
    with Sandbox(seconds=5).run(PROBES + "sleep", {}) as answers:
        origin = parent_of(parent_of(answers._process.pid))
        os.kill(origin, signal.SIGKILL)
        assert soon(lambda: gone(origin))
    assert shout(Sandbox(seconds=5), b"again") == b"again"


def test_a_process_that_was_forked_has_an_origin_of_its_own() -> None:
    assert shout(Sandbox(seconds=5), b"here") == b"here"
    child = os.fork()
    if child == 0:
        try:
            with Sandbox(seconds=5).run(PROBES + "sleep", {}) as answers:
                os._exit(0 if parent_of(parent_of(parent_of(answers._process.pid))) == os.getpid() else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert shout(Sandbox(seconds=5), b"and here") == b"and here"


_HANGS = (
    "from portal.confidentiality.render.sandbox import Sandbox\n"
    f"with Sandbox(seconds=60).run('{PROBES}sleep', {{}}) as answers:\n"
    "    print(answers._process.pid, flush=True)\n"
    "    answers.next()\n"
)


def test_who_is_killed_takes_child_keeper_and_origin_along() -> None:
    with subprocess.Popen([sys.executable, "-c", _HANGS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        keeper = parent_of(child)
        origin = parent_of(keeper)
        process.kill()
    assert soon(lambda: all(gone(pid) for pid in (child, keeper, origin)))


def test_where_no_process_can_be_had_the_job_fails_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(RenderFailed):
        Zygote().child(PROBES + "shout", str(tmp_path / "no such folder"), (1 << 30, 2, 1 << 20), 0)


def test_a_keeper_that_is_gone_is_no_answer() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.close()
    with ours, pytest.raises(RenderFailed):
        _number(ours)
