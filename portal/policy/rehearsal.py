"""Asks every canary before the rules are used: what must be permitted is, and by the rule named; what must be refused is, and by that one.

Each begins with everything favourable (`favourable`); a refusal changes one thing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from portal.kernel.actions import Action
from portal.kernel.permit import Facts, Ref, ResourceType, Subject, Value
from portal.kernel.services import Service, Task
from portal.kernel.vocabulary import Level, Role, ShareState
from portal.policy.canaries import ABOUT, LOG_CANNOT_GO_ON, ME, PERMITS, SERVICES, SOMEBODY_ELSE, THING, Closes, Opens, forbids
from portal.policy.engine import Context, Engine, Undecided
from portal.policy.rules import Rule

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
#: What is done with a proposal once a share came of it.
AFTERWARDS = frozenset({Action.SHARE_RECALL, Action.SHARE_ANSWER, Action.TRANSFER_RECORD, Action.TRANSFER_STRIKE})


def silent(engine: Engine, rules: Mapping[str, Rule], bodies: Sequence[str]) -> Iterator[str]:
    """Every canary that did not sing, and every rule that has none. Needs two bodies."""
    here, there = Ref("Body", bodies[0]), Ref("Body", bodies[1])
    refusals = tuple(forbids(here, there))
    for opens in PERMITS:
        for action in opens.actions:
            for role in sorted(opens.roles):
                if fault := _must_open(engine, opens, *favourable(action, role, here, there), action):
                    yield _named(rules, opens.rule, fault)
    for closes in refusals:
        for action in closes.actions:
            if fault := _must_close(engine, closes, *favourable(action, _role(action), here, there), action):
                yield _named(rules, closes.rule, fault)
    for opens in PERMITS:
        if opens.rule in rules and rules[opens.rule].duties != opens.duties:
            yield _named(rules, opens.rule, f"carries other duties than {', '.join(sorted(opens.duties)) or 'none'}")
    yield from (_named(rules, rule, fault) for rule, fault in _of_services(engine))
    of_services = {LOG_CANNOT_GO_ON}.union(*(names for *names, _ in SERVICES.values()))
    for rule in sorted(set(rules) - {opens.rule for opens in PERMITS} - {closes.rule for closes in refusals} - of_services):
        yield _named(rules, rule, "has no canary; add one in portal/policy/canaries.py")


def _of_services(engine: Engine) -> Iterator[tuple[str, str]]:
    """Each task is its service's, by this permit; no other's, by this forbid; and nobody's while the log cannot go on."""
    for own, (permit, forbid, tasks) in SERVICES.items():
        for task in tasks:
            yield from _answer(engine, own, task, permit, allowed=True)
            yield from _answer(engine, own, task, LOG_CANNOT_GO_ON, allowed=False, log_broken=True)
            for other in set(Service) - {own}:
                yield from _answer(engine, other, task, forbid, allowed=False)


def _answer(
    engine: Engine, service: Service, task: Task, rule: str, *, allowed: bool, log_broken: bool = False
) -> Iterator[tuple[str, str]]:
    try:
        verdict = engine.entrusts(service, task, now=NOW, log_broken=log_broken)
    except Undecided as error:
        yield rule, f"cannot be asked: {error.detail}"
        return
    if verdict.allowed is not allowed or rule not in verdict.rules:
        yield rule, f"{task} is not {'permitted' if allowed else 'refused'} by it to the {service}"


def _named(rules: Mapping[str, Rule], rule: str, fault: str) -> str:
    if rule not in rules:
        return f"rule {rule} is missing ({fault}). Put it back."
    return f"{rules[rule].file}, line {rules[rule].line}, rule {rule}: {fault}. Compare it with what stood there before."


def _must_open(engine: Engine, opens: Opens, subject: Subject, facts: Facts, context: Context, action: Action) -> str | None:
    try:
        verdict = engine.ask(subject, action, facts, context)
    except Undecided as error:
        return f"cannot be asked: {error.detail}"
    if verdict.allowed and opens.rule in verdict.rules:
        return None
    return f"{action} is not permitted by it to {', '.join(sorted(subject.roles))}"


def _must_close(engine: Engine, closes: Closes, subject: Subject, facts: Facts, context: Context, action: Action) -> str | None:
    change = closes.change
    subject = replace(subject, roles=subject.roles | ({change.also} if change.also else set()), **change.subject)
    facts = replace(facts, id=change.id or facts.id, attributes={**facts.attributes, **change.attributes})
    context = replace(context, recipient=change.recipient or context.recipient, confirmed=change.confirmed)
    try:
        verdict = engine.ask(subject, action, facts, context)
    except Undecided as error:
        return f"cannot be asked: {error.detail}"
    return f"{action} is not refused by it" if verdict.allowed or closes.rule not in verdict.rules else None


def _role(action: Action) -> Role:
    """A role that may do this when everything is favourable."""
    return min(role for opens in PERMITS if action in opens.actions for role in opens.roles)


def favourable(action: Action, role: Role, here: Ref, there: Ref) -> tuple[Subject, Facts, Context]:
    """The plain situation: own body, enough clearance, nothing withheld, somebody else proposed, just confirmed."""
    kind = ABOUT[action]
    me = Subject(id=ME, body=here.id, roles=frozenset({role}), clearance=Level.CONFIDENTIAL, active=True, epoch=0, session=UUID(int=0))
    level: Mapping[str, Value] = {"level": int(Level.CONFIDENTIAL)}
    nothing: frozenset[Ref] = frozenset()
    attributes: dict[ResourceType, Mapping[str, Value]] = {
        ResourceType.BODY: {},
        ResourceType.DOCUMENT: {
            **level,
            "originator": here,
            "deposited": True,
            "withheldFrom": nothing,
            "held": False,
            "shredded": False,
            "requested": False,
            "pending": False,
            "archived": False,
        },
        ResourceType.PROPOSAL: {
            **level,
            "originator": here,
            "recipient": there,
            "proposedBy": Ref("User", str(SOMEBODY_ELSE)),
            "withheldFrom": nothing,
            "coversAllRequests": True,
            "open": action not in AFTERWARDS,
            "live": action in AFTERWARDS,
            "shredded": False,
            "archived": False,
            "consulting": False,
            "sourceOpen": True,
            "downloadable": True,
            "leaves": True,
            "past": False,
        },
        ResourceType.SHARE: {
            **level,
            "originator": there,
            "recipient": here,
            "state": Ref("ShareState", _state(action).value),
            "coversAllRequests": True,
            "downloadable": True,
            "fetchable": True,
            "expired": False,
            "sourceOpen": True,
            "embargoed": False,
            "forOthersEyes": False,
            "passedOn": False,
        },
        ResourceType.ONWARD: {
            **level,
            "originator": here,
            "recipient": there,
            "withheldFrom": nothing,
            "open": True,
            "sourceOpen": True,
            "archived": False,
        },
        ResourceType.PERSON: {"body": here, "mine": False},
        ResourceType.ACCOUNT: {
            "body": here,
            "owner": Ref("User", str(ME if action is Action.ACCOUNT_CHANGE else SOMEBODY_ELSE)),
            "closed": False,
        },
        ResourceType.GRANT: {
            **level,
            "body": here,
            "owner": Ref("User", str(THING)),
            "proposedBy": Ref("User", str(SOMEBODY_ELSE)),
            "open": True,
            "closed": False,
        },
        ResourceType.DEPUTY: {
            "body": here,
            "deputy": Ref("User", str(THING)),
            "proposedBy": Ref("User", str(SOMEBODY_ELSE)),
            "proposed": True,
            "ended": False,
        },
        ResourceType.POLICY_CHANGE: {"consented": frozenset({there}), "open": True},
        ResourceType.REQUEST: {
            **level,
            "originator": here,
            "recordedBy": Ref("User", str(SOMEBODY_ELSE)),
            "confirmed": action is Action.REQUEST_ATTEST,
            "inForce": True,
        },
        ResourceType.LIFTING: {**level, "originator": here, "proposedBy": Ref("User", str(SOMEBODY_ELSE)), "open": True},
        ResourceType.HOLD: {**level, "originator": here, "placedBy": Ref("User", str(SOMEBODY_ELSE)), "open": True},
        ResourceType.SHREDDING: {**level, "originator": here, "proposedBy": Ref("User", str(SOMEBODY_ELSE)), "open": True, "held": False},
        ResourceType.LOWERING: {
            **level,
            "originator": here,
            "proposedBy": Ref("User", str(SOMEBODY_ELSE)),
            "open": True,
            "requested": False,
            "shredded": False,
        },
        ResourceType.ARCHIVING: {**level, "originator": here, "archivedBy": Ref("User", str(SOMEBODY_ELSE)), "open": True},
    }
    facts = Facts(type=kind, id=here.id if kind is ResourceType.BODY else str(THING), attributes=attributes[kind], originator=here.id)
    return me, facts, Context(now=NOW, recipient=there.id, confirmed=True)


def _state(action: Action) -> ShareState:
    return ShareState.SUSPENDED if action in {Action.SHARE_CONFIRM_RECALL, Action.TRANSFER_RETURN} else ShareState.LIVE
