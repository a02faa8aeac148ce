"""An installation that is still to be made."""

import re
from pathlib import Path

import pytest

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
