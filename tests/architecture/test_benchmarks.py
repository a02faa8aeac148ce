"""What `make bench` writes is read by other programs, and docs/benchmarks.md says it."""

import re
from pathlib import Path

from tools.bench.figures import Figure
from tools.bench.rows import ROWS

PAGE = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def test_a_figure_is_written_with_the_fields_that_the_page_names_and_no_others() -> None:
    told = re.search(r"`\{(.*)\}`", PAGE)
    assert told is not None
    figure = Figure(name="a", ours=3.0, theirs=2.0, unit="ms", target=1.0, better="lower").json()
    assert list(figure) == ["name", "ratio", "target", "better", "runs", "ours", "theirs"]
    assert [name for name in re.findall(r'"(\w+)"', told[1]) if name not in {"higher", "lower"}] == list(figure)
    assert (figure["ratio"], figure["better"]) == (1.5, "lower")


def test_every_row_can_be_asked_for_by_a_name_that_the_page_gives() -> None:
    told = re.search(r"one of these: (.*)\n", PAGE)
    assert told is not None
    assert told[1].split(", ") == [row.name for row in ROWS]
