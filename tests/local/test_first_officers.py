"""`portal identity first-officers`: how a body with local accounts only begins, once."""

import re
from pathlib import Path

import pytest

from portal.app import create_app, ready, unserved
from portal.cli.commands import main
from portal.kernel.clock import SystemClock
from portal.kernel.config import load_config
from tests.common.house import House
from tests.common.local import Local

NAMES = ["--administrator", "Greta Aal", "greta.a", "--confidentiality", "Carla Bo", "carla.b", "--releasing", "Dana Cho", "dana.c"]


def command(file: Path, body: str = "CTED") -> int:
    return main(["--config", str(file), "identity", "first-officers", body, *NAMES], create_app=create_app, ready=ready, unserved=unserved)


@pytest.fixture
def alone(house: House) -> House:
    """The Directorate has local accounts only."""
    file = house.folder / "config.toml"
    text = file.read_text().replace('bodies = ["CTED", "OCT"]', 'bodies = ["OCT"]')
    file.write_text(re.sub(r"(?m)\n\[\[identity.provider.group\]\]\nname = \"cted-.*\n.*\n.*\n.*\n", "\n", text))
    house.config = load_config(file)
    house.clock = SystemClock()  # type: ignore[assignment]
    return house


def test_a_body_begins_with_three_persons_who_then_give_roles_by_two(alone: House, capsys: pytest.CaptureFixture[str]) -> None:
    file = alone.folder / "config.toml"
    assert command(file) == 0
    said = capsys.readouterr().out
    links, codes = re.findall(r"link: (\S+)", said), re.findall(r"code: (\S+)", said)
    assert len(links) == len(codes) == 3
    assert ("portal.first_officers_named", "done", "") in alone.events()
    assert command(file) == 0, "nobody is enrolled yet: links may be made anew"
    said = capsys.readouterr().out
    newer = re.findall(r"link: (\S+)", said)
    assert alone.sql("select count(*) from person") == [(3,)]
    app = create_app(alone.config, background=False)
    alone.app, alone.clock = app, _Moving()  # type: ignore[assignment]
    assert Local(alone, "carla.b").enrol(links[1], codes[1]).status_code == 404
    assert Local(alone, "carla.b").enrol(newer[1], re.findall(r"code: (\S+)", said)[1]).status_code == 200
    assert command(file) == 2
    assert "officers already" in capsys.readouterr().err


def test_who_is_enrolled_already_is_not_named_again(alone: House, capsys: pytest.CaptureFixture[str]) -> None:
    """An administrator alone is no officer yet, and the command is no way into their account."""
    file = alone.folder / "config.toml"
    assert command(file) == 0
    said = capsys.readouterr().out
    alone.app, alone.clock = create_app(alone.config, background=False), _Moving()  # type: ignore[assignment]
    link, code = re.findall(r"link: (\S+)", said)[0], re.findall(r"code: (\S+)", said)[0]
    assert Local(alone, "greta.a").enrol(link, code).status_code == 200
    assert command(file) == 2
    assert "the name of another account" in capsys.readouterr().err


def test_a_body_with_a_sign_in_service_has_its_officers_from_there(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(house.folder / "config.toml") == 2
    assert "its groups say" in capsys.readouterr().err
    assert command(house.folder / "config.toml", "OCT") == 2
    assert "no local accounts" in capsys.readouterr().err
    assert house.sql("select count(*) from person where issuer = 'local'") == [(0,)]


class _Moving:
    """The machine's clock, as a house asks it."""

    @property
    def at(self):  # type: ignore[no-untyped-def]
        return SystemClock().now()
