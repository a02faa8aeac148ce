"""The rules that a proposed change would make of those in force: to be asked, never to be decided on.

They are not taken through the gate. Whether every canary sings and the proofs hold is the start's to say; whoever weighs a change wants
its answers all the more if they are not what they should be.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import cedarpy

from portal.kernel.errors import Misconfigured
from portal.policy import lint
from portal.policy.draft import Difference, Draft
from portal.policy.engine import Engine
from portal.policy.load import SCHEMA, PolicySet, schema_of, stop
from portal.policy.rules import read

#: What stands for the file of a rule that is in none yet.
PROPOSED = Path("proposed")


def supposed(folder: Path, in_force: str, differences: Sequence[Difference], hash_: str, bodies: Sequence[str]) -> PolicySet:
    """The rules in `folder`, which must be those in force, changed like this. Raises `Misconfigured` if this portal cannot ask them."""
    present = Draft.read(folder)
    if present.hash != in_force or any(present.parts.get(one.name, "") != one.before for one in differences):
        raise Misconfigured("the folder of rules is not what is in force")
    parts = {**present.parts, **{one.name: one.after for one in differences}}
    return _supposed(tuple(sorted((name, text) for name, text in parts.items() if text)), hash_, tuple(bodies))


@lru_cache(maxsize=4)
def _supposed(named: tuple[tuple[str, str], ...], hash_: str, bodies: tuple[str, ...]) -> PolicySet:
    texts: Mapping[str, str] = dict(named)
    schema = schema_of(PROPOSED, texts.get(SCHEMA, ""))
    faults: list[str] = []
    statements = read(str(PROPOSED), "\n".join(text for name, text in named if name != SCHEMA), faults)
    stop(PROPOSED, [*faults, *lint.of_validation(statements, schema), *lint.of_rules(statements, bodies)])
    engine = Engine(schema, cedarpy.PolicySet.from_str("\n".join(statement.text for statement in statements)))
    return PolicySet(engine, {statement.id: statement.rule() for statement in statements}, hash_, frozenset(bodies))
