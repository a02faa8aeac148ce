"""Footnotes: smaller rows at the foot of a column that begin with a mark, and whose they are. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from portal.confidentiality.render.rows import Page, Row
from portal.confidentiality.render.text_passages import Draft, Kind, Passage, boxes_of

_SMALL = 0.94  # of the usual size of letters
_MARK = re.compile(r"\(?([0-9\u0660-\u0669]{1,3}|[*†‡]{1,3})\)?(?=$|[^\d.,/)])")
_HIGH = re.compile(r"[⁰¹²³⁴-⁹]{1,3}")


@dataclass(slots=True)
class Note:
    mark: str
    rows: list[Row] = field(default_factory=list)


def notes_apart(found: Sequence[Row], body: float) -> tuple[list[Row], list[Note]]:
    """The rows of the text, and the notes at the feet of its columns. `body` is the usual size of letters."""
    text: list[Row] = []
    notes: list[Note] = []
    columns: dict[int, list[Row]] = {}
    for row in found:
        columns.setdefault(row.column, []).append(row)
    for column in columns.values():
        start = len(column)
        while start and (column[start - 1].size < _SMALL * body):
            start -= 1
        first = next((at for at in range(len(column)) if (at >= start or _raised_first(column[at])) and mark_of(column[at])), None)
        if first is None and notes and start < len(column) and column[start].page == notes[-1].rows[-1].page + 1:
            first = start  # a note that goes on
        end = len(column) if first is None else first
        text += column[:end]
        for row in column[end:]:
            mark = mark_of(row)
            if mark and (not _on(notes, row) or _next(notes[-1].mark, mark) or _raised_first(row)):
                notes.append(Note(mark))
            notes[-1].rows.append(row)
    return text, notes


def mark_of(row: Row) -> str:
    """The mark that this row begins with, as plain signs; "" for none."""
    if high := _HIGH.match(row.text):
        return unicodedata.normalize("NFKC", high[0])
    match = _MARK.match(row.text)
    return _plain(match[1]) if match else ""


def with_notes(passages: Sequence[Passage], drafts: Sequence[Draft], notes: Sequence[Note], pages: Sequence[Page]) -> tuple[Passage, ...]:
    """The passages, each with the labels of its notes, and the notes as passages."""
    owned: dict[int, list[str]] = {}
    done: list[Passage] = []
    for note in notes:
        name = f"footnote {note.mark}"
        label = name if all(name != one.label for one in done) else f"{name} (page {note.rows[0].page})"
        if any(label == one.label for one in done):
            label = f"{label} #{sum(one.label.startswith(name) for one in done) + 1}"
        owner = next((at for at, draft in enumerate(drafts) if _refers(draft, note)), None)
        if owner is not None:
            owned.setdefault(owner, []).append(label)
        text = " ".join(row.text for row in note.rows)
        done.append(Passage(Kind.FOOTNOTE, label, boxes_of(list(enumerate(note.rows)), pages), text))
    return (*(replace(one, notes=tuple(owned.get(at, ()))) for at, one in enumerate(passages)), *done)


def _refers(draft: Draft, note: Note) -> bool:
    """Does a row on the note's page bear its mark?"""
    return any(row.page == note.rows[0].page and note.mark in _marks_in(row) for _, row in draft.rows)


def _marks_in(row: Row) -> set[str]:
    raised = {_plain(part) for text in row.raised for part in re.findall(r"\w+|[*†‡]+", text)}
    return raised | {unicodedata.normalize("NFKC", high) for high in _HIGH.findall(row.text)}


def _raised_first(row: Row) -> bool:
    return bool(_HIGH.match(row.text)) or bool(row.raised and row.text.startswith(row.raised[0]))


def _on(notes: Sequence[Note], row: Row) -> bool:
    """Has a note begun in this row's column already?"""
    return bool(notes) and notes[-1].rows[-1].column == row.column


def _next(before: str, mark: str) -> bool:
    return not (before.isdecimal() and mark.isdecimal()) or int(mark) == int(before) + 1


def _plain(sign: str) -> str:
    return str(int(sign)) if sign.isdecimal() else unicodedata.normalize("NFKC", sign)
