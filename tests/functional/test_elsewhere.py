"""The demo on a database and a store of one's own: two sections of a configuration, and nothing that is there is touched."""

import tomllib
from pathlib import Path

import pytest

from portal.kernel.config import load_config
from tests.common import databases
from tests.common.s3server import S3Server
from tests.common.stages import staged
from tools.tour.elsewhere import OWN, Sections, described, sections
from tools.tour.stage import Stage
from tools.tour.thief import search

WRITTEN = """\
[portal]
public_url = "https://portal.example"

[database]
url = "sqlite:///var/portal.db"

[store]
kind = "s3"
endpoint = "s3.example:443"
bucket = "portal"
access_key = "portal"
secret_key_file = "keys/store-secret"
secure = true
"""


def test_two_sections_are_taken_and_their_files_are_found_from_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "portal.toml"
    file.write_text(WRITTEN)
    taken = tomllib.loads(sections(file).text)
    assert taken.keys() == {"database", "store"}
    assert taken["database"] == {"url": f"sqlite:///{tmp_path}/var/portal.db"}
    assert taken["store"]["secret_key_file"] == f"{tmp_path}/keys/store-secret"
    assert taken["store"]["secure"] is True
    assert (taken["store"]["endpoint"], taken["store"]["bucket"]) == ("s3.example:443", "portal")


def test_what_is_no_configuration_of_the_two_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "portal.toml"
    for content in ("[database]\nurl = 'x'\n", "not toml", "database = 3\nstore = 4\n"):
        file.write_text(content)
        with pytest.raises(SystemExit, match="PORTAL_CONFIG names"):
            sections(file)
    with pytest.raises(SystemExit, match="cannot be read"):
        sections(tmp_path / "none.toml")


def test_a_database_is_named_without_its_password(tmp_path: Path) -> None:
    text = '[database]\nurl = "postgresql://portal:pass-word@db.example/portal"\n\n[store]\npath = "objects"\n'
    stage = Stage(tmp_path, elsewhere=Sections(text))
    stage.config.write_text(stage._configuration())
    said = described(load_config(stage.config))
    assert "db.example/portal" in said
    assert "pass-word" not in said


def test_a_demo_refuses_what_another_installation_uses(tmp_path: Path, house_s3: S3Server | None) -> None:
    (tmp_path / "first").mkdir()
    with staged(tmp_path / "first", house_s3) as first:
        used = load_config(first.config)
        before = search(used, first.folder, ())
        stored = first.stored()
        second = Stage(tmp_path / "second", elsewhere=sections(first.config))
        with pytest.raises(SystemExit, match="nothing was changed"):
            second.prepare()
        assert not (tmp_path / "second" / "keys" / "keyring.json").exists()
        assert search(used, first.folder, ()).rows >= before.rows
        assert first.stored() == stored


def test_a_demo_whose_database_is_gone_says_what_to_remove(tmp_path: Path) -> None:
    stage = Stage(tmp_path, elsewhere=Sections(databases.configured(OWN.text, tmp_path)))
    stage.prepare()
    again = Stage(tmp_path, elsewhere=Sections(databases.configured(OWN.text, tmp_path).replace("portal.db", "new.db")))
    with pytest.raises(SystemExit, match=f"Remove {tmp_path}"):
        again.prepare()
