"""The rules agree with what was said a second time in plain Python, on random requests."""

from hypothesis import example, given, settings

from portal.kernel.actions import Action
from portal.kernel.errors import Denied, Hidden, StepUpNeeded
from portal.kernel.permit import Facts, Subject
from portal.kernel.vocabulary import Role
from portal.policy.decide import Context, decide
from portal.policy.load import PolicySet
from tests.policy.drawing import requests
from tests.policy.oracle import asks_to_confirm, may_know, says
from tests.policy.worlds import HERE, NOON, person, thing


@settings(max_examples=300, deadline=None)
@given(request=requests())
@example(request=(person(Role.REVIEWER), Action.SHARE_READ, thing(Action.SHARE_READ), Context(now=NOON, recipient=HERE)))
@example(request=(person(Role.RELEASING_OFFICER), Action.SHARE_APPROVE, thing(Action.SHARE_APPROVE), Context(now=NOON, recipient=HERE)))
def test_cedar_and_plain_words_agree(policies: PolicySet, request: tuple[Subject, Action, Facts, Context]) -> None:
    subject, action, facts, context = request
    try:
        decide(policies, subject, action, facts, context)
        refused = None
        assert context.confirmed or not asks_to_confirm(action, facts)
    except StepUpNeeded:
        refused = None
        assert not context.confirmed
        assert asks_to_confirm(action, facts)
    except Denied as error:
        refused = error
    assert (refused is None) is says(*request)
    if refused is not None:
        assert isinstance(refused, Hidden) is not may_know(subject, facts, context)
        assert all(rule.startswith("F") for rule in refused.rules)
