"""Whose answers would be others under a change of the rules: every act, role and body, in situations that are made up.

For a page that security administrators of every body read. Asked of the register, the difference would tell them of its documents (that a
share is suspended, that a Member State asked something); `portal policy diff` does that, for whoever runs the portal. Here the plain
situation is asked, and each in which one more thing is out of the ordinary. What takes two such things is not found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from portal.cases.situations import Choices, Chosen, Field, Form, form_of, situation
from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.services import Task
from portal.kernel.vocabulary import Role
from portal.policy.answers import AnswerChange, Answers
from portal.policy.canaries import ABOUT
from portal.policy.draft import Difference, actions_of
from portal.policy.engine import Undecided
from portal.policy.explain import explain
from portal.policy.load import PolicySet

#: Situations named for each change.
EXAMPLES = 4

#: Gained, a second factor alone, and the role.
Kind = tuple[bool, bool, str]


def answers_changed(old: PolicySet, new: PolicySet, differences: Sequence[Difference], bodies: Choices, now: datetime) -> Answers:
    """Every act that a rule which changes speaks of; all of them, if one speaks of all or the schema changes."""
    touched = actions_of(differences)
    known = {action.value: action for action in ABOUT}
    changes: list[AnswerChange] = []
    not_compared = [] if touched is None else sorted(touched - known.keys() - OPEN_ACTIONS - set(Task))
    for name in sorted(known if touched is None else touched & known.keys()):
        try:
            changes += _of_action(old, new, known[name], bodies, now)
        except Undecided:
            not_compared.append(name)
    return Answers(tuple(sorted(changes, key=lambda one: (not one.gained, one.action, one.role))), tuple(not_compared))


def _of_action(old: PolicySet, new: PolicySet, action: Action, bodies: Choices, now: datetime) -> Iterator[AnswerChange]:
    found: dict[Kind, dict[str, list[str]]] = {}
    for body, _ in bodies:
        form = form_of(old.engine.schema, bodies, action, body)
        for role in ("", *Role):
            for when, chosen in _situations(form, role):
                asked = situation(old.engine.schema, action, body, chosen, now)
                before, after = (explain(rules, asked.subject, action, asked.facts, asked.context) for rules in (old, new))
                if before.far != after.far:
                    kind = (after.far > before.far, before.allowed and after.allowed, role)
                    found.setdefault(kind, {}).setdefault(body, []).append(when)
    for (gained, factor_only, role), where in found.items():
        by_another_role = {_also(other) for more, factor, other in found if other and (more, factor) == (gained, factor_only)}
        every = [when for whens in where.values() for when in whens if when not in by_another_role]
        if every:
            named = () if "" in every else tuple(dict.fromkeys(every))[:EXAMPLES]
            yield AnswerChange(gained, factor_only, action.value, role, tuple(where), named)


def _also(role: str) -> str:
    """What is out of the ordinary when somebody holds this role besides: whoever holds it alone has a change of their own."""
    return f"Roles: also {Role(role).words}"


def _situations(form: Form, role: str) -> Iterator[tuple[str, Chosen]]:
    """The plain one first, then each with one thing out of the ordinary, and what that is."""
    plain = {field.name: field.chosen for field in form.fields} | {"role": (role,) if role else ()}
    yield "", plain
    for field in form.fields:
        for words, chosen in _otherwise(replace(field, chosen=plain[field.name])):
            yield f"{field.label}: {words}", {**plain, field.name: chosen}


def _otherwise(field: Field) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every other value; of several, one more or one less."""
    for value, words in field.choices:
        if not field.many and value not in field.chosen:
            yield words, (value,)
        elif field.many and value not in field.chosen:
            yield f"also {words}", (*field.chosen, value)
        elif field.many and field.name != "role":
            yield f"not {words}", tuple(one for one in field.chosen if one != value)
