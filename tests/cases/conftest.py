"""Installations that are still to be made, that go back to before a recall, or that are in order and examined."""

import os
import re
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.app import create_app, ready
from portal.cases.doctor.examine import CHECKS
from portal.cli.commands import main
from tests.cases.examining import Examined
from tests.common import databases
from tests.common.backups import Backup, back_up, page, recalled
from tests.common.house import House, shared


def rewritten(file: Path, section: str, lines: str) -> Path:
    text = re.sub(rf"(?ms)^\[{section}\]\n.*?(?=^\[)", lambda _: f"[{section}]\n{lines}\n", file.read_text())
    file.write_text(text)
    return file


def renewed(file: Path, name: str) -> Path:
    """The configuration with an empty database."""
    lines = databases.configured('url = "sqlite:///portal.db"', file.parent)
    return rewritten(file, "database", lines.replace("portal.db", name))


@pytest.fixture
def fresh(house: House) -> Path:
    """The configuration of an installation that is still to be made: an empty database, an empty store, no keys."""
    for name in ("keyring.json", "log.key", "log.guard", "floors.jsonl"):
        (house.folder / "keys" / name).unlink(missing_ok=True)
    file = rewritten(house.folder / "config.toml", "store", 'path = "fresh"')
    return renewed(file, "fresh.db")


@pytest.fixture
def before_a_recall(house: House) -> tuple[Backup, str, str]:
    """A document was shared, a backup was made, and then it was recalled."""
    document, share = shared(house)
    assert page(house, share) == 200
    backup = back_up(house)
    recalled(house, document)
    return backup, document, share


@pytest.fixture
def well(house: House) -> Iterator[House]:
    """A house as `portal init` leaves one, in a process that is started as it should be."""
    before, limits = os.umask(0o077), resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, limits[1]))
    for folder in (house.folder, house.folder / "keys", house.folder / "objects"):
        if folder.exists():
            folder.chmod(0o700)
    yield house
    resource.setrlimit(resource.RLIMIT_CORE, limits)
    os.umask(before)


@pytest.fixture
def examined(well: House, capsys: pytest.CaptureFixture[str]) -> Examined:
    """Runs the command: for each check, its lines without their name, as `grade text`. The exit code must fit."""

    def run(*words: str, file: Path | None = None) -> dict[str, list[str]]:
        capsys.readouterr()
        code = main(["--config", str(file or well.folder / "config.toml"), "doctor", *words], create_app=create_app, ready=ready)
        *lines, last = capsys.readouterr().out.splitlines()
        told: dict[str, list[str]] = {check.name: [] for check in CHECKS}
        for line in lines:
            grade, name, text = line.split(maxsplit=2)
            told[name].append(f"{grade} {text}")
        counted = [sum(line.startswith(grade) for lines in told.values() for line in lines) for grade in ("ok", "attention", "fault")]
        assert last == "{} ok, {} attention, {} fault".format(*counted)
        assert code == (1 if counted[2] else 0)
        return told

    return run
