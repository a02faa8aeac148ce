"""Shared stages: one development provider and one fresh installation for each test process, a copy of it for each test."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from portal.cases.offline import initialise
from portal.kernel.config import load_config
from tests.common import certified as certifying
from tests.common import databases
from tests.common.certified import Certified
from tests.common.entity import with_entity
from tests.common.house import BUCKET, PORTAL, House, open_house
from tests.common.s3server import S3Server, serving
from tools.tour.stage import BODIES, CONFIG, ROOT, free_port, groups, wait_for

#: Deriving the passphrase is slow on purpose; tests use the weakest setting.
CHEAP = {"memory_kib": 64, "passes": 1, "lanes": 1}
#: In the name of a test that is run from the Directorate as well.
THE_OTHER_WAY = ("from the Office", "of the Office")


def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    """A test about one database is no test of the other: it is not collected there, as a skipped test would count as one that lacks.

    What is tried in both directions is tried in one of them on PostgreSQL: the other asks the database for the same.
    """
    elsewhere = "sqlite" if databases.POSTGRESQL else "postgresql"
    apart = [
        item
        for item in items
        if item.get_closest_marker(elsewhere) or (databases.POSTGRESQL and any(way in item.name for way in THE_OTHER_WAY))
    ]
    items[:] = [item for item in items if item not in apart]
    config.hook.pytest_deselected(items=apart)


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The development provider as a real process: (issuer, file with the client's secret)."""
    folder = tmp_path_factory.mktemp("provider")
    secret = folder / "client-secret"
    secret.write_text("a-secret-for-tests-only-0123456789\n")
    secret.chmod(0o600)
    port = free_port()
    command = [sys.executable, "-m", "tools.devidp", "--demo", "--port", str(port), "--client-id", "portal"]
    command += ["--client-secret-file", str(secret), "--redirect-uri", f"{PORTAL}/sign-in/demo/callback"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    issuer = f"http://127.0.0.1:{port}"

    def check() -> None:
        assert process.poll() is None, (folder / "log").read_text()

    wait_for(lambda: requests.get(f"{issuer}/.well-known/openid-configuration", timeout=2).ok, "the provider", check)
    yield issuer, secret
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture(scope="session")
def _certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    with certifying.running(tmp_path_factory.mktemp("certified"), PORTAL) as provider:
        yield provider


@pytest.fixture
def certified(_certified: Certified) -> Certified:
    """The certified provider, as it was at the start. `certified_house` is a portal that knows it."""
    _certified.reset()
    return _certified


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3 server, one for each process that asks for it."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def house_s3(request: pytest.FixtureRequest) -> S3Server | None:
    """The S3 server on which houses keep their objects, if PORTAL_TEST_STORE=s3 says so."""
    kind = os.environ.get("PORTAL_TEST_STORE", "filesystem")
    assert kind in {"filesystem", "s3"}, "PORTAL_TEST_STORE is filesystem or s3"
    return request.getfixturevalue("s3_server") if kind == "s3" else None


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, provider: tuple[str, Path], house_s3: S3Server | None) -> Path:
    """A new installation that nobody has used yet."""
    return installed(tmp_path_factory.mktemp("installation") / "portal", provider, house_s3)


@pytest.fixture(scope="session")
def entity_template(tmp_path_factory: pytest.TempPathFactory, provider: tuple[str, Path], house_s3: S3Server | None) -> Path:
    """The same with a third body."""
    if house_s3:
        house_s3.empty(BUCKET)
    return installed(tmp_path_factory.mktemp("installation") / "portal", provider, house_s3, change=with_entity)


def installed(
    folder: Path, provider: tuple[str, Path], house_s3: S3Server | None, *, change: Callable[[str], str] = lambda text: text
) -> Path:
    """`change` is given the text of the configuration before anything is made."""
    (folder / "keys").mkdir(parents=True)
    issuer, secret = provider
    target = folder / "keys" / "client-secret"
    target.write_text(secret.read_text())
    target.chmod(0o600)
    text = databases.configured(CONFIG, folder.parent).format(portal=PORTAL, port=8000, provider=issuer, policies=ROOT / "policies")
    if house_s3:
        text = text.replace('path = "objects"\n', house_s3.written(BUCKET, folder / "keys" / "store-secret"))
    (folder / "config.toml").write_text(change(text + groups() + BODIES))
    initialise(load_config(folder / "config.toml"), **CHEAP)
    databases.finished(folder)
    return folder


@pytest.fixture
def house(template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    opened = open_house(template, tmp_path / "portal", s3=house_s3)
    yield opened
    opened.close()


@pytest.fixture
def certified_house(template: Path, tmp_path: Path, house_s3: S3Server | None, certified: Certified) -> Iterator[House]:
    """A house with two sign-in services: the development provider, as always, and the certified one."""
    opened = open_house(template, tmp_path / "portal", s3=house_s3, change=certified.join)
    yield opened
    opened.close()
