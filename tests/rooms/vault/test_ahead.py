"""Work ahead of its consumer: in order, no further than promised, and ended with it."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from portal.kernel.errors import Unavailable
from portal.vault.ahead import THREADS, ahead
from portal.vault.objects import Vault
from portal.vault.stream import BATCH, CHUNK
from tests.rooms.vault.stage import RECIPIENT, files_in


def at_work() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def late(seconds: float, value: int) -> int:
    time.sleep(seconds)
    return value


def failing() -> int:
    raise ZeroDivisionError


def test_results_come_in_the_order_of_their_tasks() -> None:
    assert list(ahead(partial(late, 0.02 if n % 2 else 0, n) for n in range(9))) == list(range(9))
    assert list(ahead([])) == []
    assert at_work() == []


def test_two_tasks_are_done_at_once() -> None:
    both = threading.Barrier(THREADS, timeout=10)
    assert sorted(ahead(both.wait for _ in range(THREADS))) == [0, 1]


def test_no_more_is_begun_than_promised_and_nothing_before_it_is_asked_for() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[Callable[[], int]]:
        for n in range(20):
            taken.append(n)
            yield partial(late, 0, n)

    results = ahead(tasks())
    assert taken == []
    for n in range(10):
        assert next(results) == n
        assert len(taken) == n + THREADS + 1
    results.close()  # type: ignore[attr-defined]


def test_tasks_are_taken_in_the_consumers_thread_and_done_in_others() -> None:
    taken: set[int] = set()

    def tasks() -> Iterator[Callable[[], int]]:
        for _ in range(5):
            taken.add(threading.get_ident())
            yield threading.get_ident

    done = set(ahead(tasks()))
    assert taken == {threading.get_ident()}
    assert threading.get_ident() not in done


def test_a_failure_comes_where_its_result_would_have_come() -> None:
    results = ahead([partial(late, 0.02, 1), failing, partial(late, 0, 3)])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert at_work() == []


def test_a_source_that_fails_is_told_and_ends_the_threads() -> None:
    def tasks() -> Iterator[Callable[[], int]]:
        yield partial(late, 0, 1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(ahead(tasks()))
    assert at_work() == []


def test_the_threads_end_with_a_consumer_that_stops() -> None:
    begun: list[int] = []

    def noted(n: int) -> int:
        begun.append(n)
        return late(0.01, n)

    results = ahead(partial(noted, n) for n in range(50))
    next(results)
    assert len(at_work()) == THREADS
    results.close()  # type: ignore[attr-defined]
    assert at_work() == []
    assert len(begun) <= THREADS + 1


def test_a_stream_that_is_left_leaves_no_thread(vault: Vault) -> None:
    size = 6 * BATCH * CHUNK
    sealed, key = vault.seal([bytes(size)], size, RECIPIENT)
    pieces = vault.stream(sealed, key)
    next(pieces)
    assert at_work() != []
    del pieces
    assert at_work() == []


def test_a_put_that_fails_leaves_neither_thread_nor_file(vault: Vault, tmp_path: Path) -> None:
    size = 6 * BATCH * CHUNK

    def cut() -> Iterator[bytes]:
        yield bytes(size - CHUNK)
        raise ConnectionResetError

    with pytest.raises(Unavailable) as told:
        vault.seal(cut(), size, RECIPIENT)
    assert told.value is not None  # the exception, and with it every frame that it went through, is still held here
    assert at_work() == []
    assert files_in(tmp_path) == []
