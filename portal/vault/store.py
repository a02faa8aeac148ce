"""Object stores: bytes under random keys. Nothing in a key or beside an object names a document.

`put` is create-only and durable when it returns: written to a temporary name in the same directory, synced, linked without overwriting,
directory synced. Whatever fails leaves nothing behind.
"""

import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from portal.kernel.errors import PortalError, Unavailable

_KEY = re.compile(r"[0-9a-f]{8,64}(\.age-header)?")
_TEMPORARY = re.compile(r"\.new-[0-9a-f]{16}")


class AlreadyThere(PortalError):
    """An object of this key exists; objects are never overwritten."""

    code = "already_there"


class SizeMismatch(PortalError):
    """The source gave fewer or more bytes than declared."""

    code = "size_mismatch"


class Store(Protocol):
    def put(self, key: str, chunks: Iterable[bytes], size: int) -> None: ...

    def get(self, key: str, offset: int, length: int) -> bytes: ...

    def stat(self, key: str) -> int: ...

    def delete(self, key: str) -> None: ...

    def list(self, prefix: str = "") -> Iterator[tuple[str, timedelta]]: ...


class FilesystemStore:
    """One file an object, fanned out by the first two characters of its key; 0600 in 0700."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Raises `AlreadyThere`, `SizeMismatch`, or what `chunks` raised; then nothing is left."""
        target = self._path(key)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = target.parent / f".new-{secrets.token_hex(8)}"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb", buffering=0) as file:
                written = 0
                for chunk in chunks:
                    written += len(chunk)
                    if written > size:
                        raise SizeMismatch(f"more than the {size} bytes declared")
                    _write(file.fileno(), chunk)
                if written != size:
                    raise SizeMismatch(f"{written} bytes of {size}")
                os.fsync(file.fileno())
            try:
                os.link(temporary, target)
            except FileExistsError as error:
                raise AlreadyThere(f"object {key}") from error
        finally:
            os.unlink(temporary)
        _sync(target.parent)

    def get(self, key: str, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`. `Unavailable` if there is no such object."""
        try:
            with self._path(key).open("rb", buffering=0) as file:
                return os.pread(file.fileno(), length, offset)
        except OSError as error:
            raise Unavailable(f"object {key} cannot be read: {error.strerror}") from error

    def stat(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except OSError as error:
            raise Unavailable(f"object {key} cannot be read: {error.strerror}") from error

    def delete(self, key: str) -> None:
        """Remove the object; removing one that is not there is done already."""
        path = self._path(key)
        with suppress(FileNotFoundError):
            path.unlink()
            _sync(path.parent)

    def list(self, prefix: str = "") -> Iterator[tuple[str, timedelta]]:
        """(key, age) of every object."""
        for path in sorted(self._root.glob("??/*")):
            if _KEY.fullmatch(path.name) and path.name.startswith(prefix):
                with suppress(FileNotFoundError):
                    yield path.name, timedelta(seconds=max(0.0, time.time() - path.stat().st_mtime))

    def sweep_temporaries(self, older_than: timedelta = timedelta(hours=1)) -> int:
        """Remove what a crash left half written; returns how many."""
        removed = 0
        for path in self._root.glob("??/.new-*"):
            with suppress(FileNotFoundError):
                if _TEMPORARY.fullmatch(path.name) and time.time() - path.stat().st_mtime > older_than.total_seconds():
                    path.unlink()
                    removed += 1
        return removed

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("not an object key")
        return self._root / key[:2] / key


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
