"""The background loop does each of its rounds, and a round that fails is not its last."""

import threading
from datetime import timedelta

import pytest

import portal.worker.loop as loop
from portal.kernel.events import Event
from portal.worker.loop import Worker
from tests.common.house import House


def knock_twice(house: House) -> None:
    for _ in range(3):
        assert house.stranger().get("/received").status_code == 401


def sums(house: House) -> int:
    return sum(event == Event.REFUSALS_SUMMED for event, *_ in house.events())


def test_a_round_sums_the_refusals_of_past_minutes_and_no_others(house: House) -> None:
    knock_twice(house)
    house.worker.tick()
    assert sums(house) == 0
    house.clock.advance(timedelta(minutes=1))
    house.worker.tick()
    assert sums(house) == 1


def test_stopping_sums_what_is_left(house: House) -> None:
    knock_twice(house)
    house.worker.stop()
    assert sums(house) == 1
    assert house.sql("select count(*) from audit_pending") == [(0,)]


def test_a_round_collects_what_no_row_names(house: House) -> None:
    house.parts.vault.seal([b"left by a crash"], 15, house.parts.recovery["CTED"])
    house.age_objects(timedelta(hours=2))
    house.worker.tick()
    assert house.objects() == set()


def test_a_round_that_fails_is_not_the_last(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CADENCE", 0.01)
    rounds, went_on = [], threading.Event()

    class Stumbling(Worker):
        def tick(self) -> None:
            rounds.append(1)
            if len(rounds) == 1:
                raise OSError("the disk is full")
            went_on.set()

    worker = Stumbling(house.passage)
    worker.start()
    assert went_on.wait(5)
    worker.stop()
