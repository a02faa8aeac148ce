"""Room on the disk that ordinary work leaves alone, so that what closes something can still be done and recorded when it runs out."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

#: Seconds for which an answer holds.
_FRESH = 1.0


@dataclass(slots=True)
class Reserve:
    """`room`: bytes that stay free on the disk of each of these folders."""

    folders: tuple[Path, ...]
    room: int
    _asked: float = field(default=float("-inf"), repr=False)
    _short: bool = field(default=False, repr=False)

    def is_touched(self) -> bool:
        """Is less than the reserve left on any of them?"""
        if time.monotonic() - self._asked > _FRESH:
            self._short, self._asked = any(_free(folder) < self.room for folder in self.folders), time.monotonic()
        return self._short


def _free(folder: Path) -> int:
    while not folder.exists() and folder != folder.parent:  # it is made when something is written there
        folder = folder.parent
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
