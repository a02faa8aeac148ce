"""One job, one fresh process: forked from one that was exec'd and holds nothing, without environment, files, network or rights.

The parent never parses a file. It takes frames of kinds and sizes that it expects, and nothing else; what is late, too much or
unexpected ends the child. Time is counted while we wait for the child, so a slow parent is not held against a file.
"""

import os
import select
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import IO
from uuid import UUID

from portal.confidentiality.render.places import Place, Places, Stage, Told
from portal.confidentiality.render.refusal import FileRefused, Reason, RenderFailed
from portal.confidentiality.render.remote import SIZE, WANT, Content, OnDemand
from portal.confidentiality.render.tesseract import Reading, Tesseract, nobody
from portal.confidentiality.render.wire import CHUNK, PREFIX, SMALL, TAKEN, Frame, pack_json, prefix
from portal.confidentiality.render.zygote import Child, Zygote

_ZYGOTE = Zygote()
_PICTURE = 40_000_000  # bytes of a picture to be read: a little more than the largest page has pixels
_IDLE = "portal.confidentiality.render.child:idle"
#: Whole documents are worked on behind whoever waits for a page (nice(2)).
_BEHIND = 10

#: What a job works on: a file, or who reads pictures for it.
Part = Content | Reading


class Answers:
    """The child's frames, one at a time. Every method raises `FileRefused` or `RenderFailed`, never anything of the child's choosing."""

    def __init__(self, process: Child, seconds: float, max_output: int) -> None:
        self._process = process
        self._seconds = seconds
        self._room = max_output
        self._offered: OnDemand | None = None
        self._reading: Reading | None = None
        self._may_ask = 0
        self.layers: tuple[str, ...] = ()

    def next(self, **limits: int) -> Frame | None:
        """The next frame, which must be of a kind named here and no longer than its limit (bytes); None when the child is done."""
        kind, length = self._prefix()
        while self._asked(kind, length):
            kind, length = self._prefix()
        if kind == "NOPE" and length <= 64:
            raise self._refusal(self._read(length))
        if kind == "DONE" and length == 0:
            return None
        if kind == "FAIL":
            raise RenderFailed("our own code failed in the child")
        if kind not in limits or length > limits[kind]:
            raise RenderFailed("the child sent a frame that was not expected")
        self._room -= length
        if self._room < 0:
            raise RenderFailed("the child sent more than a document may give")
        return Frame(kind, self._read(length))

    def expect(self, kind: str, limit: int) -> Frame:
        """Like `next`, for a place where only this kind may stand."""
        frame = self.next(**{kind: limit})
        if frame is None:
            raise RenderFailed("the child ended too early")
        return frame

    def exactly(self, kind: str, length: int) -> bytes:
        """A frame of exactly this length (bytes)."""
        frame = self.expect(kind, length)
        if len(frame.payload) != length:
            raise RenderFailed("the child sent fewer bytes than it declared")
        return frame.payload

    def end(self) -> None:
        if self.next() is not None:
            raise RenderFailed("the child did not end")

    def offer(self, part: OnDemand) -> None:
        """From here on the child may ask for pieces of this."""
        self._offered, self._may_ask = part, part.most()

    def read_with(self, reading: Reading) -> None:
        """From here on the child may ask for the words of pictures."""
        self._reading = reading

    def _asked(self, kind: str, length: int) -> bool:
        """Was it a question? Then it is answered."""
        if kind == "WANT" and length == WANT.size and self._offered is not None:
            self._give(*WANT.unpack(self._read(length)))
            return True
        if kind == "READ" and length <= _PICTURE and self._reading is not None:
            self._room -= length
            if self._room < 0:
                raise RenderFailed("the child asked for more to be read than a document may hold")
            table = self._reading.table(self._read(length))
            self.send(prefix("DATA", len(table)))
            self.send(table)
            return True
        return False

    def _give(self, offset: int, length: int) -> None:
        part = self._offered
        assert part is not None
        if length > CHUNK or offset + length > part.size:
            raise RenderFailed("the child asked for bytes that the file does not have")
        self._may_ask -= max(length, CHUNK // 16)  # asking for little does not make asking free
        if self._may_ask < 0:
            raise FileRefused(Reason.TOO_HEAVY, "it asked for too much")
        piece = part.read(offset, length)
        if len(piece) != length:
            raise RenderFailed("the file gave fewer bytes than it has")
        self.send(prefix("DATA", length))
        self.send(piece)

    def send(self, data: bytes | memoryview) -> None:
        """Write to the child, within the time that is left."""
        pipe = self._process.stdin
        view = memoryview(data)
        while view:
            self.wait(writing=pipe)
            with suppress(BlockingIOError):
                view = view[os.write(pipe.fileno(), view) :]

    def _refusal(self, code: bytes) -> FileRefused | RenderFailed:
        try:
            return FileRefused(Reason(code.decode("ascii")))
        except ValueError:
            return RenderFailed("the child refused with an unknown code")

    def _prefix(self) -> tuple[str, int]:
        name, length = PREFIX.unpack(self._read(PREFIX.size))
        return name.decode("ascii", "replace"), length

    def _read(self, length: int) -> bytes:
        output = self._process.stdout
        pieces = []
        while length:
            self.wait(reading=output)
            piece = os.read(output.fileno(), min(length, TAKEN))
            if not piece:
                raise self._death()
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def wait(self, *, reading: IO[bytes] | None = None, writing: IO[bytes] | None = None) -> None:
        """Wait until the pipe is ready, within the time that is left. Raises `FileRefused` when there is none left."""
        poll = select.poll()  # select() knows no descriptor above 1023
        if reading:
            poll.register(reading, select.POLLIN)
        if writing:
            poll.register(writing, select.POLLOUT)
        began = time.monotonic()
        ready = poll.poll(max(0.0, self._seconds) * 1000)
        self._seconds -= time.monotonic() - began
        if not ready:
            raise FileRefused(Reason.TOO_SLOW)

    def _death(self) -> FileRefused | RenderFailed:
        """A child that dies by a signal died of the file; one that leaves by itself without an answer died of us."""
        status = self._process.wait(timeout=5)
        if status == -signal.SIGXCPU:
            return FileRefused(Reason.TOO_SLOW)
        if status is not None and status < 0:
            return FileRefused(Reason.TOO_HEAVY, f"signal {-status}")
        return RenderFailed("the child ended without an answer")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Limits for every job: address space (bytes), time (seconds, of the processor and of waiting), pages, input, output (bytes).

    `tesseract`: who reads pictures, if somebody does; asked when a job begins.
    `places`: where jobs wait for their turn; without, each begins at once. `place`: one that is held already, for several jobs.
    """

    memory_bytes: int = 1 << 30
    seconds: float = 300.0
    max_pages: int = 2000
    max_input: int = 256 << 20
    max_output: int = 32 << 30
    tesseract: Callable[[], Tesseract | None] = nobody
    places: Places | None = None
    place: Place | None = None

    def reading(self, language: str) -> tuple[Reading, ...]:
        """Who reads pictures of documents in this language, as a part of a job; nobody without Tesseract."""
        tesseract = self.tesseract()
        return (tesseract.speaking(language),) if tesseract else ()

    @contextmanager
    def held(self, about: UUID) -> Iterator["Sandbox"]:
        """One place for every job about this document until the end: what was begun is not turned away half-way. Raises `Busy`."""
        if self.places is None:
            yield self
            return
        with self.places.taken(about) as place:
            yield replace(self, place=place)

    def tell(self, stage: Stage, page: int = 0) -> None:
        """So many pages are done, for whoever asks."""
        if self.place is not None:
            self.place.tell(stage, page)

    def told(self, about: UUID) -> Told | None:
        """What is being done with this document now, on this host; None for nothing."""
        return self.places.told(about) if self.places is not None else None

    @contextmanager
    def run(self, job: str, header: Mapping[str, object], *parts: Part, short: bool = False) -> Iterator[Answers]:
        """Run `job` ("module:function") on `parts` in a process of its own, which is ended and cleaned up on the way out.

        One part may be `OnDemand`: the child then asks for the pieces it reads, while its answers are taken; one may be who reads pictures.
        `short`: one page, looked at.

        Raises `FileRefused` when the file is at fault or ends the child, `RenderFailed` when the answer is not one, `Busy`.
        """
        with self._turn(short), tempfile.TemporaryDirectory(prefix="portal-render-", ignore_cleanup_errors=True) as empty:
            limits = (self.memory_bytes, int(self.seconds) + 1, self.max_input)
            process = _ZYGOTE.child(job, empty, limits, 0 if short else _BEHIND)
            try:
                answers = Answers(process, self.seconds, self.max_output)
                answers.layers = _layers(answers.expect("HELO", SMALL))
                with suppress(BrokenPipeError):  # it ended before it read all: its answer, or its death, says why
                    self._feed(process, answers, header, parts)
                yield answers
            finally:
                process.end()

    def layers(self) -> tuple[str, ...]:
        """The layers that are in force on this machine: of `process limits no_new_privs network landlock uid undumpable seccomp`."""
        with self.run(_IDLE, {}) as answers:
            answers.end()
            return answers.layers

    @contextmanager
    def _turn(self, short: bool) -> Iterator[None]:
        if self.places is None or self.place is not None:
            yield
            return
        with self.places.taken(short=short):
            yield

    def _feed(self, process: Child, answers: Answers, header: Mapping[str, object], parts: tuple[Content | Reading, ...]) -> None:
        pipe = process.stdin
        os.set_blocking(pipe.fileno(), False)
        room, write = self.max_input, answers.send
        head = pack_json(header)
        write(prefix("HEAD", len(head)) + head)
        for part in parts:
            if isinstance(part, OnDemand):
                if part.size > self.max_input:
                    raise FileRefused(Reason.TOO_LARGE)
                answers.offer(part)
                write(prefix("FILE", SIZE.size) + SIZE.pack(part.size))
                continue
            if isinstance(part, Reading):
                answers.read_with(part)
                write(prefix("READ", 0))
                continue
            for chunk in part:
                room -= len(chunk)
                if room < 0:
                    raise FileRefused(Reason.TOO_LARGE)
                for at in range(0, len(chunk), CHUNK):
                    piece = memoryview(chunk)[at : at + CHUNK]
                    write(prefix("DATA", len(piece)))
                    write(piece)
            write(prefix("PART", 0))
        write(prefix("DONE", 0))


def _layers(hello: Frame) -> tuple[str, ...]:
    try:
        return ("process", *(str(name) for name in hello.json()["layers"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RenderFailed("the child did not greet") from error
