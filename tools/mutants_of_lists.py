"""Mutants of the list compiler: changes that show a row too many or too few, and whether the tests notice. `make mutants-of-lists`.

Each is one text replaced in a copy of the tree, build/mutants-of-lists. First lists and items are compared, then the compiler's own tests
run. Prints a row for docs/assurance.md each; exit 1 if one survived. Ten minutes; ONLY=3 takes one alone.
"""

import os
import shutil
import subprocess  # nosec B404
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPY = ROOT / "build" / "mutants-of-lists"
COPIED = ("portal", "tests", "tools", "docs", "policies", "migrations", "pyproject.toml", "config.example.toml", "wsgi.py")
LISTING = ("tests/policy/test_listing.py", "tests/policy/test_listing_compiler.py")
#: In this order, by the name in the table. What no comparison of rows can tell, refusals above all, is left to the compiler's own tests.
TESTS = {
    "comparison": ("tests.policy.differential", "12000"),
    "compiler's tests": ("pytest", "-n0", "-q", "-x", "-p", "no:cacheprovider", "-k", "not row_by_row", *LISTING),
}
COMPILER, ENGINE = "portal/policy/listing.py", "portal/policy/engine.py"


@dataclass(frozen=True)
class Mutant:
    """`old`, where it first stands, becomes `new`."""

    words: str
    file: str
    old: str
    new: str


_ALL = "return and_(or_(*permits), *(not_(forbid) for forbid in forbids), *compiler.filled())"
MUTANTS = (
    Mutant("forbids are left out", COMPILER, _ALL, "return and_(or_(*permits), *compiler.filled())"),
    Mutant("a NULL may decide", COMPILER, _ALL, "return and_(or_(*permits), *(not_(forbid) for forbid in forbids))"),
    Mutant("all permits instead of one", COMPILER, "and_(or_(*permits)", "and_(and_(*permits)"),
    Mutant("without a permit everything", COMPILER, "if not permits:\n        return false()", "if not permits:\n        return true()"),
    Mutant("a permit that always holds is lost", COMPILER, "true() if condition is True else", "false() if condition is True else"),
    Mutant("`unless` means `when`", COMPILER, 'condition if clause["kind"] == "when" else _not(condition)', "condition"),
    Mutant("only the last clause counts", COMPILER, "outcome = _and(outcome, condition if", "outcome = _and(True, condition if"),
    Mutant("`&&` and `||` end early on the other side", COMPILER, 'if left is (operator == "||"):', 'if left is (operator == "&&"):'),
    Mutant("`&&` means `||`", COMPILER, 'return _and(left, right) if operator == "&&" else _or(left, right)', "return _or(left, right)"),
    Mutant("`||` means `&&`", COMPILER, 'return _and(left, right) if operator == "&&" else _or(left, right)', "return _and(left, right)"),
    Mutant("`!` is lost", COMPILER, 'return _not(self._condition(of["arg"]))', 'return self._condition(of["arg"])'),
    Mutant("`_not` of what is settled is lost", COMPILER, "return not condition if", "return condition if"),
    Mutant("`_not` of a column is lost", COMPILER, "else not_(condition)", "else condition"),
    Mutant("`_and` with one that is false is not", COMPILER, "if left is False or right is False:", "if left is False and right is False:"),
    Mutant("`_or` with one that is true is not", COMPILER, "if left is True or right is True:", "if left is True and right is True:"),
    Mutant("`==` means `!=`", COMPILER, '{"==": eq, "!=": ne,', '{"==": ne, "!=": ne,'),
    Mutant("`<=` means `<`", COMPILER, '"<=": le,', '"<=": lt,'),
    Mutant("`>=` means `>`", COMPILER, '">=": ge}\nTURNED', '">=": gt}\nTURNED'),
    Mutant("a comparison read from behind is not turned", COMPILER, '"<": ">", "<=": ">=", ">": "<", ">=": "<="', ""),
    Mutant("things of two types are the same", COMPILER, 'return operator == "!="  # things', 'return operator == "=="  # things'),
    Mutant("a set of any row", COMPILER, "members.owner == self._map.pk, members.value == value", "members.value == value"),
    Mutant("any member of a set", COMPILER, "members.owner == self._map.pk, members.value == value", "members.owner == self._map.pk"),
    Mutant("a set holds things of every type", COMPILER, "return False\n            value = ", "return True\n            value = "),
    Mutant("a set is asked of the join around it", COMPILER, ".correlate_except(_table(members.owner))", ""),
    Mutant("`is` any type", COMPILER, 'return bool(of["entity_type"] == self._map.resource_type.value)', "return True"),
    Mutant("a flag means its opposite", COMPILER, "return cell.column.is_(true())", "return cell.column.is_not(true())"),
    Mutant("what was read is not remembered", COMPILER, "self._read[name] = column\n", "pass\n"),
    Mutant("`has` of what may be missing", COMPILER, "if name in self._map.optional else True", "if False else True"),
    Mutant("an optional attribute must be there", COMPILER, "if name not in self._map.optional]", "if True]"),
    Mutant("a scope that is not settled passes", COMPILER, 'for part in ("principal", "action", "resource")):', "for part in ()):"),
    Mutant("an attribute of an attribute passes", COMPILER, 'if of["left"] != RESOURCE:\n', "if False:\n"),
    Mutant("a rule that Cedar lost is not missed", ENGINE, "if len(answer.residuals) != len(self.rules):", "if False:"),
    Mutant("what depends on the time is remembered", ENGINE, "request if self._timely else", "request if False else"),
    Mutant("what was left for other roles is remembered", ENGINE, "json.dumps([user, ", 'json.dumps([{**user, "parents": []}, '),
    Mutant("what was left for another recipient is remembered", ENGINE, '{**request["context"], "now": None}', '{"now": None}'),
    Mutant("every rule counts as one that never applies", ENGINE, "said in NEVER.items())]", "said in ())]"),
)  # fmt: skip


def copied() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, COPY / name)


def noticed_by(mutant: Mutant) -> str | None:
    """The first of the tests that fails on it, None if none does."""
    file = COPY / mutant.file
    text = file.read_text()
    if mutant.old not in text:
        raise SystemExit(f"{mutant.words}: {mutant.file} has no longer what this replaces: {mutant.old!r}")
    file.write_text(text.replace(mutant.old, mutant.new, 1))
    try:
        return next((name for name in TESTS if not _passes(name)), None)
    finally:
        file.write_text(text)


def _passes(name: str) -> bool:
    command, environment = [sys.executable, "-m", *TESTS[name]], {**os.environ, "PYTHONPATH": str(COPY)}
    return subprocess.run(command, cwd=COPY, env=environment, check=False, capture_output=True).returncode == 0  # nosec B603


def main() -> int:
    copied()
    for name in TESTS:
        if not _passes(name):
            raise SystemExit(f"{name}: fails without any mutant")
    only, survived = os.environ.get("ONLY"), 0
    for number, mutant in enumerate(MUTANTS, 1):
        if only in {None, "", str(number)}:
            by = noticed_by(mutant)
            survived += by is None
            print(f"| {number} | {mutant.words} | {by or 'nobody: survived'} |", flush=True)
    return int(bool(survived))


if __name__ == "__main__":
    sys.exit(main())
