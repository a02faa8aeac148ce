"""Where children come from: one process that imports once, and forks one child for each job.

It is exec'd without environment, keys or descriptors of ours, never forked from us, so that it inherits no memory; it never holds a
document, as every child reads its own through its own pipe. Beside each child stands a keeper, which ends it when the parent lets go
of it, or dies, and tells how it ended.
"""

import importlib
import json
import os
import select
import signal
import socket
import struct
import subprocess  # nosec B404
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portal.confidentiality.render import child
from portal.confidentiality.render.refusal import RenderFailed

_ROOT = Path(__file__).resolve().parents[3]
_BOOT = "import sys,json;sys.path[:0]=json.loads(sys.argv.pop(1));from portal.confidentiality.render.zygote import serve;serve()"
_NUMBER = struct.Struct("=i")
_MOST = 4096  # bytes of an order
#: Only modules of ours are kept for the next child; what another brings is imported in its own child.
_OURS = "portal.confidentiality.render."


@dataclass(slots=True)
class Child:
    """A child that works: its pipes, its number, and the line to its keeper."""

    stdin: IO[bytes]
    stdout: IO[bytes]
    pid: int
    _keeper: socket.socket
    _status: int | None = None

    def wait(self, timeout: float) -> int | None:
        """How it ended: its status, or minus the signal that ended it; None while it works after `timeout` (seconds)."""
        if self._status is None:
            self._keeper.settimeout(timeout)
            with suppress(TimeoutError):
                self._status = _number(self._keeper)
        return self._status

    def end(self) -> None:
        """Ends it, and returns when it is gone."""
        with suppress(OSError):
            self._keeper.shutdown(socket.SHUT_WR)
        with suppress(RenderFailed):
            self.wait(timeout=10)
        self._keeper.close()
        for pipe in (self.stdin, self.stdout):
            with suppress(OSError):
                pipe.close()


class Zygote:
    """The one of this process. A portal that forks gets another in each of its processes; all end with the process that began them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._owner = 0

    def child(self, job: str, folder: str, limits: tuple[int, int, int], nicer: int) -> Child:
        """A child that begins `job` in `folder`, so much `nicer` than we are. Raises `RenderFailed` if none can be had."""
        order = json.dumps({"job": job, "limits": limits, "nicer": nicer}).encode()
        for _ in range(2):  # one that was ended from outside is replaced
            with suppress(OSError, RenderFailed):
                return self._born(order, folder)
            with self._lock:
                self._forget()
        raise RenderFailed("no process for the job")

    def _born(self, order: bytes, folder: str) -> Child:
        line = self._ready()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        read_in, write_in = os.pipe()
        read_out, write_out = os.pipe()
        place = os.open(folder, os.O_DIRECTORY | os.O_CLOEXEC)
        given = (read_in, write_out, place, theirs.fileno())
        stdin, stdout = os.fdopen(write_in, "wb", buffering=0), os.fdopen(read_out, "rb", buffering=0)
        try:
            socket.send_fds(line, [order], given)
        except OSError:
            for end in (stdin, stdout, ours):
                end.close()
            raise
        finally:
            theirs.close()
            for number in given[:3]:
                os.close(number)
        ours.settimeout(30)
        try:
            return Child(stdin, stdout, _number(ours), ours)
        except (OSError, RenderFailed):
            for end in (stdin, stdout, ours):
                end.close()
            raise

    def _ready(self) -> socket.socket:
        with self._lock:
            if self._owner != os.getpid():
                self._forget()
            if self._line is None:
                self._line, self._owner = _started(), os.getpid()
            return self._line

    def _forget(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _started() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    paths = [str(_ROOT), *(path for path in sys.path if os.path.isabs(path))]
    with theirs:
        # our own interpreter and module: nothing of a file or a person is in the arguments
        process = subprocess.Popen(  # nosec B603
            [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _BOOT, json.dumps(paths)],
            env={}, cwd="/", close_fds=True, start_new_session=True,
            stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    threading.Thread(target=process.wait, daemon=True).start()  # reaped when it ends
    return ours


def _number(line: socket.socket) -> int:
    said = line.recv(_NUMBER.size)
    if len(said) != _NUMBER.size:
        raise RenderFailed("the keeper of a job is gone")
    return int(_NUMBER.unpack(said)[0])


def serve() -> None:
    """The process itself: one order, one keeper, until whoever ordered is gone."""
    line = socket.socket(fileno=os.dup(0))
    child.prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    while True:
        order, descriptors, _, _ = socket.recv_fds(line, _MOST, 4)
        if not order:
            os._exit(0)
        asked = json.loads(order)
        if asked["job"].startswith(_OURS):
            importlib.import_module(asked["job"].partition(":")[0])
        if os.fork() == 0:
            line.close()
            _keep(asked["job"], asked["limits"], asked["nicer"], *descriptors)
        for number in descriptors:
            os.close(number)


def _keep(job: str, limits: list[int], nicer: int, reads: int, writes: int, folder: int, parent: int) -> None:
    """A keeper: makes the child, waits for its end or for its parent's word, and says how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    number = os.fork()
    if number == 0:
        _become(job, limits, nicer, reads, writes, folder, parent)
    for descriptor in (0, reads, writes, folder):
        os.close(descriptor)
    with socket.socket(fileno=parent) as line, suppress(OSError):
        line.send(_NUMBER.pack(number))
        ended = os.pidfd_open(number)
        poll = select.poll()
        poll.register(line, select.POLLIN)
        poll.register(ended, select.POLLIN)
        poll.poll()
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)  # it makes no others: it may not
        _, status = os.waitpid(number, 0)
        line.send(_NUMBER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _become(job: str, limits: list[int], nicer: int, reads: int, writes: int, folder: int, parent: int) -> None:
    try:
        os.setsid()
        os.nice(nicer)
        os.fchdir(folder)
        os.dup2(reads, 0)
        os.dup2(writes, 1)
        for descriptor in (reads, writes, folder, parent):
            os.close(descriptor)
        child.main(job, *limits)
    finally:
        os._exit(1)
