"""Invented contexts of the page "Who has seen it"."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.cases.seen_report import CHANGED, TOLD, sections_of
from portal.cases.seen_shares import PassedTo, SeenShare
from portal.cases.show_disclosures import SeenRow, SeenView
from tests.web.samples_story import SYMBOL, TITLE, Context, at
from tests.web.samples_transfers import SEEN_TRANSFERS


def _share(body: str, short: str, released: datetime, **changes: Any) -> SeenShare:
    known: Context = {"open": True, "word": "Open", "closed_at": None, "confirmed_at": None, "asked_by": "", "passed_to": ()}
    return SeenShare(body_short=body, short=short, released_at=released, **{**known, **changes})


def _row(person: str, share: SeenShare, pages: list[tuple[str, int]], opened: str, views: int, **changes: Any) -> SeenRow:
    known: Context = {"notice_only": "", "kept_now": "", "copies": 0, "copy_numbers": (), "files": 0, "searches": 0, "before": None}
    known |= {"body_short": share.body_short, "share_short": share.short, "share": share, "first": at(20), "last": at(23)}
    return SeenRow(person=person, pages=pages, opened=opened, views=views, further=0, **{**known, **changes})


OLD = _share("Office", "0197f2aa", at(12), open=False, word="Suspended", closed_at=at(18), confirmed_at=at(19, 9, 12))
ENTITY = _share("Entity", "0198c07e", at(22), open=False, word="Recalled", closed_at=at(24), asked_by="Office")
NEW = _share("Office", "0198a3c1", at(19), passed_to=(PassedTo("Entity", "0198c07e", at(22)),))
VIEW = SeenView(
    document_id=UUID(int=1),
    title=TITLE,
    symbol=SYMBOL,
    level=1,
    originator_short="Directorate",
    rows=[
        _row("Omar Haddad", NEW, [("1", 2), ("2-5", 1), ("7-9", 3)], "1-5, 7-9", 15, notice_only="4", searches=2),
        _row("عمر حداد", ENTITY, [("1", 1)], "1", 1, files=3),
        _row("A person of the Office", OLD, [("1-24", 1)], "1-24", 24, copies=2, copy_numbers=("7FQ2-MX3B", "K8WR-22PD"),
             kept_now="12", before=at(18)),
    ],
    shares=[ENTITY, NEW, OLD],
    damaged=False,
)  # fmt: skip


def _context(view: SeenView, transfers: list[Any]) -> Context:
    return {
        "doc": view,
        "told": TOLD,
        "changed": CHANGED if view.damaged else "",
        "sections": sections_of(view, transfers),
        "back_href": "document.html",
        "csv_href": "seen.csv",
        "pdf_href": "seen.pdf",
    }


SEEN = _context(VIEW, SEEN_TRANSFERS)
SEEN_EMPTY = _context(replace(VIEW, rows=[], shares=[]), [])
SEEN_DAMAGED = _context(replace(VIEW, damaged=True), [])
