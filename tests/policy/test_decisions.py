"""The decision table `policies/decisions.toml` and the rules say the same."""

import tomllib
from typing import Any

import pytest

from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.errors import Denied, Hidden, StepUpNeeded, Unauthenticated
from portal.kernel.vocabulary import Level, Role
from portal.policy.canaries import LOG_CANNOT_GO_ON, SERVICES
from portal.policy.decide import decide
from portal.policy.load import PolicySet
from tests.policy.worlds import FOLDER, HERE, ME, THERE, context, person, spoken, thing

TABLE = tomllib.loads((FOLDER / "decisions.toml").read_text(encoding="utf-8"))
WHO: dict[str, Any] = TABLE["who"]
SITUATIONS: list[dict[str, Any]] = TABLE["situation"]


def roles_for(action: Action) -> set[Role | None]:
    named = WHO[action]
    return {*Role, None} if named in ("everyone", "anybody") else {Role(role) for role in named}


def test_every_action_has_a_row_and_every_row_an_action() -> None:
    assert sorted(WHO) == sorted(Action)
    assert {action for action, who in WHO.items() if who == "anybody"} == set(OPEN_ACTIONS)


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role or "no role")
@pytest.mark.parametrize("action", Action)
def test_a_role_may_do_what_the_table_says_and_no_more(policies: PolicySet, action: Action, role: Role | None) -> None:
    subject = person(*([role] if role else []))
    if role in roles_for(action):
        permit = decide(policies, subject, action, thing(action), context())
        assert permit.duties == set(TABLE["duties"].get(action, []))
        assert permit.policy_hash == policies.hash
        assert permit.rules or action in OPEN_ACTIONS
    else:
        with pytest.raises(Denied) as refused:
            decide(policies, subject, action, thing(action), context())
        assert set(refused.value.rules) <= {"F10-oversight-sees-no-content"}


@pytest.mark.parametrize("action", Action)
def test_a_stranger_passes_open_doors_only(policies: PolicySet, action: Action) -> None:
    if WHO[action] == "anybody":
        permit = decide(policies, None, action, thing(action), context())
        assert permit.subject is None
        assert permit.rules == ()
    else:
        with pytest.raises(Unauthenticated):
            decide(policies, None, action, thing(action), context())


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation["name"])
def test_a_special_situation_is_decided_by_the_rules_named(policies: PolicySet, situation: dict[str, Any]) -> None:
    told = {"rules", "told", "hidden", "asked"}
    assert situation.keys() <= {"name", "action", "roles", "person", "confirmed", "resource", "id", "recipient"} | told
    action = Action(situation["action"])
    traits = dict(situation.get("person", {}))
    subject = person(*map(Role, situation["roles"]), clearance=Level(traits.pop("clearance", 1)), **traits)
    changes: dict[str, Any] = {name: spoken(name, value) for name, value in situation.get("resource", {}).items()}
    where = {"here": HERE, "there": THERE, "me": str(ME), None: None}
    facts = thing(action, called=where[situation.get("id")], **changes)
    asked = context(where[situation.get("recipient", "there")], confirmed=situation.get("confirmed", True))
    if situation.get("asked"):
        with pytest.raises(StepUpNeeded) as needed:
            decide(policies, subject, action, facts, asked)
        assert needed.value.rules == tuple(situation["rules"])
        assert decide(policies, subject, action, facts, context(asked.recipient)).rules
        return
    if "told" not in situation and "hidden" not in situation:
        assert decide(policies, subject, action, facts, asked).rules
        return
    with pytest.raises(Denied) as refused:
        decide(policies, subject, action, facts, asked)
    assert refused.value.rules == tuple(situation["rules"])
    assert isinstance(refused.value, Hidden) is situation.get("hidden", False)
    assert refused.value.public == situation.get("told", Hidden.public)


def test_every_forbid_has_a_situation(policies: PolicySet) -> None:
    shown = {rule for situation in SITUATIONS for rule in situation["rules"]}
    of_tasks = {LOG_CANNOT_GO_ON, *(forbid for _, forbid, _ in SERVICES.values())}  # tried in test_services
    assert {rule.id for rule in policies.rules.values() if rule.effect == "forbid"} - of_tasks == {rule for rule in shown if rule[0] == "F"}
