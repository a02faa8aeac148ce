"""The guard: the last size and root that were signed, kept in a file outside the database.

A log that forgets is no log: whoever restores an old database, or another one, must not get a signature for it. The file is written
before each signature, so it may be one step ahead of the published checkpoint, never behind. It is made once (`create`), when the
log begins; a missing guard stops the log, as an empty one would let any tree through.

It also keeps how many lines the floors file had at least: whatever is in the tree and closed something had raised its floor before.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.audit.checkpoint import Head, parse_head
from portal.audit.durable import create_durably, write_durably
from portal.audit.signing import BadNote, read_private
from portal.kernel.errors import Misconfigured, Tampered

_FIRST = "portal/guard/v1\n"
_FLOORS = re.compile(r"floors (0|[1-9][0-9]{0,18})\n")
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Rollback(Tampered):
    """The log is smaller than, or different from, what was signed before. It is not signed; nothing of it was published."""

    code = "rollback"


@dataclass(frozen=True, slots=True)
class Guard:
    path: Path
    origin: str

    def create(self) -> None:
        """Begin a log: nothing was signed yet. Raises `Misconfigured` if a guard exists."""
        try:
            create_durably(self.path, self._text(0, EMPTY_ROOT), 0o600)
        except FileExistsError as error:
            raise Misconfigured(f"log.guard {self.path} exists: it belongs to a log that was begun; never replace it") from error

    def read(self) -> Head:
        """The last head that was signed. Raises `Misconfigured` if the file is missing, damaged or of another log."""
        return self.read_with_floors()[0]

    def read_with_floors(self) -> tuple[Head, int | None]:
        """The same, and how many lines the floors had; None if that was not written yet."""
        text = read_private(self.path, "log.guard")
        if not text.startswith(_FIRST):
            raise Misconfigured(f"log.guard {self.path} is damaged: restore it from its backup")
        try:
            head = parse_head(text[len(_FIRST) :], self.origin)
        except BadNote as error:
            raise Misconfigured(f"log.guard {self.path} cannot be used: {error.detail}") from error
        rest = text[len(_FIRST + head.text) :]
        found = _FLOORS.fullmatch(rest)
        if rest and found is None:
            raise Misconfigured(f"log.guard {self.path} is damaged: restore it from its backup")
        return head, None if found is None else int(found[1])

    def confirm(self, signed: Head, size: int, root_then: Callable[[], bytes]) -> None:
        """Raise `Rollback` unless a tree of `size`, whose root at the signed size is `root_then()`, only adds to what was signed."""
        if size < signed.size:
            raise Rollback(f"the log holds {size} leaves, but {signed.size} were signed: restore the newest database")
        if root_then() != signed.root:
            raise Rollback(f"the first {signed.size} leaves are not those that were signed: run the verification, restore the database")

    def advance(self, size: int, root: bytes, floors: int | None = None) -> None:
        """Remember what is about to be signed; durable when this returns."""
        write_durably(self.path, self._text(size, root, floors), 0o600)

    @contextmanager
    def held(self) -> Iterator[None]:
        """One signer at a time on this machine."""
        lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _text(self, size: int, root: bytes, floors: int | None = None) -> bytes:
        rest = "" if floors is None else f"floors {floors}\n"
        return (_FIRST + Head(self.origin, size, root).text + rest).encode()
