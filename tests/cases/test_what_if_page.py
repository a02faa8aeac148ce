"""/policy/what-if: the rules, in force or proposed, asked about situations that are made up, and never about anything that is real."""

import json
import re
import shutil
import tomllib
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from portal.cases.act_words import WORDS
from portal.cases.change_policy import propose_policy
from portal.cases.situations import form_of, situation
from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.clock import SystemClock
from portal.kernel.permit import Ref, ResourceType
from portal.kernel.services import Service, Task
from portal.policy.attributes import attributes_of
from portal.policy.canaries import ABOUT, PERMITS
from portal.policy.explain import Outcome, explain
from portal.policy.load import SCHEMA, PolicySet
from portal.policy.rehearsal import favourable
from tests.common.house import House, shared
from tests.common.rules import certified, remark, reworded

POLICIES = Path(__file__).parents[2] / "policies"
BODIES = [("CTED", "Directorate"), ("OCT", "Office")]
ASKED = [action for action in Action if action not in OPEN_ACTIONS]


@pytest.fixture(scope="module")
def rules() -> PolicySet:
    return PolicySet.load(POLICIES, [code for code, _ in BODIES])


def plain(house: House, action: Action, body: str = "CTED", **changes: Any) -> dict[str, Any]:
    """The parts of an address about the plain situation, with changes. `thing__level` stands for `thing.level`."""
    form = form_of(house.parts.policies.engine.schema, BODIES, action, body)
    said = {field.name: list(field.chosen) for field in form.fields} | {"rules": ["in-force"]}
    return {"act": action.value, "body": body, **said, **{name.replace("__", "."): value for name, value in changes.items()}}


def ask(house: House, login: str, parts: dict[str, Any], *, status: int = 200) -> str:
    answer = house.guest(login).get(f"/policy/what-if?{urlencode(parts, doseq=True)}")
    assert answer.status_code == status, answer.text
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


# --- what it answers -----------------------------------------------------------------------------------------------------------------


def test_an_act_and_a_body_lead_to_a_form_and_the_form_to_an_answer_with_rule_reason_and_source(house: House) -> None:
    page = house.guest("farid").get("/policy").text
    assert 'href="/policy/what-if"' in page
    assert "Choose an act" in ask(house, "farid", {})
    assert "Somebody of the Office asks" in ask(house, "farid", {"act": "share:read", "body": "OCT"})
    said = ask(house, "farid", plain(house, Action.SHARE_READ, "OCT", role="reviewer"))
    assert "The rules in force Yes Permitted" in said
    rule = house.parts.policies.rules["P14-read-share"]
    assert f"“{rule.reason}” P14-read-share {rule.source}" in said
    assert "And then Their name is put on every page." in said


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"thing__state": "suspended"}, "F05-suspended"),
        ({"thing__coversAllRequests": "no"}, "F01-share-covers-requests"),
        ({"thing__expired": "yes"}, "F23-expired"),
        ({"thing__embargoed": "yes"}, "F75-embargo"),
        ({"thing__recipient": "CTED"}, "F14-share-with-another-body"),
        ({"thing__sourceOpen": "no"}, "F73-source-closed"),
        ({"clearance": "0"}, "F08-clearance"),
        ({"active": "no"}, "F11-closed-account"),
        ({"role": ["reviewer", "auditor"]}, "F10-oversight-sees-no-content"),
        ({"clearance": "2", "thing__level": "2"}, "F09-strictly-confidential"),
    ],
)
def test_each_thing_that_is_out_of_the_ordinary_is_answered_by_its_rule(house: House, changes: dict[str, Any], rule: str) -> None:
    said = ask(house, "rana", plain(house, Action.SHARE_READ, "OCT", **{"role": "reviewer", **changes}))
    assert rule in said
    assert ("after confirming" in said) is (rule == "F09-strictly-confidential")


def test_whoever_proposed_it_themself_and_whom_it_is_withheld_from(house: House) -> None:
    own = plain(house, Action.SHARE_APPROVE, role="releasing_officer", confirmed="yes", thing__proposedBy="self")
    assert "F06-four-eyes" in ask(house, "greta", own)
    assert "P10-approve" in ask(house, "greta", own | {"thing.proposedBy": "other"})
    withheld = plain(house, Action.SHARE_PROPOSE, role="uploader", recipient="OCT", thing__withheldFrom=["OCT"])
    assert "F02-withheld-from-recipient" in ask(house, "greta", withheld)
    assert "P07-prepare" in ask(house, "greta", withheld | {"thing.withheldFrom": ["CTED"]})
    assert "F17-own-account" in ask(house, "greta", plain(house, Action.PERSON_CLOSE, role="security_administrator", thing__account="self"))
    assert "No rule permits it. Your role does not include this." in ask(house, "greta", plain(house, Action.AUDIT_READ))


@pytest.mark.parametrize("action", ASKED)
def test_the_plain_situation_of_every_action_is_the_canaries_and_every_attribute_can_be_said(rules: PolicySet, action: Action) -> None:
    schema, now = rules.engine.schema, SystemClock().now()
    form = form_of(schema, BODIES, action, "OCT")
    assert {field.name for field in form.thing} == {f"thing.{name}" for name in attributes_of(schema, ABOUT[action])}
    assert form.faults() == {}
    role = min(role for opens in PERMITS if action in opens.actions for role in opens.roles)
    chosen = {field.name: field.chosen for field in form.fields} | {"role": (role.value,), "confirmed": ("yes",)}
    made = situation(schema, action, "OCT", chosen, now)
    _, facts, _ = favourable(action, role, Ref("Body", "OCT"), Ref("Body", "CTED"))
    users = {name for name, cedar in attributes_of(schema, ABOUT[action]).items() if cedar == "User"}
    assert {k: v for k, v in made.facts.attributes.items() if k not in users} == {
        k: v for k, v in facts.attributes.items() if k not in users
    }
    assert explain(rules, made.subject, action, made.facts, made.context).outcome is Outcome.PERMITTED


def test_every_kind_of_thing_has_its_attributes_from_the_schema(rules: PolicySet) -> None:
    text = (POLICIES / SCHEMA).read_text()
    for kind in ResourceType:
        (declared,) = re.findall(rf"^entity {kind}(?:;| \{{\n(.*?)\n\}};)", text, re.MULTILINE | re.DOTALL)
        assert set(attributes_of(rules.engine.schema, kind)) == set(re.findall(r"^  (\w+):", declared, re.MULTILINE))


def test_acts_are_called_what_the_matrix_calls_them() -> None:
    words = tomllib.loads((POLICIES / "decisions.toml").read_text())["words"]
    words.pop("Doors that need no session")
    assert {group: {action.value: said for action, said in acts.items()} for group, acts in WORDS.items()} == words
    assert {action for acts in WORDS.values() for action in acts} == set(ASKED)


# --- who may, and what is never told ---------------------------------------------------------------------------------------------------


def test_only_who_oversees_asks(house: House) -> None:
    for login, status in {"farid": 200, "greta": 200, "rana": 200, "sven": 200, "ada": 403, "carla": 403, "dana": 403, "omar": 403}.items():
        assert house.guest(login).get("/policy/what-if").status_code == status
    assert house.stranger().get("/policy/what-if").status_code == 401


def test_no_part_of_an_address_names_anything_real(house: House) -> None:
    document, share = shared(house)
    for name in ("thing", "document", "on", "person", "thing.id", "recipient"):
        said = ask(house, "farid", plain(house, Action.SHARE_READ, "OCT") | {name: share}, status=422)
        assert "The address says something that this question has no place for." in said
        assert "P14" not in said
    for name in ("thing.proposedBy", "thing.withheldFrom"):
        assert "choose" in ask(house, "farid", plain(house, Action.SHARE_APPROVE) | {name: [document]}, status=422).lower()


def test_what_is_in_the_register_changes_no_answer(house: House) -> None:
    question = plain(house, Action.SHARE_READ, "OCT", role="reviewer", rules="in-force")
    before = ask(house, "farid", question)
    shared(house)
    assert ask(house, "farid", question) == before


def test_asking_is_the_event_that_the_rules_were_read_and_says_what_was_asked(house: House) -> None:
    ask(house, "farid", plain(house, Action.DOCUMENT_SHRED))
    assert house.events()[-1] == ("policy.read", "done", "")
    (detail,) = house.sql("select detail from audit_event order by at desc, rowid desc limit 1")[0]
    assert json.loads(detail)["asked"] == "document:shred"
    assert json.loads(detail)["policy"] == house.parts.policies.hash
    assert not [event for event in house.events() if event[0] == "policy.simulated"]


# --- what is no question -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"act": "share:reed", "body": "OCT"}, "Choose an act from the list."),
        ({"act": "health:read", "body": "OCT"}, "Choose an act from the list."),
        ({"act": ["share:read", "audit:read"], "body": "OCT"}, "Choose an act from the list."),
        ({"act": "share:read"}, "Choose a body from the list."),
        ({"act": "share:read", "body": "NATO"}, "Choose a body from the list."),
        ({"body": "\x00"}, "Choose an act from the list."),
        ({"clearance": "1"}, "Choose an act from the list."),
    ],
)
def test_what_is_no_act_or_no_body_is_said(house: House, parts: dict[str, Any], told: str) -> None:
    said = ask(house, "farid", parts, status=422)
    assert "This is no question yet. Nothing was asked." in said
    assert told in said


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"clearance": "3"}, "Cleared up to: that is none of the choices."),
        ({"clearance": "-1"}, "Cleared up to: that is none of the choices."),
        ({"clearance": []}, "Cleared up to: choose one from the list."),
        ({"clearance": ["0", "1"]}, "Cleared up to: choose one from the list."),
        ({"clearance": ["1", "1"]}, "Cleared up to: that is none of the choices."),
        ({"role": "administrator"}, "Roles: that is none of the choices."),
        ({"role": ["reviewer", "reviewer"]}, "Roles: that is none of the choices."),
        ({"confirmed": "true"}, "Has just used a second factor: that is none of the choices."),
        ({"thing__state": "recalled"}, "State: that is none of the choices."),
        ({"thing__level": "<b>"}, "Level: that is none of the choices."),
        ({"thing__embargoed": []}, "Under embargo: choose one from the list."),
        ({"thing__recipient": "NATO"}, "Recipient: that is none of the choices."),
        ({"rules": "6f37d799-0000-4000-8000-000000000000"}, "Which rules: that is none of the choices."),
        ({"rules": []}, "Which rules: choose one from the list."),
        ({"thing__withheldFrom": "OCT"}, "The address says something that this question has no place for."),
        ({"utm": "x"}, "The address says something that this question has no place for."),
    ],
)
def test_every_value_that_is_none_of_the_choices_is_said_and_nothing_is_asked(house: House, changes: dict[str, Any], told: str) -> None:
    said = ask(house, "farid", plain(house, Action.SHARE_READ, "OCT", **changes), status=422)
    assert "This needs another look. Nothing was asked." in said
    assert told in said
    assert "Permitted" not in said
    (detail,) = house.sql("select detail from audit_event order by at desc, rowid desc limit 1")[0]
    assert "asked" not in json.loads(detail)


# --- rules that are proposed -------------------------------------------------------------------------------------------------------------


def proposed(house: House, old: str, new: str) -> str:
    """These rules, with one passage changed, proposed. The id of the change, as the page offers it."""
    folder = shutil.copytree(house.config.policy.path, house.folder / "next")
    propose_policy(house.parts, house.passage.acting(Service.OPERATOR, Task.POLICY_PROPOSE), reworded(folder, old, new))
    page = house.guest("farid").get("/policy/what-if?act=share:read&body=OCT").text
    (change,) = re.findall(r'<option value="([0-9a-f-]{36})"', page)
    return str(change)


READ_SHARE = 'permit (principal in Role::"reviewer", action == Action::"share:read", resource)'


def test_a_proposed_change_is_asked_the_same_beside_the_rules_in_force(house: House) -> None:
    change = proposed(house, READ_SHARE, READ_SHARE.replace('Role::"reviewer"', 'Role::"uploader"'))
    said = ask(house, "sven", plain(house, Action.SHARE_READ, "OCT", role="uploader", rules=change))
    assert re.search(r"The rules in force No Refused.*Proposed on \d+ \w+ \d+ Yes Permitted “", said)
    said = ask(house, "sven", plain(house, Action.SHARE_READ, "OCT", role="reviewer", rules=change))
    assert re.search(r"The rules in force Yes Permitted.*Proposed on \d+ \w+ \d+ No Refused", said)
    said = ask(house, "sven", plain(house, Action.SHARE_READ, "OCT", role="uploader"))
    assert not re.search(r"Proposed on \d+ \w+ \d+ (Yes|No)", said)
    assert house.parts.policies.rules["P14-read-share"].reason in ask(
        house, "sven", plain(house, Action.SHARE_READ, "OCT", role="reviewer")
    )


def test_a_change_that_was_withdrawn_is_asked_no_more(house: House) -> None:
    change = proposed(house, READ_SHARE, READ_SHARE + " // the same")
    house.guest("greta").post(f"/policy/changes/{change}/withdraw")
    assert "Which rules: that is none" in ask(house, "sven", plain(house, Action.SHARE_READ, "OCT", rules=change), status=422)


def test_rules_of_which_this_portal_does_not_know_a_fact_are_told_to_be_unanswerable(house: House) -> None:
    folder = shutil.copytree(house.config.policy.path, house.folder / "next")
    schema = folder / SCHEMA
    schema.write_text(schema.read_text().replace("entity Share {", "entity Share {\n  sealed: Bool,"))
    propose_policy(house.parts, house.passage.acting(Service.OPERATOR, Task.POLICY_PROPOSE), certified(folder))
    (change,) = re.findall(r'<option value="([0-9a-f-]{36})"', house.guest("farid").get("/policy/what-if?act=share:read&body=OCT").text)
    said = ask(house, "farid", plain(house, Action.SHARE_READ, "OCT", role="reviewer", rules=change))
    assert "The rules in force Yes Permitted" in said
    assert "Not asked This version of the portal cannot ask these rules" in said
    assert "Yes Permitted" in ask(house, "farid", plain(house, Action.AUDIT_READ, role="auditor", rules=change)).split("Proposed on")[-1]


def test_files_that_were_changed_after_the_start_are_not_taken_for_the_rules_in_force(house: House) -> None:
    own = shutil.copytree(POLICIES, house.folder / "rules")
    change = proposed(house, READ_SHARE, READ_SHARE + " // the same")
    remark(own, "Somebody was here.")
    object.__setattr__(house.parts.config.policy, "path", own)
    said = ask(house, "farid", plain(house, Action.SHARE_READ, "OCT", role="reviewer", rules=change))
    assert "Not asked" in said
