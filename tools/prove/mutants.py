"""Mutants: each rule made a little weaker in every way that a slip of the pen could, to see that some invariant breaks.

Of a forbid: taken away; one action, or one thing in a list, left out; a comparison turned; a condition negated; the whole of it bound to
one more fact. Of a permit: whomever it names, each condition it makes, and each half of one, left out; each role that it does not name
let in; each action that it does not name added. A mutant counts for nothing if it is proved to open nothing; any other must break an
invariant, or stand with a reason among the survivors.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import z3
from cedarpy import pst

from portal.policy.rules import Statement
from tools.prove.invariants import Cell
from tools.prove.prover import Prover, in_force
from tools.prove.rulebook import Instead, Rulebook
from tools.prove.schema import Ask, Mistyped, NotUnderstood
from tools.prove.translate import BOOL, LONG, Term, speaks_of

TURNED: dict[str, tuple[pst.BinaryOpName, ...]] = {
    "eq": ("not_eq",),
    "not_eq": ("eq",),
    "less": ("less_eq", "greater"),
    "less_eq": ("less", "greater"),
    "greater": ("greater_eq", "less"),
    "greater_eq": ("greater", "less"),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule, and what stands in its place: another policy, silent about the action `without`, or only if the fact `bound` holds."""

    rule: Statement
    name: str
    policy: pst.Template
    without: str | None = None
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant. `opens`: the actions it opens more of; `breaks`: invariants, each once."""

    mutant: Mutant
    opens: tuple[str, ...]
    breaks: tuple[str, ...]

    @property
    def survives(self) -> bool:
        return bool(self.opens) and not self.breaks


def tried(prover: Prover, cells: Sequence[Cell]) -> Iterator[Outcome]:
    """Every mutant of every rule, with what it opens and breaks."""
    by_ask = in_force(cells)
    for rule in prover.book.rules:
        for mutant in (_of_forbid if rule.policy.effect == "forbid" else _of_permit)(prover.book, rule):
            opens: list[str] = []
            breaks: dict[str, None] = {}
            for ask, instead in _replaced(prover.book, mutant):
                if _opens(prover, ask, instead):
                    opens.append(ask.action)
                    asked = [cell for cell in by_ask.get(ask, ()) if cell.invariant.id not in breaks]
                    breaks |= {cell.invariant.id: None for cell, _ in prover.breaches(ask, asked, instead=instead)}
            yield Outcome(mutant, tuple(opens), tuple(breaks))


def _replaced(book: Rulebook, mutant: Mutant) -> Iterator[tuple[Ask, Instead]]:
    """The kinds of question in which the mutant says something else than its rule."""
    same = mutant.policy is mutant.rule.policy
    for ask in book.asks():
        if mutant.without not in (None, ask.action) or not any(speaks_of(rule, ask.action) for rule in (mutant.rule.policy, mutant.policy)):
            continue
        before, translator = book.says(mutant.rule, ask), book.translator(ask)
        try:
            after = z3.BoolVal(False) if mutant.without else before if same else translator.rule(mutant.policy)
        except Mistyped:
            continue  # Cedar's validation would refuse it
        if mutant.bound in (facts := translator.facts()):
            after = z3.simplify(z3.And(after, _holds(facts[mutant.bound])))
        if not before.eq(after):
            yield ask, Instead(mutant.rule, after)


def _holds(fact: Term) -> z3.BoolRef:
    return fact.z if fact.type == BOOL else fact.z >= 1


def _opens(prover: Prover, ask: Ask, instead: Instead) -> bool:
    """Is there a question that is let through now and was not before? A forbid is judged as if everything were permitted."""
    book = prover.book
    if instead.rule.policy.effect == "forbid":
        return prover.possible(ask, book.refused(ask), z3.Not(book.refused(ask, instead=instead)))
    if z3.is_false(instead.says):
        return False  # a permit that is silent
    free = z3.Not(book.refused(ask))
    return prover.possible(ask, free, book.permitted(ask, instead=instead), z3.Not(book.permitted(ask)))


def _of_forbid(book: Rulebook, rule: Statement) -> Iterator[Mutant]:
    policy = rule.policy
    yield Mutant(rule, "taken away", replace(policy, clauses=(pst.When(pst.BoolLit(False)),)))
    for ask in book.asks():
        if not z3.is_false(book.says(rule, ask)):
            yield Mutant(rule, f"without {ask.action}", policy, without=ask.action)
    spoken = {
        name: None
        for ask in book.asks()
        if not z3.is_false(book.says(rule, ask))
        for name, fact in book.translator(ask).facts().items()
        if fact.type in (BOOL, LONG)
    }
    for name in spoken:
        yield Mutant(rule, f"only if {name}", policy, bound=name)
    yield from _of_conditions(rule)


def _of_permit(book: Rulebook, rule: Statement) -> Iterator[Mutant]:
    policy = rule.policy
    if not isinstance(policy.principal, pst.ScopeAny):
        yield Mutant(rule, "for whomever", replace(policy, principal=pst.ScopeAny()))
    for place in range(len(policy.clauses)):
        yield Mutant(rule, f"without condition {place + 1}", replace(policy, clauses=policy.clauses[:place] + policy.clauses[place + 1 :]))
    yield from _of_conditions(rule)
    yield from _of_roles(book, rule)
    ids = sorted({ask.action for ask in book.asks() if not speaks_of(policy, ask.action)})
    if not isinstance(policy.action, pst.ScopeAny):
        for name in ids:
            uid = pst.EntityUid(pst.EntityType("Action"), name)
            yield Mutant(rule, f"also {name}", replace(policy, action=pst.ActionEq(uid)))


def _of_roles(book: Rulebook, rule: Statement) -> Iterator[Mutant]:
    """Each role the permit does not name, let in."""
    named = {uid.id for uid in pst.entity_uids(rule.policy) if str(uid.type) == "Role"}
    role = book.words.tables.entities.get("Role")
    for other in role.ids if role and named else ():
        if other not in named:
            yield Mutant(rule, f"also for {other}", _let_in(rule.policy, pst.EntityUid(pst.EntityType("Role"), other)))


def _let_in(policy: pst.Template, role: pst.EntityUid) -> pst.Template:
    """The permit, for this role instead of those it names. (What it opened before it need not open still.)"""
    if isinstance(policy.principal, pst.ScopeIn):
        return replace(policy, principal=pst.ScopeIn(role))

    def other(node: Any) -> Any:
        return pst.EntityLit(role) if isinstance(node, pst.EntityLit) and str(node.value.type) == "Role" else None

    clauses: Any = _rebuilt(policy.clauses, other)
    return replace(policy, clauses=clauses)


def _rebuilt(node: Any, other: Any) -> Any:
    if (found := other(node)) is not None:
        return found
    if isinstance(node, tuple):
        return tuple(_rebuilt(part, other) for part in node)
    if is_dataclass(node) and not isinstance(node, type):
        return replace(node, **{field.name: _rebuilt(getattr(node, field.name), other) for field in fields(node)})
    return node


def _of_conditions(rule: Statement) -> Iterator[Mutant]:
    """Each clause with one spot changed, and each clause that narrows a forbid left out."""
    for place, clause in enumerate(rule.policy.clauses):
        for what, changed in _changed(clause.expr):
            clauses = (*rule.policy.clauses[:place], replace(clause, expr=changed), *rule.policy.clauses[place + 1 :])
            yield Mutant(rule, f"condition {place + 1}: {what}", replace(rule.policy, clauses=clauses))


def _changed(node: pst.Expr) -> Iterator[tuple[str, pst.Expr]]:
    """The same expression with one spot changed."""
    if isinstance(node, pst.BinaryOp):
        yield from ((f"{node.op} turned to {op}", replace(node, op=op)) for op in TURNED.get(node.op, ()))
        if node.op in ("and", "or"):
            yield f"{node.op} turned", replace(node, op="or" if node.op == "and" else "and")
            yield f"first half of {node.op} alone", node.left
            yield f"second half of {node.op} alone", node.right
            yield from ((what, replace(node, left=left)) for what, left in _changed(node.left))
            yield from ((what, replace(node, right=right)) for what, right in _changed(node.right))
        if node.op == "in" and isinstance(node.right, pst.Set):
            for place, left_out in enumerate(node.right.elements):
                rest = node.right.elements[:place] + node.right.elements[place + 1 :]
                yield f"without {_name(left_out)}", replace(node, right=pst.Set(rest))
        if node.op in ("in", "contains"):
            yield f"{node.op} negated", pst.UnaryOp("not", node)
    elif isinstance(node, pst.UnaryOp) and node.op == "not":
        yield "a negation left out", node.arg
        yield from ((what, replace(node, arg=arg)) for what, arg in _changed(node.arg))
    elif isinstance(node, pst.GetAttr | pst.HasAttr | pst.BoolLit | pst.Is):
        yield f"{_name(node)} negated", pst.UnaryOp("not", node)
    else:
        raise NotUnderstood(f"no mutant for {type(node).__name__}")


def _name(node: pst.Expr) -> str:
    if isinstance(node, pst.EntityLit):
        return node.value.id
    return node.attr if isinstance(node, pst.GetAttr) else type(node).__name__
