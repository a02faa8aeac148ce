"""The foundations: one writer at a time, nothing of what was deleted, and a configuration that cannot be unsafe by mistake."""

import fcntl
import socket
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import g
from sqlalchemy.exc import DBAPIError

from portal.app import create_app
from portal.gateway.guard import seal
from portal.gateway.safety import refuse_forged
from portal.kernel import database
from portal.kernel.config import load_config
from portal.kernel.database import Database, Instant
from portal.kernel.errors import Forged, Misconfigured
from portal.kernel.sealing import Sealed, SealedText
from tests.common.house import House


@pytest.mark.sqlite
def test_while_one_writes_no_other_can_begin(house: House) -> None:
    file = house.folder / "portal.db"
    with house.parts.database.write() as session:
        session.connection()
        with Path(f"{file}.lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        other = sqlite3.connect(file, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("begin immediate")
        other.close()


@pytest.mark.sqlite
@pytest.mark.parametrize(("pragma", "value"), [("foreign_keys", 1), ("secure_delete", 1), ("synchronous", 2), ("journal_mode", "wal")])
def test_every_connection_keeps_what_is_written_and_forgets_what_is_deleted(house: House, pragma: str, value: object) -> None:
    with house.parts.database.read() as session:
        assert session.connection().exec_driver_sql(f"pragma {pragma}").scalar() == value


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_that_forgets_everything_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="name a file"):
        Database(url)


def test_a_database_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CONNECT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silence = Database(f"postgresql://portal@127.0.0.1:{silent.getsockname()[1]}/portal")
        with silence.read() as session, pytest.raises(DBAPIError, match="network error"):
            session.connection()
        silence.close()


def test_a_time_without_a_zone_is_not_stored() -> None:
    with pytest.raises(TypeError, match="zone"):
        Instant().process_bind_param(datetime(2026, 11, 24), None)  # type: ignore[arg-type]  # noqa: DTZ001


@pytest.mark.parametrize("use", [str, "{}".format, lambda words: f"{words}"])
def test_sealed_words_never_become_text(use: Callable[[Sealed], str]) -> None:
    with pytest.raises(TypeError, match="sealed"):
        use(Sealed(b"ciphertext"))


def test_a_sealed_column_takes_nothing_in_clear() -> None:
    with pytest.raises(TypeError, match="sealed"):
        SealedText().process_bind_param(b"in clear", None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('public_url = "http://localhost:8000"', 'public_url = "http://portal.example"', "public_url must be an https"),
        ('issuer = "http', 'issuer = "ftp', "issuer must be an https"),
        ('host = "127.0.0.1"', 'host = "0.0.0.0"', "portal.demo is only for this machine"),
        ('public_url = "http://localhost:8000"', 'public_url = "https://portal.example"', "portal.demo is only for this machine"),
        ("demo = true", "demo = false", "only goes with portal.demo = true"),
        ('name = "cted-auditors"', 'name = "cted-uploaders"', "nobody may hold both"),
        ('code = "OCT"', 'code = "CTED"', "each code once"),
        ('body = "OCT"', 'body = "ELSE"', "is of 'ELSE', which is not one of its bodies (CTED, OCT)"),
        ('bodies = ["CTED", "OCT"]', 'bodies = ["CTED"]', "is of 'OCT', which is not one of its bodies (CTED)"),
        ('bodies = ["CTED", "OCT"]', 'bodies = ["CTED", "ELSE"]', "bodies names the bodies whose persons it may vouch for"),
        ('client_secret_file = "keys/client-secret"', "", "client_secret_file, or client_key_file"),
        ("client_secret_file", 'client_key_file = "keys/key"\nclient_secret_file', "client_secret_file, or client_key_file"),
        ('name = "demo"', 'name = "confirm"', "a name has 1 to 32 of a-z"),
        ("port = 8000", 'port = "8000"', "server.port must be of type int"),
        ("samples = true", "samples = 1", "portal.samples must be of type bool"),
    ],
)
def test_an_unsafe_setting_stops_the_start_and_is_named(house: House, old: str, new: str, word: str) -> None:
    file = house.folder / "config.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(Misconfigured) as caught:
        load_config(file)
    assert word in caught.value.detail


def test_a_single_body_exchanges_nothing(house: House) -> None:
    file = house.folder / "config.toml"
    text = file.read_text()
    before, _, _ = text.rpartition("\n[[body]]")
    file.write_text(before.split("\n[[identity.provider.group]]")[0] + '\n[[body]]\ncode = "CTED"\nname = "One"\nshort = "One"\n')
    with pytest.raises(Misconfigured, match="at least two bodies"):
        load_config(file)


def test_over_https_the_browser_is_told_to_stay_there(house: House) -> None:
    assert "Strict-Transport-Security" not in house.stranger().get("/sign-in").headers
    file = house.folder / "config.toml"
    file.write_text(file.read_text().replace('public_url = "http://', 'public_url = "https://'))
    house.app = create_app(load_config(file), clock=house.clock, background=False)
    assert "max-age=31536000" in house.stranger().get("/sign-in").headers["Strict-Transport-Security"]


def test_an_empty_token_is_no_token(house: House) -> None:
    with house.app.test_request_context("/visits", method="POST", data={"csrf": ""}):
        g.csrf = ""
        with pytest.raises(Forged):
            refuse_forged()


def test_a_door_for_another_method_stops_the_start(house: House) -> None:
    house.app._got_first_request = False
    guarded = house.app.view_functions["home.home"]
    house.app.add_url_rule("/put", "put", guarded, methods=["PUT"])
    with pytest.raises(RuntimeError, match="PUT"):
        seal(house.app)
