"""A piece of an upload sent by a process of its own, which dies on the way; and what must hold afterwards, wherever it died."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, NoReturn

from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.common.house import House
from tests.common.large import LargeFile
from tests.common.tus import Sending, begin

Before = Callable[[], None]


def send_in_child(
    house: House, sending: Sending, start: int, content: bytes, *, inside: Before = lambda: None, watch: Callable[[int], None] | None = None
) -> int:
    """Send the piece in a forked process; returns its exit code, below zero for a signal, 0 if the piece was taken.

    `inside` is called in the process before it begins, `watch(pid)` in this one.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _send_and_leave(house, sending, start, content, read, inside)
    os.close(read)
    if watch is not None:
        watch(child)
    os.write(write, b"go")
    os.close(write)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _send_and_leave(house: House, sending: Sending, start: int, content: bytes, wait: int, inside: Before) -> NoReturn:
    status = 9
    try:
        house.parts.database.engine.dispose(close=False)  # the parent's connections are the parent's
        os.read(wait, 2)
        inside()
        status = 0 if sending.patch(start, content).status_code == 204 else 3
    finally:
        os._exit(status)


#: What a death may come before; what lasts may be followed by one, too.
STEPS = ("open", "fsync", "link", "unlink", "statement", "commit")
_LASTING = ("fsync", "link", "commit")


class Steps:
    """Counts what a process does that a death may come between: files opened, synced, linked, removed; statements and commits."""

    def __init__(self, die_at: int, kinds: Sequence[str] = STEPS) -> None:
        self.taken = 0
        self._die_at, self._kinds = die_at, kinds
        self._lock = threading.Lock()

    def step(self) -> None:
        with self._lock:
            self.taken += 1
            if self.taken == self._die_at:
                os._exit(77)

    def count(self, engine: Any) -> None:
        """From here on, in this process, each of them is a step before it is done, and what lasts is one after it, too."""
        for owner, name in ((os, "open"), (os, "fsync"), (os, "link"), (os, "unlink"), (Session, "commit")):
            if name in self._kinds:
                setattr(owner, name, self._counted(getattr(owner, name), after=name in _LASTING))
        if "statement" in self._kinds:
            event.listen(engine, "before_cursor_execute", lambda *_: self.step())

    def _counted(self, real: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.step()
            answer = real(*given, **named)
            if after:
                self.step()
            return answer

        return counted


def collect_orphans(house: House) -> None:
    """The sweep takes what the dead left: at the second look what has no header."""
    house.age_objects(timedelta(hours=2))
    for _ in range(2):
        house.worker._objects._next_sweep = float("-inf")
        house.worker.tick()


def payload_nonces(house: House) -> Iterator[bytes]:
    """The nonce of every payload that is there: whole, orphaned, or half written. One file of two names counts once."""
    seen = set()
    for path in (house.folder / "objects").rglob("*"):
        if path.is_file() and ".age-header" not in path.name and path.stat().st_size >= 16 and path.stat().st_ino not in seen:
            seen.add(path.stat().st_ino)
            with path.open("rb") as file:
                yield file.read(16)


def demand_sound(house: House) -> None:
    """No half row, no row without its object, no nonce and no key twice."""
    (received,) = house.sql("select received from upload")[0]
    end = 0
    for start, size, store_key, wraps in house.sql(
        "select s.start, s.size, o.store_key, (select count(*) from key_wrap w where w.object_id = o.id) "
        "from upload_segment s left join sealed_object o on o.id = s.object_id order by s.start"
    ):
        assert start == end, "the segments have a gap"
        assert wraps == 1
        folder = house.folder / "objects" / store_key[:2] / store_key[2:4]
        assert (folder / store_key).is_file()
        assert (folder / f"{store_key}.age-header").is_file()
        end += size
    assert end == received
    segments, objects, keys = (
        house.sql(f"select count({what}) from {table}")[0][0]
        for what, table in (("*", "upload_segment"), ("*", "sealed_object"), ("distinct kc", "sealed_object"))
    )
    assert segments == objects == keys
    nonces = list(payload_nonces(house))
    assert len(set(nonces)) == len(nonces)


class Pieces:
    """An upload of `many` pieces whose bytes are each attempt's own, where no page shows them; `expected` is what was kept so far."""

    SIZE = 1_100_000  # two batches of the cipher

    def __init__(self, house: House, many: int) -> None:
        ada = house.guest("ada")
        self.document = ada.register()
        self.file = LargeFile(many * self.SIZE)
        self.sending = begin(ada, self.document, self.file.size)
        self.expected = bytearray()

    def next(self, attempt: bytes) -> tuple[int, bytes]:
        """(offset, bytes) of the next piece, as this attempt sends it."""
        at = len(self.expected)
        content = self.file.at(at, min(self.SIZE, self.file.size - at))
        return at, attempt * len(content) if at else content

    def settle(self, content: bytes) -> bool:
        """Was the piece kept? It is whole, or absent."""
        received = int(self.sending.head().headers["Upload-Offset"])
        assert received in {len(self.expected), len(self.expected) + len(content)}
        kept = received > len(self.expected)
        if kept:
            self.expected.extend(content)
        return kept

    def finish(self) -> None:
        """Send the rest."""
        while len(self.expected) < self.file.size:
            content = self.file.at(len(self.expected), min(8 << 20, self.file.size - len(self.expected)))
            assert self.sending.patch(len(self.expected), content).status_code == 204
            assert self.settle(content)
