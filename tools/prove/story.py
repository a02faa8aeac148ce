"""A world that a solver found, told to an officer.

The solver's own worlds are strange and differ from run to run. So a world is built fact by fact: each is as it would be in the plain
situation (the portal's own canaries say what that is) if it can be, and otherwise the first of a fixed list that fits. The same
question always gives the same story, and what is out of the ordinary in it is what matters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import z3

from portal.kernel.actions import Action
from portal.kernel.permit import Ref
from portal.kernel.services import Service, Task
from portal.kernel.vocabulary import Level, Role
from portal.policy.canaries import ME, SOMEBODY_ELSE
from portal.policy.rehearsal import favourable
from tools.prove.rulebook import Rulebook
from tools.prove.schema import Ask, NotUnderstood, Type
from tools.prove.translate import BOOL, DATE, LONG, Term, Translator

BODIES = ("CTED", "OCT")
NOUNS = {"Shredding": "proposal to shred"}
#: Facts that a story's first sentence has told already.
SAID = frozenset(
    {"principal", "principal.clearance", "principal.body", "resource", "resource.level", "resource.originator", "resource.body"}
)


@dataclass(frozen=True, slots=True)
class Story:
    """`who` with which `roles` can do what; `unusual`: facts that are not as in the plain situation; `permits`: rules that speak for it."""

    ask: Ask
    roles: tuple[str, ...]
    facts: dict[str, Any]
    unusual: tuple[str, ...]
    permits: tuple[str, ...]

    def told(self, although: str) -> str:
        """In sentences. `although` says why it must not be."""
        lines = [f"{self.who} can {self.deed}, although {although}."]
        if self.unusual:
            lines.append(f"Out of the ordinary: {'; '.join(self.unusual)}.")
        if self.permits:
            lines.append(f"Permitted by {', '.join(self.permits)}; no rule forbids it.")
        else:
            lines.append("No rule forbids it, so a permit that somebody adds would open it.")
        return " ".join(lines)

    @property
    def who(self) -> str:
        if self.ask.principal == "Service":
            return f"The {_word(self.facts['principal'])}"
        names = [Role(role).words.lower() for role in self.roles]
        person = " and ".join(f"{'an' if name[0] in 'aeiou' else 'a'} {name}" for name in names) or "a person without a role"
        return f"{person[0].upper()}{person[1:]} of {_word(self.facts['principal.body'])}, {_cleared(self.facts['principal.clearance'])},"

    @property
    def deed(self) -> str:
        """`read a share of OCT, Confidential (share:read)`."""
        verb = self.ask.action.partition(":")[2].partition("_")[0]
        if self.ask.resource == "Portal":
            return f"{verb} by itself ({self.ask.action})"
        if self.ask.resource == "Body":
            return f"{verb} for {_word(self.facts['resource'])} ({self.ask.action})"
        owner = self.facts.get("resource.originator") or self.facts.get("resource.body")
        whose = f" of {_word(owner)}" if owner else ""
        level = f", {_level(self.facts['resource.level'])}" if "resource.level" in self.facts else ""
        return f"{verb} a {NOUNS.get(self.ask.resource, self.ask.resource.lower())}{whose}{level} ({self.ask.action})"


def story(book: Rulebook, ask: Ask, *claims: z3.BoolRef, only: Role | None = None) -> Story | None:
    """The plainest world in which all of this is true; None if there is none. `only`: of somebody with this role and no other."""
    translator = book.translator(ask)
    solver = z3.Solver()
    solver.add(*claims, *translator.bounds())
    if solver.check() != z3.sat:
        return None
    plain = _plain(translator)
    choices = [list(_choices(translator, term, plain.get(name))) for name, term in _told(translator)]
    solver.add(*translator.bounds())  # of those whom the choices name as well
    roles = _settle(solver, list(_roles(book, translator, only)))
    if roles is None:
        return None
    chosen = {name: _settle(solver, choice) for (name, _), choice in zip(_told(translator), choices, strict=True)}
    if solver.check() != z3.sat:
        raise NotUnderstood(f"{ask.action}: a world that was possible is not")
    model = solver.model()
    speaking = [rule.id for rule in book.of_effect("permit") if z3.is_true(model.eval(book.says(rule, ask), model_completion=True))]
    unusual = tuple(_said(name, value) for name, value in chosen.items() if name in plain.keys() - SAID and value != plain[name])
    return Story(ask, roles, chosen, unusual, tuple(sorted(speaking)))


def _told(translator: Translator) -> list[tuple[str, Term]]:
    """The facts a story is built of, in its order; not the time of day."""
    facts = {"principal": translator.principal, "resource": translator.resource} | translator.facts()
    return [(name, term) for name, term in facts.items() if term.type != DATE]


def _plain(translator: Translator) -> dict[str, Any]:
    """The plain situation, by the names that rules use. Whoever it does not name is somebody else."""
    ask = translator.ask
    if ask.action in set(Task):
        return {"principal": Ref("Service", Service.OPERATOR.value), "resource.logBroken": False}
    if ask.action not in set(Action):
        raise NotUnderstood(f"the portal knows no action {ask.action!r}, so that nothing can be told about it")
    here, there = (Ref("Body", code) for code in BODIES)
    subject, facts, context = favourable(Action(ask.action), Role.REVIEWER, here, there)
    known: dict[str, Any] = {name: Ref("User", str(SOMEBODY_ELSE)) for name, term in _told(translator) if term.type.name == "User"}
    known |= {"principal": Ref("User", str(ME)), "principal.body": here}
    if ask.resource == "Body":
        known["resource"] = here
    known |= {f"resource.{name}": value for name, value in facts.attributes.items()}
    for name in ("clearance", "active", "waits"):
        if hasattr(subject, name):
            known[f"principal.{name}"] = getattr(subject, name)
    for name, kind in ask.context.items():
        if hasattr(context, name) and kind.type != DATE:
            value = getattr(context, name)
            known[f"context.{name}"] = Ref(kind.type.name, value) if isinstance(value, str) else value
    return known


Choice = tuple[Any, z3.BoolRef]


def _settle(solver: z3.Solver, choices: Sequence[Choice]) -> Any:
    """The first of these that can be, which is so from now on; None if none can."""
    for value, claim in choices:
        if solver.check(claim) == z3.sat:
            solver.add(claim)
            return value
    return None


def _roles(book: Rulebook, translator: Translator, only: Role | None) -> Iterator[Choice]:
    """No role, one, or two."""
    ids = book.words.tables.entities["Role"].ids
    who = translator.principal
    holds = {one: book.words.is_in(who.type.name, "Role", who.z, book.words.entity("Role", one)) for one in ids}
    alone = [(one,) for one in ids] if only is None else [(only.value,)]
    pairs = [(one, other) for place, one in enumerate(ids) for other in ids[place + 1 :]]
    for roles in alone if only else (*alone, (), *pairs):
        yield roles, z3.And(*(claim if one in roles else z3.Not(claim) for one, claim in holds.items()))


def _choices(translator: Translator, term: Term, plain: Any) -> Iterator[Choice]:
    """What a fact may be, the plain first."""
    words, found = translator.words, list(_values(translator, term.type))
    values = [value for value in found if value == plain] + [value for value in found if value != plain]
    for value in values:
        yield value, term.z == _z(words, term.type, value)


def _values(translator: Translator, kind: Type) -> Iterator[Any]:
    if kind == BOOL:
        yield from (True, False)
    elif kind == LONG:
        yield from map(int, Level)
    elif kind.name == "Set" and kind.of is not None and kind.of.name == "Body":
        here, there = (Ref("Body", code) for code in BODIES)
        yield from (frozenset(), frozenset({there}), frozenset({here}), frozenset({here, there}))
    elif kind.name == "Body":
        yield from (Ref("Body", code) for code in BODIES)
    elif kind.name == "User":
        yield from (Ref("User", str(who)) for who in (SOMEBODY_ELSE, ME))
    elif kind.name in translator.words.tables.entities:
        yield from (Ref(kind.name, one) for one in translator.words.tables.entities[kind.name].ids)


def _z(words: Any, kind: Type, value: Any) -> Any:
    if isinstance(value, Ref):
        return words.entity(value.type, value.id)
    if isinstance(value, frozenset):
        members = z3.EmptySet(words.sort(kind.of))
        for member in sorted(value, key=lambda one: str(one.id)):
            members = z3.SetAdd(members, words.entity(member.type, member.id))
        return members
    return z3.BoolVal(value) if isinstance(value, bool) else z3.IntVal(int(value))


def _said(name: str, value: Any) -> str:
    """`covers all requests: no`."""
    who, _, attribute = name.partition(".")
    words = re.sub(r"([A-Z])", r" \1", attribute or who).lower()
    return f"{'their ' if who == 'principal' else ''}{words}: {_word(value)}"


def _word(value: Any) -> str:
    if value is None:
        return "something else"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Ref):
        return {str(ME): "themself", str(SOMEBODY_ELSE): "somebody else"}.get(value.id, value.id)
    if isinstance(value, frozenset):
        return ", ".join(sorted(member.id for member in value)) or "nobody"
    return str(value)


def _level(value: int | None) -> str:
    return "of another level" if value is None else Level(value).words


def _cleared(value: int | None) -> str:
    return "cleared for another level" if value is None else f"cleared for {Level(value).words}"
