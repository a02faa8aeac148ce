"""Reading rules: each one found in its file, with its line, so that whatever is wrong with it can be named.

Nothing here judges more than one rule at a time; that is `lint`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import cedarpy
from cedarpy import pst

from portal.kernel.permit import Duty

#: A policy ends at a semicolon that stands in no string and in no comment.
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|;|\s+|.', re.DOTALL)
NAMED = re.compile(r'@id\(\s*"([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as people see it. `tell`: a refused recipient of a share may read its reason."""

    id: str
    effect: str
    reason: str
    source: str
    duties: frozenset[Duty]
    tell: bool
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One policy as it stands in its file, and as Cedar understood it."""

    file: str
    line: int
    text: str
    policy: pst.Template

    @property
    def id(self) -> str:
        return str(self.policy.annotations.get("id", ""))

    @property
    def where(self) -> str:
        return place(self.file, self.line, self.id)

    @property
    def actions(self) -> frozenset[str]:
        """The actions it names; empty for one that speaks of all."""
        scope = self.policy.action
        if isinstance(scope, pst.ActionEq):
            return frozenset({scope.entity.id})
        return frozenset(uid.id for uid in scope.entities) if isinstance(scope, pst.ActionIn) else frozenset()

    def rule(self) -> Rule:
        """The rule; only for a statement that `lint` has nothing against."""
        notes = self.policy.annotations
        return Rule(
            id=self.id,
            effect=self.policy.effect,
            reason=notes["reason"],
            source=notes["source"],
            duties=frozenset(map(Duty, notes.get("duty", "").split())),
            tell="tell" in notes,
            file=self.file,
            line=self.line,
        )


def place(file: str, line: int, rule: str = "") -> str:
    return f"{file}, line {line}" + (f", rule {rule}" if rule else "")


def read(file: str, text: str, faults: list[str]) -> list[Statement]:
    """Every policy of a file; what Cedar cannot read becomes a fault and is left out."""
    found = []
    for line, piece in _pieces(text):
        try:
            parsed = cedarpy.policies_to_pst(piece)
        except ValueError as error:
            named = NAMED.search(piece)
            faults.append(f"{place(file, line, named[1] if named else '')}: {error}. Mend the syntax of this rule.")
            continue
        if parsed.templates or len(parsed.static_policies) != 1:
            faults.append(f"{place(file, line)}: a template (?principal, ?resource) decides nothing. Write a plain rule.")
            continue
        (policy,) = parsed.static_policies.values()
        found.append(Statement(file=file, line=line, text=piece, policy=policy))
    return found


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """(line, text) of each policy, and of a rest that no semicolon ends."""
    start: int | None = None
    for token in TOKEN.finditer(text):
        if start is None and not token[0].isspace() and not token[0].startswith("//"):
            start = token.start()
        if token[0] == ";" and start is not None:
            yield text.count("\n", 0, start) + 1, text[start : token.end()]
            start = None
    if start is not None:
        yield text.count("\n", 0, start) + 1, text[start:]
