"""An explanation is the decision, told: it never says more or less than what the doors do."""

import pytest
from hypothesis import given, settings

from portal.kernel.actions import Action
from portal.kernel.errors import Denied, Hidden, StepUpNeeded
from portal.kernel.permit import Duty, Facts, Subject
from portal.kernel.vocabulary import Level, Role
from portal.policy.decide import Context, decide
from portal.policy.explain import ABSENT, Outcome, explain
from portal.policy.load import PolicySet
from tests.policy.drawing import requests
from tests.policy.oracle import may_know, says
from tests.policy.worlds import context, person, thing


@settings(max_examples=300, deadline=None)
@given(request=requests())
def test_an_explanation_says_what_the_decision_does(policies: PolicySet, request: tuple[Subject, Action, Facts, Context]) -> None:
    subject, _, facts, context = request
    said = explain(policies, *request)
    assert said.allowed is says(*request)
    if not said.allowed:
        assert (said.outcome is Outcome.HIDDEN) is not may_know(subject, facts, context)
    assert (said.outcome, tuple(rule.id for rule in said.rules), said.duties, said.told) == decided(policies, *request)


def decided(
    policies: PolicySet, subject: Subject, action: Action, facts: Facts, context: Context
) -> tuple[Outcome, tuple[str, ...], frozenset[Duty], tuple[str, ...]]:
    try:
        permit = decide(policies, subject, action, facts, context)
    except StepUpNeeded as error:
        return Outcome.ASKED, error.rules, frozenset(), (error.public,)
    except Hidden as error:
        return Outcome.HIDDEN, error.rules, frozenset(), (ABSENT,)
    except Denied as error:
        return Outcome.REFUSED, error.rules, frozenset(), error.reasons
    return Outcome.PERMITTED, permit.rules, permit.duties, ()


def test_a_rule_is_told_with_its_words_and_its_place(policies: PolicySet) -> None:
    said = explain(policies, person(Role.REVIEWER, clearance=Level.UNCLASSIFIED), Action.SHARE_READ, thing(Action.SHARE_READ), context())
    (rule,) = said.rules
    assert (rule.id, rule.file, rule.reason) == ("F08-clearance", "levels.cedar", "Your clearance is below the level of this document.")
    assert rule.line > 1


def test_what_is_hidden_from_somebody_is_told_with_the_rules_that_they_would_never_read(policies: PolicySet) -> None:
    said = explain(policies, person(Role.AUDITOR, Role.REVIEWER), Action.DOCUMENT_READ, thing(Action.DOCUMENT_READ), context())
    assert [rule.id for rule in said.rules] == ["F10-oversight-sees-no-content"]
    assert said.told == (ABSENT,)


@pytest.mark.parametrize("confirmed", [True, False])
def test_what_takes_a_second_factor_is_told_as_permitted_after_it(policies: PolicySet, confirmed: bool) -> None:
    reader = person(Role.REVIEWER, clearance=Level.STRICTLY_CONFIDENTIAL)
    said = explain(policies, reader, Action.SHARE_READ, thing(Action.SHARE_READ, level=2), context(confirmed=confirmed))
    assert said.allowed
    assert said.outcome is (Outcome.PERMITTED if confirmed else Outcome.ASKED)
