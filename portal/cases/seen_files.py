"""The report of who has seen it, to take along: as comma-separated values, and as a paper (PDF).

The event of each names its format and its SHA-256, so that a file that turns up can be recognised.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from portal.audit.integrity import integrity
from portal.cases.export_list import MARK, csv_lines
from portal.cases.names import day
from portal.cases.seen_report import CHANGED, TOLD, Section, instant, report_of
from portal.cases.show_disclosures import SeenView
from portal.cases.typeset import typeset
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Level


class Format(StrEnum):
    CSV = "csv"
    PDF = "pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """When and by whom the report was made, and on what it rests."""

    at: datetime
    by: str
    rests_on: str


@dataclass(frozen=True, slots=True)
class SeenFile:
    name: str
    content: bytes


def seen_file(uow: UnitOfWork, permit: Permit, document: Document, kind: Format) -> SeenFile:
    """The report as it stands now. The event tells its format and its SHA-256."""
    permit.must_cover(Action.DISCLOSURE_READ, document)
    assert permit.subject is not None
    report = report_of(uow, permit, document)
    made = Made(at=uow.at, by=f"{permit.subject.name} {str(permit.subject.id)[:8]}", rests_on=_rests_on(uow))
    content = _WRITERS[kind](report.view, made, report.sections)
    uow.notes.detail |= {"format": kind.value, "sha256": sha256(content).hexdigest(), "size": len(content)}
    return SeenFile(f"who has seen {document.symbol.replace('/', '-')} {made.at:%Y-%m-%d}.{kind}", content)


def _rests_on(uow: UnitOfWork) -> str:
    signed = integrity(uow.session, uow.at).checkpoint
    if signed is None:
        return "It rests on the portal’s log, which was not signed yet."
    return (
        f"It rests on the portal’s log: on the {signed.size:,} entries that were signed last ({instant(signed.at)}, root hash "
        f"{signed.root.hex()}), and on those entered since."
    )


# ---- comma-separated values
def _csv(view: SeenView, made: Made, sections: Sequence[Section]) -> bytes:
    """One table: the columns of all sections, each once, after three that every row has. The last rows say what it rests on."""
    columns = list(dict.fromkeys(name for section in sections for name in section.columns))
    always = (view.symbol, Level(view.level).words)
    lines: list[Sequence[str]] = [("Symbol", "Level", "Section", *columns, "Note")]
    for section in sections:
        for record in section.records:
            cells = dict(zip(section.columns, record, strict=True))
            lines.append((*always, section.name, *(cells.get(name, "") for name in columns), ""))
    lines += [(*always, "Note", *("" for _ in columns), note) for note in _notes(view, made)]
    return MARK + csv_lines(lines)


def _notes(view: SeenView, made: Made) -> list[str]:
    about = f"Who has seen {view.symbol}, {view.title}. Made {instant(made.at)} by {made.by}."
    return [*([CHANGED] if view.damaged else []), about, TOLD, made.rests_on]


# ---- the paper
def _pdf(view: SeenView, made: Made, sections: Sequence[Section]) -> bytes:
    at = made.at
    words: dict[str, Any] = {
        "symbol": view.symbol,
        "title": view.title,
        "level": view.level,
        "level_words": Level(view.level).words,
        "originator": view.originator_short,
        "made": f"{day(at)}, {at:%H:%M} UTC",
        "by": made.by,
        "at": [at.year, at.month, at.day, at.hour, at.minute, at.second],
        "told": TOLD,
        "rests_on": made.rests_on,
        "changed": CHANGED if view.damaged else "",
        "sections": [_on_paper(section) for section in sections],
    }
    return typeset("seen", words)


def _on_paper(section: Section) -> dict[str, Any]:
    rows = [[[[line.text, line.tone] for line in cell] for cell in row] for row in section.rows]
    heads = [list(head) for head in section.heads]
    return {"name": section.name, "aside": section.aside, "heads": heads, "rows": rows, "nothing": section.nothing}


_WRITERS: dict[Format, Callable[[SeenView, Made, Sequence[Section]], bytes]] = {Format.CSV: _csv, Format.PDF: _pdf}
