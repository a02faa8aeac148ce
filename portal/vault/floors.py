"""Floors: for each object and other body, the lowest floor a wrap may have. Kept outside the database, so that a restored or edited
database cannot undo a withdrawal.

One JSON object a line, only ever appended, fsynced before the act that closes commits (docs/formats/wrap.md). A last line without its
line end was never acknowledged and does not count; any other damage stops the portal from opening anything (`Broken`). The file is opened
anew for every use: a lock must not be shared with a forked process, and lines of other processes must be seen.
"""

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from portal.kernel.errors import Misconfigured, Unavailable
from portal.vault.durable import created
from portal.vault.errors import AlreadyThere, Broken


class Floors:
    """The floors file. Made at first use of a new installation; never replaced while the portal runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._floors: dict[tuple[UUID, str], int] = {}
        self._read = 0
        self._lines = 0
        self._file: tuple[int, int] | None = None
        self._mutex = threading.Lock()
        try:
            if not path.exists():
                with created(path):
                    pass
        except AlreadyThere:  # another process was quicker
            pass
        except OSError as error:
            raise Misconfigured(f"the floors file {path} cannot be made: {error.strerror}; make its folder first") from error
        with self._opened(os.O_RDONLY) as handle:
            self._file = _identity(handle)
            self._catch_up(handle)

    def floor_of(self, object_id: UUID, body: str) -> int:
        """The floor as of now, in this process or any other; 0 if none was ever raised."""
        with self._mutex, self._opened(os.O_RDONLY) as handle:
            self._catch_up(handle)
            return self._floors.get((object_id, body), 0)

    def everything(self) -> Mapping[tuple[UUID, str], int]:
        """Every floor above 0 as of now, by object or document and body."""
        with self._mutex, self._opened(os.O_RDONLY) as handle:
            self._catch_up(handle)
            return dict(self._floors)

    def lines(self) -> int:
        """How often floors were raised: the file only ever grows, so fewer than before means that it was put back."""
        with self._mutex, self._opened(os.O_RDONLY) as handle:
            self._catch_up(handle)
            return self._lines

    def raise_floor(self, object_id: UUID, body: str) -> int:
        """Raise the floor by one, so that no wrap made before opens any more. On disk when this returns; the new floor."""
        with self._mutex, self._opened(os.O_RDWR | os.O_APPEND) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._catch_up(handle)
            os.ftruncate(handle, self._read)  # a torn last line
            floor = self._floors.get((object_id, body), 0) + 1
            line = json.dumps({"body": body, "floor": floor, "object": str(object_id), "v": 1}, sort_keys=True).encode() + b"\n"
            if os.write(handle, line) != len(line):
                raise Unavailable("the floors file cannot be written: the disk is full")
            os.fsync(handle)
            self._catch_up(handle)
            return floor

    @contextmanager
    def _opened(self, flags: int) -> Iterator[int]:
        try:
            handle = os.open(self._path, flags | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            raise Broken(f"the floors file {self._path} is gone") from None
        except OSError as error:
            raise Unavailable(f"the floors file cannot be opened: {error.strerror}") from error
        try:
            if self._file not in {None, _identity(handle)}:
                raise Broken("the floors file was replaced while the portal runs: restart it after the restore has been reconciled")
            yield handle
        except OSError as error:
            raise Unavailable(f"the floors file failed: {error.strerror}") from error
        finally:
            os.close(handle)

    def _catch_up(self, handle: int) -> None:
        """Take in every complete line after those already known."""
        size = os.fstat(handle).st_size
        if size < self._read:
            raise Broken("the floors file became shorter: somebody took floors away")
        tail = b""
        while len(tail) < size - self._read and (piece := os.pread(handle, size - self._read - len(tail), self._read + len(tail))):
            tail += piece
        lines = tail[: tail.rfind(b"\n") + 1]
        for line in lines.splitlines():
            key, floor = _parsed(line)
            if floor <= self._floors.get(key, 0):
                raise Broken("the floors file lowers a floor: somebody edited it")
            self._floors[key] = floor
            self._lines += 1
        self._read += len(lines)


def _identity(handle: int) -> tuple[int, int]:
    status = os.fstat(handle)
    return status.st_dev, status.st_ino


def _parsed(line: bytes) -> tuple[tuple[UUID, str], int]:
    try:
        entry = json.loads(line)
        if entry.keys() != {"v", "object", "body", "floor"} or entry["v"] != 1 or type(entry["floor"]) is not int:
            raise ValueError
        return (UUID(entry["object"]), str(entry["body"])), entry["floor"]
    except (ValueError, AttributeError, TypeError) as error:
        raise Broken("the floors file holds a line that is none of ours") from error
