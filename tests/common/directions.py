"""Houses for what is tried in both directions: a test module takes those it needs by name, `house = directions.house`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.common.house import DIRECTORATE, OFFICE, House, open_house
from tests.common.s3server import S3Server


@pytest.fixture(params=[DIRECTORATE, OFFICE], ids=["from the Directorate", "from the Office"])
def house(template: Path, tmp_path: Path, house_s3: S3Server | None, request: pytest.FixtureRequest) -> Iterator[House]:
    """From the Directorate to the Office, and from the Office to the Directorate."""
    opened = open_house(template, tmp_path / "portal", request.param, house_s3)
    yield opened
    opened.close()


@pytest.fixture(params=[DIRECTORATE, OFFICE], ids=["from the Directorate", "from the Office"])
def among_three(entity_template: Path, tmp_path: Path, house_s3: S3Server | None, request: pytest.FixtureRequest) -> Iterator[House]:
    """The same with a third body."""
    opened = open_house(entity_template, tmp_path / "portal", request.param, house_s3)
    yield opened
    opened.close()


@pytest.fixture
def here(template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    """From the Directorate alone: for what does not look at the direction."""
    opened = open_house(template, tmp_path / "portal", s3=house_s3)
    yield opened
    opened.close()


@pytest.fixture
def wide(entity_template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    """With a third body, to which a share was passed on."""
    opened = open_house(entity_template, tmp_path / "portal", DIRECTORATE, house_s3)
    yield opened
    opened.close()
