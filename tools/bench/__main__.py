"""`make bench`: measure, print a table, say which targets are missed, and write build/bench.json, a list of figures.

make bench                  every row
make bench ONLY=seal        rows whose name holds this word; more than one: ONLY=seal,share
make bench WRITE=1          also the table in docs/benchmarks.md
"""

import argparse
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from portal.kernel.process import keep_buffers
from tools.bench.figures import Figure, NotThere, Row
from tools.bench.rows import ROWS
from tools.tour.stage import ROOT

OUT, PAGE = ROOT / "build" / "bench.json", ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.bench")
    parser.add_argument("only", nargs="?", default="", help="rows whose name holds one of these words, with commas between them")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    chosen = parser.parse_args(arguments)
    words = [word for word in chosen.only.split(",") if word]
    rows = [row for row in ROWS if not words or any(word in row.name for word in words)]
    if not rows:
        print(f"no row has such a name; there are {', '.join(row.name for row in ROWS)}", file=sys.stderr)
        return 2
    OUT.parent.mkdir(exist_ok=True)
    keep_buffers()  # as the process that serves
    figures: list[Figure] = []
    absent: list[str] = []
    for row in rows:
        for figure in _measured(row, absent):
            figures.append(figure)
            print(_line(figure), flush=True)
    OUT.write_text(json.dumps([figure.json() for figure in figures], indent=1) + "\n", encoding="utf-8")
    _tell(figures, absent)
    if chosen.write:
        write(figures, absent)
    return 0


def _measured(row: Row, absent: list[str]) -> Iterator[Figure]:
    folder = Path(tempfile.mkdtemp(prefix=f"bench-{row.name}-", dir=OUT.parent))
    try:
        yield from row.measure(folder)
    except NotThere as reason:
        absent.append(f"{row.name}: {reason}")
        print(f"NOT MEASURED  {row.name}: {reason}", flush=True)
    finally:
        shutil.rmtree(folder)


def _line(figure: Figure) -> str:
    ours, theirs = f"{figure.ours:.1f}", f"{figure.theirs:.1f}"
    return f"{figure.name:<76} {ours:>8} / {theirs:>8} {figure.unit:<6} = {figure.ratio:6.3f}  (target {_target(figure)})"


def _target(figure: Figure) -> str:
    return f"{'≥' if figure.better == 'higher' else '≤'} {figure.target}"


def _tell(figures: Sequence[Figure], absent: Sequence[str]) -> None:
    missed = [figure for figure in figures if not figure.met]
    print(f"\n{len(figures) - len(missed)} of {len(figures)} reach their target; written to {OUT.relative_to(ROOT)}")
    for figure in missed:
        print(f"MISSED  {figure.name}: {figure.ratio:.3f}, target {_target(figure)}")
    for reason in absent:
        print(f"NOT MEASURED  {reason}")


def write(figures: Sequence[Figure], absent: Sequence[str]) -> None:
    """Replace what stands between the two marks of the page."""
    head = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {datetime.now(UTC):%-d %B %Y}:\n\n"
    table = "| what | ours | theirs | ratio | target | |\n|---|---|---|---|---|---|\n"
    for figure in figures:
        sides = f"{figure.ours:.1f} {figure.unit} | {figure.theirs:.1f} {figure.unit}"
        table += f"| {figure.name} | {sides} | {figure.ratio:.2f} | {_target(figure)} | {'' if figure.met else 'missed'} |\n"
    notes = "".join(f"\nNot measured: {reason}.\n" for reason in absent)
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.DOTALL)
    PAGE.write_text(pattern.sub(lambda _: BEGIN + head + table + notes + END, page), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
