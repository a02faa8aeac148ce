"""Backups of a house, as an operator makes them: each part apart, each of which may be put back alone."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.app import create_app, ready, unserved
from portal.audit.continuity import Restored
from portal.cases.offline import verify
from portal.cli.commands import main
from tests.common import databases
from tests.common.house import BUCKET, House, proposal_of

FIRST_PAGE = "/received/{}/pages/1"
#: Everything of an installation that changes while it runs.
PARTS = ("database", "floors", "guard", "published", "store")


@dataclass
class Backup:
    house: House
    folder: Path
    objects: dict[str, bytes]

    def restore(self, *parts: str) -> None:
        """Stop the portal and put these parts back, as they were."""
        house = self.house
        assert set(parts) <= set(PARTS), parts
        house.parts.database.close()
        if "database" in parts:
            databases.put_back(house.config.database.url, self.folder / "database")
        if "floors" in parts:
            _put(self.folder / "floors.jsonl", house.config.keyring.floors)
        if "guard" in parts:
            _put(self.folder / "log.guard", house.config.log.guard)
        if "published" in parts:
            shutil.rmtree(house.config.log.path)
            shutil.copytree(self.folder / "log", house.config.log.path)
        if "store" in parts:
            _refill(house, self.objects)


def back_up(house: House, name: str = "backup") -> Backup:
    """A backup of everything, made while nothing is served."""
    house.worker.sequence()
    folder = house.folder / name
    folder.mkdir()
    house.parts.database.close()
    databases.keep(house.config.database.url, folder / "database")
    shutil.copy(house.config.keyring.floors, folder / "floors.jsonl")
    shutil.copy(house.config.log.guard, folder / "log.guard")
    shutil.copytree(house.config.log.path, folder / "log")
    return Backup(house, folder, house._in_store())


def started(house: House) -> House:
    """The portal started anew; everybody has to sign in again, in a new browser."""
    house.parts.database.close()
    house.app = create_app(house.config, clock=house.clock, background=False)
    house.guests.clear()
    return house


def command(house: House, *words: str) -> int:
    """`portal …` on this house's installation; its exit code."""
    file = house.folder / "config.toml"
    return main(["--config", str(file), *words], create_app=create_app, ready=ready, unserved=unserved)


def page(house: House, share: str, login: str = "omar") -> int:
    return house.guest(login).get(FIRST_PAGE.format(share)).status_code


def recalled(house: House, document: str) -> None:
    assert house.guest("dana").recall(document, proposal_of(house)).status_code == 302
    house.worker.sequence()


def refused(house: House) -> None:
    """It serves nothing, and says what to do in one sentence; whoever starts it another way is refused as well."""
    with pytest.raises(Restored, match=r"^restored from a backup \([^\n]*\): run `portal restore reconcile`$"):
        ready(house.config)
    with pytest.raises(Restored):
        create_app(house.config, clock=house.clock, background=False)


def in_order(house: House) -> tuple[str, ...]:
    """The log verifies; returns what is noted of it."""
    house.worker.sequence()
    report = verify(house.config)
    assert report.ok, report.findings
    return report.notes


def _put(source: Path, target: Path) -> None:
    """As `cp` would over a file that was removed: another file of the same name."""
    target.unlink(missing_ok=True)
    shutil.copy(source, target)


def _refill(house: House, objects: dict[str, bytes]) -> None:
    if house.s3:
        house.s3.empty(BUCKET)
        for name, content in objects.items():
            house.plant(name.removeprefix("objects/"), content)
        return
    shutil.rmtree(house.folder / "objects")
    (house.folder / "objects").mkdir()
    for name, content in objects.items():
        file = house.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
