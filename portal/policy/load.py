"""The gate: a policy folder is used only if it can be read, fits its schema, keeps the house rules, and every canary sings.

`portal.cedarschema` says what rules may speak of; every `*.cedar` holds rules. Order of files means nothing to a decision. Whatever is
wrong stops the start, with file, line and rule.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cedarpy

from portal.kernel.errors import Misconfigured
from portal.policy import lint, rehearsal
from portal.policy.engine import Engine
from portal.policy.rules import Rule, read

SCHEMA = "portal.cedarschema"


@dataclass(frozen=True, slots=True, eq=False)
class PolicySet:
    """Rules in force: what to ask, what each rule says, and the hash that names exactly this text."""

    engine: Engine
    rules: Mapping[str, Rule]
    hash: str
    bodies: frozenset[str]

    @staticmethod
    def load(folder: Path, bodies: Sequence[str]) -> "PolicySet":
        """Read and judge the rules in `folder`; `bodies` are the codes of all bodies, at least two.

        Raises `Misconfigured` with every fault of the first step that finds one.
        """
        codes = list(dict.fromkeys(bodies))
        if len(codes) < 2:
            raise Misconfigured(f"the rules in {folder} need at least two bodies to be tried on; name them in the configuration")
        return _judged(folder, tuple(sorted(texts_of(folder).items())), tuple(codes))


@lru_cache(maxsize=4)
def _judged(folder: Path, named: tuple[tuple[str, str], ...], codes: tuple[str, ...]) -> PolicySet:
    """The rules of these texts, judged. The same text is judged once in a process: nothing but the text decides how it comes out."""
    texts = dict(named)
    schema = schema_of(folder, texts[SCHEMA])
    faults: list[str] = []
    statements = [found for name in sorted(texts) if name != SCHEMA for found in read(name, texts[name], faults)]
    stop(folder, faults)
    stop(folder, [*lint.of_schema(schema), *lint.of_validation(statements, schema), *lint.of_rules(statements, codes)])
    engine = Engine(schema, cedarpy.PolicySet.from_str("\n".join(statement.text for statement in statements)))
    rules = {statement.id: statement.rule() for statement in statements}
    stop(folder, list(rehearsal.silent(engine, rules, codes)))
    return PolicySet(engine, rules, hash_of(texts), frozenset(codes))


def texts_of(folder: Path) -> dict[str, str]:
    """Name and text of the schema and of every file of rules."""
    files = [folder / SCHEMA, *sorted(folder.glob("*.cedar"))]
    if len(files) == 1:
        raise Misconfigured(f"there are no rules (*.cedar) in {folder}; set policy.path to the folder that holds them")
    texts = {}
    for file in files:
        try:
            texts[file.name] = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"{file} cannot be read: {error}. Set policy.path to a folder with readable rules.") from error
    return texts


def schema_of(folder: Path, text: str) -> cedarpy.Schema:
    try:
        return cedarpy.Schema.from_str(text)
    except ValueError as error:
        raise Misconfigured(f"{folder / SCHEMA}: {error}. Mend the schema.") from error


def hash_of(texts: Mapping[str, str]) -> str:
    """SHA-256 over names and contents, each with its length, in the order of names."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        for part in (name.encode(), texts[name].encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def stop(folder: Path, faults: Sequence[str]) -> None:
    """Raise `Misconfigured` with all of these faults, if there is one."""
    if faults:
        raise Misconfigured(f"the rules in {folder} cannot be used:\n" + "\n".join(f"  - {fault}" for fault in faults))
