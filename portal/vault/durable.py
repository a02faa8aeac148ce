"""Files that appear under their name in full or not at all, never over another, and stay after a power cut."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from portal.vault.errors import AlreadyThere

PART = ".part"


@contextmanager
def created(path: Path) -> Iterator[BinaryIO]:
    """A new file, 0600, to be written in the block; it gets its name when the block ends well. `AlreadyThere` if the name is taken."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{PART}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(handle)
        try:
            os.link(temporary, path)  # unlike a rename, never replaces
        except FileExistsError:
            raise AlreadyThere(f"{path} exists; nothing was changed") from None
    finally:
        temporary.unlink(missing_ok=True)
    try:
        sync_folder(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def make_folder(path: Path) -> None:
    """The folder and those above it that are missing, 0700 each, for good."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
