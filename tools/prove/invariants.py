"""What must hold, as data (invariants.toml): a sentence, where it comes from, and in Cedar's own words what may never be.

An invariant is about every action to which its words can apply: whose question has the attributes they name. A new action falls under it
by itself. It is left out only by name and with a reason, and only while the thing can really happen: an exception that protects nothing
any more is a fault.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import z3
from cedarpy import pst

from tools.prove.rulebook import Rulebook, parsed
from tools.prove.schema import Ask, Mistyped, NotUnderstood

FILE = Path(__file__).with_name("invariants.toml")
FIELDS = frozenset({"id", "sentence", "although", "source", "permits", "never", "only", "except"})

#: Does an invariant hold whatever is permitted?
PERMITS = {"any": True, "as written": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """`whatever`: it holds whatever permit is added, by the forbids alone; otherwise by the rules as they are.

    `although`: how a story about its breach ends. `only`: the actions it is about, if it is not about all. `but`: action → reason.
    """

    id: str
    sentence: str
    although: str
    source: str
    whatever: bool
    never: pst.Expr
    words: str
    only: frozenset[str]
    but: Mapping[str, str]

    def about(self, book: Rulebook) -> "list[Cell]":
        """Every question that this is about, with what may never be; also those that are left out."""
        found = []
        for ask in book.asks():
            if self.only and ask.action not in self.only:
                continue
            try:
                never = book.translator(ask).condition(self.never)
            except Mistyped as error:
                if self.only:
                    raise NotUnderstood(f"{self.id} cannot be about {ask.action}: {error}") from error
                continue
            if ask.principal != "User" and z3.is_false(never):
                continue  # by its type alone: it is about persons, and this question is about a service
            found.append(Cell(self, ask, never))
        known = {cell.ask.action for cell in found}
        if strangers := sorted({*self.only, *self.but} - known):
            raise NotUnderstood(f"{self.id} names actions that it cannot be about: {', '.join(strangers)}")
        if not known:
            raise NotUnderstood(f"{self.id} is about no action: no question has what {self.words!r} names")
        return found


@dataclass(frozen=True, slots=True)
class Cell:
    """One invariant for one kind of question. `never`: what may not be, as a formula."""

    invariant: Invariant
    ask: Ask
    never: z3.BoolRef

    @property
    def excepted(self) -> bool:
        return self.ask.action in self.invariant.but


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariants:
    """`survivors`: mutant → why it may break nothing. `hash` names this text."""

    all: Sequence[Invariant]
    survivors: Mapping[str, str]
    hash: str

    @staticmethod
    def read(file: Path = FILE) -> "Invariants":
        text = file.read_text(encoding="utf-8")
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise NotUnderstood(f"{file.name}: {error}") from error
        found = [_invariant(entry) for entry in data["invariant"]]
        if len({one.id for one in found}) != len(found):
            raise NotUnderstood("two invariants of one id")
        return Invariants(all=found, survivors=data.get("survivors", {}), hash=hashlib.sha256(text.encode()).hexdigest())


def _invariant(entry: Mapping[str, Any]) -> Invariant:
    if strange := sorted(set(entry) - FIELDS):
        raise NotUnderstood(f"{entry.get('id')}: {', '.join(strange)} means nothing in an invariant")
    if missing := sorted(FIELDS - {"only", "except"} - set(entry)):
        raise NotUnderstood(f"{entry.get('id')}: {', '.join(missing)} is missing")
    if entry["permits"] not in PERMITS:
        raise NotUnderstood(f"{entry['id']}: permits must be {' or '.join(map(repr, PERMITS))}")
    if "only" in entry and "except" in entry:
        raise NotUnderstood(f"{entry['id']}: name either the actions it is about, or those it is not about")
    (clause,) = parsed(f"forbid (principal, action, resource) when {{ {entry['never']} }};").clauses
    return Invariant(
        id=entry["id"],
        sentence=entry["sentence"],
        although=entry["although"],
        source=entry["source"],
        whatever=PERMITS[entry["permits"]],
        never=clause.expr,
        words=entry["never"],
        only=frozenset(entry.get("only", ())),
        but={action: group["because"] for group in entry.get("except", ()) for action in group["actions"]},
    )
