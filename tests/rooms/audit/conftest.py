from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rooms.audit.mirror import Mirror
from tests.rooms.audit.stage import Stage, reading


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("begun"))


@pytest.fixture(scope="session")
def grown(begun: Stage, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    stage = begun.copied(tmp_path_factory.mktemp("grown"))
    for _ in range(3):
        stage.happen(*[reading(number, originator="CTED", private={"object": "x"}) for number in range(5)])
        stage.sequence()
    assert stage.verify().ok
    return stage


@pytest.fixture
def stage(begun: Stage, tmp_path: Path) -> Iterator[Stage]:
    """A log that has just begun."""
    stage = begun.copied(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def log(grown: Stage, tmp_path: Path) -> Iterator[Stage]:
    """A log of three batches, with checkpoints at 16, 32 and 48."""
    stage = grown.copied(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def mirror(log: Stage, tmp_path: Path) -> Mirror:
    """A log of 48 leaves, published."""
    made = Mirror(log, tmp_path / "mirror")
    made.publish()
    return made


@pytest.fixture(params=["the small one", "the portal's"])
def either(mirror: Mirror, request: pytest.FixtureRequest) -> Mirror:
    """The same, for each of the two verifiers: what one rejects the other does, in the same words."""
    mirror.tool = request.param
    assert mirror.verdict()[0] == 0
    return mirror
