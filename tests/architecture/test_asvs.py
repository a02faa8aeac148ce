"""docs/asvs.md leaves no requirement out, and what it names exists."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
#: How many requirements each section of the standard has (5.0.0), and so which there are: they are numbered from 1.
SECTIONS = {
    6: (3, 12, 8, 6, 8, 4, 2, 4),
    7: (3, 4, 2, 5, 3, 2),
    9: (3, 4),
    10: (2, 3, 5, 16, 5, 2, 3),
}
#: The same by level: at the first alone, at the first two, at all three.
LEVELS = {6: (13, 22, 12), 7: (6, 12, 1), 9: (4, 3, 0), 10: (5, 24, 7)}
ROW = re.compile(r"\| (\d+)\.(\d+)\.(\d+) \| ([123]) \| ([^|]+) \| ([^|]+) \|")
ROWS = [(tuple(int(n) for n in row[:3]), int(row[3]), row[5]) for row in ROW.findall(TEXT)]
NAMED = sorted(set(re.findall(r"`([a-z][\w./-]*/[\w./-]+\.\w+|config\.example\.toml)(?:::(\w+))?`", TEXT)))


def test_every_requirement_stands_there_once_and_in_order() -> None:
    expected = [
        (chapter, section, n)
        for chapter, counts in SECTIONS.items()
        for section, count in enumerate(counts, 1)
        for n in range(1, count + 1)
    ]
    assert [ident for ident, *_ in ROWS] == expected
    assert all(before < after for before, after in pairwise(ident for ident, *_ in ROWS))
    assert len(re.findall(r"(?m)^\| \d", TEXT)) == len(ROWS), "a row that cannot be read"


def test_the_levels_are_the_standards() -> None:
    for chapter, counts in LEVELS.items():
        levels = [level for ident, level, _ in ROWS if ident[0] == chapter]
        assert tuple(levels.count(level) for level in (1, 2, 3)) == counts, chapter


def test_every_row_says_what_satisfies_it_or_why_nothing_does() -> None:
    for ident, _, verdict in ROWS:
        open_or_not = re.match(r"(open|does not apply): \S", verdict)
        assert open_or_not or re.search(r"`[^`]+`", verdict), ident


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_what_a_row_names_exists(file: str, test: str) -> None:
    assert (ROOT / file).is_file()
    assert not test or f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8")


def test_everything_in_code_quotes_that_looks_like_a_file_is_looked_for() -> None:
    assert len(NAMED) > 30
    quoted = {word.split("::")[0] for word in re.findall(r"`([^`]+)`", TEXT) if "/" in word or word.endswith((".md", ".toml", ".py"))}
    assert quoted == {file for file, _ in NAMED}
