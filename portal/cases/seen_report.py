"""The report of who has seen a document, in sections: once in words, for the page and the paper, and once in columns, for a spreadsheet.

All three say the same, because they are made of the same sections.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.cases.names import day
from portal.cases.seen_shares import SeenShare
from portal.cases.show_disclosures import SeenRow, SeenView, show_disclosures
from portal.cases.show_transfers import SeenTransfer, seen_transfers
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.permit import Permit

TOLD = (
    "Persons of other bodies, by what the portal’s log records. No record tells what somebody did with what they saw, "
    "or what reached them in ways that nobody recorded."
)
CHANGED = "Something about this document was changed after it was written, so this list may lack something. Have the whole log checked."


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cell. `tone`: "" as it is, "strong", "quiet", "code", or "open" and "closed" for how a share stands."""

    text: str
    tone: str = ""


Cell = tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the report. `heads` with the width of each column as a part of the whole, and `rows`, are for reading; `columns` and
    `records` are the same for a spreadsheet: times in ISO 8601, UTC, and the same column under the same name in every section."""

    name: str
    aside: str
    heads: tuple[tuple[str, int], ...]
    rows: Sequence[tuple[Cell, ...]]
    nothing: str
    columns: tuple[str, ...]
    records: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Report:
    view: SeenView
    sections: list[Section]


def report_of(uow: UnitOfWork, permit: Permit, document: Document) -> Report:
    """The report as it stands now."""
    permit.must_cover(Action.DISCLOSURE_READ, document)
    view = show_disclosures(uow, permit, document)
    return Report(view, sections_of(view, seen_transfers(uow, permit, document)))


def sections_of(view: SeenView, transfers: Sequence[SeenTransfer]) -> list[Section]:
    """What went through the portal, and what went by other means, in the order in which it is read."""
    return [_opened(view), _shares(view), _transfers(transfers)]


def instant(at: datetime | None) -> str:
    """ISO 8601, UTC, to the second; empty where there is none."""
    return "" if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def moment(at: datetime) -> str:
    """ "6 Nov 2026, 15:58"; the section says that it is UTC."""
    return f"{day(at)}, {at:%H:%M}"


# ---- who opened it
def _opened(view: SeenView) -> Section:
    nobody = "Nobody outside has opened it through the portal: its log records no disclosure."
    return Section(
        name="Opened through the portal",
        aside="Newest first, times in UTC",
        heads=(("Person", 19), ("Pages opened", 31), ("Downloaded", 15), ("First, last", 17), ("Share", 18)),
        rows=[_opened_row(row) for row in view.rows],
        nothing="No disclosure can be read." if view.damaged else nobody,
        columns=(
            *("Body", "Person", "Share", "Released", "State of the share", "Closed", "Closing confirmed", "Before the request of"),
            *("Pages opened", "Further views", "Pages of notice only", "Searches for words", "Copies", "Copy numbers", "Files fetched"),
            *("Shown before it was kept", "First", "Last", "Passed on by", "Passed on to"),
        ),
        records=[_opened_record(row) for row in view.rows],
    )


def _opened_row(row: SeenRow) -> tuple[Cell, ...]:
    share = row.share
    stands = Line("Open", "open") if share is not None and share.open else Line("Closed", "closed")
    released = () if share is None else (Line(f"of {day(share.released_at)}", "quiet"),)
    asked_by = () if share is None or not share.asked_by else (Line(f"passed on by the {share.asked_by}", "quiet"),)
    before = () if row.before is None else (Line(f"before the request of {day(row.before)}", "strong"),)
    return (
        (Line(row.person, "strong"), Line(row.body_short, "quiet")),
        _pages_cell(row),
        _downloads_cell(row),
        (Line(moment(row.first)), Line(moment(row.last))),
        (stands, *released, Line(row.share_short, "code"), *asked_by, *before),
    )


def _pages_cell(row: SeenRow) -> Cell:
    runs = ", ".join(words if views == 1 else f"{words} ({views} views{' each' if '-' in words else ''})" for words, views in row.pages)
    lines = [Line(runs) if runs else Line("None", "quiet")]
    if row.pages:
        lines.append(Line(f"{row.views} {'view' if row.views == 1 else 'views'} in all", "quiet"))
    if row.notice_only:
        lines.append(Line(f"only the notice that it is not included: {row.notice_only}", "quiet"))
    if row.searches:
        lines.append(Line(f"Looked for words on all pages{f', {row.searches} times' if row.searches > 1 else ''}", "quiet"))
    if row.kept_now:
        lines.append(Line(f"Shown before it was kept: {row.kept_now}", "strong"))
    return tuple(lines)


def _downloads_cell(row: SeenRow) -> Cell:
    lines: list[Line] = []
    if row.copies:
        lines.append(Line(f"{row.copies} {'copy' if row.copies == 1 else 'copies'}"))
        lines += [Line(", ".join(row.copy_numbers), "code")] if row.copy_numbers else []
    if row.files:
        lines.append(Line(f"The file{f', in {row.files} requests' if row.files > 1 else ''}"))
    return tuple(lines) or (Line("No", "quiet"),)


def _opened_record(row: SeenRow) -> tuple[str, ...]:
    share = row.share
    return (
        *(row.body_short, row.person, _begun(row.share_short)),
        *(("", "", "", "") if share is None else _stands(share)),
        instant(row.before),
        *(_dashed(row.opened), str(row.further), _dashed(row.notice_only), str(row.searches)),
        *(str(row.copies), ", ".join(row.copy_numbers), str(row.files), _dashed(row.kept_now), instant(row.first), instant(row.last)),
        *(("", "") if share is None else (share.asked_by, _passed_to(share))),
    )


# ---- what became of each share
def _shares(view: SeenView) -> Section:
    return Section(
        name="Shares and their ends",
        aside="Newest first, times in UTC",
        heads=(("To whom", 20), ("Released", 20), ("State", 20), ("Confirmed", 20), ("Passed on to", 20)),
        rows=[_share_row(share) for share in view.shares],
        nothing="Nothing was shared through the portal.",
        columns=("Body", "Share", "Released", "State of the share", "Closed", "Closing confirmed", "Passed on by", "Passed on to"),
        records=[(share.body_short, _begun(share.short), *_stands(share), share.asked_by, _passed_to(share)) for share in view.shares],
    )


def _share_row(share: SeenShare) -> tuple[Cell, ...]:
    asked_by = (Line(f"passed on by the {share.asked_by}", "quiet"),) if share.asked_by else ()
    passed = tuple(line for to in share.passed_to for line in (Line(f"{to.body_short}, {day(to.at)}"), Line(to.share_short, "code")))
    state: Cell = (Line("Open", "open"),)
    if not share.open:
        when = () if share.closed_at is None else (Line(moment(share.closed_at), "quiet"),)
        state = (Line("Closed", "closed"), Line(share.word.lower(), "quiet"), *when)
    return (
        (Line(share.body_short, "strong"), *asked_by),
        (Line(moment(share.released_at)), Line(share.short, "code")),
        state,
        _confirmed_cell(share),
        passed or (Line("Nobody", "quiet"),),
    )


def _confirmed_cell(share: SeenShare) -> Cell:
    """A recipient confirms that copies were destroyed and the content is used no longer."""
    if share.open:
        return (Line("Nothing to confirm", "quiet"),)
    if share.confirmed_at is None:
        return (Line("Not confirmed yet", "strong"),)
    return (Line(f"By the {share.body_short}"), Line(moment(share.confirmed_at), "quiet"))


def _stands(share: SeenShare) -> tuple[str, str, str, str]:
    word = "Open" if share.open else f"Closed, {share.word.lower()}"
    return instant(share.released_at), word, instant(share.closed_at), instant(share.confirmed_at)


def _passed_to(share: SeenShare) -> str:
    return "; ".join(f"{to.body_short} {_begun(to.share_short)} {instant(to.at)}" for to in share.passed_to)


# ---- what went by other means
def _transfers(transfers: Sequence[SeenTransfer]) -> Section:
    return Section(
        name="Handed over by other means",
        aside="As officers recorded it, newest first. Closing a share calls none of it back",
        heads=(("To whom", 22), ("Handed over", 20), ("What went", 34), ("State", 24)),
        rows=[_transfer_row(row) for row in transfers],
        nothing="Nothing is recorded as handed over by other means.",
        columns=(
            *("Body", "Share", "Means", "Handed over", "What went", "To whom", "Note"),
            *("SHA-256", "SHA-256 of what arrived", "Arrival confirmed", "State of the transfer", "Recorded"),
        ),
        records=[_transfer_record(row) for row in transfers],
    )


def _transfer_row(row: SeenTransfer) -> tuple[Cell, ...]:
    view = row.view
    to_whom = (Line(view.to_whom),) if view.to_whom else ()
    note = (Line(view.note, "quiet"),) if view.note else ()
    digests = [Line(f"SHA-256 {view.digest}", "code")] if view.digest else []
    digests += [Line(f"arrived: {view.arrived}", "code")] if view.arrived else []
    kind, words = view.status
    struck = (Line(f"struck {view.struck}", "quiet"),) if view.struck else ()
    return (
        (Line(row.recipient_short, "strong"), *to_whom, Line(row.share_short, "code")),
        (Line(f"{view.means}, {day(view.day)}"), Line(f"recorded {moment(view.recorded_at)}", "quiet")),
        (Line(view.what), *note, *digests),
        (Line(words, "strong" if kind == "late" else ""), *struck),
    )


def _transfer_record(row: SeenTransfer) -> tuple[str, ...]:
    view = row.view
    return (
        *(row.recipient_short, _begun(row.share_short), view.means, view.day.isoformat(), _dashed(view.what), view.to_whom, view.note),
        *(view.digest, view.arrived, instant(view.received_at), view.status[1], instant(view.recorded_at)),
    )


# ---- what a spreadsheet would make something else of
def _dashed(pages: str) -> str:
    """With a dash between the first and the last page: "2-5" would become a day in May."""
    return pages.replace("-", "\N{EN DASH}")


def _begun(short: str) -> str:
    """With a sign that more follows: "01983e12" would become a number."""
    return f"{short}…" if short else ""
