"""Cedar, with the schema and the rules of one policy folder.

Never asked without the schema: action groups, entity enums and attribute types exist only through it, and without it a `forbid` can
vanish silently. What cannot be decided cleanly is not decided: `Undecided`, never a quiet yes or no.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import cedarpy
from cedarpy import pst

from portal.kernel.actions import Action
from portal.kernel.errors import PortalError
from portal.kernel.permit import Facts, Ref, ResourceType, Subject, Value
from portal.kernel.services import Service, Task

#: Actions whose context names a recipient.
ADDRESSED = frozenset({Action.SHARE_PROPOSE})

#: Every name that an action or a task of ours has.
OURS = frozenset(name.value for kind in (Action, Task) for name in kind)

#: Ids that may stand between quotes in Cedar's text form.
PLAIN = re.compile(r"[A-Za-z0-9:_-]{1,100}")

#: What is left of a rule that does not apply, whatever the resource.
_ANY = {"op": "All"}
NEVER = {"principal": _ANY, "action": _ANY, "resource": _ANY, "conditions": [{"kind": "when", "body": {"Value": False}}]}
#: How many questions are remembered: as many as there are persons with a list open.
KNOWN = 1000


class Undecided(PortalError):
    """The rules could not be asked: facts, context and schema do not fit together. Nothing is permitted."""

    code = "undecided"


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision depends on besides person and thing. `now` is aware; `recipient` is the code of a body.

    `confirmed`: the person used a second factor within the last minutes. Whoever does not say so has not.
    """

    now: datetime
    recipient: str | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, and the ids of the rules that decided, sorted: permits if yes; forbids, or none at all, if no."""

    allowed: bool
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Engine:
    """Parsed once, asked often (about 0.1 ms a question)."""

    schema: cedarpy.Schema
    rules: cedarpy.PolicySet
    #: What was left of the rules, by everything that Cedar was given.
    _left: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict, init=False, compare=False, repr=False)
    #: What was answered, by the same.
    _answered: dict[str, Verdict] = field(default_factory=dict, init=False, compare=False, repr=False)
    #: Every rule as a typed tree; and those that can speak of one action, by its name: to ask these is to ask all, in half the time.
    _nodes: pst.PolicySet = field(init=False, compare=False, repr=False)
    _slices: dict[str, cedarpy.PolicySet] = field(default_factory=dict, init=False, compare=False, repr=False)
    #: Does any rule read the time? Then what is left of them at one moment says nothing of the next.
    _timely: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        nodes = self.rules.to_pst()
        object.__setattr__(self, "_nodes", nodes)
        object.__setattr__(self, "_timely", "'now'" in repr([policy.clauses for policy in nodes.static_policies.values()]))

    def ask(self, subject: Subject, action: Action, facts: Facts, context: Context) -> Verdict:
        """Decide one request; `Undecided` if any part of it does not fit the schema or any rule failed."""
        return self._ask(_user(subject), action.value, _thing(facts), _context(action, context))

    def entrusts(self, service: Service, task: Task, *, now: datetime, log_broken: bool) -> Verdict:
        """Decide whether this service does this task now; `Undecided` as above."""
        who = {"uid": {"type": "Service", "id": service.value}, "attrs": {}, "parents": []}
        portal = {"uid": {"type": "Portal", "id": "portal"}, "attrs": {"logBroken": log_broken}, "parents": []}
        return self._ask(who, task.value, portal, {"now": _instant(now)})

    def _ask(self, who: Mapping[str, Any], act: str, thing: Mapping[str, Any], context: Mapping[str, Any]) -> Verdict:
        asked = json.dumps([who, act, thing, self._timeless(context)])
        if (known := self._answered.get(asked)) is not None:
            return known
        request = {"principal": who["uid"], "action": {"type": "Action", "id": act}, "resource": thing["uid"], "context": context}
        answer = cedarpy.is_authorized(request, self.about(act), self._entities(who, thing), self.schema)
        errors = answer.diagnostics.errors
        if errors or answer.decision is cedarpy.Decision.NoDecision:
            raise Undecided(f"{act} on {thing['uid']['type']}: {'; '.join(errors) or 'no decision'}")
        named = answer.diagnostics.id_annotations_by_reason
        if len(self._answered) >= KNOWN:
            self._answered.clear()
        verdict = Verdict(answer.decision is cedarpy.Decision.Allow, tuple(sorted(named[rule] for rule in answer.diagnostics.reasons)))
        self._answered[asked] = verdict
        return verdict

    def _timeless(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """What an answer depends on: not on the time, unless a rule reads it."""
        return context if self._timely else {**context, "now": None}

    def about(self, act: str) -> cedarpy.PolicySet:
        """The rules that can speak of this action or task: all but those that name others alone."""
        known = self._slices.get(act)
        if known is None:
            speak = {name: policy for name, policy in self._nodes.static_policies.items() if _speaks_of(policy, act)}
            known = self._slices[act] = cedarpy.PolicySet.from_pst(replace(self._nodes, static_policies=speak))
        return known

    def remainders(self, subject: Subject, action: Action, context: Context) -> list[Mapping[str, Any]]:
        """What is left of the rules (Cedar's JSON form) when everything but the resource is known; without those that never apply.

        Partial evaluation is experimental in Cedar; this is the only place that uses it. It takes ids as text only, so ids that are not
        plain are refused. The same question is put once.
        """
        principal = str(subject.id)
        for name in (principal, action.value):
            if not PLAIN.fullmatch(name):
                raise Undecided(f"the id {name!r} cannot stand in a partial question")
        user = _user(subject)
        request: dict[str, Any] = {
            "principal": f'User::"{principal}"',
            "action": f'Action::"{action.value}"',
            "context": _context(action, context),
        }
        asked = json.dumps([user, {**request, "context": self._timeless(request["context"])}])
        if (known := self._left.get(asked)) is not None:
            return known
        answer = cedarpy.is_authorized_partial(request, self.rules, self._entities(user), self.schema)
        if answer.diagnostics.errors:
            raise Undecided(f"list for {action}: {'; '.join(answer.diagnostics.errors)}")
        if len(answer.residuals) != len(self.rules):
            raise Undecided(f"list for {action}: {len(answer.residuals)} of {len(self.rules)} rules came back")
        if len(self._left) >= KNOWN:
            self._left.clear()
        self._left[asked] = [rest for rest in answer.residuals.values() if any(rest[part] != said for part, said in NEVER.items())]
        return self._left[asked]

    def _entities(self, *entities: Mapping[str, Any]) -> cedarpy.Entities:
        try:
            return cedarpy.Entities.from_json_str(json.dumps(entities), self.schema)
        except ValueError as error:
            kinds = ", ".join(f"{entity['uid']['type']} with {', '.join(sorted(entity['attrs'])) or 'nothing'}" for entity in entities)
            raise Undecided(f"{error}: {kinds}") from error


def _speaks_of(policy: pst.Template, act: str) -> bool:
    """A name that is no action or task of ours could be a group of them: such a rule is always asked."""
    scope = policy.action
    if isinstance(scope, pst.ActionEq):
        named = {scope.entity.id}
    elif isinstance(scope, pst.ActionIn):
        named = {uid.id for uid in scope.entities}
    else:
        return True
    return act in named or not named <= OURS


def _context(action: Action, context: Context) -> dict[str, Any]:
    known: dict[str, Any] = {"now": _instant(context.now), "confirmed": context.confirmed}
    if action in ADDRESSED:
        known["recipient"] = _json(Ref("Body", context.recipient or ""))
    return known


def _instant(now: datetime) -> dict[str, Any]:
    if now.tzinfo is None:
        raise TypeError("a time without a zone")
    return {"__extn": {"fn": "datetime", "arg": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")}}


def _user(subject: Subject) -> dict[str, Any]:
    return {
        "uid": {"type": "User", "id": str(subject.id)},
        "attrs": {
            "body": _json(Ref("Body", subject.body)),
            "clearance": int(subject.clearance),
            "active": subject.active,
            "waits": subject.waits,
        },
        "parents": [{"type": "Role", "id": role.value} for role in subject.roles],
    }


def _thing(facts: Facts) -> dict[str, Any]:
    attributes = {name: _json(value) for name, value in facts.attributes.items()}
    if facts.type is ResourceType.PERSON:
        # Cedar cannot compare the ids of two types; a person's account is the user of the same id.
        attributes["account"] = _json(Ref("User", facts.id))
    return {"uid": {"type": facts.type.value, "id": facts.id}, "attrs": attributes, "parents": []}


def _json(value: Value) -> Any:
    if isinstance(value, Ref):
        return {"__entity": {"type": value.type, "id": value.id}}
    if isinstance(value, frozenset):
        return [_json(member) for member in value]
    return value
