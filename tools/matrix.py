"""Roles × acts, in words: written from `policies/decisions.toml` and the rules into docs/access-matrix.md, and in short into README.md.

`make matrix` writes both; a test fails when either is not what would be written. Nothing here decides anything.
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.kernel.permit import Duty
from portal.kernel.vocabulary import Role
from portal.policy.rules import Statement, read

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "policies"
BEGIN, END = "<!-- access matrix: `make matrix` writes what stands between these lines -->", "<!-- end of the access matrix -->"
#: May; may as the second person only; everyone's columns, short.
MAY, SECOND = "●", "②"
COLUMNS = ("Uploader", "Confid. officer", "Releasing officer", "Reviewer", "Auditor", "Security admin.")


@dataclass(frozen=True, slots=True)
class Act:
    """One action: its group, its words, and a mark for each role."""

    action: str
    group: str
    words: str
    marks: tuple[str, ...]
    duties: tuple[str, ...]
    open: bool


def acts(table: Mapping[str, Any]) -> Iterator[Act]:
    """Every action that has words, in their order."""
    for group, words in table["words"].items():
        for action, said in words.items():
            who, duties = table["who"][action], tuple(table["duties"].get(action, ()))
            mark = SECOND if Duty.SECOND_PERSON in duties else MAY
            every = who in ("everyone", "anybody")
            yield Act(action, group, said, tuple(mark if every or role in who else "" for role in Role), duties, who == "anybody")


def short(table: Mapping[str, Any]) -> str:
    """For README.md: acts of a group that the same roles may do share a row; doors that anybody may open are left out."""
    lines = [_row("May…", *COLUMNS), _row("---", *[":-:"] * len(COLUMNS))]
    rows: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for act in acts(table):
        if not act.open:
            rows.setdefault((act.group, act.marks), []).append(act.words)
    lines += [_row("; ".join(words), *marks) for (_, marks), words in rows.items()]
    return "\n".join(
        [*lines, "", f"{MAY} may, {SECOND} may as the second person, never the first. Each act with its rules: docs/access-matrix.md.", ""]
    )


def whole(table: Mapping[str, Any], statements: list[Statement]) -> str:
    """docs/access-matrix.md."""
    lines = [
        "# Who may do what",
        "",
        "Written by `make matrix` from `policies/decisions.toml` and the rules; a test fails when it is stale. It tells the plain",
        "situation: own body, enough clearance, nothing withheld. Whatever else is refused is refused by a rule named in the last column,",
        f"or by one that speaks of all actions (F11, F12 …). {MAY} may, {SECOND} may as the second person, never the first.",
    ]
    group = ""
    for act in acts(table):
        if act.group != group:
            group = act.group
            lines += ["", f"## {group}", "", _row("May…", *COLUMNS, "Duties", "Rules"), _row("---", *[":-:"] * len(COLUMNS), "---", "---")]
        rules = ", ".join(statement.id.split("-")[0] for statement in statements if act.action in statement.actions)
        duties = ", ".join(duty.replace("_", " ") for duty in act.duties)
        lines.append(_row(f"{act.words} `{act.action}`", *act.marks, duties, rules or "open to anybody"))
    lines += ["", "## What the portal does without a person", "", _row("Service", "May…", "Rules"), _row("---", "---", "---")]
    for task, said in table["task"].items():
        rules = ", ".join(statement.id.split("-")[0] for statement in statements if task in statement.actions)
        lines.append(_row(said["service"], f"{said['words']} `{task}`", rules))
    lines += ["", "## The rules", "", _row("Rule", "Says", "Comes from", "File"), _row("---", "---", "---", "---")]
    notes = [(found, found.policy.annotations) for found in statements]
    lines += [_row(found.id, noted["reason"], noted["source"], f"`{found.file}`") for found, noted in notes]
    return "\n".join([*lines, ""])


def statements_of(folder: Path) -> list[Statement]:
    """The rules, permits first, in the order of their ids."""
    found = [one for file in sorted(folder.glob("*.cedar")) for one in read(file.name, file.read_text(encoding="utf-8"), [])]
    return sorted(found, key=lambda one: (one.id[0] != "P", one.id))


def placed(readme: str, matrix: str) -> str:
    """README.md with this matrix between its marks."""
    before, rest = readme.split(BEGIN)
    return f"{before}{BEGIN}\n{matrix}{END}{rest.split(END)[1]}"


def written() -> dict[Path, str]:
    """What each file is to hold."""
    table = tomllib.loads((POLICIES / "decisions.toml").read_text(encoding="utf-8"))
    readme = ROOT / "README.md"
    return {
        ROOT / "docs" / "access-matrix.md": whole(table, statements_of(POLICIES)),
        readme: placed(readme.read_text(encoding="utf-8"), short(table)),
    }


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)} is up to date", file=sys.stderr)
