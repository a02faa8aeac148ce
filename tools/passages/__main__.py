"""Figures for docs/passages.md: how much of invented reports the finder finds, by language and layout.

python -m tools.passages               the held-out set
python -m tools.passages --tuned       the set that the finder was made with
python -m tools.passages --misses      also what was missed
python -m tools.passages --write       the held-out set, into docs/passages.md
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.confidentiality.render.contents import contents
from portal.confidentiality.render.wording import wording
from tools.passages.languages import LANGUAGES, Language
from tools.passages.reports import Block, report
from tools.passages.sheets import HELD_OUT, TUNED, Layout, sheet

PAGE = Path(__file__).resolve().parents[2] / "docs" / "passages.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"
TUNED_SEEDS, HELD_OUT_SEEDS = range(4), range(2000, 2004)


@dataclass
class Score:
    """Of `wanted` labels `found` were found, `whole` with exactly their text, `less` without some of it; `more` are labels of nothing."""

    wanted: int = 0
    found: int = 0
    whole: int = 0
    less: int = 0
    more: int = 0
    notes: int = 0
    notes_owned: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        for name in ("wanted", "found", "whole", "less", "more", "notes", "notes_owned"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.misses += other.misses


def score(language: Language, seed: int, layout: Layout) -> Score:
    """One report in one layout, read as the sandboxed child reads it."""
    blocks = report(language, seed)
    frames = contents({"max_pages": 99}, [sheet(language, blocks, layout)])
    found = {one["label"]: one for kind, payload in frames if kind == "PASS" and (one := json.loads(bytes(payload)))["label"]}
    wanted = {block.label: block for block in blocks if block.label}
    result = Score(wanted=len(wanted))
    for label, block in wanted.items():
        if label not in found:
            result.misses.append(f"{language.code} {layout.name} {seed}: {label} not found")
            continue
        result.found += 1
        if _said(found[label]["text"]) == _said(_text(language, block)):
            result.whole += 1
        else:
            less = Counter(_said(_text(language, block))) - Counter(_said(found[label]["text"]))
            result.less += bool(less)
            how = "lacks text" if less else "has more text"
            result.misses.append(f"{language.code} {layout.name} {seed}: {label} {how}: {found[label]['text'][-50:]}")
        if block.note:
            result.notes += 1
            owned = f"footnote {block.number}" in found[label]["notes"]
            result.notes_owned += owned
            if not owned:
                result.misses.append(f"{language.code} {layout.name} {seed}: {label} without its footnote {block.number}")
    strange = [label for label in found if label not in wanted and not label.startswith("footnote")]
    result.more = len(strange)
    result.misses += [f"{language.code} {layout.name} {seed}: {label} is none: {found[label]['text'][:50]}" for label in strange]
    return result


def _text(language: Language, block: Block) -> str:
    space = " " if language.spaced else ""
    text = f"{block.mark} {space.join(block.words)}{block.number if block.note else ''}"
    return " ".join([text, *(" ".join(cells) for cells in block.cells)])


def _said(text: str) -> str:
    """Letters and numbers, whatever their order within a word of mixed directions."""
    return "".join(sorted(wording(text).squeezed.translate(str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789"))))


def scores(layouts: Sequence[Layout], seeds: range) -> Iterator[tuple[Language, Layout, Score]]:
    for layout in layouts:
        for language in LANGUAGES.values():
            total = Score()
            for seed in seeds:
                total.add(score(language, seed, layout))
            yield language, layout, total


def table(found: Sequence[tuple[Language, Layout, Score]]) -> Iterator[str]:
    yield "| layout | language | labels | found | text exact | text lacking | labels of nothing | notes with their paragraph |"
    yield "|---|---|---|---|---|---|---|---|"
    whole = Score()
    for language, layout, one in found:
        whole.add(one)
        yield _row(layout.name, language.code, one)
    yield _row("all", "", whole)


def _row(layout: str, language: str, one: Score) -> str:
    shares = [f"{100 * part / one.wanted:.0f} %" for part in (one.found, one.whole)]
    return (
        f"| {layout} | {language} | {one.wanted} | {shares[0]} | {shares[1]} | {one.less} | {one.more} | {one.notes_owned} of {one.notes} |"
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.passages")
    parser.add_argument("--tuned", action="store_true", help="the set that the finder was made with")
    parser.add_argument("--misses", action="store_true", help="also what was missed")
    parser.add_argument("--write", action="store_true", help="into docs/passages.md")
    asked = parser.parse_args(arguments)
    found = list(scores(TUNED, TUNED_SEEDS) if asked.tuned else scores(HELD_OUT, HELD_OUT_SEEDS))
    lines = list(table(found))
    print("\n".join(lines))
    if asked.misses:
        print("\n".join(miss for _, _, one in found for miss in one.misses))
    if asked.write and not asked.tuned:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(re.sub(f"(?s){BEGIN}.*{END}", lambda _: BEGIN + "\n".join(lines) + "\n" + END, text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
