"""A policy folder as text: what would be decided on, before anybody asks it anything.

Read apart from the gate (`load`), because rules for the next version of the portal are approved while this one runs: they may speak of
actions that only the next one knows. Whether they can be used is the gate's to say, at the start that would use them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.policy import lint
from portal.policy.load import SCHEMA, hash_of, schema_of, stop, texts_of
from portal.policy.rules import Statement, read


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule, by its id, or the schema, by its file name. `before` is empty for what is added, `after` for what is removed."""

    name: str
    before: str
    after: str

    @property
    def sign(self) -> str:
        return "changed" if self.before and self.after else "added" if self.after else "removed"


@dataclass(frozen=True, slots=True)
class Draft:
    """`parts`: the text of each rule by its id, and of the schema by its file name."""

    hash: str
    parts: Mapping[str, str]

    @staticmethod
    def read(folder: Path) -> "Draft":
        """Raises `Misconfigured` for what is no set of rules: unreadable, at odds with its own schema, or with an id twice."""
        texts = texts_of(folder)
        schema = schema_of(folder, texts[SCHEMA])
        faults: list[str] = []
        found = [statement for name in sorted(texts) if name != SCHEMA for statement in read(name, texts[name], faults)]
        stop(folder, [*faults, *lint.of_validation(found, schema), *lint.of_ids(found)])
        return Draft(hash_of(texts), {**{statement.id: statement.text for statement in found}, SCHEMA: texts[SCHEMA]})

    def differences(self, to: "Draft") -> Iterator[Difference]:
        """What becomes another text, in the order of names. Remarks between rules, and which file a rule stands in, are none."""
        for name in sorted({*self.parts, *to.parts}):
            before, after = self.parts.get(name, ""), to.parts.get(name, "")
            if before != after:
                yield Difference(name, before, after)


def actions_of(differences: Sequence[Difference]) -> frozenset[str] | None:
    """The actions that rules which decide otherwise speak of. None for all: a rule names none, or it is the schema that changes.

    A rule whose words alone are others (`@reason`, `@source`) decides as before.
    """
    found: set[str] = set()
    for one in differences:
        before, after = _statements(one.before), _statements(one.after)
        if [_decides(statement) for statement in before] == [_decides(statement) for statement in after] != []:
            continue
        if not [*before, *after] or not all(statement.actions for statement in (*before, *after)):
            return None
        found.update(*(statement.actions for statement in (*before, *after)))
    return frozenset(found)


def _statements(text: str) -> list[Statement]:
    faults: list[str] = []
    found = read("", text, faults)
    return [] if faults else found


def _decides(statement: Statement) -> tuple[object, ...]:
    policy = statement.policy
    return policy.effect, policy.principal, policy.action, policy.resource, policy.clauses, policy.annotations.get("duty")
