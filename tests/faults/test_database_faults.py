"""The line to PostgreSQL breaks in the middle of an act: what was committed stands with its object, what was not leaves nothing."""

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from portal.app import create_app
from portal.cases.offline import initialise, verify
from portal.cases.sweep import sweep
from portal.kernel.config import load_config
from tests.cases.conftest import rewritten
from tests.common import databases
from tests.common.house import House
from tests.common.proxy import DOWN, UP, Proxy, Weather, proxied
from tests.common.slips import SAMORIA
from tests.conftest import CHEAP
from tools.servers import postgresql
from tools.servers.keeper import temporary

pytestmark = pytest.mark.postgresql


@pytest.fixture
def wire() -> Iterator[Proxy]:
    """A line to the database server that can fail."""
    with proxied(databases.server()) as opened:
        yield opened


@pytest.fixture
def wired_house(template: Path, tmp_path: Path, near_house: House, wire: Proxy) -> Iterator[House]:
    """A house that reaches its database over that line. Tests look past it."""
    direct = near_house.config.database.url
    name = make_url(direct).database
    lines = f'url = "postgresql://{databases.APPLICATION}@127.0.0.1:{wire.port}/{name}"'
    rewritten(near_house.folder / "config.toml", "database", lines)
    app = create_app(load_config(near_house.folder / "config.toml"), clock=near_house.clock, background=False)
    near_house.parts.database.close()
    near_house.app = app
    yield near_house
    app.extensions["passage"].parts.database.close()


@pytest.mark.parametrize("arrives", [True, False], ids=["it was committed", "it was not"])
def test_a_commit_whose_answer_is_lost_keeps_the_object_that_its_row_may_name(wired_house: House, wire: Proxy, arrives: bool) -> None:
    """Nobody can know whether the row is there; the sweep will see."""
    house, ada = wired_house, wired_house.guest("ada")
    document = ada.register()
    wire.weather = Weather(lose=(b"INSERT INTO version", *((DOWN, b"COMMIT") if arrives else (UP, b"commit"))))
    refused = ada.upload(document, SAMORIA)
    assert (refused.status_code, wire.lost) == (503, 1)
    wire.mended()
    stands = bool(house.sql("select 1 from version"))
    assert stands == arrives
    assert len(house.objects()) == 4
    house.age_objects(timedelta(hours=2))
    swept = sweep(house.parts)
    assert (swept.orphans, swept.findings, len(house.objects())) == (0 if arrives else 2, [], 4 if arrives else 0)
    again = ada.prepare(document) if arrives else ada.upload(document, SAMORIA)
    assert again.status_code == (302 if arrives else 201)


def test_while_the_database_is_down_nothing_is_served_and_afterwards_all_is_well(wired_house: House, wire: Proxy) -> None:
    house, ada = wired_house, wired_house.guest("ada")
    document = ada.deposit()
    events = len(house.events())
    wire.weather = Weather(refuse=True)
    wire.drop()
    for _ in range(2):
        assert ada.get(f"/documents/{document}").status_code == 503
    assert ada.upload(document, SAMORIA).status_code == 503
    wire.mended()
    assert ada.get(f"/documents/{document}").status_code == 200
    assert [event for event, *_ in house.events()[events:]] == ["document.read"]
    assert len(house.objects()) == 4


def test_a_statement_may_take_its_time_and_a_host_that_is_gone_is_noticed(wired_house: House) -> None:
    made = wired_house.parts.database.engine.raw_connection()
    line = made.driver_connection._usock
    assert line.gettimeout() is None
    assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000
    made.close()


@pytest.fixture
def own_server() -> Iterator[postgresql.Server]:
    with temporary() as folder, temporary(in_memory=True) as data, postgresql.restartable(folder, data) as server:
        for role in (databases.OWNER, databases.APPLICATION):
            with closing(postgresql.connected(server.socket)) as connection:
                connection.cursor().execute(f"CREATE ROLE {role} LOGIN")
        with closing(postgresql.connected(server.socket)) as connection:
            connection.cursor().execute(f"CREATE DATABASE portal OWNER {databases.OWNER}")
        yield server


@pytest.fixture
def killable_house(near_house: House, own_server: postgresql.Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house with that server for its own, newly installed."""
    house, before, app = near_house, near_house.config, near_house.app
    for name in ("keyring.json", "log.key", "log.guard", "floors.jsonl"):
        (house.folder / "keys" / name).unlink(missing_ok=True)
    (house.folder / "log").rename(house.folder / "older-log")
    owner, application = (postgresql.address(own_server.socket, "portal", role) for role in (databases.OWNER, databases.APPLICATION))
    file = rewritten(house.folder / "config.toml", "database", f'url = "{application}"\nowner_url = "{owner}"')
    house.config = load_config(file)
    initialise(house.config, **CHEAP)
    house.app = create_app(house.config, clock=house.clock, background=False)
    with monkeypatch.context() as patched:
        patched.setattr(databases, "server", lambda: own_server.socket)
        databases.finished(house.folder)
        yield house
    house.parts.database.close()
    house.config, house.app = before, app


def test_a_database_that_is_killed_and_started_again_has_all_that_was_acknowledged(
    killable_house: House, own_server: postgresql.Server
) -> None:
    """The portal goes on by itself: nobody starts it anew."""
    house = killable_house
    ada = house.guest("ada")
    for n in range(3):
        document = ada.deposit(f"CTED/2026/XSM/{n}")
        own_server.kill()
        for _ in range(2):
            refused = ada.upload(document, SAMORIA)
            assert (refused.status_code, refused.json["code"]) == (503, "unavailable")
            assert ada.get("/documents").status_code == 503
        own_server.start()
        assert ada.get(f"/documents/{document}").status_code == 200
        assert ada.prepare(document).status_code == 302
        house.worker.tick()
    assert verify(house.config).ok
    assert house.sql("select count(*) from sealed_object") == [(12,)]
    assert sweep(house.parts).findings == []
    assert len(house.objects()) == 24
