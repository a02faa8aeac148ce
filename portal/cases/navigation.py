"""Which doors of their own body a person would find open. Decided by the policy, like the doors themselves."""

from portal.cases.uow import Parts
from portal.kernel.actions import Action
from portal.kernel.errors import Denied
from portal.kernel.permit import Facts, ResourceType, Subject
from portal.policy.decide import Context, decide

DOORS = (
    Action.DOCUMENT_LIST,
    Action.DOCUMENT_REGISTER,
    Action.PROPOSAL_LIST,
    Action.RECEIVED_LIST,
    Action.AUDIT_READ,
    Action.PERSON_LIST,
    Action.ACCOUNT_LIST,
    Action.POLICY_READ,
)


def allowed_doors(parts: Parts, subject: Subject) -> frozenset[Action]:
    facts = Facts(type=ResourceType.BODY, id=subject.body, attributes={}, originator=subject.body)
    allowed = set()
    for action in DOORS:
        if action is Action.ACCOUNT_LIST and not parts.config.local.serves(subject.body):
            continue
        try:
            decide(parts.policies, subject, action, facts, Context(now=parts.clock.now()))
        except Denied:
            continue
        allowed.add(action)
    return frozenset(allowed)
