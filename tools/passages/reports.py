"""A report as it is meant: what stands in it, with the labels that the finder should give. The same seed gives the same report."""

import random
from dataclasses import dataclass, field

from tools.passages.languages import Language

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


@dataclass
class Block:
    """`kind`: title, section, part, heading, paragraph, item, subitem, annex, table. `note`: the text of a footnote to it."""

    kind: str
    label: str
    mark: str
    words: list[str]
    note: list[str] = field(default_factory=list)
    number: int = 0
    cells: list[list[str]] = field(default_factory=list)


def report(language: Language, seed: int) -> list[Block]:
    """About three pages: two or three sections with parts, paragraphs, lists, a table, notes, and an annex that counts anew."""
    return _Report(language, random.Random(f"{language.code} {seed}")).write()  # nosec B311  # invented texts, no secrets


class _Report:
    def __init__(self, language: Language, chance: random.Random) -> None:
        self._language, self._chance = language, chance
        self._blocks: list[Block] = []
        self._notes = self._paragraphs = 0
        self._before = ""

    def write(self) -> list[Block]:
        language, chance = self._language, self._chance
        self._add("title", "", "", self._words(6, 9))
        for section in range(1, chance.randint(2, 3) + 1):
            roman = _ROMAN[section - 1]
            self._add("section", roman, language.section(section), self._words(3, 6))
            for part in range(1, chance.choice((0, 0, 2, 3)) + 1):
                self._add("part", f"{roman}.{'ABC'[part - 1]}", language.part(part), self._words(3, 6))
                self._some_paragraphs(1, 3)
            if self._blocks[-1].kind == "section":
                self._some_paragraphs(2, 4)
            if section == 1:
                self._table()
                self._some_paragraphs(1, 1)
        self._add("annex", "Annex I", language.annex_of(1), [])
        self._add("heading", "", "", self._words(3, 6))
        self._paragraphs, self._before = 0, "Annex I, "
        self._some_paragraphs(2, 3)
        return self._blocks

    def _some_paragraphs(self, least: int, most: int) -> None:
        for _ in range(self._chance.randint(least, most)):
            self._paragraph()

    def _paragraph(self) -> None:
        language, chance = self._language, self._chance
        self._paragraphs += 1
        label = f"{self._before}§{self._paragraphs}"
        listed = chance.random() < 0.35
        self._add("paragraph", label, language.paragraph(self._paragraphs), self._sentences(2, 5, ":" if listed else language.end))
        if chance.random() < 0.3:
            self._notes += 1
            self._blocks[-1].note, self._blocks[-1].number = self._sentences(1, 2, language.end), self._notes
        for item in range(1, chance.randint(2, 4) + 1 if listed else 1):
            nested = chance.random() < 0.2
            text = self._sentences(1, 2, ":" if nested else ";")
            self._add("item", f"{label}({'abcdefgh'[item - 1]})", language.item(item), text)
            for sub in range(1, 4 if nested else 1):
                self._add(
                    "subitem",
                    f"{label}({'abcdefgh'[item - 1]})({_ROMAN[sub - 1].lower()})",
                    language.subitem(sub),
                    self._sentences(1, 1, ";"),
                )
        if not listed and chance.random() < 0.15:
            self._add("heading", "", "", self._words(3, 5))

    def _table(self) -> None:
        rows = [[self._piece(1), self._piece(1), str(self._chance.randint(1, 99))] for _ in range(self._chance.randint(3, 5))]
        self._add("table", "Table 1", self._language.table_of(1), self._words(2, 4))
        self._blocks[-1].cells = rows

    def _add(self, kind: str, label: str, mark: str, words: list[str]) -> None:
        self._blocks.append(Block(kind, label, mark, words))

    def _piece(self, count: int) -> str:
        return ("" if not self._language.spaced else " ").join(
            self._chance.choices(self._language.words, k=count if self._language.spaced else 3)
        )

    def _words(self, least: int, most: int) -> list[str]:
        words = self._chance.choices([word for word in self._language.words if word[0].isalpha()], k=self._chance.randint(least, most))
        return [words[0][:1].upper() + words[0][1:], *words[1:]]

    def _sentences(self, least: int, most: int, end: str) -> list[str]:
        """Sentences, some of which speak of other paragraphs or count inside the line, as real ones do."""
        words: list[str] = []
        for _ in range(self._chance.randint(least, most)):
            words += self._words(8, 22) if self._language.spaced else self._words(18, 50)
            if self._chance.random() < 0.2:
                words += [self._language.item(self._chance.randint(1, 3)), *self._words(4, 8)]
            if self._chance.random() < 0.2:
                words += [str(self._chance.randint(1, 40)), *self._words(2, 5)]
            words[-1] += self._language.end
        words[-1] = words[-1][: -len(self._language.end)] + end
        return words
