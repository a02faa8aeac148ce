"""The passages of a document, found in its rows of text: annexes, sections, numbered paragraphs and what is below them. Pure.

A number counts where a line begins anew and the sequence agrees: (c) after (b), 17 after 16. The officer who marks confirms.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from portal.confidentiality.render.footnotes import notes_apart, with_notes
from portal.confidentiality.render.numbering import Level, Reading, annex, as_letter, as_roman, readings, table
from portal.confidentiality.render.rows import Page, Row, middle, rows
from portal.confidentiality.render.text_passages import Draft, Kind, Passage

_GAP = 1.25  # of the usual step from row to row: a wider one begins something new
_MISSING = 3  # numbers in a row that may not be found
_HEADING = 3  # rows
_LONGEST_NAME = 90  # letters of a heading that names an annex or a table
_ENDS = re.compile(r"[.;:,!?。；：，、،؛؟][”»\"')\]]* ?\d{0,3}$|(?:\b(?:and|or|et|ou|y|o|и|или)|以及|[和及或])$")
_LEADERS = re.compile(r"(?:\. ?){4,}|…{2}|·{4}|_{4}")
_KINDS = {
    Level.ANNEX: Kind.ANNEX, Level.SECTION: Kind.SECTION, Level.PART: Kind.SECTION, Level.TITLE: Kind.SECTION,
    Level.PARAGRAPH: Kind.PARAGRAPH, Level.ITEM: Kind.ITEM, Level.SUBITEM: Kind.ITEM,
}  # fmt: skip


def outline(pages: Sequence[Page]) -> tuple[Passage, ...]:
    """All passages in reading order, then the footnotes. No two have the same label; what has no number has none."""
    found = rows(pages)
    body = middle(row.size for row in found for _ in row.text)
    text, notes = notes_apart(found, body)
    drafts = _Outline(text, body).run()
    return with_notes([draft.done(pages) for draft in drafts], drafts, notes, pages)


class _Outline:
    def __init__(self, text: Sequence[Row], body: float) -> None:
        self._rows, self._body = text, body
        self._readings = [readings(row.text) for row in text]
        self._latest = {one.ordinal: at for at, found in enumerate(self._readings) for one in found if one.level is Level.PARAGRAPH}
        steps = [two.base - one.base for one, two in pairwise(text) if one.column == two.column]
        self._step = middle(step for step in steps if 0.8 * body < step < 2.6 * body) or 1.2 * body
        self._drafts: list[Draft] = []
        self._open: Draft | None = None  # what an unnumbered row goes on with
        self._numbered: Draft | None = None  # the last that has a number, while no heading followed
        self._stack: list[tuple[Level, str]] = []
        self._last: dict[Level, int] = {}
        self._lettered = False  # are the items that are open counted by letters?
        self._anew = False  # a heading since the last paragraph: numbers may begin again
        self._taken: set[str] = set()

    def run(self) -> list[Draft]:
        for at, row in enumerate(self._rows):
            reading = self._read(at)
            if reading is not None:
                self._begin(at, reading)
            elif not self._goes_on(at):
                self._begin_unnumbered(at)
            assert self._open is not None
            self._open.rows.append((at, row))
        return self._drafts

    # What a row begins

    def _read(self, at: int) -> Reading | None:
        """What of the sequence begins in this row, if anything."""
        row = self._rows[at]
        if not self._fresh(at) or _contents(row):
            return None
        name = annex(row.text)
        if name and self._names(name, at):
            return name
        if self._open and self._open.kind is Kind.TABLE and row.cells > 1:
            return None
        fitting = [fit for reading in self._readings[at] if (fit := self._fits(reading, at))]
        if len(fitting) > 1 and fitting[0].level is Level.ITEM and self._last.get(Level.SUBITEM, 0) + self._next_is_second(at):
            return fitting[1]
        return fitting[0] if fitting else None

    def _fits(self, reading: Reading, at: int) -> Reading | None:
        """The reading, where the sequence agrees; as a heading with a number, where it is one."""
        level, ordinal, last = reading.level, reading.ordinal, self._last.get(reading.level, 0)
        if level is Level.PARAGRAPH:
            return self._paragraph(reading, at, last)
        if reading.word == "han":
            level = self._level_of_han()
            last = self._last.get(level, 0)
        again = ordinal == 1 and (level not in (Level.SECTION, Level.ITEM, Level.SUBITEM) or self._anew or self._announced(at))
        return Reading(level, ordinal, reading.rest, reading.word) if ordinal == last + 1 or (again and last) else None

    def _paragraph(self, reading: Reading, at: int, last: int) -> Reading | None:
        ordinal, heading = reading.ordinal, self._heading(at)
        titles = self._last.get(Level.TITLE, 0)
        as_title = Reading(Level.TITLE, ordinal, reading.rest)
        if ordinal == last + 1 and not (heading and titles + 1 == ordinal):
            return reading
        if heading and last and ordinal == titles + 1 and (titles or self._anew):
            return as_title
        if ordinal == 1 and (self._anew or (self._follows(at, 2) and not self._follows(at, last + 1))):
            return reading
        if last < ordinal <= last + _MISSING and (last or self._follows(at, ordinal + 1)):
            return reading
        return reading if not last and self._follows(at, ordinal + 1) else None

    def _level_of_han(self) -> Level:
        """（一） stands under 一、, under a numbered paragraph, or under (a)."""
        if self._lettered and Level.ITEM in self._last:
            return Level.SUBITEM
        levels = {level for level, _ in self._stack}
        return Level.PART if Level.SECTION in levels and Level.PARAGRAPH not in levels else Level.ITEM

    def _announced(self, at: int) -> bool:
        return bool(at and self._rows[at - 1].text.rstrip()[-1:] in ":：")

    def _follows(self, at: int, ordinal: int) -> bool:
        """Is there a paragraph of this number further on?"""
        return self._latest.get(ordinal, -1) > at

    def _next_is_second(self, at: int) -> bool:
        """Of (i): does (ii) come before (j)?"""
        for later in range(at + 1, len(self._rows)):
            if not self._fresh(later):
                continue
            begins = {(one.level, one.ordinal) for one in self._readings[later]}
            if (Level.SUBITEM, 2) in begins:
                return True
            if any(level is not Level.SUBITEM and ordinal > 1 for level, ordinal in begins):
                return False
        return False

    def _names(self, name: Reading, at: int) -> bool:
        """Is this line a heading that names an annex or a table, and not a sentence about one?"""
        row = self._rows[at]
        alone = (row.short and not _ENDS.search(row.text)) or self._heading(at)
        return len(row.text) < _LONGEST_NAME and (not name.rest or name.rest[0] in ".:：—–-*" or alone)

    # Where something begins

    def _gap(self, at: int) -> bool:
        """Is there more room above this row than between rows of one paragraph?"""
        if at == 0:
            return True
        before, row = self._rows[at - 1], self._rows[at]
        return before.column == row.column and (row.base - before.base > _GAP * self._step or row.base < before.base)

    def _fresh(self, at: int) -> bool:
        """May a numbered passage begin here?"""
        if at == 0 or self._gap(at):
            return True
        before, row = self._rows[at - 1], self._rows[at]
        ended = bool(_ENDS.search(before.text))
        headed = self._open is not None and self._open.heading
        if before.column != row.column:
            return ended or before.short or headed
        moved = abs(before.indent - row.indent) > 0.5 * row.size
        return before.short or (moved and (ended or headed)) or (ended and any(one.level is Level.PARAGRAPH for one in self._readings[at]))

    def _block(self, at: int) -> Sequence[Row]:
        """The row and those that go on with it, as far as a heading can be long, and one more."""
        end = at + 1
        while end < len(self._rows) and end - at <= _HEADING and self._rows[end].column == self._rows[at].column and not self._gap(end):
            if self._fresh(end) and self._readings[end]:
                break
            end += 1
        return self._rows[at:end]

    def _heading(self, at: int) -> bool:
        """Do these rows look like a heading: few, not ended like a sentence, alone?"""
        block = self._block(at)
        text = block[-1].text
        return len(block) <= _HEADING and not _ENDS.search(text) and (block[-1].short or block[0].size > 1.08 * self._body)

    # What is open

    def _begin(self, at: int, reading: Reading) -> None:
        level = reading.level
        while self._stack and self._stack[-1][0] >= level:
            self._stack.pop()
        label = self._label(reading)
        self._stack.append((level, label))
        self._last[level] = reading.ordinal
        for deeper in [other for other in self._last if other > level and not (other is Level.PARAGRAPH and level < Level.PARAGRAPH)]:
            del self._last[deeper]
        if level is Level.ITEM:
            self._lettered = reading.word != "han"
        self._anew = level < Level.PARAGRAPH if level <= Level.PARAGRAPH else self._anew
        if level is Level.ANNEX:
            self._last = {kept: count for kept, count in self._last.items() if kept in (Level.ANNEX, Level.PARAGRAPH)}
        self._put(Draft(_KINDS[level], label, level))
        self._numbered = self._open if level >= Level.PARAGRAPH else None

    def _goes_on(self, at: int) -> bool:
        """Does an unnumbered row belong to what is open?"""
        row = self._rows[at]
        if self._open is None or (self._fresh(at) and (name := table(row.text)) is not None and self._names(name, at)):
            return False
        before = self._rows[at - 1]
        new_block = self._gap(at) or (before.column != row.column and bool(_ENDS.search(before.text) or self._open.heading))
        if self._open.kind is Kind.TABLE:
            return not (row.cells == 1 and new_block and (not row.short or row.base - before.base > 2 * self._step))
        if not new_block:
            return True
        return self._numbered is not None and not self._heading(at) and not _contents(row)

    def _begin_unnumbered(self, at: int) -> None:
        name = table(self._rows[at].text)
        if name and self._fresh(at) and self._names(name, at):
            number = str(name.ordinal or sum(draft.kind is Kind.TABLE for draft in self._drafts) + 1)
            self._put(Draft(Kind.TABLE, self._unlike(f"Table {number}"), None))
            return
        heading = self._heading(at) and not _contents(self._rows[at])
        if self._numbered is not None and not heading:  # after a table
            self._open = self._numbered
            return
        self._put(Draft(Kind.HEADING if heading else Kind.TEXT, "", None))
        self._numbered = None

    def _put(self, draft: Draft) -> None:
        self._drafts.append(draft)
        self._open = draft

    # Labels

    def _label(self, reading: Reading) -> str:
        """The same in every language, as far as the numbers are: `§16(e)(ii)`, `II.B`, `Annex III`."""
        level, ordinal = reading.level, reading.ordinal
        above = self._stack[-1][1] if self._stack else ""
        heading = above if self._stack and self._stack[-1][0] in (Level.SECTION, Level.PART) else ""
        match level:
            case Level.ANNEX:
                label = f"{reading.word} {as_roman(ordinal)}".strip()
            case Level.SECTION:
                label = as_roman(ordinal)
            case Level.PART:
                label = f"{heading}.{as_letter(ordinal).upper()}".lstrip(".")
            case Level.TITLE:
                label = f"{heading}.{ordinal}".lstrip(".")
            case Level.PARAGRAPH:
                label = f"§{ordinal}"
            case Level.ITEM:
                label = f"{above}({as_letter(ordinal)})"
            case Level.SUBITEM:
                label = f"{above}({as_roman(ordinal).lower()})"
        return self._unlike(label)

    def _unlike(self, label: str) -> str:
        """The label, or with what it stands in before it, or with a count after it, so that no two are the same."""
        for form in self._forms(label):
            if form not in self._taken:
                self._taken.add(form)
                return form
        raise AssertionError("forms do not end")

    def _forms(self, label: str) -> Iterator[str]:
        yield label
        for _, above in self._stack:
            yield f"{above}, {label}"
        count = 2
        while True:
            yield f"{label} #{count}"
            count += 1


def _contents(row: Row) -> bool:
    """A line of a table of contents."""
    return bool(_LEADERS.search(row.text)) or (row.cells > 1 and bool(re.search(r"(?:^| )\d{1,3}$", row.text)))
