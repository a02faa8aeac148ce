"""The gate at the start: whatever is wrong with the rules stops it, with a message that says where and what to do. Nothing is served."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from portal.app import create_app
from portal.kernel.actions import Action
from portal.kernel.config import load_config
from portal.kernel.errors import Invalid, Misconfigured
from portal.kernel.vocabulary import Role
from portal.policy.certificate import CERTIFICATE
from portal.policy.decide import Context, Undecided, decide
from portal.policy.load import SCHEMA
from tests.cases.conftest import rewritten
from tests.common.house import House
from tests.common.rules import remark, reworded
from tests.policy.worlds import NOON, person, thing
from tools.tour.stage import ROOT


@pytest.fixture
def rules(house: House) -> Path:
    """The house's rules, in a folder that a test may change."""
    rewritten(house.folder / "config.toml", "policy", 'path = "rules"')
    return Path(shutil.copytree(ROOT / "policies", house.folder / "rules"))


def _broken(rules: Path) -> None:
    (rules / "more.cedar").write_text("permit (principal, action, resource\n")


def _silent(rules: Path) -> None:
    reworded(rules, "unless { principal.active };", "unless { principal.active || principal.clearance > 5 || 1 < 2 };")


def _failing(rules: Path) -> None:
    """It adds up to more than a number can hold, which Cedar only finds when it is asked."""
    reworded(rules, "unless { principal.active };", "unless { principal.active && principal.clearance + 9223372036854775807 > 0 };")


def _not_in_sql(rules: Path) -> None:
    """It decides as before, but a set that is made of a column is nothing that a list can ask a row for."""
    reworded(rules, "unless { principal.body == resource.recipient };", "unless { [resource.recipient].contains(principal.body) };")


FAULTS: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "no schema": (lambda rules: (rules / SCHEMA).unlink(), (SCHEMA, "cannot be read", "policy.path")),
    "a broken schema": (lambda rules: (rules / SCHEMA).write_text("entity Body"), (SCHEMA, "Mend the schema")),
    "a broken file": (_broken, ("more.cedar, line 1", "Mend the syntax")),
    "an unknown action": (
        lambda rules: [file.write_text(file.read_text().replace("audit:read", "audit:reed")) for file in rules.glob("*.cedar")],
        ("rule P15-audit", "audit:reed"),
    ),
    "an action that the schema lost": (
        lambda rules: (rules / SCHEMA).write_text((rules / SCHEMA).read_text().replace('"audit:read", ', "")),
        ("no action 'audit:read'", "Add it to the schema"),
    ),
    "a silent canary": (_silent, ("rule F11-closed-account", "is not refused by it")),
    "a rule that fails when it is asked": (_failing, ("rule P01-home: cannot be asked", "overflow")),
    "a list that does not compile": (_not_in_sql, ("the rules for share:know cannot be said in SQL", "contains", "Compare only")),
    "no certificate": (lambda rules: (rules / CERTIFICATE).unlink(), ("no certificate of their proofs", "make prove")),
    "an old certificate": (
        lambda rules: (rules / "home.cedar").write_text((rules / "home.cedar").read_text() + "// more\n"),
        ("is for other rules", "make prove"),
    ),
    "a damaged certificate": (lambda rules: (rules / CERTIFICATE).write_text("{}"), ("is no certificate of proofs", "make prove")),
    "rules that nobody approved": (lambda rules: remark(rules, "another text"), ("nobody approved them", "portal policy propose FOLDER")),
}


@pytest.mark.parametrize(("spoil", "words"), FAULTS.values(), ids=FAULTS)
def test_each_fault_of_the_rules_stops_the_start_and_is_told(
    house: House, rules: Path, spoil: Callable[[Path], object], words: tuple[str, ...]
) -> None:
    spoil(rules)
    events = house.events()
    with pytest.raises(Misconfigured) as stopped:
        create_app(load_config(house.folder / "config.toml"), clock=house.clock, background=False)
    for word in words:
        assert word in stopped.value.detail, stopped.value.detail
    assert house.events() == events


def test_rules_as_shipped_start(house: House, rules: Path) -> None:
    create_app(load_config(house.folder / "config.toml"), clock=house.clock, background=False).extensions["passage"].parts.database.close()


# --- what cannot be decided is not decided ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["originator", "level", "withheldFrom", "deposited"])
def test_a_fact_that_is_missing_permits_nothing(house: House, lost: str) -> None:
    whole = thing(Action.SHARE_PROPOSE)
    facts = replace(whole, attributes={name: value for name, value in whole.attributes.items() if name != lost})
    with pytest.raises(Undecided, match="does not conform to the schema"):
        decide(house.parts.policies, person(), Action.SHARE_PROPOSE, facts, Context(now=NOON, recipient="OCT"))


def test_a_recipient_that_is_no_body_permits_nothing(house: House) -> None:
    asked = Context(now=NOON, recipient="NONE")
    with pytest.raises(Invalid):
        decide(house.parts.policies, person(Role.UPLOADER), Action.SHARE_PROPOSE, thing(Action.SHARE_PROPOSE), asked)
