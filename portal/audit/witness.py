"""A witness (c2sp.org/tlog-witness): keeps the last checkpoint of each log it knows, and signs only what goes on from it.

Run by whoever does not run the portal, it makes a rollback and a split view visible: a history that it did not see has no signature of it.
What it saw is durable before it signs (one file for each log, replaced under a lock), so that a crash in between costs a signature and
never a second history.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.audit.checkpoint import Head, parse_head, read_checkpoint
from portal.audit.consistency import LONGEST, holds
from portal.audit.cosignature import WitnessKey
from portal.audit.durable import write_durably
from portal.audit.guard import EMPTY_ROOT
from portal.audit.signing import BadNote, VerifierKey, decode64
from portal.kernel.errors import Misconfigured

#: Bytes of a request: a note, and a proof of at most 63 lines.
LARGEST = 1 << 16
PLAIN, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Answer:
    """As HTTP has it."""

    status: int
    text: str
    kind: str = PLAIN


@dataclass(frozen=True, slots=True)
class Witness:
    """`folder` holds what was seen, and is the witness's alone; `logs` are the keys of the logs it knows, by their origin."""

    folder: Path
    key: WitnessKey
    logs: Mapping[str, VerifierKey]

    def add_checkpoint(self, content: bytes, now: int) -> Answer:
        """The request `add-checkpoint`: the cosignature, or why not. `now` in seconds since 1970."""
        try:
            old, proof, note = _request(content)
            log = self.logs.get(note.partition("\n")[0])
            if log is None:
                return Answer(404, "this witness does not know the log\n")
        except ValueError as error:
            return Answer(400, f"{error}\n")
        try:
            head = read_checkpoint(note, log)
        except BadNote as error:
            return Answer(403, f"{error.detail}\n")
        if old > head.size:
            return Answer(400, "the old size is larger than the checkpoint's\n")
        with self._alone(head.origin):
            seen = self.seen(head.origin)
            if old != seen.size or (head.size == seen.size and head.root != seen.root):
                return Answer(409, f"{seen.size}\n", SIZE)
            if not holds(seen.size, seen.root, head.size, head.root, proof):
                return Answer(422, "the proof does not lead from the checkpoint seen last to this one\n")
            write_durably(self._file(head.origin), head.text.encode(), 0o600)
        return Answer(200, self.key.line(head.text, now))

    def seen(self, origin: str) -> Head:
        """The last checkpoint of this log that was seen; an empty log before the first. Raises `Misconfigured` for a damaged file."""
        file = self._file(origin)
        try:
            return parse_head(file.read_text(encoding="utf-8"), origin)
        except FileNotFoundError:
            return Head(origin, 0, EMPTY_ROOT)
        except (BadNote, UnicodeDecodeError) as error:
            raise Misconfigured(f"{file} is damaged: restore it, or this witness would forget what it saw") from error

    @contextmanager
    def _alone(self, origin: str) -> Iterator[None]:
        """Compare and replace are one step, whoever else asks."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(self._file(origin).with_suffix(".lock"), flags, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _file(self, origin: str) -> Path:
        return self.folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.seen"


def _request(content: bytes) -> tuple[int, list[bytes], str]:
    """`old <size>`, the proof's hashes a line each, an empty line, the checkpoint. Raises `ValueError`."""
    if len(content) > LARGEST:
        raise ValueError("the request is too long")
    try:
        before, found, note = content.decode().partition("\n\n")
    except UnicodeDecodeError as error:
        raise ValueError("the request is no text") from error
    first, *lines = before.split("\n")
    word, _, size = first.partition(" ")
    if not found or word != "old" or not size.isascii() or not size.isdigit() or (size != "0" and size[0] == "0") or len(size) > 19:
        raise ValueError("the request is `old <size>`, the hashes of the proof, an empty line, and a checkpoint")
    proof = [decode64(line) for line in lines]
    if len(proof) > LONGEST or any(len(each) != 32 for each in proof):
        raise ValueError("a proof is at most 63 hashes of 32 bytes")
    return int(size), proof, note
