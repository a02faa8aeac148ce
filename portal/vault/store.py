"""Where sealed objects lie. A store knows random keys and bytes; nothing in a key names a document, and nothing is ever overwritten."""

import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from portal.kernel.errors import Misconfigured, Unavailable
from portal.vault.durable import PART, created, make_folder, sync_folder
from portal.vault.errors import Broken, WrongSize

#: The sidecar of a payload: its age header, deletable by itself.
HEADER_SUFFIX = ".age-header"

#: Bytes after which a file that is being written is sent on its way to the disk.
_BEHIND = 16 * 1024 * 1024

_KEY = re.compile(r"[0-9a-f]{40}(?:\.age-header)?")
_PREFIX = re.compile(r"[0-9a-f]{0,40}")


def check_key(key: str) -> None:
    """`ValueError` unless this can be a key of a store."""
    if not _KEY.fullmatch(key):
        raise ValueError("not a key of this store")


def check_prefix(prefix: str) -> None:
    """`ValueError` unless a key can begin so."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("no key begins so")


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
        """Remove for good; an object that is not there is no fault."""
        ...

    def list(self, prefix: str = "") -> Iterator[tuple[str, timedelta]]:
        """Keys that begin with `prefix`, each with its age."""
        ...

    def sweep_temporaries(self, older_than: timedelta) -> int:
        """Remove what interrupted puts left behind and nobody wrote to for so long; returns how many."""
        ...


class FilesystemStore:
    """Objects as files, two folders deep, 0600. `root` must be there: a store that is not mounted must not look like an empty one."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise Misconfigured(f"the store {root} is not there: mount it, or make it with mkdir -m 700")
        self._root = root

    def put(self, key: str, chunks: Iterable[bytes | memoryview], size: int) -> None:
        path = self._path(key)
        with _within_reach():
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
        with _within_reach(), _opened(self._path(key)) as handle:
            data = os.pread(handle, length, offset)
            while len(data) < length:
                piece = os.pread(handle, length - len(data), offset + len(data))
                if not piece:
                    raise Broken(f"object {key} is shorter than recorded")
                data += piece
        return data

    def stat(self, key: str) -> int:
        with _within_reach(), _opened(self._path(key)) as handle:
            return os.fstat(handle).st_size

    def delete(self, key: str) -> None:
        path = self._path(key)
        with _within_reach():
            if path.parent.is_dir():
                path.unlink(missing_ok=True)
                sync_folder(path.parent)

    def list(self, prefix: str = "") -> Iterator[tuple[str, timedelta]]:
        check_prefix(prefix)
        now = time.time()
        for path in self._files():
            if _KEY.fullmatch(path.name) and path.name.startswith(prefix) and path == self._path(path.name):
                try:
                    modified = path.stat(follow_symlinks=False).st_mtime
                except FileNotFoundError:  # deleted while we list
                    continue
                yield path.name, timedelta(seconds=now - modified)

    def sweep_temporaries(self, older_than: timedelta = timedelta(hours=1)) -> int:
        swept = 0
        now = time.time()
        for path in self._files():
            if path.name.startswith(".") and path.name.endswith(PART):
                try:
                    if now - path.stat(follow_symlinks=False).st_mtime >= older_than.total_seconds():
                        path.unlink()
                        swept += 1
                except FileNotFoundError:
                    continue
        return swept

    def _files(self) -> Iterator[Path]:
        return (path for path in self._root.glob("??/??/*") if path.is_file())

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


@contextmanager
def _within_reach() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"the store failed: {error.strerror}") from error
