"""Where sealed objects lie. A store knows random keys and bytes; nothing in a key names a document, and nothing is ever overwritten."""

import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from portal.kernel.errors import Misconfigured, Unavailable
from portal.vault.durable import PART, created, make_folder, sync_folder
from portal.vault.errors import Broken, WrongSize

#: The sidecar of a payload: its age header, deletable by itself.
HEADER_SUFFIX = ".age-header"
#: What is there for a while only, such as a piece of an upload that is not complete. Never under retention.
TRANSIENT_SUFFIX = ".transient"

#: Bytes after which a file that is being written is sent on its way to the disk.
_BEHIND = 16 * 1024 * 1024

_KEY = re.compile(r"[0-9a-f]{40}(?:\.transient)?(?:\.age-header)?")
_PREFIX = re.compile(r"[0-9a-f]{0,40}")


def is_key(name: str) -> bool:
    return bool(_KEY.fullmatch(name))


def check_key(key: str) -> None:
    """`ValueError` unless this can be a key of a store."""
    if not is_key(key):
        raise ValueError("not a key of this store")


def check_prefix(prefix: str) -> None:
    """`ValueError` unless a key can begin so."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("no key begins so")


def is_deletable(key: str) -> bool:
    """Must it be deletable at any time? Then it lies where nothing is kept or locked."""
    return key.endswith((HEADER_SUFFIX, TRANSIENT_SUFFIX))


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as a store lists it. `size` in bytes; `age` since it was written, by the clock that makes it younger."""

    key: str
    size: int
    age: timedelta


class Store(Protocol):
    """Create-only storage of objects of known size."""

    def put(self, key: str, chunks: Iterable[bytes | memoryview], size: int) -> None:
        """Store exactly `size` bytes, durably; on any failure nothing is left. Done with a chunk before it asks for the next.

        Raises `AlreadyThere`, `WrongSize`, `Unavailable`, or what `chunks` raises.
        """
        ...

    def get(self, key: str, offset: int, length: int) -> bytes:
        """Exactly these bytes; `Broken` if the object is gone or shorter."""
        ...

    def stat(self, key: str) -> int:
        """The object's size in bytes; `Broken` if it is gone."""
        ...

    def delete(self, key: str) -> None:
        """Remove for good; an object that is not there is no fault. `Retained`, with the date, if the store must keep it."""
        ...

    def keep(self, key: str, until: datetime) -> None:
        """From now on and until then nobody can delete this payload; a later date than it has already is kept. No-op on files.

        Raises `Broken` if it is gone.
        """
        ...

    def list(self, prefix: str = "") -> Iterator[tuple[str, timedelta]]:
        """Keys that begin with `prefix`, each with its age."""
        ...

    def listed(self, prefix: str = "") -> Iterator[Stored]:
        """Everything whose key begins with `prefix`, in no order."""
        ...

    def sweep_temporaries(self, older_than: timedelta) -> int:
        """Remove what interrupted puts left behind and nobody wrote to for so long; returns how many."""
        ...


class FilesystemStore:
    """Objects as files, two folders deep, 0600. `root` must be there, and stay the folder it was at start: a store that is not mounted
    must not look like an empty one.
    """

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise Misconfigured(f"the store {root} is not there: mount it, or make it with mkdir -m 700")
        self._root = root
        self._same = _identity(root)

    def put(self, key: str, chunks: Iterable[bytes | memoryview], size: int) -> None:
        path = self._path(key)
        with self._within_reach():
            make_folder(path.parent)
            with created(path) as file:
                if size:  # room for all of it at once: a full disk says so before the first byte, and writing takes half as long
                    os.posix_fallocate(file.fileno(), 0, size)
                written = begun = 0
                for chunk in chunks:
                    written += len(chunk)
                    if written > size:
                        raise WrongSize(size, "more came")
                    file.write(chunk)
                    if written - begun >= _BEHIND:  # on its way to the disk while the next is made, so that the sync at the end is short
                        os.posix_fadvise(file.fileno(), begun, written - begun, os.POSIX_FADV_DONTNEED)
                        begun = written
                if written < size:
                    raise WrongSize(size, f"{written} came")

    def get(self, key: str, offset: int, length: int) -> bytes:
        with self._within_reach(), _opened(self._path(key)) as handle:
            data = os.pread(handle, length, offset)
            while len(data) < length:
                piece = os.pread(handle, length - len(data), offset + len(data))
                if not piece:
                    raise Broken(f"object {key} is shorter than recorded")
                data += piece
        return data

    def stat(self, key: str) -> int:
        with self._within_reach(), _opened(self._path(key)) as handle:
            return os.fstat(handle).st_size

    def delete(self, key: str) -> None:
        path = self._path(key)
        with self._within_reach():
            if path.parent.is_dir():
                path.unlink(missing_ok=True)
                sync_folder(path.parent)

    def keep(self, key: str, until: datetime) -> None:
        check_key(key)

    def list(self, prefix: str = "") -> Iterator[tuple[str, timedelta]]:
        return ((found.key, found.age) for found in self.listed(prefix))

    def listed(self, prefix: str = "") -> Iterator[Stored]:
        check_prefix(prefix)
        now = time.time()
        with self._within_reach():
            for path in self._files(prefix):
                if _KEY.fullmatch(path.name) and path.name.startswith(prefix) and path == self._path(path.name):
                    try:
                        stat = path.stat(follow_symlinks=False)
                    except FileNotFoundError:  # deleted while we list
                        continue
                    yield Stored(path.name, stat.st_size, timedelta(seconds=now - stat.st_mtime))

    def sweep_temporaries(self, older_than: timedelta = timedelta(hours=1)) -> int:
        swept = 0
        now = time.time()
        with self._within_reach():
            for path in self._files():
                if path.name.startswith(".") and path.name.endswith(PART):
                    try:
                        if now - path.stat(follow_symlinks=False).st_mtime >= older_than.total_seconds():
                            path.unlink()
                            swept += 1
                    except FileNotFoundError:
                        continue
        return swept

    @contextmanager
    def _within_reach(self) -> Iterator[None]:
        try:
            if _identity(self._root) != self._same:
                raise Unavailable("the store failed: its folder is another one than at start; is it still mounted?")
            yield
        except OSError as error:
            raise Unavailable(f"the store failed: {error.strerror}") from error

    def _files(self, prefix: str = "") -> Iterator[Path]:
        """Everything two folders deep, in the folders where keys with this prefix lie."""
        first, second = prefix[:2].ljust(2, "?"), prefix[2:4].ljust(2, "?")
        return (path for path in self._root.glob(f"{first}/{second}/*") if path.is_file())

    def _path(self, key: str) -> Path:
        check_key(key)
        return self._root / key[:2] / key[2:4] / key


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Broken(f"object {path.name} is gone") from None
    try:
        yield handle
    finally:
        os.close(handle)


def _identity(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_dev, found.st_ino
