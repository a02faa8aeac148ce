"""One program that is not ours, on one document, in bubblewrap: without network, files, rights, secrets or a neighbour; then it is gone.

The document comes in through a pipe and its result goes out through another. What lies in between is memory: nothing touches a disk.
The program sees `/usr` and the few files of `/etc` that it names, read-only, and three small folders that vanish with it. When the portal
dies, so does everything in the bubble (`--die-with-parent`, and the end of its process namespace).
"""

import json
import os
import select
import signal
import subprocess  # nosec B404
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from portal.confidentiality.render import bubble_calls
from portal.confidentiality.render.confine import NOBODY
from portal.confidentiality.render.refusal import FileRefused, NotInstalled, Reason, RenderFailed
from portal.confidentiality.render.remote import Content, OnDemand
from portal.confidentiality.render.wire import CHUNK, TAKEN

_PATH = "/usr/bin"
_BWRAP, _PRLIMIT = "bwrap", "prlimit"
_SYSTEM = ("/usr/bin", "/usr/lib", "/usr/lib64", "/usr/share")
_FOLDERS = ("/tmp", "/own", "/out")  # nosec B108: inside, and new each time
_DYING_MS = 5000
_LINKS = (("usr/bin", "/bin"), ("usr/lib", "/lib"), ("usr/lib64", "/lib64"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What runs in the bubble: arguments of ours alone, never of a file or a person. It writes its result to stdout.

    `document`: where it finds the input. `etc`: what it needs of `/etc`. `files`: further small files of ours. `needs`: what must be
    installed, by name in `/usr/bin` or by path. `refusal`: what is wrong with the document if the program ends with an error.
    """

    argv: tuple[str, ...]
    document: str = "/in/document"
    etc: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    refusal: Reason = Reason.BROKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """Limits for every run: address space of a process (bytes), time (seconds, of the processor and of waiting), processes and threads,
    input, output, and what its folders may hold (bytes)."""

    memory_bytes: int = 3 << 30
    seconds: float = 120.0
    processes: int = 64
    max_input: int = 64 << 20
    max_output: int = 256 << 20

    def run(self, program: Program, content: Content) -> bytes:
        """What the program made of the document.

        Raises `FileRefused` when the document is at fault, `NotInstalled`, and `RenderFailed` when there is no bubble to run it in.
        """
        lacking = missing(program)
        if lacking:
            raise NotInstalled(lacking)
        with ExitStack() as stack:
            source, sink = _pipe(stack)
            status, said = _pipe(stack)
            given = {path: stack.enter_context(_file_of(data)) for path, data in program.files.items()}
            calls = bubble_calls.program()
            filters = [] if calls is None else [stack.enter_context(_file_of(calls)).fileno()]
            wrap = self._wrap(program, source.fileno(), said.fileno(), {path: file.fileno() for path, file in given.items()}, filters)
            process = _start([*wrap, "--", *self._limits(), *program.argv], (source, said, *given.values()), filters)
            try:
                source.close()
                said.close()
                result = _Exchange(process, sink, status, self).carry(_pieces(content, self.max_input))
            finally:
                _end(process)
        return _judged(program, *result)

    def _wrap(self, program: Program, document: int, said: int, files: Mapping[str, int], filters: list[int]) -> list[str]:
        """The bubble. Order matters: what is bound later lies on top, and `/` is closed last."""
        wrap = [_found(_BWRAP), "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
        wrap += ["--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", "bubble", "--json-status-fd", str(said)]
        for number in filters:
            wrap += ["--seccomp", str(number)]
        for path in (*_SYSTEM, *program.etc):
            wrap += ["--ro-bind-try", path, path]
        for target, link in _LINKS:
            wrap += ["--symlink", target, link]
        wrap += ["--proc", "/proc", "--dev", "/dev", "--dir", "/in"]
        for folder in _FOLDERS:
            wrap += ["--size", str(self.max_output), "--tmpfs", folder]
        wrap += ["--file", str(document), program.document]
        for path, number in files.items():
            wrap += ["--file", str(number), path]
        for name, value in {"PATH": _PATH, "HOME": "/own", "LC_ALL": "C.UTF-8", **program.environment}.items():
            wrap += ["--setenv", name, value]
        return [*wrap, "--chdir", "/own", "--remount-ro", "/"]

    def _limits(self) -> list[str]:
        """Set inside: only there are processes counted for this bubble alone."""
        seconds = int(self.seconds) + 1
        limits = {"as": self.memory_bytes, "fsize": self.max_output, "nproc": self.processes, "nofile": 256, "core": 0}
        return [_found(_PRLIMIT), *(f"--{name}={value}" for name, value in limits.items()), f"--cpu={seconds}:{seconds + 1}", "--"]


def missing(program: Program) -> str:
    """What is not installed that this program needs, or "" if it can run."""
    wanted = (_BWRAP, _PRLIMIT, *program.needs)
    return ", ".join(name for name in wanted if not Path(_found(name)).exists())


def _found(name: str) -> str:
    return name if name.startswith("/") else f"{_PATH}/{name}"


class _Exchange:
    """Feeds the document, takes the result and the bubble's own words, until all is said or the time is over."""

    def __init__(self, process: subprocess.Popen[bytes], sink: IO[bytes], status: IO[bytes], limits: Bubble) -> None:
        self._process, self._sink = process, sink
        assert process.stdout is not None
        self._taken: dict[int, bytearray] = {process.stdout.fileno(): bytearray(), status.fileno(): bytearray()}
        self._room = {process.stdout.fileno(): limits.max_output, status.fileno(): TAKEN}
        self._seconds = limits.seconds
        self._poll = select.poll()
        for number in self._taken:
            self._poll.register(number, select.POLLIN)

    def carry(self, pieces: Iterator[memoryview]) -> tuple[bytes, bytes]:
        """The result, and the bubble's status lines."""
        os.set_blocking(self._sink.fileno(), False)
        piece = next(pieces, None)
        self._poll.register(self._sink, select.POLLOUT)
        writing, reading = True, set(self._taken)
        while reading:
            if piece is None and writing:
                writing = self._done()
            for number, _ in self._wait():
                if number not in self._taken:
                    if piece is not None:
                        piece = self._write(piece) or next(pieces, None)
                elif not self._read(number):
                    self._poll.unregister(number)
                    reading.discard(number)
        result, said = self._taken.values()
        return bytes(result), bytes(said)

    def _done(self) -> bool:
        self._poll.unregister(self._sink)
        self._sink.close()
        return False

    def _wait(self) -> list[tuple[int, int]]:
        """Time is counted while we wait for the program, so a slow parent is not held against a file."""
        began = time.monotonic()
        ready = self._poll.poll(max(0.0, self._seconds) * 1000)
        self._seconds -= time.monotonic() - began
        if not ready:
            raise FileRefused(Reason.TOO_SLOW)
        return ready

    def _write(self, piece: memoryview) -> memoryview:
        """The rest of the piece."""
        try:
            return piece[os.write(self._sink.fileno(), piece) :]
        except BlockingIOError:
            return piece
        except BrokenPipeError as error:
            raise RenderFailed("the bubble ended before it took the document") from error

    def _read(self, number: int) -> bool:
        piece = os.read(number, TAKEN)
        self._taken[number] += piece
        if len(self._taken[number]) > self._room[number]:
            raise FileRefused(Reason.TOO_HEAVY, "its result is too large")
        return bool(piece)


def _judged(program: Program, result: bytes, said: bytes) -> bytes:
    """The result, if the program says that it succeeded. Only bubblewrap writes to `said`; without an exit code there was no bubble."""
    codes = [line["exit-code"] for line in map(json.loads, said.splitlines()) if "exit-code" in line]
    if len(codes) != 1:
        raise RenderFailed("bubblewrap could not make a bubble: does this kernel let its user make namespaces?")
    code = int(codes[0])
    if code == 128 + signal.SIGXCPU:
        raise FileRefused(Reason.TOO_SLOW)
    if code > 128:
        raise FileRefused(Reason.TOO_HEAVY, f"signal {code - 128}")
    if code:
        raise FileRefused(program.refusal, f"the program ended with {code}")
    return result


def _pieces(content: Content, room: int) -> Iterator[memoryview]:
    """The document, never more than so much of it at once. Raises `FileRefused` when it is longer than there is room."""
    for chunk in _on_demand(content) if isinstance(content, OnDemand) else content:
        room -= len(chunk)
        if room < 0:
            raise FileRefused(Reason.TOO_LARGE)
        if chunk:
            yield memoryview(chunk)


def _on_demand(part: OnDemand) -> Iterator[bytes]:
    for at in range(0, part.size, CHUNK):
        yield part.read(at, min(CHUNK, part.size - at))


def _start(command: list[str], kept: tuple[IO[bytes], ...], filters: list[int]) -> subprocess.Popen[bytes]:
    root = os.geteuid() == 0
    # our own arguments: nothing of a file or a person is in them
    return subprocess.Popen(  # nosec B603
        command, env={}, cwd="/", close_fds=True, pass_fds=[*(file.fileno() for file in kept), *filters], start_new_session=True,
        bufsize=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        user=NOBODY if root else None, group=NOBODY if root else None, extra_groups=[] if root else None,
    )  # fmt: skip


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left. The kernel ends all processes of the bubble with its first one; we wait until none can write any more."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        poll = select.poll()
        poll.register(process.stdout, select.POLLIN)
        while poll.poll(_DYING_MS) and process.stdout.read(TAKEN):
            pass
        process.stdout.close()


def _pipe(stack: ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    reading, writing = os.pipe2(os.O_CLOEXEC)
    return (
        stack.enter_context(os.fdopen(reading, "rb", buffering=0)),
        stack.enter_context(os.fdopen(writing, "wb", buffering=0)),
    )


@contextmanager
def _file_of(data: bytes) -> Iterator[IO[bytes]]:
    """A file in memory alone."""
    with os.fdopen(os.memfd_create("portal-bubble", os.MFD_CLOEXEC), "w+b", buffering=0) as file:
        file.write(data)
        file.seek(0)
        yield file
