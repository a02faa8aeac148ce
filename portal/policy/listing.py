"""From rules to SQL: the same policy that decides one thing says which rows a person's list may hold.

Everything but the resource is given to Cedar; what remains of each rule is compiled to a `WHERE`. Whatever is not understood here raises
`Unsupported`: a list fails rather than show a row too many. Each row shown is decided again by the caller.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, true
from sqlalchemy.sql.expression import FromClause, SQLColumnExpression
from sqlalchemy.types import Boolean, Integer, TypeEngine

from portal.kernel.actions import Action
from portal.kernel.permit import ResourceType, Subject
from portal.policy.engine import Context, Undecided
from portal.policy.load import PolicySet

Column = SQLColumnExpression[Any]


class Unsupported(Undecided):
    """A rule says something that lists cannot say in SQL. Nothing is listed until the rule or this compiler changes."""

    code = "unsupported"


@dataclass(frozen=True, slots=True)
class Members:
    """A set attribute: the rows of an association whose `owner` is the resource's key hold its members in `value`."""

    owner: Column
    value: Column
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingMap:
    """Where a resource's attributes stand in the database.

    `columns`: attribute → (column, entity type or None for a number or truth value). `optional`: attributes that may be NULL, which means
    that the resource has none; a NULL in any other hides the row.
    """

    resource_type: ResourceType
    pk: Column
    columns: Mapping[str, tuple[Column, str | None]]
    sets: Mapping[str, Members] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()


def visible(policies: PolicySet, subject: Subject, action: Action, context: Context, columns: ListingMap) -> ColumnElement[bool]:
    """The rows on which `decide` would permit this action to this person. Raises `Unsupported`."""
    compiler = _Compiler(columns)
    permits: list[ColumnElement[bool]] = []
    forbids: list[ColumnElement[bool]] = []
    for rest in policies.engine.remainders(subject, action, context):
        condition = compiler.rule(rest)
        if condition is False:
            continue
        {"permit": permits, "forbid": forbids}[rest["effect"]].append(true() if condition is True else condition)
    if not permits:
        return false()
    return and_(or_(*permits), *(not_(forbid) for forbid in forbids), *compiler.filled())


#: A condition: settled already, or left to the database.
Condition = bool | ColumnElement[bool]

RESOURCE = {"unknown": [{"Value": "resource"}]}
COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class _Literal:
    value: Any
    type: str | None


@dataclass(frozen=True, slots=True)
class _Cell:
    column: Column
    type: str | None


class _Compiler:
    """Cedar's JSON form to SQL, for one resource type. Settled parts are settled here, so that what cannot matter is never read."""

    def __init__(self, columns: ListingMap) -> None:
        self._map = columns
        self._read: dict[str, Column] = {}

    def filled(self) -> list[ColumnElement[bool]]:
        """Every required attribute that was read is there; SQL's third truth value must not decide."""
        return [column.is_not(None) for name, column in sorted(self._read.items()) if name not in self._map.optional]

    def rule(self, rest: Mapping[str, Any]) -> Condition:
        if any(rest[part] != {"op": "All"} for part in ("principal", "action", "resource")):
            raise Unsupported("a rule that is not settled on who, or on what is done")
        outcome: Condition = True
        for clause in rest["conditions"]:
            if clause["kind"] not in {"when", "unless"}:
                raise Unsupported(f"a clause of the kind {clause['kind']!r}")
            condition = self._condition(clause["body"])
            outcome = _and(outcome, condition if clause["kind"] == "when" else _not(condition))
        return outcome

    def _condition(self, expression: Mapping[str, Any]) -> Condition:
        operator, of = _split(expression)
        if operator == "Value" and isinstance(of, bool):
            return of
        if operator in {"&&", "||"}:
            left = self._condition(of["left"])
            if left is (operator == "||"):  # as in Cedar: what stands behind is not looked at
                return left
            right = self._condition(of["right"])
            return _and(left, right) if operator == "&&" else _or(left, right)
        if operator == "!":
            return _not(self._condition(of["arg"]))
        if operator in COMPARISONS:
            return _compare(operator, self._value(of["left"]), self._value(of["right"]))
        if operator == "contains":
            return self._contains(of["left"], self._value(of["right"]))
        if operator == "is" and of["left"] == RESOURCE and not of.get("in"):
            return bool(of["entity_type"] == self._map.resource_type.value)
        if operator == "has" and of["left"] == RESOURCE:
            return self._has(of["attr"])
        if operator == ".":
            cell = self._cell(of)
            if cell.type is None and isinstance(type_of(cell.column), Boolean):
                return cell.column.is_(true())
        raise Unsupported(f"the condition {operator!r}")

    def _value(self, expression: Mapping[str, Any]) -> _Literal | _Cell:
        operator, of = _split(expression)
        if expression == RESOURCE:
            return _Cell(self._map.pk, self._map.resource_type.value)
        if operator == "Value":
            return _literal(of)
        if operator == ".":
            return self._cell(of)
        raise Unsupported(f"the value {operator!r}")

    def _cell(self, of: Mapping[str, Any]) -> _Cell:
        name = of["attr"]
        if of["left"] != RESOURCE:
            raise Unsupported(f"an attribute of an attribute: {name}")
        if name not in self._map.columns:
            raise Unsupported(f"{self._map.resource_type}.{name} has no column in this list")
        column, kind = self._map.columns[name]
        self._read[name] = column
        return _Cell(column, kind)

    def _has(self, name: str) -> Condition:
        if name not in self._map.columns:
            raise Unsupported(f"{self._map.resource_type}.{name} has no column in this list")
        return self._map.columns[name][0].is_not(None) if name in self._map.optional else True

    def _contains(self, container: Mapping[str, Any], member: _Literal | _Cell) -> Condition:
        operator, of = _split(container)
        if operator == "." and of["left"] == RESOURCE and of["attr"] in self._map.sets:
            members = self._map.sets[of["attr"]]
            if members.type != member.type:
                return False
            value = _bound(member.value, members.value) if isinstance(member, _Literal) else member.column
            return exists().where(members.owner == self._map.pk, members.value == value).correlate_except(_table(members.owner))
        if operator == "Set" and isinstance(member, _Cell):
            chosen = [known.value for known in map(self._value, of) if isinstance(known, _Literal) and known.type == member.type]
            if len(chosen) != len(of):
                raise Unsupported("a set of unlike things")
            return member.column.in_([_bound(value, member.column) for value in chosen])
        raise Unsupported("contains")


def _split(expression: Mapping[str, Any]) -> tuple[str, Any]:
    if len(expression) != 1:
        raise Unsupported(f"an expression with {len(expression)} parts")
    ((operator, of),) = expression.items()
    return operator, of


def _literal(of: Any) -> _Literal:
    if isinstance(of, dict) and set(of) == {"__entity"}:
        return _Literal(str(of["__entity"]["id"]), str(of["__entity"]["type"]))
    if isinstance(of, bool | int):
        return _Literal(of, None)
    raise Unsupported(f"the literal {type(of).__name__}")


def _compare(operator: str, left: _Literal | _Cell, right: _Literal | _Cell) -> Condition:
    if left.type != right.type:
        if operator in {"==", "!="} and left.type and right.type:
            return operator == "!="  # things of two types are never the same
        raise Unsupported("a comparison of unlike things")
    if operator not in {"==", "!="} and left.type:
        raise Unsupported("an order of things that have none")
    if isinstance(left, _Cell):
        one: Any = left.column
        other: Any = right.column if isinstance(right, _Cell) else _bound(right.value, left.column)
    elif isinstance(right, _Cell):
        operator = TURNED.get(operator, operator)
        one, other = right.column, _bound(left.value, right.column)
    else:
        raise Unsupported("a comparison that Cedar left open, of two known values")
    outcome: ColumnElement[bool] = COMPARISONS[operator](one, other)
    return outcome


def _bound(value: Any, column: Column) -> Any:
    """A Cedar literal as this column's own kind of value; it goes to the database as a parameter, never as text."""
    stored = type_of(column)
    kind = stored.python_type
    try:
        if isinstance(value, bool) and isinstance(stored, Boolean):
            return value
        if isinstance(value, int) and not isinstance(value, bool) and isinstance(stored, Integer):
            return value
        if isinstance(value, str) and issubclass(kind, UUID | Enum):
            return kind(value)
        if isinstance(value, str) and kind is str:
            return value
    except ValueError as error:
        raise Unsupported(f"{value!r} is no value of the column {column}") from error
    raise Unsupported(f"{value!r} does not fit the column {column}")


def type_of(column: Column) -> TypeEngine[Any]:
    """What kind of values a column holds."""
    stored = getattr(column, "type", None)
    if not isinstance(stored, TypeEngine):
        raise Unsupported(f"{column} has no type")
    return stored


def _table(column: Column) -> FromClause:
    table = getattr(column, "table", None)
    if not isinstance(table, FromClause):
        raise Unsupported(f"{column} stands in no table")
    return table


def _and(left: Condition, right: Condition) -> Condition:
    if left is False or right is False:
        return False
    if left is True:
        return right
    return left if right is True else and_(left, right)


def _or(left: Condition, right: Condition) -> Condition:
    if left is True or right is True:
        return True
    if left is False:
        return right
    return left if right is False else or_(left, right)


def _not(condition: Condition) -> Condition:
    return not condition if isinstance(condition, bool) else not_(condition)
