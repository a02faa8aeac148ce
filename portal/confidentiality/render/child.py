"""The child's one entry: import, confine, read, work, answer, end. It writes no log; an exception leaves it as its kind, never as text."""

import codecs
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from portal.confidentiality.render.confine import confine
from portal.confidentiality.render.refusal import JobRefused, Reason
from portal.confidentiality.render.remote import SIZE, WANT, Remote
from portal.confidentiality.render.wire import CHUNK, HEAD, PREFIX, TABLE, TAKEN, Frame, pack_json, prefix
from portal.kernel.process import keep_buffers

#: A job. Its parts are bytes, or a `Remote` where the parent keeps the file, or who reads a picture, where it has Tesseract.
Work = Callable[[Mapping[str, Any], list[Any]], Iterator[tuple[str, bytes | memoryview]]]

_CODECS = (
    "utf-8",
    "ascii",
    "latin-1",
    "utf-16-be",
    "utf-16-le",
    "utf-16",
    "idna",
    "cp1252",
    "cp437",
    "unicode_escape",
    "raw_unicode_escape",
)


def idle(header: Mapping[str, Any], parts: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """The job that does nothing: for asking which layers are in force."""
    return iter(())


def prepare() -> None:
    """What every child needs, done once in the process that they are forked from."""
    os.environ.clear()  # the interpreter sets a locale of its own
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: a thread's stack counts against the memory limit, and a fork has one thread
    keep_buffers()
    for name in _CODECS:
        codecs.lookup(name)  # loaded on first use otherwise, when no path can be opened any more


def main(job: str, memory_bytes: int, cpu_seconds: int, max_input: int) -> None:
    """Run one job ("module:function", named by the parent's code, never by input) and leave the process."""
    answers = os.dup(1)
    os.dup2(2, 1)  # a library that prints must not speak into the frames
    module, function = job.split(":")
    work: Work = getattr(importlib.import_module(module), function)
    os.rmdir(os.getcwd())  # nothing can be made in a folder that is gone, and a parent that is killed leaves none behind
    layers = confine(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
    _send(answers, "HELO", pack_json({"layers": layers}))
    _work(work, answers, max_input)
    os._exit(0)  # no destructors: they may wait, or touch a library in a bad state


def _work(work: Work, answers: int, max_input: int) -> None:
    try:
        header, parts = _receive(answers, max_input)
        for kind, payload in work(header, parts):
            _send(answers, kind, payload)
        _send(answers, "DONE", b"")
    except JobRefused as refused:
        _send(answers, "NOPE", refused.reason.value.encode("ascii"))
    except MemoryError:
        _send(answers, "NOPE", Reason.TOO_HEAVY.value.encode("ascii"))
    except BrokenPipeError:
        os._exit(1)
    except Exception:
        _send(answers, "FAIL", b"")


def _receive(answers: int, max_input: int) -> tuple[Mapping[str, Any], list[Any]]:
    kind, length = _read_prefix()
    if kind != "HEAD" or length > HEAD:
        raise ValueError("no header")
    header = Frame(kind, _read(length)).json()
    parts: list[Any] = []
    current: list[bytes] = []
    while True:
        kind, length = _read_prefix()
        if kind == "DONE":
            return header, parts
        if kind == "PART":
            parts.append(b"".join(current))
            current = []
            continue
        if kind == "FILE" and length == SIZE.size:
            parts.append(Remote(SIZE.unpack(_read(length))[0], lambda offset, wanted: _ask(answers, offset, wanted)))
            continue
        if kind == "READ" and length == 0:
            parts.append(lambda picture: _ask_words(answers, picture))
            continue
        max_input -= length
        if kind != "DATA" or length > CHUNK or max_input < 0:
            raise ValueError("not a part")
        current.append(_read(length))


def _ask(answers: int, offset: int, wanted: int) -> bytes:
    """A piece of the parent's file."""
    _send(answers, "WANT", WANT.pack(offset, wanted))
    if _read_prefix() != ("DATA", wanted):
        os._exit(1)  # not the parent we know
    return _read(wanted)


def _ask_words(answers: int, picture: bytes) -> bytes:
    """Tesseract's table for a picture."""
    _send(answers, "READ", picture)
    kind, length = _read_prefix()
    if kind != "DATA" or length > TABLE:
        os._exit(1)
    return _read(length)


def _read_prefix() -> tuple[str, int]:
    name, length = PREFIX.unpack(_read(PREFIX.size))
    return name.decode("ascii"), length


def _read(length: int) -> bytes:
    pieces = []
    while length:
        piece = os.read(0, min(length, TAKEN))
        if not piece:
            os._exit(1)  # the parent is gone
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _send(answers: int, kind: str, payload: bytes | memoryview) -> None:
    for view in (memoryview(prefix(kind, len(payload))), memoryview(payload)):
        while view:
            view = view[os.write(answers, view) :]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
