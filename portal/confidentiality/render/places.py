"""The places in which files are parsed: so many on this host, however many processes serve it, and a short line before them.

A place is a file that its holder keeps locked (flock(2)), so a holder that is killed frees it; its child dies with it (`confine`). One
more place is kept for looking at single pages, so that nobody who only looks waits behind whole documents. Looks and builds stand in
lines of their own, first come, first served. Whoever finds the line full, or waits too long in it, is told to come again.

What a holder is doing stands in its place's file, as numbers: which document (its random id), what, how many pages are done.
"""

import fcntl
import os
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from uuid import UUID

from portal.kernel.errors import PortalError

#: Seconds between two looks whether the line moved, and for how long a full line is given to move up.
_STEP, _MOVES_UP = 0.05, 0.3
_RECORD = struct.Struct(">16sBI")


class Busy(PortalError):
    """Every place is taken, and nobody else may wait, or has waited long enough."""

    status = 503
    code = "busy"
    headers: Mapping[str, str] = {"Retry-After": "30"}
    heading = "Too many documents at once"
    public = (
        "The portal is working on as many documents as it can at once. Nothing was changed, and a file that has arrived is kept. "
        "Wait half a minute, go back, and do this again."
    )


class Stage(IntEnum):
    """What is being done with a document."""

    WAITING = 0
    BUILDING = 1
    PROVING = 2


@dataclass(frozen=True, slots=True)
class Told:
    """How far it is: so many pages are done."""

    stage: Stage
    page: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place, or one in the line, while it is held. Whose `about` is None tells nothing."""

    handle: int
    about: UUID | None

    def tell(self, stage: Stage, page: int = 0) -> None:
        if self.about is not None:
            os.pwrite(self.handle, _RECORD.pack(self.about.bytes, stage, page), 0)

    def leave(self) -> None:
        if self.about is not None:
            os.ftruncate(self.handle, 0)
        os.close(self.handle)


@dataclass(frozen=True, slots=True)
class Places:
    """`workers` builds at once, `waiting` in each line, nobody in it longer than `patience` seconds. `folder` is this user's alone."""

    folder: Path
    workers: int
    waiting: int
    patience: float

    @contextmanager
    def taken(self, about: UUID | None = None, *, short: bool = False) -> Iterator[Place]:
        """A place, for a job about this document; `short`: it looks at one page. Raises `Busy`."""
        place = self._take(about, short)
        try:
            yield place
        finally:
            place.leave()

    def told(self, about: UUID) -> Told | None:
        """What is being done with this document at this moment, by whichever process; None for nothing."""
        for name in (*self._names(short=False), *(f"build-line-{number}" for number in range(self.waiting))):
            record = _record(self.folder / name)
            if len(record) == _RECORD.size:
                whose, stage, page = _RECORD.unpack(record)
                if whose == about.bytes and self._is_held(name):
                    return Told(Stage(stage), page)
        return None

    def _take(self, about: UUID | None, short: bool) -> Place:
        """Through the line, one step after the other, then the first place that is free."""
        line, places = "look" if short else "build", self._names(short=short)
        ahead, ticket = self.waiting, None
        until = time.monotonic() + _MOVES_UP
        try:
            while True:
                if not ahead and (place := self._first(places, about)):
                    return place
                if ahead and (step := self._first([f"{line}-line-{ahead - 1}"], about)):
                    if ticket is None:
                        until = time.monotonic() + self.patience
                    else:
                        ticket.leave()
                    ahead, ticket = ahead - 1, step
                    step.tell(Stage.WAITING)
                    continue
                if time.monotonic() >= until:
                    raise Busy("nobody else may wait" if ticket is None else "waited too long for a place")
                time.sleep(_STEP)
        finally:
            if ticket is not None:
                ticket.leave()

    def _names(self, *, short: bool) -> list[str]:
        return [*(["look"] if short else []), *(f"place-{number}" for number in range(self.workers))]

    def _first(self, names: list[str], about: UUID | None) -> Place | None:
        for name in names:
            handle = self._open(name)
            if _locked(handle):
                os.ftruncate(handle, 0)  # what a holder left there that was killed
                return Place(handle, about)
            os.close(handle)
        return None

    def _open(self, name: str) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(self.folder / name, flags, 0o600)
        except FileNotFoundError:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            return os.open(self.folder / name, flags, 0o600)

    def _is_held(self, name: str) -> bool:
        handle = self._open(name)
        try:
            return not _locked(handle)
        finally:
            os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _record(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
