"""Where objects are kept is configured whole or not at all, and each fault says which key."""

import re
from pathlib import Path

import pytest

from portal.app import create_app
from portal.cases.offline import initialise
from portal.kernel.config import S3StoreSection, load_config
from portal.kernel.errors import Misconfigured
from tests.common.house import House
from tests.common.s3server import S3Server
from tests.conftest import CHEAP

S3 = {
    "kind": '"s3"',
    "endpoint": '"s3.example:9000"',
    "bucket": '"portal"',
    "access_key": '"portal"',
    "secret_key_file": '"keys/store-secret"',
}


def configured(house: House, lines: dict[str, str] | str) -> Path:
    text = lines if isinstance(lines, str) else "".join(f"{key} = {value}\n" for key, value in lines.items())
    file = house.folder / "config.toml"
    file.write_text(re.sub(r"(?ms)^\[store\]\n.*?(?=^\[)", lambda _: f"[store]\n{text}\n", file.read_text()))
    return file


def test_an_s3_store_is_https_unless_told_otherwise(house: House) -> None:
    store = load_config(configured(house, S3)).store
    assert isinstance(store, S3StoreSection)
    assert (store.secure, store.region, store.secret_key_file) == (True, "us-east-1", house.folder / "keys" / "store-secret")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": '"tape"'}, r"store\.kind must be one of filesystem, s3"),
        ({"kind": "3"}, r"store\.kind must be one of"),
        ({"kind": '"filesystem"'}, r"store\.bucket is not a key"),
        ({"path": '"objects"'}, r"store\.path is not a key"),
        ({"endpoint": ""}, r"store\.endpoint is missing"),
        ({"bucket": ""}, r"store\.bucket is missing"),
        ({"access_key": ""}, r"store\.access_key is missing"),
        ({"secret_key_file": ""}, r"store\.secret_key_file is missing"),
        ({"bucket": '""'}, r"store\.bucket must not be empty"),
        ({"access_key": '""'}, r"store\.access_key must not be empty"),
        ({"region": '""'}, r"store\.region must not be empty"),
        ({"secure": '"no"'}, r"store\.secure must be of type bool"),
        ({"secure": "false"}, r"store\.secure may be false only"),
        ({"secure": "false", "endpoint": '"127.0.0.1.example:80"'}, r"store\.secure may be false only"),
        ({"endpoint": '"https://s3.example"'}, r"store\.endpoint must be a host"),
        ({"endpoint": '"s3.example/bucket"'}, r"store\.endpoint must be a host"),
        ({"endpoint": '"user@s3.example"'}, r"store\.endpoint must be a host"),
        ({"endpoint": '"s3.example:"'}, r"store\.endpoint must be a host"),
    ],
)
def test_a_wrong_or_missing_key_is_named(house: House, changes: dict[str, str], fault: str) -> None:
    lines = {key: value for key, value in (S3 | changes).items() if value}
    with pytest.raises(Misconfigured, match=fault):
        load_config(configured(house, lines))


@pytest.mark.parametrize("endpoint", ["localhost", "127.0.0.1:9000", "[::1]:9000"])
def test_a_server_on_this_machine_may_do_without_https(house: House, endpoint: str) -> None:
    assert load_config(configured(house, S3 | {"secure": "false", "endpoint": f'"{endpoint}"'}))


def test_files_still_need_their_path(house: House) -> None:
    with pytest.raises(Misconfigured, match=r"store\.path is missing"):
        load_config(configured(house, ""))


def test_a_first_start_makes_the_bucket_and_no_folder(house: House, fresh: Path, s3_server: S3Server) -> None:
    lines = s3_server.written("first-start", fresh.parent / "keys" / "store-secret")
    config = load_config(configured(house, lines))
    initialise(config, **CHEAP)
    assert not (house.folder / "fresh").exists()
    assert s3_server.client().bucket_exists(bucket_name="first-start")
    assert s3_server.at_rest("first-start") == {}
    create_app(config, background=False)
    with pytest.raises(Misconfigured, match="no bucket elsewhere"):
        create_app(load_config(configured(house, lines.replace("first-start", "elsewhere"))), background=False)


def test_a_secret_that_others_may_read_stops_the_start(house: House, s3_server: S3Server) -> None:
    secret = house.folder / "keys" / "store-secret"
    lines = s3_server.written("secrets", secret)
    secret.chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        create_app(load_config(configured(house, lines)), background=False)
