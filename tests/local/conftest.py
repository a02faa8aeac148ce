"""Houses in which the Directorate has local accounts, beside its sign-in service."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.common.house import House, open_house
from tests.common.s3server import S3Server


@pytest.fixture(scope="session")
def local_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("local") / "portal"
    shutil.copytree(template, folder)
    with (folder / "config.toml").open("a") as file:
        file.write('\n[local]\nenabled = true\nbodies = ["CTED"]\n')
    return folder


@pytest.fixture
def house(local_template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    opened = open_house(local_template, tmp_path / "portal", s3=house_s3)
    yield opened
    opened.close()
