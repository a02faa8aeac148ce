"""The background loop does each of its rounds, and a round that fails is not its last."""

import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial

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


def test_the_loop_does_every_job_and_one_that_may_wait_long_in_a_thread_of_its_own(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CADENCE", 0.01)
    did: dict[str, set[str]] = {}
    worker = Worker(house.passage)
    twice = {job.name: threading.Semaphore(0) for job in worker.jobs if not job.every}

    def noting(name: str) -> None:
        did.setdefault(name, set()).add(threading.current_thread().name)
        if name in twice:
            twice[name].release()

    worker.jobs = tuple(replace(job, do=partial(noting, job.name)) for job in worker.jobs)
    worker.start()
    assert all(twice[name].acquire(timeout=5) for name in twice for _ in range(2))
    worker.stop()
    assert did == {job.name: {f"portal-worker, {job.name}" if job.beside else "portal-worker"} for job in worker.jobs}
    assert [job.name for job in worker.jobs if job.beside] == ["send the log"]


def test_what_is_due_once_an_hour_is_not_done_in_each_round(house: House) -> None:
    worker, did = Worker(house.passage), []
    worker.jobs = tuple(replace(job, do=partial(did.append, job.name)) for job in worker.jobs)
    worker.tick()
    first = [*did]
    worker.tick()
    assert [name for name in first if name not in did[len(first) :]] == [job.name for job in worker.jobs if job.every]
