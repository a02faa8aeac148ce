"""What flows out is decided on while it flows, also when the server waits for its reader; it ends once, with a word for how."""

import threading
import time
from collections.abc import Iterator

import pytest

from portal.gateway import flow as flowing
from portal.gateway.flow import Flow
from portal.kernel.errors import Denied, Unavailable
from portal.vault.errors import Broken


class Door:
    """Open until it is shut; counts how often it was asked, and keeps how the flow ended."""

    def __init__(self) -> None:
        self.shut = threading.Event()
        self.asked = 0
        self.severed = 0
        self.ends: list[tuple[str, int]] = []
        self.ended = threading.Event()

    def still(self) -> None:
        self.asked += 1
        if self.shut.is_set():
            raise Denied("recalled")

    def end(self, code: str, sent: int) -> None:
        self.ends.append((code, sent))
        self.ended.set()

    def sever(self) -> None:
        self.severed += 1

    def flow(self, chunks: Iterator[bytes], *, severable: bool = True) -> Flow:
        return Flow(chunks, still=self.still, ended=self.end, sever=self.sever if severable else None)


def failing(error: Exception) -> Iterator[bytes]:
    yield b"first"
    raise error


def test_everything_that_was_sent_is_one_end_without_a_code() -> None:
    door = Door()
    flow = door.flow(iter([b"ab", b"c"]))
    assert list(flow) == [b"ab", b"c"]
    flow.close()
    assert list(flow) == []
    assert (door.ends, door.severed) == ([("", 3)], 0)


def test_many_pieces_in_a_short_time_are_one_decision() -> None:
    door = Door()
    assert len(list(door.flow(iter([b"x"] * 1000), severable=False))) == 1000
    assert door.asked <= 2


def test_a_door_that_was_shut_before_the_first_byte_gives_none() -> None:
    door = Door()
    door.shut.set()
    flow = door.flow(iter([b"ab"]))
    with pytest.raises(Denied):
        next(flow)
    assert (door.ends, door.severed) == ([("cut", 0)], 0)


def test_a_server_that_waits_for_its_reader_is_cut_within_a_second() -> None:
    door = Door()
    flow = door.flow(iter([b"ab", b"cd"]))
    assert next(flow) == b"ab"
    begun = time.monotonic()
    door.shut.set()
    assert door.ended.wait(5)
    assert time.monotonic() - begun < 1
    assert (door.ends, door.severed) == ([("cut", 2)], 1)
    with pytest.raises(Denied):
        next(flow)
    flow.close()
    assert door.ends == [("cut", 2)]


def test_what_was_read_while_the_door_was_shut_is_not_given() -> None:
    door = Door()

    def chunks() -> Iterator[bytes]:
        yield b"ab"
        door.shut.set()
        door.ended.wait(5)  # the store is slow
        yield b"cd"

    flow = door.flow(chunks())
    assert next(flow) == b"ab"
    with pytest.raises(Denied):
        next(flow)
    assert door.ends == [("cut", 2)]


@pytest.mark.parametrize(
    ("error", "code"), [(Broken("chunk 1"), "broken"), (Unavailable("the store"), "unavailable"), (ValueError("?"), "internal")]
)
def test_a_failure_in_the_middle_is_named_raised_and_takes_the_connection_away(error: Exception, code: str) -> None:
    door = Door()
    flow = door.flow(failing(error))
    assert next(flow) == b"first"
    for _ in range(2):
        with pytest.raises(type(error)):
            next(flow)
    assert (door.ends, door.severed) == ([(code, 5)], 1)


def test_a_reader_who_goes_away_abandons_it() -> None:
    door = Door()
    flow = door.flow(iter([b"ab", b"cd"]))
    next(flow)
    flow.close()
    assert (door.ends, door.severed) == ([("abandoned", 2)], 0)


def test_a_reader_who_takes_nothing_is_one_who_went_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flowing, "PATIENCE", 0.3)
    door = Door()
    flow = door.flow(iter([b"ab", b"cd"]))
    next(flow)
    assert door.ended.wait(5)
    assert (door.ends, door.severed) == ([("abandoned", 2)], 1)
