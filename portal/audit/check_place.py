"""The one place where the whole log is checked, whichever process does it: a file that its holder keeps locked (flock(2)).

Who dies frees it. How many leaves are done stands in the file while it is held, as numbers; nothing of it is kept.
"""

import fcntl
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

_RECORD = struct.Struct(">16sQ")
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class CheckPlace:
    """`path` lies in a folder of the host's that is this user's alone."""

    path: Path

    @contextmanager
    def taken(self) -> Iterator[Callable[[UUID, int], object] | None]:
        """While the place is held: what is told how many leaves of which check are done. None if somebody else holds it."""
        handle = self._opened()
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            yield lambda check, done: os.pwrite(handle, _RECORD.pack(check.bytes, done), 0)
            os.ftruncate(handle, 0)
        finally:
            os.close(handle)

    def done(self, check: UUID) -> int | None:
        """How many leaves of this check are done; None if nobody works on it."""
        handle = self._opened()
        try:
            if not _is_held(handle):
                return None
            record = os.pread(handle, _RECORD.size, 0)
            whose, done = _RECORD.unpack(record) if len(record) == _RECORD.size else (check.bytes, 0)
            return int(done) if whose == check.bytes else 0
        finally:
            os.close(handle)

    def _opened(self) -> int:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(self.path, _FLAGS, 0o600)


def _is_held(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
