"""The one decision. Pages, images, lists, counts, commands and background work all ask here, and only here a `Permit` is made.

A refusal tells its reason only to those the rules let know that the thing exists; to everyone else it is `Hidden`, the same as absence.
"""

from dataclasses import replace
from datetime import datetime

from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.errors import Denied, Hidden, Invalid, StepUpNeeded, Unauthenticated
from portal.kernel.permit import NO_RULE, Duty, Facts, Permit, Ref, ResourceType, Subject
from portal.kernel.services import Mandate, Service, Task
from portal.policy.engine import ADDRESSED, Context, Undecided, Verdict
from portal.policy.load import PolicySet

__all__ = ["GONE", "SHREDDED", "Context", "Undecided", "decide", "entrust"]

#: All that a recipient reads of a share that is suspended or no longer covers every request: the two must not be told apart.
GONE = "No longer available."
#: The rule that refuses whatever would still be done with a document that was shredded.
SHREDDED = "F46-shredded"


def decide(policies: PolicySet, subject: Subject | None, action: Action, facts: Facts, context: Context) -> Permit:
    """The permit for this action on this thing.

    Raises `Unauthenticated` (nobody is signed in and the door is not open), `Denied` with rules and reasons, `Hidden` (refused or
    absent, and the person may not know which), `StepUpNeeded` (permitted once the person has confirmed that it is them), `Invalid`
    (permitted, but the recipient is no body), `Undecided` (a fault of ours).
    """
    if action in OPEN_ACTIONS:
        if not facts.present:
            raise Hidden(f"{action}: absent")
        return Permit(subject=subject, action=action, facts=facts, rules=(), policy_hash=policies.hash)
    if subject is None:
        raise Unauthenticated(f"{action} needs a session")
    verdict = policies.engine.ask(subject, action, facts, context)
    if not (verdict.allowed and facts.present) and not context.confirmed:
        # What would be said to someone who had confirmed: only if that is yes, confirming is all that is missing.
        context, asking = replace(context, confirmed=True), verdict.rules
        verdict = policies.engine.ask(subject, action, facts, context)
        if verdict.allowed and facts.present:
            raise StepUpNeeded(f"{action} on {facts.type}: {', '.join(asking)}", rules=asking)
    if not (verdict.allowed and facts.present):
        raise _refusal(policies, subject, action, facts, context, verdict)
    if action in ADDRESSED and context.recipient not in policies.bodies:
        raise Invalid({"recipient": "Choose the body that is to receive it."})
    duties: frozenset[Duty] = frozenset().union(*(policies.rules[rule].duties for rule in verdict.rules))
    if Duty.STEP_UP in duties and not context.confirmed:
        raise StepUpNeeded(f"{action} on {facts.type}: a duty of {', '.join(verdict.rules)}", rules=verdict.rules)
    return Permit(subject=subject, action=action, facts=facts, rules=verdict.rules, policy_hash=policies.hash, duties=duties)


def entrust(policies: PolicySet, service: Service, task: Task, *, now: datetime, log_broken: bool) -> Mandate:
    """The mandate of this service for this task. Raises `Denied`, with the rules that refuse; `Undecided` (a fault of ours)."""
    verdict = policies.engine.entrusts(service, task, now=now, log_broken=log_broken)
    if not verdict.allowed:
        reasons = tuple(policies.rules[rule].reason for rule in verdict.rules)
        raise Denied(f"{task} by the {service}: {', '.join(verdict.rules) or 'no permit'}", rules=verdict.rules, reasons=reasons)
    return Mandate(service=service, task=task, rules=verdict.rules, policy_hash=policies.hash)


def _refusal(policies: PolicySet, subject: Subject, action: Action, facts: Facts, context: Context, verdict: Verdict) -> Denied:
    """Asked alike for absent and present things, so that neither statement nor work differs."""
    knows = _knows(policies, subject, facts, context) and facts.present
    rules = () if verdict.allowed else verdict.rules
    detail = f"{action} on {facts.type}: {', '.join(rules) or 'no permit'}"
    if not knows:
        return Hidden(detail, rules=rules)
    return Denied(detail, rules=rules, reasons=_reasons(policies, facts, rules))


def _knows(policies: PolicySet, subject: Subject, facts: Facts, context: Context) -> bool:
    """May this person know that the thing exists?"""
    if facts.type is ResourceType.BODY:
        return facts.id == subject.body
    if facts.type is ResourceType.DOCUMENT:
        return policies.engine.ask(subject, Action.DOCUMENT_READ, facts, context).allowed
    if facts.type is ResourceType.SHARE:
        return policies.engine.ask(subject, Action.SHARE_KNOW, facts, context).allowed
    if facts.type is ResourceType.POLICY_CHANGE:  # which is every body's
        return _may_list(policies, subject, Action.POLICY_READ, subject.body, context)
    home = facts.attributes["body" if "body" in facts.attributes else "originator"]
    if not isinstance(home, Ref):
        raise Undecided(f"the facts of a {facts.type} name no body")
    return _may_list(policies, subject, _LISTED[facts.type], home.id, context)


def _may_list(policies: PolicySet, subject: Subject, listed: Action, body: str, context: Context) -> bool:
    whose = Facts(type=ResourceType.BODY, id=body, attributes={}, originator=body)
    return policies.engine.ask(subject, listed, whose, context).allowed


#: Who may see the list of such things may know that one of them exists.
_LISTED = {
    ResourceType.PROPOSAL: Action.PROPOSAL_LIST,
    ResourceType.ONWARD: Action.PROPOSAL_LIST,
    ResourceType.PERSON: Action.PERSON_LIST,
    ResourceType.DEPUTY: Action.PERSON_LIST,
    ResourceType.REQUEST: Action.DOCUMENT_LIST,
    ResourceType.LIFTING: Action.DOCUMENT_LIST,
    ResourceType.HOLD: Action.DOCUMENT_LIST,
    ResourceType.SHREDDING: Action.DOCUMENT_LIST,
    ResourceType.LOWERING: Action.DOCUMENT_LIST,
    ResourceType.ARCHIVING: Action.DOCUMENT_LIST,
    ResourceType.ACCOUNT: Action.ACCOUNT_LIST,
    ResourceType.GRANT: Action.ACCOUNT_LIST,
}


def _reasons(policies: PolicySet, facts: Facts, rules: tuple[str, ...]) -> tuple[str, ...]:
    if not rules:
        return (NO_RULE,)
    found = [policies.rules[rule] for rule in rules]
    if facts.type is ResourceType.SHARE and not all(rule.tell for rule in found):
        return (GONE,)
    return tuple(rule.reason for rule in found)
