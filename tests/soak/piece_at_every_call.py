"""SIGKILL at the n-th system call of each kind while a piece is taken, for every n; the piece is sent again with other bytes."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cases.uploading import opened
from tests.common.broken_off import Pieces, collect_orphans, demand_sound, send_in_child
from tests.common.house import House

#: What changes something that stays, and what comes between. A call that this machine has not is left out.
CALLS = ("write", "pwrite64", "fsync", "fdatasync", "link", "linkat", "unlink", "unlinkat", "openat", "ftruncate", "flock", "mkdir")
CALLS += ("renameat2", "close", "fcntl", "read", "pread64")


def killing(pid: int, call: str, number: int) -> "subprocess.Popen[bytes]":
    """strace on this process, which will kill it at its n-th call of this kind."""
    strace = shutil.which("strace")
    assert strace is not None, "this test needs strace: apt-get install strace"
    command = [strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace=?{call}"]
    command += ["-e", f"inject=?{call}:signal=KILL:when={number}", "-p", str(pid)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    status = Path(f"/proc/{pid}/status")
    while "TracerPid:\t0" in status.read_text():
        assert process.poll() is None, "strace could not attach"
        time.sleep(0.005)
    return process


@pytest.mark.sqlite
@pytest.mark.timeout(3600)
def test_a_piece_killed_at_any_system_call_is_whole_or_absent_and_goes_on_with_other_bytes(house: House) -> None:
    pieces = Pieces(house, many=300)
    died, absent = dict.fromkeys(CALLS, 0), 0
    for call in CALLS:
        number, ended = 1, -signal.SIGKILL
        while ended:
            watchers = []
            at, content = pieces.next(b"a")
            ended = send_in_child(
                house,
                pieces.sending,
                at,
                content,
                watch=lambda pid, call=call, number=number, watchers=watchers: watchers.append(killing(pid, call, number)),  # type: ignore[misc]
            )
            watchers[0].wait(timeout=30)
            assert ended in {0, -signal.SIGKILL}, (call, number, ended)
            died[call] += ended != 0
            kept = pieces.settle(content)
            assert kept or ended
            demand_sound(house)
            if not kept:
                absent += 1
                again = pieces.next(b"b")[1]
                assert pieces.sending.patch(at, again).status_code == 204
                assert pieces.settle(again)
                demand_sound(house)
            number += 1
    print(f"killed {sum(died.values())} times, {absent} times before the piece was entered: {died}")
    assert min(died[call] for call in ("write", "pwrite64", "fsync", "openat", "unlink")) > 1
    pieces.finish()
    collect_orphans(house)
    assert pieces.sending.deposit().status_code == 201
    assert opened(house, pieces.document) == bytes(pieces.expected)
    assert len(house.objects()) == 4
