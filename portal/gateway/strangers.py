"""Refusals of people nobody knows, counted by address and minute."""

import threading
from datetime import datetime


class Strangers:
    """Refusals of people nobody knows: the first of an address in a minute is an event, the rest are counted and summed.

    So a flood cannot fill the log, and still nothing goes uncounted. Counts live in this process; a crash loses at most a minute's.
    """

    MOST = 4096

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, int], int] = {}

    def is_first(self, address: str, at: datetime) -> bool:
        minute = int(at.timestamp()) // 60
        with self._lock:
            key = (address, minute)
            if key not in self._counts and len(self._counts) >= self.MOST:
                key = ("", minute)
            seen = self._counts.get(key)
            self._counts[key] = 0 if seen is None else seen + 1
            return seen is None

    def settle(self, at: datetime | None) -> list[tuple[str, int]]:
        """Take out (address, repeats) of the minutes before `at` (of all, if None). Addresses without repeats are dropped."""
        minute = int(at.timestamp()) // 60 if at is not None else None
        with self._lock:
            done = [key for key in self._counts if minute is None or key[1] < minute]
            return [(key[0], count) for key in done if (count := self._counts.pop(key)) > 0]
