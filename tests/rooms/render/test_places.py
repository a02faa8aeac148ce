"""Every process of a host takes its places from the same few: none is lost with whoever held it, and looking never waits for building."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.build import build
from portal.confidentiality.render.look import look
from portal.confidentiality.render.places import Busy, Places, Stage, Told
from portal.confidentiality.render.refusal import FileRefused
from portal.confidentiality.render.sandbox import Sandbox
from tests.rooms.render.forgery import TITLE
from tests.rooms.render.papers import plain
from tests.rooms.render.test_mutated import spinner

ONE, OTHER = UUID(int=1), UUID(int=2)
HOLDS = """
import sys, time
from pathlib import Path
from uuid import UUID
from portal.confidentiality.render.places import Places, Stage
places = Places(Path(sys.argv[1]), int(sys.argv[2]), 0, 0.0)
with places.taken(UUID(int=int(sys.argv[3])), short=sys.argv[4] == "look") as place:
    place.tell(Stage.BUILDING, 3)
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def holder(places: Places, about: UUID = ONE, *, short: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a place until it is told to leave, or killed."""
    words = [str(places.folder), str(places.workers), str(about.int), "look" if short else "build"]
    process = subprocess.Popen([sys.executable, "-c", HOLDS, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.communicate("leave\n" if process.poll() is None else None, timeout=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "places"


def is_free(places: Places, *, short: bool = False) -> bool:
    try:
        with places.taken(short=short):
            return True
    except Busy:
        return False


def waits(seconds: float, ready: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not ready() and time.monotonic() < until:
        time.sleep(0.02)
    return ready()


def test_two_processes_contend_for_one_place(folder: Path) -> None:
    places = Places(folder, 1, 0, 0.0)
    with holder(places):
        assert not is_free(places)
    assert is_free(places)


def test_so_many_processes_build_at_once_and_no_more(folder: Path) -> None:
    places = Places(folder, 2, 0, 0.0)
    with holder(places), holder(places):
        assert not is_free(places)
    with holder(places):
        assert is_free(places)


def test_a_holder_that_is_killed_frees_its_place(folder: Path) -> None:
    places = Places(folder, 1, 0, 0.0)
    with holder(places) as process:
        assert not is_free(places)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        assert is_free(places)


def test_whoever_waits_gets_the_place_of_another_process_that_leaves(folder: Path) -> None:
    places = Places(folder, 1, 1, 60.0)
    with holder(places) as process:
        threading.Timer(0.3, process.kill).start()
        with places.taken():
            assert process.wait(timeout=10) == -signal.SIGKILL


def test_looking_does_not_wait_while_builds_fill_every_place_and_the_line(folder: Path) -> None:
    places, third = Places(folder, 2, 1, 30.0), UUID(int=3)

    def come() -> None:
        with places.taken(third):
            pass

    with holder(places), holder(places) as second:
        waiting = threading.Thread(target=come)
        waiting.start()
        assert waits(10, lambda: places.told(third) == Told(Stage.WAITING, 0))
        assert not is_free(places)
        assert is_free(places, short=True)
        second.kill()
        waiting.join(timeout=30)
        assert not waiting.is_alive()


def test_building_does_not_take_the_place_that_is_kept_for_looking(folder: Path) -> None:
    places = Places(folder, 1, 0, 0.0)
    with holder(places):
        assert not is_free(places)
        with holder(places, short=True):
            assert not is_free(places, short=True)


def test_a_look_takes_its_own_place_first_and_leaves_the_others_to_builds(folder: Path) -> None:
    places = Places(folder, 1, 0, 0.0)
    with holder(places, short=True):
        assert is_free(places)


def test_nobody_waits_longer_than_they_may(folder: Path) -> None:
    places, began = Places(folder, 1, 1, 0.5), time.monotonic()
    with holder(places), pytest.raises(Busy) as caught, places.taken():
        pass
    assert 0.4 < time.monotonic() - began < 30
    assert caught.value.status == 503
    assert int(caught.value.headers["Retry-After"]) > 0


def test_who_came_first_is_served_first(folder: Path) -> None:
    places, served = Places(folder, 1, 4, 60.0), list[int]()

    def come(number: int) -> None:
        with places.taken(UUID(int=number)):
            served.append(number)

    with holder(places) as process:
        threads = []
        for number in range(10, 14):
            threads.append(threading.Thread(target=come, args=(number,)))
            threads[-1].start()
            assert waits(10, lambda number=number: places.told(UUID(int=number)) is not None)  # type: ignore[misc]
            time.sleep(0.2)  # let it move up
        process.kill()
        for thread in threads:
            thread.join(timeout=30)
    assert served == [10, 11, 12, 13]


def test_how_far_it_is_is_told_by_another_process_and_of_this_document_alone(folder: Path) -> None:
    places = Places(folder, 2, 1, 0.0)
    assert places.told(ONE) is None
    with holder(places), holder(places, OTHER):
        assert places.told(ONE) == places.told(OTHER) == Told(Stage.BUILDING, 3)
        assert places.told(UUID(int=3)) is None
    assert places.told(ONE) is None


def test_what_a_killed_holder_was_doing_is_not_told(folder: Path) -> None:
    places = Places(folder, 1, 0, 0.0)
    with holder(places) as process:
        process.kill()
        process.wait(timeout=10)
    assert places.told(ONE) is None
    with places.taken(OTHER):
        assert places.told(ONE) is None


def test_a_place_holds_numbers_and_the_folder_is_closed_to_others(folder: Path) -> None:
    places = Places(folder, 1, 0, 0.0)
    with holder(places):
        assert (folder / "place-0").read_bytes() == ONE.bytes + bytes([Stage.BUILDING]) + (3).to_bytes(4, "big")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert all(file.stat().st_mode & 0o777 == 0o600 for file in folder.iterdir())
    assert (folder / "place-0").read_bytes() == b""


def test_a_place_is_no_link_to_somewhere_else(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    (tmp_path / "kept").write_bytes(b"kept")
    (folder / "place-0").symlink_to(tmp_path / "kept")
    with pytest.raises(OSError), Places(folder, 1, 0, 0.0).taken():
        pass
    assert (tmp_path / "kept").read_bytes() == b"kept"


def test_pages_are_looked_at_while_files_that_never_end_fill_the_places_and_all_is_well_afterwards(folder: Path) -> None:
    places = Places(folder, 2, 0, 0.0)
    sandbox = Sandbox(seconds=4, places=places)
    ends = list[str]()

    def built() -> None:
        try:
            build(sandbox, [spinner()], withheld=Withheld(), title=TITLE)
        except FileRefused as error:
            ends.append(error.reason)

    threads = [threading.Thread(target=built) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert waits(4, lambda: not is_free(places))
    assert look(sandbox, [plain()], page=1).pages == 3
    with pytest.raises(Busy):
        build(sandbox, [plain()], withheld=Withheld(), title=TITLE)
    for thread in threads:
        thread.join(timeout=60)
    assert len(ends) == 2
    assert build(sandbox, [plain()], withheld=Withheld(), title=TITLE).pages == 3


def test_what_was_begun_is_not_turned_away_half_way(folder: Path) -> None:
    places = Places(folder, 1, 0, 0.0)
    sandbox = Sandbox(seconds=30, places=places)
    with sandbox.held(ONE) as held:
        held.tell(Stage.PROVING, 1)
        assert places.told(ONE) == Told(Stage.PROVING, 1)
        assert build(held, [plain()], withheld=Withheld(), title=TITLE).pages == 3
        with pytest.raises(Busy):
            build(sandbox, [plain()], withheld=Withheld(), title=TITLE)
    assert is_free(places)


def test_whole_documents_are_worked_on_behind_everything_else() -> None:
    with Sandbox(seconds=5).run("tests.rooms.render.probes:sleep", {}) as answers:
        assert os.getpriority(os.PRIO_PROCESS, answers._process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    with Sandbox(seconds=5).run("tests.rooms.render.probes:sleep", {}, short=True) as answers:
        assert os.getpriority(os.PRIO_PROCESS, answers._process.pid) == os.getpriority(os.PRIO_PROCESS, 0)
