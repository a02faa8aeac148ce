"""Houses in which the Directorate has local accounts, beside its sign-in service."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from portal.identity import passwords
from tests.common.house import House, open_house
from tests.common.s3server import S3Server

#: Hashing a password is slow on purpose; tests use the weakest setting.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def dear_passwords() -> None:
    """For a test about how slow it is: passwords are hashed as they always are."""


@pytest.fixture(autouse=True)
def cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "dear_passwords" not in request.fixturenames:
        monkeypatch.setattr(passwords, "_HASHER", CHEAP)
        monkeypatch.setattr(passwords, "_NOBODYS", CHEAP.hash(""))


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
