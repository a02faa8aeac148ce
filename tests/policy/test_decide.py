"""What a decision gives, what a refusal tells, and that nothing is decided on facts that do not fit."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import cedarpy
import pytest

from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.errors import Denied, Hidden, Invalid
from portal.kernel.permit import Duty, Facts, Ref, Subject, Value
from portal.kernel.services import Task
from portal.kernel.vocabulary import Level, Role
from portal.policy.decide import Context, Undecided, decide
from portal.policy.engine import Engine, Verdict
from portal.policy.load import PolicySet
from portal.policy.rules import read
from tests.policy.worlds import FOLDER, HERE, THERE, THING, body, context, person, thing

CLOSED = [action for action in Action if action not in OPEN_ACTIONS]


def refusal(policies: PolicySet, subject: Subject, action: Action, **changes: Any) -> Denied:
    with pytest.raises(Denied) as refused:
        decide(policies, subject, action, thing(action, **changes), context())
    return refused.value


def test_a_permit_covers_exactly_what_was_asked(policies: PolicySet) -> None:
    facts = thing(Action.SHARE_READ)
    subject = person(Role.REVIEWER)
    permit = decide(policies, subject, Action.SHARE_READ, facts, context())
    assert (permit.subject, permit.action, permit.facts) == (subject, Action.SHARE_READ, facts)
    assert permit.rules == ("P14-read-share",)
    assert permit.duties == {Duty.WATERMARK}


def test_several_roles_bring_every_permit_and_every_duty(policies: PolicySet) -> None:
    subject = person(Role.UPLOADER, Role.REVIEWER, Role.RELEASING_OFFICER)
    assert decide(policies, subject, Action.RENDITION_READ, thing(Action.RENDITION_READ), context()).duties == {Duty.WATERMARK}
    assert decide(policies, subject, Action.DOCUMENT_LIST, thing(Action.DOCUMENT_LIST), context()).rules == ("P02-own-register",)


@pytest.mark.parametrize("action", CLOSED)
def test_what_is_absent_is_hidden_even_where_the_rules_would_permit(policies: PolicySet, action: Action) -> None:
    everyone = [person(role, clearance=Level.STRICTLY_CONFIDENTIAL) for role in Role]
    for subject in everyone:
        absent = refusal(policies, subject, action, present=False)
        assert type(absent) is Hidden
        assert not [rule for rule in absent.rules if rule.startswith("P")]


@pytest.mark.parametrize("action", CLOSED)
def test_nobody_is_asked_to_confirm_for_what_is_absent(policies: PolicySet, action: Action) -> None:
    for role in Role:
        subject = person(role, clearance=Level.STRICTLY_CONFIDENTIAL)
        with pytest.raises(Hidden):
            decide(policies, subject, action, thing(action, present=False), context(confirmed=False))


@pytest.mark.parametrize("action", sorted(OPEN_ACTIONS))
def test_an_open_door_to_nothing_is_hidden(policies: PolicySet, action: Action) -> None:
    with pytest.raises(Hidden):
        decide(policies, None, action, thing(action, present=False), context())


@pytest.mark.parametrize("action", [Action.DOCUMENT_READ, Action.SHARE_APPROVE, Action.SHARE_READ, Action.PERSON_CLOSE])
def test_absent_and_forbidden_look_the_same(policies: PolicySet, action: Action) -> None:
    """The log may know the rules; they are the same ones too, as the stand-in belongs to another body."""
    owner = {"share": "recipient", "person": "body", "document": "originator"}[action.partition(":")[0]]
    foreign = {"originator" if action is Action.SHARE_APPROVE else owner: body(THERE)}
    for role in Role:
        there = refusal(policies, person(role), action, **foreign)
        absent = refusal(policies, person(role), action, present=False, **foreign)
        assert type(there) is type(absent) is Hidden
        for trait in ("status", "code", "public", "detail", "rules", "reasons"):
            assert getattr(there, trait) == getattr(absent, trait)


@pytest.mark.parametrize("action", CLOSED)
def test_absence_and_refusal_cost_the_same_questions(policies: PolicySet, action: Action, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = Engine.ask

    def noted(engine: Engine, subject: Subject, act: Action, facts: Facts, when: Context) -> Verdict:
        asked.append(f"{act} on {facts.type}")
        return ask(engine, subject, act, facts, when)

    monkeypatch.setattr(Engine, "ask", noted)
    stranger = person(Role.AUDITOR, body="NONE")
    refusal(policies, stranger, action)
    refused, asked = asked, []
    refusal(policies, stranger, action, present=False)
    assert asked == refused


@pytest.mark.parametrize("changes", [{"state": Ref("ShareState", "suspended")}, {"coversAllRequests": False}])
def test_a_recipient_cannot_tell_a_request_from_a_suspension(policies: PolicySet, changes: dict[str, object]) -> None:
    told = refusal(policies, person(Role.REVIEWER), Action.SHARE_READ, **changes)
    assert not isinstance(told, Hidden)
    assert told.reasons == ("No longer available.",)
    low = refusal(policies, person(Role.REVIEWER, clearance=Level.UNCLASSIFIED), Action.SHARE_READ, **changes)
    assert low.reasons == told.reasons


def test_every_reason_is_given_where_several_rules_refuse(policies: PolicySet) -> None:
    told = refusal(policies, person(Role.RELEASING_OFFICER, clearance=Level.UNCLASSIFIED), Action.SHARE_APPROVE, open=False)
    assert told.rules == ("F08-clearance", "F20-decided-once")
    assert [policies.rules[rule].reason for rule in told.rules] == list(told.reasons)


@pytest.mark.parametrize("recipient", [None, "", "XXX", 'OCT" || true || "', HERE.lower()])
def test_a_document_is_proposed_to_a_known_body_only(policies: PolicySet, recipient: str | None) -> None:
    action = Action.SHARE_PROPOSE
    with pytest.raises(Invalid, match="recipient"):
        decide(policies, person(Role.UPLOADER), action, thing(action), context(recipient))
    with pytest.raises(Hidden):
        decide(policies, person(Role.UPLOADER), action, thing(action, originator=body(THERE)), context(recipient))


# --- facts that do not fit -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attributes",
    [
        {"originator": body(HERE)},
        {"originator": body(HERE), "level": 1, "deposited": True, "withheldFrom": frozenset(), "extra": True},
        {"originator": HERE, "level": 1, "deposited": True, "withheldFrom": frozenset()},
        {"originator": Ref("Role", "uploader"), "level": 1, "deposited": True, "withheldFrom": frozenset()},
        {"originator": body(HERE), "level": True, "deposited": True, "withheldFrom": frozenset()},
        {"originator": body(HERE), "level": 1, "deposited": 1, "withheldFrom": frozenset()},
        {"originator": body(HERE), "level": 2**70, "deposited": True, "withheldFrom": frozenset()},
    ],
)
def test_facts_that_do_not_fit_the_schema_permit_nothing(policies: PolicySet, attributes: dict[str, Value]) -> None:
    facts = replace(thing(Action.DOCUMENT_READ), attributes=attributes)
    with pytest.raises(Undecided):
        decide(policies, person(Role.UPLOADER), Action.DOCUMENT_READ, facts, context())


def test_an_action_on_the_wrong_kind_of_thing_permits_nothing(policies: PolicySet) -> None:
    with pytest.raises(Undecided):
        decide(policies, person(Role.REVIEWER), Action.SHARE_READ, thing(Action.DOCUMENT_READ), context())
    with pytest.raises(Undecided, match="home:read on Document"):
        decide(policies, person(Role.REVIEWER), Action.HOME_READ, thing(Action.DOCUMENT_READ), context())


def test_an_unknown_share_state_permits_nothing(policies: PolicySet) -> None:
    facts = thing(Action.SHARE_READ, state=Ref("ShareState", "recalled"))
    with pytest.raises(Undecided):
        decide(policies, person(Role.REVIEWER), Action.SHARE_READ, facts, context())


def test_a_rule_that_fails_permits_nothing(policies: PolicySet) -> None:
    """Cedar says yes and mentions an error aside when a forbid breaks; that is no yes."""
    sum_too_large = "forbid (principal, action, resource is Document) when { resource.level + 9223372036854775807 < 0 };"
    broken = replace(policies, engine=Engine(policies.engine.schema, policies.engine.rules.with_added_str(sum_too_large)))
    with pytest.raises(Undecided, match="overflow"):
        decide(broken, person(Role.UPLOADER), Action.DOCUMENT_READ, thing(Action.DOCUMENT_READ), context())


def asked(policies: PolicySet, act: str) -> set[str]:
    """The ids of the rules that are asked about this action or task."""
    return {str(rule.annotations["id"]) for rule in policies.engine.about(act).to_pst().static_policies.values()}


@pytest.mark.parametrize("act", [*CLOSED, *Task])
def test_every_rule_that_can_speak_of_an_action_is_asked_about_it(policies: PolicySet, act: Action | Task) -> None:
    files = sorted(FOLDER.glob("*.cedar"))
    statements = [found for file in files for found in read(file.name, file.read_text(encoding="utf-8"), [])]
    assert asked(policies, act.value) == {found.id for found in statements if not found.actions or act.value in found.actions}


@pytest.mark.parametrize("scope", ['action in Action::"Content"', 'action in [Action::"Content", Action::"share:propose"]', "action"])
def test_a_rule_that_may_speak_of_a_group_of_actions_is_always_asked(policies: PolicySet, scope: str) -> None:
    """Were it left out of what a member of the group is asked, what it forbids would be allowed."""
    text = f'@id("F00-group") forbid (principal, {scope}, resource);'
    grouped = replace(policies, engine=Engine(policies.engine.schema, policies.engine.rules.with_added_str(text)))
    assert all("F00-group" in asked(grouped, act) for act in (*CLOSED, *Task))


def test_a_time_without_a_zone_is_refused(policies: PolicySet) -> None:
    with pytest.raises(TypeError, match="zone"):
        decide(policies, person(Role.UPLOADER), Action.HOME_READ, thing(Action.HOME_READ), Context(now=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_what_was_answered_before_is_answered_anew_when_anything_is_different(policies: PolicySet) -> None:
    until = 'unless { context.now < datetime("2026-11-24T13:00:00Z") }'
    (rule,) = read("x.cedar", f'@id("F90-x") forbid (principal, action == Action::"document:read", resource) {until};', [])
    timely = Engine(policies.engine.schema, policies.engine.rules.with_added_str(rule.text))
    subject, facts = person(Role.REVIEWER), thing(Action.DOCUMENT_READ)
    for hour, allowed in ((0, True), (1, False), (0, True)):
        when = replace(context(), now=context().now + timedelta(hours=hour))
        assert timely.ask(subject, Action.DOCUMENT_READ, facts, when).allowed is allowed
    facts = thing(Action.RENDITION_READ)
    for who, what, allowed in (
        (subject, facts, True),
        (replace(subject, clearance=Level.UNCLASSIFIED), facts, False),
        (replace(subject, active=False), facts, False),
        (replace(subject, body=THERE), facts, False),
        (subject, thing(Action.RENDITION_READ, originator=body(THERE)), False),
        (subject, facts, True),
    ):
        assert policies.engine.ask(who, Action.RENDITION_READ, what, context()).allowed is allowed


def test_an_odd_id_is_an_id_and_no_rule(policies: PolicySet) -> None:
    odd = '" || true || "\n\\'
    assert decide(policies, person(Role.UPLOADER), Action.DOCUMENT_READ, thing(Action.DOCUMENT_READ, called=odd), context())
    refusal(policies, person(Role.UPLOADER, body=odd), Action.DOCUMENT_READ)


def test_an_id_shared_by_a_person_and_a_thing_confuses_nothing(policies: PolicySet) -> None:
    subject = person(Role.UPLOADER, who=UUID(str(THING)))
    assert decide(policies, subject, Action.DOCUMENT_READ, thing(Action.DOCUMENT_READ), context())


def test_without_the_schema_a_group_would_forbid_nothing() -> None:
    """The hazard that `Engine` guards against, kept here so that an upgrade of Cedar shows whether it is still there."""
    schema = (FOLDER / "portal.cedarschema").read_text(encoding="utf-8").replace(
        '"share:confirm_recall"\n', '"share:confirm_recall" in [shows]\n'
    ) + "action shows;\n"
    rules = 'permit (principal, action, resource); forbid (principal, action in Action::"shows", resource);'
    request = {
        "principal": {"type": "User", "id": "u"},
        "action": {"type": "Action", "id": "share:read"},
        "resource": {"type": "Share", "id": "s"},
        "context": {"now": {"__extn": {"fn": "datetime", "arg": "2026-11-24T12:00:00Z"}}},
    }
    entities: list[dict[str, object]] = []
    assert cedarpy.is_authorized(request, rules, entities).allowed
    assert not cedarpy.is_authorized(request, rules, entities, cedarpy.Schema.from_str(schema)).allowed
