"""Lists and items compared, as often as one likes: random worlds, random persons, every action there is.

`python -m tests.policy.differential 12000` compares so many in a database in memory; it ends with a traceback at the first that differs.
"""

import random
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from portal.kernel.actions import Action
from portal.kernel.permit import Facts, Ref, ResourceType, Subject, Value
from portal.kernel.vocabulary import Level, Role, ShareState
from portal.policy.decide import Context
from portal.policy.load import PolicySet
from tests.policy.drawing import PERSONS
from tests.policy.kept import LISTED, METADATA, Kept, may
from tests.policy.worlds import BODIES, FOLDER, HERE, NOON, THERE, person, thing

CODES = (HERE, HERE, THERE, "EXEC")
#: Things of one world, and persons who ask for them.
THINGS, ASKING = 50, 4


@dataclass
class Compared:
    """How many decisions were compared with their list, and how many of them were yes, by action."""

    decisions: Counter[Action] = field(default_factory=Counter)
    permitted: Counter[Action] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.decisions.total()


def compare(policies: PolicySet, database: Engine, wanted: int, seed: int) -> Compared:
    """At least `wanted` comparisons, spread evenly. AssertionError with the action, the person and the rows at the first that differs."""
    chance, compared = random.Random(seed), Compared()
    able = {action: [role for role in Role if may(policies, action, role)] for _, action in LISTED}
    while compared.total < wanted:
        for kept, action in LISTED:
            things = {facts.id: facts for facts in (_thing(chance, kept) for _ in range(THINGS))}
            kept.keep(database, list(things.values()))
            for _ in range(ASKING):
                subject, recipient, confirmed = _subject(chance, able[action]), chance.choice(CODES), chance.random() < 0.8
                permitted = {name for name, facts in things.items() if _permitted(policies, subject, action, facts, recipient, confirmed)}
                listed = kept.listed(database, policies, subject, action, recipient, confirmed=confirmed)
                wrong = {name: things[name].attributes for name in listed ^ permitted}
                assert not wrong, f"{action} for {subject}, seed {seed}: {wrong}"
                compared.decisions[action] += len(things)
                compared.permitted[action] += len(permitted)
    return compared


def _permitted(policies: PolicySet, subject: Subject, action: Action, facts: Facts, recipient: str, confirmed: bool) -> bool:
    """By the item's own rules alone: a duty is for the passage, and no recipient is chosen from a list."""
    return policies.engine.ask(subject, action, facts, Context(now=NOON, recipient=recipient, confirmed=confirmed)).allowed


def _subject(chance: random.Random, able: list[Role]) -> Subject:
    roles = {chance.choice(able)} if chance.random() < 0.8 else set()
    roles |= {role for role in Role if chance.random() < 0.05}
    return replace(
        person(*roles, who=chance.choice(PERSONS), body=chance.choice(CODES)),
        clearance=Level(chance.choice((0, 1, 2, 2))),
        active=chance.random() < 0.95,
    )


def _thing(chance: random.Random, kept: Kept) -> Facts:
    plain, odd = thing(kept.action), chance.choice((0.1, 0.6))
    changes = {name: _value(chance, name, value) for name, value in plain.attributes.items() if chance.random() < odd}
    called = chance.choice(PERSONS) if chance.random() < 0.02 else UUID(int=chance.getrandbits(128))
    return thing(kept.action, called=chance.choice(CODES) if kept.kind is ResourceType.BODY else str(called), **changes)


def _value(chance: random.Random, name: str, plain: Value) -> Any:
    """Another value of the same kind."""
    if isinstance(plain, bool):
        return chance.random() < 0.5
    if isinstance(plain, int):
        return chance.choice([int(level) for level in Level])
    if isinstance(plain, frozenset):
        return frozenset(Ref("Body", code) for code in CODES if chance.random() < 0.3)
    assert isinstance(plain, Ref), name
    values: Mapping[str, Any] = {"Body": CODES, "User": [str(one) for one in PERSONS], "ShareState": [state.value for state in ShareState]}
    return Ref(plain.type, str(chance.choice(values[plain.type])))


if __name__ == "__main__":
    memory = create_engine("sqlite://", poolclass=StaticPool)
    METADATA.create_all(memory)
    sys.stdout.write(f"{compare(PolicySet.load(FOLDER, BODIES), memory, int(sys.argv[1]), seed=6).total:,} compared, none differs\n")
