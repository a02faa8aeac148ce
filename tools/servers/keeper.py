"""A server that outlives nobody: a process of its own keeps it, and stops it when the pipe from whoever asked for it is closed.

So it ends with a test process that is killed, too, and takes its folder along.
"""

import json
import os
import shutil
import subprocess  # nosec B404
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from tools.servers import postgresql, seaweedfs
from tools.tour.stage import ROOT

#: Files here are kept in memory (Linux), and this much must be free for each test process that there may be.
MEMORY, PLENTY = Path("/dev/shm"), 1 << 30  # nosec B108
KINDS = ("postgresql", "seaweedfs")


@contextmanager
def kept(kind: str) -> Iterator[dict[str, str]]:
    """A server of this kind, from here to the end of the block; gives what one must know to use it."""
    command = [sys.executable, "-m", "tools.servers", "keep", kind]
    keeper = subprocess.Popen(  # nosec B603
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, text=True
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    try:
        told = keeper.stdout.readline()
        if not told:
            raise SystemExit(f"no {kind} could be started; what it said stands above")
        facts: dict[str, str] = json.loads(told)
        yield facts
    finally:
        keeper.stdin.close()
        keeper.wait(timeout=60)
        keeper.stdout.close()


def keep(kind: str) -> None:
    """The keeper's side: start it, say so, and hold it until the pipe is closed."""
    with temporary() as folder, ExitStack() as stack:
        if kind == "postgresql":
            data = stack.enter_context(temporary(in_memory=True))
            facts = {"socket": str(stack.enter_context(postgresql.serving(folder, data)))}
        else:
            facts = asdict(stack.enter_context(seaweedfs.serving(folder)))
        print(json.dumps(facts), flush=True)
        sys.stdin.read()


@contextmanager
def temporary(*, in_memory: bool = False) -> Iterator[Path]:
    """An empty folder inside a temporary one that others may pass through but not list: a server may run as somebody else.

    In memory, if there is plenty: each test has a database of its own, of 300 files, which a busy disk makes in 300 ms and memory in 8.
    """
    where = MEMORY if in_memory and _is_plenty() else None
    with tempfile.TemporaryDirectory(prefix="portal-servers-", dir=where, ignore_cleanup_errors=True) as name:
        os.chmod(name, 0o711)  # nosec B103
        folder = Path(name) / "server"
        folder.mkdir(mode=0o700)
        yield folder


def _is_plenty() -> bool:
    return os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= PLENTY * (os.cpu_count() or 1)
