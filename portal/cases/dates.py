"""The dates of a document: when it is reviewed, when its level is asked about, until when it is kept.

A date is what an officer set last; otherwise the years that are configured for such documents, counted from the day of deposit of the
first file (UTC); otherwise there is none. No day does anything by itself: it asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.cases.kept import Kept
from portal.cases.uow import UnitOfWork
from portal.documents.keeping import KeepingAct
from portal.documents.models import Document, Version
from portal.kernel.vocabulary import Due


@dataclass(frozen=True, slots=True)
class Dated:
    """`day`: None if there is no such date. `act`: by which an officer set it, or set that there is none; None if nobody did."""

    due: Due
    day: date | None
    act: KeepingAct | None

    def is_reached(self, today: date) -> bool:
        return self.day is not None and self.day <= today


def dates_of(uow: UnitOfWork, document: Document, kept: Kept, versions: Sequence[Version]) -> Mapping[Due, Dated]:
    """Every date of a document whose acts of keeping were checked."""
    first = next((row.deposited_at.date() for row in versions if row.number == 1), None)
    return {due: _dated(uow, document, kept.sets(due), due, first) for due in Due}


def _dated(uow: UnitOfWork, document: Document, act: KeepingAct | None, due: Due, first: date | None) -> Dated:
    if act is not None:
        return Dated(due, act.day, act)
    years = uow.parts.config.schedule.years(due, document.originator, document.kind_word, document.level_number)
    return Dated(due, after(first, years) if first is not None and years else None, None)


def after(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the next day where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def before(day: date, years: int) -> date:
    """The last day of which `after` gives at most this day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)
