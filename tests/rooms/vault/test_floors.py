"""Floors outlive the process, are seen by others at once, and never go down."""

import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest

from portal.kernel.errors import Misconfigured
from portal.vault.errors import Broken
from portal.vault.floors import Floors

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "floors"


def test_a_floor_rises_by_one_for_this_object_and_body_only_and_stays(path: Path) -> None:
    floors = Floors(path)
    assert floors.floor_of(ONE, "OCT") == 0
    assert [floors.raise_floor(ONE, "OCT") for _ in range(3)] == [1, 2, 3]
    assert (floors.floor_of(ONE, "OCT"), floors.floor_of(ONE, "CTED"), floors.floor_of(OTHER, "OCT")) == (3, 0, 0)
    assert Floors(path).floor_of(ONE, "OCT") == 3
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_lines_are_those_of_the_format_page(path: Path) -> None:
    Floors(path).raise_floor(ONE, "OCT")
    assert path.read_text() == '{"body": "OCT", "floor": 1, "object": "00000000-0000-0000-0000-000000000001", "v": 1}\n'


def test_lines_are_only_ever_appended(path: Path) -> None:
    floors = Floors(path)
    before = b""
    for _ in range(3):
        floors.raise_floor(ONE, "OCT")
        now = path.read_bytes()
        assert now.startswith(before)
        assert now.count(b"\n") == before.count(b"\n") + 1
        before = now


def test_what_another_process_raised_is_seen_at_once(path: Path) -> None:
    mine, theirs = Floors(path), Floors(path)
    theirs.raise_floor(ONE, "OCT")
    assert mine.floor_of(ONE, "OCT") == 1
    assert mine.raise_floor(ONE, "OCT") == 2
    assert theirs.floor_of(ONE, "OCT") == 2


def _raise(floors: Floors, times: int) -> None:
    for _ in range(times):
        floors.raise_floor(ONE, "OCT")


def test_processes_and_threads_at_once_lose_no_floor(path: Path) -> None:
    """Forked with an open `Floors`, as a server forks its workers."""
    floors = Floors(path)
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=_raise, args=(floors, 20)) for _ in range(3)] + [
        Thread(target=_raise, args=(floors, 20)) for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert floors.floor_of(ONE, "OCT") == 120
    assert Floors(path).floor_of(ONE, "OCT") == 120


def test_threads_that_read_while_others_raise_see_only_rising_floors(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    floors = Floors(path)
    real = os.pread

    def slow(handle: int, count: int, offset: int) -> bytes:
        """Gives the other threads time to take in the same line."""
        data = real(handle, count, offset)
        time.sleep(0.001)
        return data

    monkeypatch.setattr(os, "pread", slow)
    with ThreadPoolExecutor(4) as pool:
        raised = [pool.submit(_raise, floors, 20) for _ in range(2)]
        seen = [pool.submit(lambda: [floors.floor_of(ONE, "OCT") for _ in range(200)]) for _ in range(2)]
        for job in raised:
            job.result(30)
        for reading in seen:
            assert reading.result(30) == sorted(reading.result(30))
    assert floors.floor_of(ONE, "OCT") == 40


def test_a_raised_floor_is_on_disk_before_the_call_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    floors = Floors(path)
    synced: list[bytes] = []
    real = os.fsync

    def watching(handle: int) -> None:
        synced.append(path.read_bytes())
        real(handle)

    monkeypatch.setattr(os, "fsync", watching)
    floors.raise_floor(ONE, "OCT")
    assert synced == [path.read_bytes()]


def test_a_torn_last_line_does_not_count_and_makes_room(path: Path) -> None:
    Floors(path).raise_floor(ONE, "OCT")
    whole = path.read_bytes()
    with path.open("ab") as file:
        file.write(whole[:20])
    floors = Floors(path)
    assert floors.floor_of(ONE, "OCT") == 1
    assert floors.raise_floor(ONE, "OCT") == 2
    assert path.read_bytes().count(b"\n") == 2
    assert Floors(path).floor_of(ONE, "OCT") == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[10:],
        lambda text: "\n" + text,
        lambda text: text.replace('"floor": 2', '"floor": 1'),
        lambda text: text.replace('"floor": 2', '"floor": "2"'),
        lambda text: text.replace('"floor": 2', '"floor": true'),
        lambda text: text.replace('"v": 1', '"v": 2'),
        lambda text: text.replace('"body"', '"bodies"'),
        lambda text: "".join(reversed(text.splitlines(keepends=True))),
        lambda text: text + text,
        lambda text: text + "[]\n",
        lambda text: text + "\ufffd\n",
    ],
)
def test_any_other_damage_stops_everything(path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    _raise(Floors(path), 3)
    path.write_text(damage(path.read_text()))
    with pytest.raises(Broken):
        Floors(path)


def test_a_file_that_shrinks_is_replaced_or_vanishes_under_the_portal_stops_everything(path: Path) -> None:
    floors = Floors(path)
    _raise(floors, 2)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(Broken, match="shorter"):
        floors.floor_of(ONE, "OCT")
    other = path.with_name("other")
    other.write_bytes(content)
    other.replace(path)
    for ask in (floors.floor_of, floors.raise_floor):
        with pytest.raises(Broken, match="replaced"):
            ask(ONE, "OCT")
    path.unlink()
    for ask in (floors.floor_of, floors.raise_floor):
        with pytest.raises(Broken, match="gone"):
            ask(ONE, "OCT")


def test_an_empty_file_replaced_is_noticed_too(path: Path) -> None:
    floors = Floors(path)
    other = path.with_name("other")
    Floors(other).raise_floor(ONE, "OCT")
    other.replace(path)
    with pytest.raises(Broken, match="replaced"):
        floors.floor_of(ONE, "OCT")


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="make its folder"):
        Floors(tmp_path / "nowhere" / "floors")
