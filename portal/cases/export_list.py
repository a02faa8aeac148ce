"""A list as a file to take along: comma-separated values (RFC 4180), a page at a time, each under a decision and a snapshot of its own.

A spreadsheet runs what looks like a formula; here nothing does (ASVS 5.0, 1.2.10). The file holds what the pages of the list show, to whom
they show it. How many rows left is told with the end of it, and so is every row that was hidden because a decision disagreed.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from portal.cases import facts
from portal.cases.facts import BodyTarget
from portal.cases.listing import Selection
from portal.cases.show_documents import Row, register_of
from portal.cases.show_shares import AVAILABLE, ReceivedRow, received_by
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.permit import Permit, Subject
from portal.kernel.vocabulary import Level
from portal.policy.decide import decide

#: Rows that are read in one snapshot.
PIECE = 100
#: What a file begins with, so that spreadsheets read its letters as UTF-8.
MARK = "\N{BYTE ORDER MARK}".encode()
#: What a spreadsheet may take for a formula, in front of a cell.
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # also in full width


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A list that can be taken along: whose right it takes, what it selects, and its columns."""

    name: str
    action: Action
    select: Callable[[UnitOfWork, Permit, BodyTarget, Mapping[str, str]], Selection[Any, Any]]
    heads: tuple[str, ...]
    cells: Callable[[Any], Sequence[str]]


@dataclass(slots=True)
class Export:
    """What somebody takes along. `notes`, once it is entered, are what its end will tell."""

    kind: Kind
    subject: Subject
    chosen: Mapping[str, str]
    notes: Notes = field(default_factory=Notes)


def gather_export(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, kind: Kind, chosen: Mapping[str, str]) -> Export:
    """Raises `Invalid` for what no list can be narrowed by."""
    permit.must_cover(kind.action, body)
    assert permit.subject is not None
    kind.select(uow, permit, body, chosen)
    return Export(kind, permit.subject, chosen)


def enter_export(uow: UnitOfWork, permit: Permit, body: BodyTarget, export: Export) -> None:
    """Enter that it begins; by what it was narrowed, and never to what."""
    permit.must_cover(export.kind.action, body)
    uow.notes.detail["narrowed"] = [*sorted(export.chosen)]
    export.notes = uow.notes


def lines_of(parts: Parts, export: Export) -> Iterator[bytes]:
    """The file, piece by piece."""
    yield MARK + csv_lines([export.kind.heads])
    before: str | None = ""
    rows = 0
    while before is not None:
        with parts.read() as uow:
            page = _select(uow, export).page(before, limit=PIECE)
            export.notes.met += uow.consequences()
        before, rows = page.older, rows + len(page.rows)
        export.notes.detail["rows"] = rows
        yield csv_lines([export.kind.cells(row) for row in page.rows])


def _select(uow: UnitOfWork, export: Export) -> Selection[Any, Any]:
    """The list, if the person is still who they were and may still see it."""
    uow.present(export.subject)
    located = facts.own_body(uow, export.subject)
    permit = decide(uow.parts.policies, export.subject, export.kind.action, located.facts, uow.context(export.subject))
    return export.kind.select(uow, permit, located.target, export.chosen)


def csv_lines(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows as lines of such a file, every cell in quotes and nothing of it live."""
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([[inert(cell) for cell in row] for row in rows])
    return text.getvalue().encode()


def inert(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(_LIVE) else cell


def _document_cells(row: Row) -> Sequence[str]:
    states = "; ".join(row.state_names)
    return (row.symbol, row.title, row.kind_words, Level(row.level).words, states, row.visit, row.status[1], row.at.date().isoformat())


def _received_cells(row: ReceivedRow) -> Sequence[str]:
    if not row.available or row.level is None or row.received_at is None:
        return (row.symbol, "", "", "", "", "", AVAILABLE["no"])
    status = "To acknowledge" if row.acknowledged_at is None else "Acknowledged"
    received = row.received_at.date().isoformat()
    return (row.symbol, row.title or "", row.from_short, Level(row.level).words, row.terms_words or "", received, status)


DOCUMENTS = Kind(
    name="documents",
    action=Action.DOCUMENT_LIST,
    select=register_of,
    heads=("Symbol", "Title", "Kind", "Level", "States", "Visit", "Status", "Registered"),
    cells=_document_cells,
)
RECEIVED = Kind(
    name="received",
    action=Action.RECEIVED_LIST,
    select=received_by,
    heads=("Symbol", "Title", "From", "Level", "Terms", "Received", "Status"),
    cells=_received_cells,
)
