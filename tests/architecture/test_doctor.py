"""The doctor works without a person and without a permit, so what it may do is small and written down."""

import ast
from collections.abc import Iterator
from pathlib import Path

from portal.cases.doctor.examine import CHECKS, OFFLINE

ROOT = Path(__file__).parents[2]
DOCTOR = ROOT / "portal" / "cases" / "doctor"


def imported(file: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def test_what_the_doctor_looks_at_is_this() -> None:
    assert [check.name for check in CHECKS] == [
        "configuration", "files", "policies", "process", "space", "sandbox", "office", "scanner", "database",
        "keyring", "floors", "store", "objects", "log", "provider", "clock",
    ]  # fmt: skip
    assert sorted(OFFLINE) == ["examine"]
    taken = {name for module, name in imported(ROOT / "portal/cli/doctor.py") if module.startswith("portal.cases")}
    assert taken == {*OFFLINE, "Report"}


def test_the_doctor_has_nothing_to_open_a_document_or_to_write_a_row_with() -> None:
    known = {pair for file in DOCTOR.glob("*.py") for pair in imported(file)}
    assert known
    forbidden = {"Vault", "Passage", "Database", "decide", "Parts", "UnitOfWork", "Opening", "open_header"}
    assert {name for _, name in known} & forbidden == set()


def test_every_check_is_explained() -> None:
    text = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    assert [check.name for check in CHECKS if f"## {check.name}\n" not in text] == []
