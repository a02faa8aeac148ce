"""One Cedar expression as a z3 formula, for one kind of question. What is not translated raises `NotUnderstood`.

Cedar leaves out a rule that fails while it is evaluated. With rules that passed strict validation there are only two such failures:
* arithmetic that overflows: arithmetic is not translated at all, so there is none;
* an optional attribute that is not there: the validator admits its use only behind a `has` that holds, and Cedar does not look at what
  stands behind a false `&&`. So a value that is read here for an attribute that is absent can never matter.
As in Cedar, what stands behind a settled `&&` or `||` is not looked at; so `resource is Share && resource.expired` is fine for a document.

Sets are z3's, which may be infinite, and numbers are integers within Cedar's 64 bits: what is proved holds for Cedar's all the more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

import z3
from cedarpy import pst

from tools.prove.schema import Ask, Attribute, Mistyped, NotUnderstood, Tables, Type

BOOL, LONG, DATE = Type("Bool"), Type("Long"), Type("datetime")
ORDER: Mapping[str, Callable[[Any, Any], Any]] = {"less": lt, "less_eq": le, "greater": gt, "greater_eq": ge}
LONGS = (-(2**63), 2**63 - 1)


@dataclass
class Words:
    """The z3 sorts, functions and constants for one schema. Shared by every formula that is compared with another."""

    tables: Tables
    _sorts: dict[str, z3.SortRef] = field(default_factory=dict)
    _members: dict[tuple[str, str], z3.ExprRef] = field(default_factory=dict)
    _functions: dict[str, z3.FuncDeclRef] = field(default_factory=dict)

    def sort(self, of: Type) -> z3.SortRef:
        if of.of is not None:
            return z3.SetSort(self.sort(of.of))
        plain = {"Bool": z3.BoolSort, "Long": z3.IntSort, "datetime": z3.IntSort, "String": z3.StringSort}
        if of.name in plain:
            return plain[of.name]()
        if of.name not in self._sorts:
            if of.name not in self.tables.entities:
                raise NotUnderstood(f"the type {of.name!r}")
            self._sorts[of.name] = z3.DeclareSort(of.name)
            for one in self.tables.entities[of.name].ids:
                self.entity(of.name, one)
        return self._sorts[of.name]

    def entity(self, kind: str, name: str) -> z3.ExprRef:
        """The entity of this type and id."""
        sort = self.sort(Type(kind))
        if (kind, name) not in self._members:
            if (ids := self.tables.entities[kind].ids) and name not in ids:
                raise NotUnderstood(f"there is no {kind} {name!r}")
            self._members[kind, name] = z3.Const(f'{kind}::"{name}"', sort)
        return self._members[kind, name]

    def distinct(self) -> list[z3.BoolRef]:
        """Entities of different ids are different."""
        named: dict[str, list[z3.ExprRef]] = {}
        for (kind, _), member in self._members.items():
            named.setdefault(kind, []).append(member)
        return [z3.Distinct(*members) for members in named.values() if len(members) > 1]

    def closed(self, of: Type, value: z3.ExprRef) -> z3.BoolRef:
        """A value of an enum is one of those there are."""
        ids = self.tables.entities[of.name].ids if of.name in self.tables.entities else ()
        return z3.Or(*(value == self.entity(of.name, one) for one in ids)) if ids else z3.BoolVal(True)

    def attribute(self, kind: str, name: str, of: z3.ExprRef) -> z3.ExprRef:
        known = self.tables.entities[kind].attributes[name]
        return self._function(f"{kind}.{name}", Type(kind), known.type)(of)

    def has(self, kind: str, name: str, of: z3.ExprRef) -> z3.BoolRef:
        return self._function(f"{kind} has {name}", Type(kind), BOOL)(of)

    def is_in(self, child: str, parent: str, one: z3.ExprRef, other: z3.ExprRef) -> z3.BoolRef:
        """Cedar's `in`: the same, or a parent."""
        same = one == other if child == parent else z3.BoolVal(False)
        if parent not in self.tables.entities[child].parents:
            return same
        inside = self._function(f"{child} in {parent}", Type(child), Type(parent), BOOL)(one, other)
        return z3.Or(same, inside) if child == parent else inside

    def _function(self, name: str, *types: Type) -> z3.FuncDeclRef:
        if name not in self._functions:
            self._functions[name] = z3.Function(name, *map(self.sort, types))
        return self._functions[name]


@dataclass(frozen=True, slots=True)
class Term:
    """A formula or value, with its Cedar type."""

    z: Any
    type: Type


class Translator:
    """Rules and expressions for one kind of question."""

    def __init__(self, words: Words, ask: Ask) -> None:
        self.words, self.ask = words, ask
        self._facts: dict[str, Term] = {}
        self.principal = Term(z3.Const("principal", words.sort(Type(ask.principal))), Type(ask.principal))
        self.resource = Term(z3.Const("resource", words.sort(Type(ask.resource))), Type(ask.resource))

    # --- what is known of a question, for stories, comparisons and bounds ---

    def context(self, name: str) -> Term:
        known = self.ask.context[name]
        return Term(z3.Const(f"context.{name}", self.words.sort(known.type)), known.type)

    def facts(self) -> dict[str, Term]:
        """Everything a question says, by the name it has in a rule."""
        if not self._facts:
            for who, term in (("principal", self.principal), ("resource", self.resource)):
                for name, known in self.words.tables.entities[term.type.name].attributes.items():
                    self._facts[f"{who}.{name}"] = Term(self.words.attribute(term.type.name, name, term.z), known.type)
            self._facts |= {f"context.{name}": self.context(name) for name in self.ask.context}
        return self._facts

    def bounds(self) -> list[z3.BoolRef]:
        """What is true of every question: ids differ, numbers fit, an enum holds nothing else."""
        facts = self.facts().values()
        numbers = [z3.And(term.z >= LONGS[0], term.z <= LONGS[1]) for term in facts if term.type in (LONG, DATE)]
        enums = [self.words.closed(term.type, term.z) for term in facts]
        return [*self.words.distinct(), *numbers, *enums]

    # --- rules ---

    def rule(self, policy: pst.Template) -> z3.BoolRef:
        """Does this rule speak, whatever its effect?"""
        if not speaks_of(policy, self.ask.action):
            return z3.BoolVal(False)
        said = z3.simplify(z3.And(self._about(self.principal, policy.principal), self._about(self.resource, policy.resource)))
        for clause in policy.clauses:
            if z3.is_false(said):
                return said
            outcome = self.condition(clause.expr)
            said = z3.simplify(z3.And(said, outcome if isinstance(clause, pst.When) else z3.Not(outcome)))
        return said

    def _about(self, term: Term, scope: pst.PrincipalOrResourceConstraint) -> z3.BoolRef:
        if isinstance(scope, pst.ScopeAny):
            return z3.BoolVal(True)
        if isinstance(scope, pst.ScopeIs):
            return z3.BoolVal(str(scope.entity_type) == term.type.name)
        if isinstance(scope, pst.ScopeEq | pst.ScopeIn) and isinstance(scope.entity, pst.EntityUid):
            other = self._entity(scope.entity)
            if isinstance(scope, pst.ScopeEq):
                return term.z == other.z if term.type == other.type else z3.BoolVal(False)
            return self.words.is_in(term.type.name, other.type.name, term.z, other.z)
        raise NotUnderstood(f"a rule about {scope}")

    # --- expressions ---

    def condition(self, expression: pst.Expr) -> Any:
        term = self.term(expression)
        if term.type != BOOL:
            raise NotUnderstood(f"a {term.type} where a condition should stand")
        return z3.simplify(term.z)

    def term(self, expression: pst.Expr) -> Term:
        if isinstance(expression, pst.BoolLit):
            return Term(z3.BoolVal(expression.value), BOOL)
        if isinstance(expression, pst.LongLit):
            return Term(z3.IntVal(expression.value), LONG)
        if isinstance(expression, pst.StringLit):
            return Term(z3.StringVal(expression.value), Type("String"))
        if isinstance(expression, pst.EntityLit):
            return self._entity(expression.value)
        if isinstance(expression, pst.Var) and expression.name in ("principal", "resource"):
            return self.principal if expression.name == "principal" else self.resource
        if isinstance(expression, pst.GetAttr):
            return self._get(expression)
        if isinstance(expression, pst.HasAttr):
            return self._has(expression)
        if isinstance(expression, pst.Is) and expression.in_expr is None:
            return Term(z3.BoolVal(self.term(expression.base).type.name == str(expression.entity_type)), BOOL)
        if isinstance(expression, pst.IfThenElse):
            return self._if(expression)
        if isinstance(expression, pst.UnaryOp):
            return self._unary(expression)
        if isinstance(expression, pst.BinaryOp):
            return self._binary(expression)
        raise NotUnderstood(f"the expression {expression}")

    def _entity(self, uid: pst.EntityUid) -> Term:
        kind = str(uid.type)
        return Term(self.words.entity(kind, uid.id), Type(kind))

    def _base(self, base: pst.Expr) -> tuple[Term | None, Mapping[str, Attribute]]:
        """An entity with its attributes; for the context, None with what it holds."""
        if isinstance(base, pst.Var) and base.name == "context":
            return None, self.ask.context
        term = self.term(base)
        if term.type.name not in self.words.tables.entities:
            raise Mistyped(f"an attribute of a {term.type}")
        return term, self.words.tables.entities[term.type.name].attributes

    def _get(self, expression: pst.GetAttr) -> Term:
        base, known = self._base(expression.base)
        if expression.attr not in known:
            raise Mistyped(f"{base.type if base else 'the context'} has no {expression.attr!r}")
        if base is None:
            return self.context(expression.attr)
        return Term(self.words.attribute(base.type.name, expression.attr, base.z), known[expression.attr].type)

    def _has(self, expression: pst.HasAttr) -> Term:
        base, known = self._base(expression.base)
        if len(expression.attrs) != 1:
            raise NotUnderstood(f"an attribute of an attribute: {'.'.join(expression.attrs)}")
        (name,) = expression.attrs
        if name not in known or not known[name].optional:
            return Term(z3.BoolVal(name in known), BOOL)
        return Term(z3.Bool(f"context has {name}") if base is None else self.words.has(base.type.name, name, base.z), BOOL)

    def _if(self, expression: pst.IfThenElse) -> Term:
        cond, then, other = self.condition(expression.cond), self.term(expression.then_expr), self.term(expression.else_expr)
        if then.type != other.type:
            raise NotUnderstood(f"a choice between {then.type} and {other.type}")
        return Term(z3.If(cond, then.z, other.z), then.type)

    def _unary(self, expression: pst.UnaryOp) -> Term:
        if expression.op == "not":
            return Term(z3.Not(self.condition(expression.arg)), BOOL)
        if expression.op == "is_empty":
            container = self.term(expression.arg)
            if container.type.of is not None:
                return Term(container.z == z3.EmptySet(self.words.sort(container.type.of)), BOOL)
        if expression.op == "datetime" and isinstance(expression.arg, pst.StringLit):
            return Term(z3.IntVal(_milliseconds(expression.arg.value)), DATE)
        raise NotUnderstood(f"the operator {expression.op!r}")

    def _binary(self, expression: pst.BinaryOp) -> Term:
        operator, left, right = expression.op, expression.left, expression.right
        if operator in ("and", "or"):
            one = self.condition(left)
            settled = z3.is_false if operator == "and" else z3.is_true
            if settled(one):
                return Term(one, BOOL)
            return Term((z3.And if operator == "and" else z3.Or)(one, self.condition(right)), BOOL)
        if operator in ("eq", "not_eq"):
            same = self._same(self.term(left), self.term(right))
            return Term(same if operator == "eq" else z3.Not(same), BOOL)
        if operator in ORDER:
            lesser, greater = self.term(left), self.term(right)
            if lesser.type != greater.type or lesser.type not in (LONG, DATE):
                raise NotUnderstood(f"an order between {lesser.type} and {greater.type}")
            return Term(ORDER[operator](lesser.z, greater.z), BOOL)
        if operator == "in":
            return self._in(self.term(left), right)
        if operator == "contains":
            return self._contains(left, self.term(right))
        if operator in ("contains_all", "contains_any") and isinstance(right, pst.Set):
            each = [self._contains(left, self.term(member)).z for member in right.elements]
            return Term((z3.And if operator == "contains_all" else z3.Or)(*each), BOOL)
        raise NotUnderstood(f"the operator {operator!r}")

    def _same(self, one: Term, other: Term) -> z3.BoolRef:
        if one.type != other.type:
            raise Mistyped(f"{one.type} compared with {other.type}, which is never the same")
        return one.z == other.z

    def _in(self, child: Term, right: pst.Expr) -> Term:
        parents = [self.term(one) for one in right.elements] if isinstance(right, pst.Set) else [self.term(right)]
        for term in (child, *parents):
            if term.type.name not in self.words.tables.entities:
                raise NotUnderstood(f"`in` with a {term.type}")
        return Term(z3.Or(*(self.words.is_in(child.type.name, one.type.name, child.z, one.z) for one in parents)), BOOL)

    def _contains(self, container: pst.Expr, member: Term) -> Term:
        if isinstance(container, pst.Set):
            return Term(z3.Or(*(self._same(self.term(one), member) for one in container.elements)), BOOL)
        held = self.term(container)
        if held.type.of != member.type:
            raise Mistyped(f"a {member.type} in a {held.type}")
        return Term(z3.IsMember(member.z, held.z), BOOL)


def speaks_of(policy: pst.Template, action: str) -> bool:
    """Is a rule about this action? There are no groups of actions: the schema's reader refuses them."""
    scope = policy.action
    if isinstance(scope, pst.ScopeAny):
        return True
    if isinstance(scope, pst.ActionEq):
        return bool(scope.entity.id == action)
    return any(uid.id == action for uid in scope.entities)


def _milliseconds(text: str) -> int:
    """Cedar's `datetime("2026-11-24")` or `…T12:00:00Z`, since the epoch; other forms are not translated."""
    try:
        instant = datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00Z")
    except ValueError as error:
        raise NotUnderstood(f"the time {text!r}") from error
    if instant.tzinfo is None:
        raise NotUnderstood(f"the time {text!r}, which names no zone")
    return round(instant.timestamp() * 1000)
