"""An installation as who operates it sees it: every command that knows of one is given, and what it wrote in the log is looked at."""

import argparse
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from portal.app import create_app, ready, unserved
from portal.cli.commands import main, parser
from portal.kernel.config import load_config
from tests.cases.conftest import renewed, rewritten
from tests.common import databases
from tests.common.backups import back_up, recalled
from tests.common.house import House, shared
from tests.common.rules import reworded
from tools.tour.stage import ROOT

OFFICERS = ("--administrator", "Greta Aal", "greta.a", "--confidentiality", "Carla Bo", "carla.b", "--releasing", "Dana Cho", "dana.c")


def leaves(words: argparse.ArgumentParser, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command there is, as it is typed, without its options."""
    choices = [action.choices for action in words._actions if isinstance(action, argparse._SubParsersAction)]
    if not choices:
        yield " ".join(before)
    for names in choices:
        for name, further in names.items():
            yield from leaves(further, (*before, name))


@dataclass
class Machine:
    """The machine of an installation. `said`: each command that was given, with the events that it wrote, whatever their order."""

    file: Path
    said: list[tuple[str, list[str]]] = field(default_factory=list)

    def say(self, *words: str, codes: tuple[int, ...] = (0,)) -> None:
        before = self._events()
        code = main(["--config", str(self.file), *words], create_app=create_app, ready=ready, unserved=unserved)
        assert code in codes, (words, code)
        self.wrote(next(leaf for leaf in leaves(parser()) if leaf.split() == [*words[: len(leaf.split())]]), before)

    def wrote(self, leaf: str, before: dict[str, str]) -> None:
        self.said.append((leaf, sorted(event for row, event in self._events().items() if row not in before)))

    def start(self) -> None:
        """As `serve` does before its server, which is tests/cases/test_serve.py's."""
        before, config = self._events(), load_config(self.file)
        ready(config)
        create_app(config, background=False).extensions["passage"].parts.database.close()
        self.wrote("serve", before)

    def _events(self) -> dict[str, str]:
        config = load_config(self.file)
        if not config.log.key.exists():
            return {}  # there is no installation yet
        rows = databases.tamper(config.database.url, "select id, event, outcome from audit_event")
        assert all(outcome == "done" for _, _, outcome in rows)
        return {str(row): str(event) for row, event, _ in rows}


def new(house: House, folder: Path) -> Machine:
    """An installation is made, on files of its own: one of its bodies has local accounts only. Later its tables are migrated."""
    (folder / "keys").mkdir(parents=True)
    shutil.copy(house.folder / "keys" / "client-secret", folder / "keys")
    file = folder / "config.toml"
    text = (house.folder / "config.toml").read_text().replace('bodies = ["CTED", "OCT"]', 'bodies = ["OCT"]')
    text = re.sub(r"(?m)\n\[\[identity.provider.group\]\]\nname = \"cted-.*\n.*\n.*\n.*\n", "\n", text)
    file.write_text(text + '\n[local]\nenabled = true\nbodies = ["CTED"]\n')
    machine = Machine(renewed(rewritten(file, "store", 'path = "fresh"'), "fresh.db"))
    machine.say("init")
    machine.start()
    machine.say("identity", "first-officers", "CTED", *OFFICERS)
    url = load_config(file).database.url
    told = json.loads(databases.tamper(url, "select detail from audit_event where event = 'portal.initialised'")[0][0])
    older = json.dumps(told | {"tables": "older"})
    databases.tamper(url, "update audit_event set detail = ? where event = 'portal.initialised'", (older,))
    machine.say("migrate")
    machine.start()
    return machine


def asked(house: House, machine: Machine, document: str) -> None:
    """What shows the installation to whoever operates it, and what prepares other rules and other members of networks."""
    mine, other = str(house.config.policy.path), house.folder / "other-rules"
    shutil.copytree(ROOT / "policies", other)
    reworded(other, '@reason("This share is suspended.")', '@reason("This share is suspended for now.")')
    machine.say("audit", "verify")
    machine.say("audit", "publish", "--to", str(house.folder / "published"))
    machine.say("doctor", codes=(0, 1))
    claims = house.folder / "claims.json"
    claims.write_text(json.dumps({"sub": "person-ada", "name": "Ada", "groups": ["cted-uploaders"]}))
    machine.say("identity", "explain", str(claims), "--provider", "demo")
    who = ("--body", "CTED", "--role", "uploader", "--clearance", "1")
    machine.say("policy", "what-if", *who, "--action", "document:read", "--document", document)
    machine.say("policy", "diff", mine, str(other))
    machine.say("policy", "propose", str(other))
    machine.say("networks", "show")
    members = house.folder / "members.csv"
    members.write_text("network,body\nWG-11,OCT\n")
    machine.say("networks", "import", str(members))
    machine.say("recover", "export", str(house.folder / "export"))


def restored(house: House, machine: Machine, document: str) -> None:
    """A backup from before a recall is put back."""
    backup = back_up(house)
    recalled(house, document)
    backup.restore("database")
    machine.say("restore", "reconcile")
    machine.say("restore", "settle", "CTED", house.cast.symbol)
    machine.say("restore", "discard")


def tell(house: House, folder: Path) -> list[tuple[str, list[str]]]:
    """The whole story: each command that was given, with what it wrote."""
    made = new(house, folder)
    rewritten(house.folder / "config.toml", "policy", 'path = "rules"')
    shutil.copytree(ROOT / "policies", house.folder / "rules")
    house.config = load_config(house.folder / "config.toml")
    house.stop()
    document, _ = shared(house)
    house.worker.sequence()
    machine = Machine(house.folder / "config.toml")
    asked(house, machine, document)
    restored(house, machine, document)
    return made.said + machine.said
