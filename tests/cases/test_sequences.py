"""Whatever persons do one after the other, everybody gets what they may have then, and nothing else. `make soak` tries more."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from portal.cases.offline import verify
from tests.cases.sequences import Sequences, patient
from tests.common.entity import ENTITY
from tests.common.house import House, open_house
from tests.common.s3server import S3Server

Act = Callable[[Sequences], None]

#: Those that a change is most likely to break; numbers count from what was made last.
NAMED: dict[str, tuple[Act, ...]] = {
    "onward, then recall, then directly": (
        lambda m: m.shared(use="file"),
        lambda m: m.ask(0),
        lambda m: m.consent(0, "uma", None, "file"),
        lambda m: m.approve(0, "uma"),
        lambda m: m.approve(0, "dana"),
        lambda m: m.take_along(0),
        lambda m: m.recall(1, "dana"),
        lambda m: m.take_along(0),
        lambda m: m.propose(0, ENTITY, "ada", None, None, "view_only"),
        lambda m: m.approve(0, "uma"),
    ),
    "embargo, then recall, then its day": (
        lambda m: m.shared(opens=1),
        lambda m: m.ask(0),
        lambda m: m.recall(0, "dana"),
        lambda m: m.wait("the last instant of the day"),
        lambda m: m.wait("the next day"),
    ),
    "embargo, its day, then a request, then shared anew": (
        lambda m: m.shared(opens=1),
        lambda m: m.wait("the next day"),
        lambda m: m.withhold(0, "carla", whole=False),
        lambda m: m.approve(0, "uma"),
        lambda m: m.propose(0, "OCT", "ada", None, None, "download"),
        lambda m: m.withhold(0, "carla", whole=True),
        lambda m: m.approve(0, "dana"),
    ),
    "onward, then the end of the time": (
        lambda m: m.shared(until=1),
        lambda m: m.ask(0),
        lambda m: m.consent(0, "ada", None, "view_only"),
        lambda m: m.approve(0, "dana"),
        lambda m: m.wait("the day after"),
        lambda m: m.tidy(),
    ),
    "hold, then lift, then shred, then read": (
        lambda m: m.shared(use="download"),
        lambda m: m.propose_shredding(0, "carla"),
        lambda m: m.hold(0, "dana"),
        lambda m: m.lift(0, "dana"),
        lambda m: m.answer_shredding(0, "dana", goes=True),
        lambda m: m.lift(0, "dmitri"),
        lambda m: m.answer_shredding(0, "dana", goes=True),
        lambda m: m.take_along(0),
    ),
}


@pytest.fixture(scope="module")
def house(entity_template: Path, tmp_path_factory: pytest.TempPathFactory, house_s3: S3Server | None) -> Iterator[House]:
    """One for all of them: each begins with a document of its own."""
    opened = open_house(entity_template, tmp_path_factory.mktemp("sequences") / "portal", s3=house_s3, change=patient)
    yield opened
    opened.worker.sequence()
    assert verify(opened.config).findings == (), "the tables say what the log says"
    opened.close()


@pytest.mark.parametrize("acts", NAMED.values(), ids=NAMED)
def test_everybody_gets_what_is_theirs_after(house: House, acts: tuple[Act, ...]) -> None:
    machine = Sequences(house)
    for act in acts:
        act(machine)
        machine.recipients_get_what_is_theirs()
    machine.teardown()


def test_everybody_gets_what_is_theirs_after_acts_by_chance(house: House) -> None:
    few = settings(max_examples=4, stateful_step_count=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(lambda: Sequences(house), settings=few)
