"""What Cedar's own validation does not see: ids, reasons, duties, and that rules, schema and code speak of the same things."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

import cedarpy
from cedarpy import pst

from portal.kernel.actions import Action
from portal.kernel.permit import Duty
from portal.kernel.services import Service, Task
from portal.kernel.vocabulary import Role, ShareState
from portal.policy.rules import Statement

RULE_ID = re.compile(r"([PF])\d\d-[a-z0-9]+(?:-[a-z0-9]+)*")
LETTER = {"P": "permit", "F": "forbid"}
ANNOTATIONS = frozenset({"id", "reason", "source", "duty", "tell"})

#: Attributes whose mention in a reason would tell a recipient that a request exists.
TELLING = frozenset({"coversAllRequests", "withheldFrom", "state"})

#: What a rule may name by its id. So two persons, or two documents, of whom the same is known are answered the same.
NAMED = frozenset({"Action", "Body", "Role", "Service", "ShareState"})

#: Approvals and acts on keys: no permit, whoever adds it, opens them without a fresh second factor.
CONFIRMED = frozenset(
    {
        Action.SHARE_APPROVE,
        Action.REQUEST_LIFT,
        Action.DOCUMENT_LIFT_HOLD,
        Action.DOCUMENT_SHRED,
        Action.DOCUMENT_LOWER,
        Action.ACCOUNT_CONFIRM,
        Action.POLICY_APPROVE,
    }
)


def of_schema(schema: cedarpy.Schema) -> Iterator[str]:
    """Faults between the schema and the code: every action, task, role and state exists in both, and persons and services share none."""
    text = str(schema)  # Cedar's own rendering: one action a line, one enum a line
    applies = dict(re.findall(r'^action "([^"]+)"(.*?);$', text, re.MULTILINE | re.DOTALL))
    tasks = [name for name, to in applies.items() if name in set(Task) or re.search(r"\bService\b", to)]
    yield from _differ("action", Action, [name for name in applies if name not in tasks])
    yield from _differ("task", Task, tasks)
    for name in tasks:
        if not re.search(r"principal: (\[Service\]|Service),\s*resource: (\[Portal\]|Portal),", applies[name]):
            yield f"the schema lets {name} be about more than a service and the portal. Leave tasks to services, actions to persons."
    for name, words in (("Role", Role), ("ShareState", ShareState), ("Service", Service)):
        enum = re.search(rf"^entity {name} enum \[([^\]]*)\];", text, re.MULTILINE)
        yield from _differ(name, words, re.findall(r'"([^"]+)"', enum[1]) if enum else ())


def _differ(kind: str, words: Iterable[StrEnum], named: Sequence[str]) -> Iterator[str]:
    known = {word.value for word in words}
    for name in sorted(known - set(named)):
        yield f"the schema has no {kind} {name!r}, which the portal knows. Add it to the schema."
    for name in sorted(set(named) - known):
        yield f"the schema has a {kind} {name!r}, which the portal does not know. Remove it, or correct its spelling."


def of_validation(statements: Sequence[Statement], schema: cedarpy.Schema) -> Iterator[str]:
    """What Cedar's strict validation has against each rule."""
    for statement in statements:
        for error in cedarpy.validate_policies(statement.text, schema).errors:
            yield f"{statement.where}: {re.sub(r'^for policy `[^`]*`,? *', '', error.error)}. Correct the rule, or the schema."


def of_rules(statements: Sequence[Statement], bodies: Sequence[str]) -> Iterator[str]:
    """Faults of each rule, and of the rules together."""
    for statement in statements:
        for fault in _of_one(statement, frozenset(bodies)):
            yield f"{statement.where}: {fault}"
    yield from of_ids(statements)


def of_ids(statements: Sequence[Statement]) -> Iterator[str]:
    """Ids that stand twice."""
    seen: dict[str, Statement] = {}
    for statement in statements:
        if statement.id in seen:
            yield f"{statement.where}: the id stands already in {seen[statement.id].where}. Give each rule its own."
        seen.setdefault(statement.id, statement)


def _of_one(statement: Statement, bodies: frozenset[str]) -> Iterator[str]:
    policy, notes = statement.policy, statement.policy.annotations
    shape = RULE_ID.fullmatch(statement.id)
    if shape is None:
        yield f'its id {statement.id!r} cannot be used. Write @id("P01-two-words") for a permit, @id("F01-two-words") for a forbid.'
    elif LETTER[shape[1]] != policy.effect:
        yield f"a {policy.effect} must not begin with {shape[1]}. P is for permit, F for forbid."
    if len(notes.get("reason", "").split()) < 3:
        yield 'it has no reason. Add @reason("…"), one sentence that an officer understands.'
    if len(notes.get("source", "").split()) < 2:
        yield 'it has no source. Add @source("…"): the paragraph, bulletin or agreement that it comes from.'
    for name in sorted(set(notes) - ANNOTATIONS):
        yield f"@{name} means nothing here. Known: {', '.join('@' + known for known in sorted(ANNOTATIONS))}."
    yield from _of_notes(policy.effect, notes)
    if policy.effect == "permit" and isinstance(policy.action, pst.ScopeAny):
        yield "it permits every action. Name the actions it permits."
    if policy.effect == "permit" and (bare := sorted(statement.actions & CONFIRMED)) and Duty.STEP_UP not in notes.get("duty", "").split():
        yield f"it permits {', '.join(bare)} without a fresh second factor. Add step_up to its @duty."
    if "tell" in notes and (told := sorted(_attributes(policy) & TELLING)):
        yield f"its reason would tell a recipient about {', '.join(told)}. Remove @tell."
    for uid in sorted(pst.entity_uids(policy), key=str):
        if str(uid.type) == "Body" and uid.id not in bodies:
            yield f"there is no body {uid.id!r}. Known: {', '.join(sorted(bodies))}."
        if str(uid.type) not in NAMED:
            yield f"it names one {uid.type} by its id. A rule speaks of bodies, roles and states; who and what are facts."


def _of_notes(effect: str, notes: Mapping[str, str]) -> Iterator[str]:
    duties = set(notes.get("duty", "").split())
    if "duty" in notes and (effect != "permit" or not duties or not duties <= set(Duty)):
        yield f"@duty({notes['duty']!r}) cannot stand here. On a permit it may be {' or '.join(Duty)}, or several with a space between."
    if "tell" in notes and (effect != "forbid" or notes["tell"] != "recipient"):
        yield f'@tell({notes["tell"]!r}) cannot stand here. On a forbid it may be "recipient".'


def _attributes(policy: pst.Template) -> set[str]:
    """Every attribute a policy looks at, of whatever."""
    found: set[str] = set()
    rest: list[Any] = list(policy.clauses)
    while rest:
        node = rest.pop()
        if isinstance(node, pst.GetAttr):
            found.add(node.attr)
        elif isinstance(node, pst.HasAttr):
            found.update(node.attrs)
        if isinstance(node, Mapping):
            rest.extend(node.values())
        elif isinstance(node, tuple):
            rest.extend(node)
        elif is_dataclass(node):
            rest.extend(getattr(node, field.name) for field in fields(node))
    return found
