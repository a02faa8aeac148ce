"""The rules of one policy folder as formulas: who is allowed what, and what is refused whatever is allowed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import cedarpy
import z3
from cedarpy import pst

from portal.kernel.errors import Misconfigured
from portal.policy import lint
from portal.policy.load import SCHEMA, hash_of, schema_of, texts_of
from portal.policy.rules import Statement, read
from tools.prove.schema import Ask, NotUnderstood, Tables
from tools.prove.translate import Translator, Words


@dataclass(frozen=True, slots=True)
class Folder:
    """A policy folder that Cedar's strict validation has nothing against. `hash` is the one the portal computes of it."""

    schema: cedarpy.Schema
    statements: tuple[Statement, ...]
    hash: str

    @staticmethod
    def read(path: Path) -> "Folder":
        texts = texts_of(path)
        schema = schema_of(path, texts[SCHEMA])
        faults: list[str] = []
        statements = tuple(found for name in sorted(texts) if name != SCHEMA for found in read(name, texts[name], faults))
        faults += lint.of_validation(statements, schema)
        if faults:
            raise Misconfigured(f"the rules in {path} cannot be proved:\n" + "\n".join(f"  - {fault}" for fault in faults))
        return Folder(schema, statements, hash_of(texts))


@dataclass
class Rulebook:
    """Formulas of a folder's rules, each translated once for each kind of question.

    `own`: what its schema knows; `words` may know more, when two folders are compared.
    """

    folder: Folder
    words: Words
    own: Tables
    _said: dict[tuple[str, Ask], z3.BoolRef] = field(default_factory=dict)
    _speaking: dict[tuple[str, Ask], dict[str, z3.BoolRef]] = field(default_factory=dict)
    _any: dict[tuple[str, Ask, str], z3.BoolRef] = field(default_factory=dict)
    _translators: dict[Ask, Translator] = field(default_factory=dict)

    @staticmethod
    def of(folder: Folder) -> "Rulebook":
        tables = Tables.of(folder.schema)
        return Rulebook(folder, Words(tables), tables)

    @cached_property
    def rules(self) -> tuple[Statement, ...]:
        ids = [statement.id for statement in self.folder.statements]
        if len(set(ids)) != len(ids):
            raise NotUnderstood("two rules of one id")
        return self.folder.statements

    @cached_property
    def _named(self) -> set[tuple[str, str]]:
        found = {(str(uid.type), uid.id) for rule in self.rules for uid in pst.entity_uids(rule.policy)}
        return {(kind, name) for kind, name in found if kind in self.words.tables.entities}

    def asks(self) -> list[Ask]:
        return self.words.tables.every

    def translator(self, ask: Ask) -> Translator:
        if ask not in self._translators:
            self._translators[ask] = Translator(self.words, ask)
        return self._translators[ask]

    def name_all(self) -> None:
        """Every entity that any rule names is known to be another than the rest."""
        for kind, name in self._named:
            self.words.entity(kind, name)

    def says(self, rule: Statement, ask: Ask) -> z3.BoolRef:
        """When this rule speaks."""
        if (rule.id, ask) not in self._said:
            try:
                self._said[rule.id, ask] = self.translator(ask).rule(rule.policy)
            except NotUnderstood as error:
                raise NotUnderstood(f"{rule.where}, asked about {ask.action}: {error}") from error
        return self._said[rule.id, ask]

    def of_effect(self, effect: str) -> Iterator[Statement]:
        return (rule for rule in self.rules if rule.policy.effect == effect)

    def allowed(self, ask: Ask) -> z3.BoolRef:
        """A permit speaks and no forbid does. What the folder's own schema does not know is not allowed."""
        known = {(own.principal, own.resource) for own in self.own.asks.get(ask.action, ())}
        if (ask.principal, ask.resource) not in known:
            return z3.BoolVal(False)
        return z3.And(self.permitted(ask), z3.Not(self.refused(ask)))

    def permitted(self, ask: Ask, *, instead: "Instead | None" = None) -> z3.BoolRef:
        return self._some("permit", ask, instead)

    def refused(self, ask: Ask, *, instead: "Instead | None" = None) -> z3.BoolRef:
        """A forbid speaks: whatever is permitted, now or ever, it is not allowed."""
        return self._some("forbid", ask, instead)

    def about(self, effect: str, ask: Ask) -> dict[str, z3.BoolRef]:
        """What the rules of an effect say, by their ids, but for those that have nothing to do with this question."""
        if (effect, ask) not in self._speaking:
            said = {rule.id: self.says(rule, ask) for rule in self.of_effect(effect)}
            self._speaking[effect, ask] = {rule: formula for rule, formula in said.items() if not z3.is_false(formula)}
        return self._speaking[effect, ask]

    def _some(self, effect: str, ask: Ask, instead: "Instead | None") -> z3.BoolRef:
        """Some rule of an effect speaks. What all of them say is put together once, and what all but one say."""
        if instead is None or instead.rule.policy.effect != effect:
            return self._but("", effect, ask)
        return z3.Or(self._but(instead.rule.id, effect, ask), instead.says)

    def _but(self, left_out: str, effect: str, ask: Ask) -> z3.BoolRef:
        """Some rule of an effect speaks, other than this one."""
        if (effect, ask, left_out) not in self._any:
            self._any[effect, ask, left_out] = z3.Or(*(formula for rule, formula in self.about(effect, ask).items() if rule != left_out))
        return self._any[effect, ask, left_out]


@dataclass(frozen=True, slots=True)
class Instead:
    """Another formula in the place of one rule."""

    rule: Statement
    says: z3.BoolRef


def parsed(text: str) -> pst.Template:
    """A rule that stands in no folder."""
    (policy,) = cedarpy.policies_to_pst(text).static_policies.values()
    return policy
