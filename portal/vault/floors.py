"""Floors: what was closed to whom, kept outside the database, so that a restored database cannot open it again.

An append-only file of JSON lines `{"object": …, "body": …, "floor": n}`, the newest line of a pair counts. Raised, and synced, before the
act that closes commits: a crash in between leaves a wrap under its floor, which opens nothing. Processes share it under a lock.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from portal.kernel.errors import Misconfigured


class Floors:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._known: dict[tuple[UUID, str], int] = {}

    def floor_of(self, object_id: UUID, body: str) -> int:
        """The lowest floor a wrap of this object for this body may have; 0 if it was never closed."""
        with self._held() as handle:
            self._catch_up(handle)
            return self._known.get((object_id, body), 0)

    def raise_floor(self, object_id: UUID, body: str) -> int:
        """Close the object to this body for every wrap made so far; durable when it returns. Returns the new floor."""
        with self._held() as handle:
            self._catch_up(handle)
            floor = self._known.get((object_id, body), 0) + 1
            line = json.dumps({"object": str(object_id), "body": body, "floor": floor}).encode() + b"\n"
            os.lseek(handle, self._read, os.SEEK_SET)
            os.truncate(handle, self._read)  # a line torn by a crash was never acknowledged
            written = os.write(handle, line)
            if written != len(line):
                raise OSError(f"only {written} of {len(line)} bytes of {self._path} could be written")
            os.fsync(handle)
            self._catch_up(handle)
            return floor

    @contextmanager
    def _held(self) -> Iterator[int]:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)

    def _catch_up(self, handle: int) -> None:
        size = os.fstat(handle).st_size
        if size < self._read:
            raise Misconfigured(f"{self._path} became shorter; restore it: it says what was closed to whom")
        data = os.pread(handle, size - self._read, self._read)
        whole, newline, torn = data.rpartition(b"\n")
        for line in whole.split(b"\n") if newline else ():
            try:
                entry = json.loads(line)
                self._known[UUID(entry["object"]), str(entry["body"])] = int(entry["floor"])
            except (ValueError, KeyError, TypeError) as error:
                raise Misconfigured(f"{self._path} has a line that is not one of ours; restore it from its backup") from error
        self._read = size - len(torn)
