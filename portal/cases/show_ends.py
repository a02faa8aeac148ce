"""The end of a document's life as the originator's staff sees it on its page: dates, reviews, a lower level, the archive."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from portal.cases import facts, keeping_facts
from portal.cases.dates import Dated, dates_of
from portal.cases.kept import Kept, kept_of
from portal.cases.names import person_name
from portal.cases.show_keeping import may_do
from portal.cases.uow import UnitOfWork
from portal.documents.keeping import Act, KeepingAct
from portal.documents.models import Document, Version
from portal.kernel.actions import Action
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Due, Level

#: How many of what was done in the past a page tells.
TOLD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DateView:
    """One date. `years`: how many were configured, if nobody set it; `by` and what follows are of the officer who did."""

    due: Due
    day: date | None
    reached: bool
    years: int
    by: str
    at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A proposal to lower, an archiving, or something done: who, when and why."""

    id: UUID
    by: str
    at: datetime
    reason: str
    level: int | None = None
    what: str = ""
    may_answer: bool = False
    why_not: str = ""
    may_withdraw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsView:
    """`lower_levels`: below the present one. `past`: what was set, reviewed, lowered and archived, newest first."""

    dates: list[DateView]
    lowering: StepView | None
    archiving: StepView | None
    past: list[StepView]
    lower_levels: list[tuple[int, str]]
    may_schedule: bool
    may_review: bool
    may_lower: bool
    may_archive: bool
    why_not_lower: str = ""
    why_not_archive: str = ""
    shredded: bool = False
    keeps_until: date | None = None
    reached: frozenset[Due] = field(default_factory=frozenset)

    @property
    def review_waits(self) -> bool:
        """Is this person expected to review it?"""
        return self.may_review and Due.REVIEW in self.reached


def ends_of(uow: UnitOfWork, permit: Permit, document: Document, versions: Sequence[Version]) -> EndsView:
    """For a case that has checked that the person may read the document."""
    kept = kept_of(uow, document.id, document)
    dates = dates_of(uow, document, kept, versions)
    asked = facts.document(uow, permit.subject, document_id=document.id)
    today = uow.at.date()
    may_lower, why_not_lower = may_do(uow, permit, Action.DOCUMENT_PROPOSE_LOWERING, asked)
    may_archive, why_not_archive = may_do(uow, permit, Action.DOCUMENT_ARCHIVE, asked)
    retention = dates[Due.RETENTION]
    return EndsView(
        dates=[_date(uow, permit, document, dated) for dated in dates.values()],
        lowering=None if kept.lowering is None or kept.shredded else _lowering(uow, permit, document, kept.lowering),
        archiving=None if kept.archiving is None else _archiving(uow, permit, document, kept.archiving),
        past=[_past(uow, permit, kept, row) for row in reversed(kept.acts) if row.act in _PAST][:TOLD],
        lower_levels=[(int(level), level.words) for level in Level if level < document.level_number],
        may_schedule=may_do(uow, permit, Action.DOCUMENT_SCHEDULE, asked)[0],
        may_review=may_do(uow, permit, Action.DOCUMENT_REVIEW, asked)[0],
        may_lower=may_lower and kept.lowering is None,
        may_archive=may_archive,
        why_not_lower=why_not_lower,
        why_not_archive=why_not_archive,
        shredded=kept.shredded,
        keeps_until=None if retention.is_reached(today) else retention.day,
        reached=frozenset(due for due, dated in dates.items() if dated.is_reached(today)),
    )


def _date(uow: UnitOfWork, permit: Permit, document: Document, dated: Dated) -> DateView:
    act = dated.act
    years = uow.parts.config.schedule.years(dated.due, document.originator, document.kind_word, document.level_number)
    return DateView(
        due=dated.due,
        day=dated.day,
        reached=dated.is_reached(uow.at.date()),
        years=years if act is None else 0,
        by="" if act is None else person_name(uow, permit, act.done_by),
        at=None if act is None else act.done_at,
        reason="" if act is None else _reason(uow, permit, act),
    )


def _lowering(uow: UnitOfWork, permit: Permit, document: Document, row: KeepingAct) -> StepView:
    located = keeping_facts.lowering(uow, permit.subject, document_id=document.id, lowering_id=row.id)
    may, why_not = may_do(uow, permit, Action.DOCUMENT_LOWER, located)
    may_withdraw, _ = may_do(uow, permit, Action.DOCUMENT_WITHDRAW_LOWERING, located)
    return _step(uow, permit, row, may_answer=may, why_not=why_not, may_withdraw=may_withdraw)


def _archiving(uow: UnitOfWork, permit: Permit, document: Document, row: KeepingAct) -> StepView:
    located = keeping_facts.archiving(uow, permit.subject, document_id=document.id, archiving_id=row.id)
    may, why_not = may_do(uow, permit, Action.DOCUMENT_UNARCHIVE, located)
    return _step(uow, permit, row, may_answer=may, why_not=why_not)


_PAST = {Act.SCHEDULED, Act.REVIEWED, Act.LOWERING_WITHDRAWN, Act.LOWERED, Act.ARCHIVED, Act.UNARCHIVED}


def _past(uow: UnitOfWork, permit: Permit, kept: Kept, row: KeepingAct) -> StepView:
    """An act that carries no reason is told with that of the act it answers."""
    first = next((act for act in kept.acts if act.id == row.about), row)
    return _step(uow, permit, row, what=_what(row), reason=_reason(uow, permit, first))


def _what(row: KeepingAct) -> str:
    if row.act is Act.LOWERED:
        return f"Lowered to {Level(row.level or 0).words}"
    if row.act is Act.REVIEWED:
        return "Reviewed"
    if row.act is Act.SCHEDULED:
        day = "none" if row.day is None else f"{row.day:%-d %b %Y}"
        return f"{DATE_WORDS[Due(row.due_word or '')]}: {day}"
    return {Act.LOWERING_WITHDRAWN: "Proposal to lower it withdrawn", Act.ARCHIVED: "Archived"}.get(row.act, "Taken out of the archive")


DATE_WORDS = {Due.REVIEW: "Review due", Due.DECLASSIFICATION: "Declassification due", Due.RETENTION: "Retention ends"}


def _step(
    uow: UnitOfWork,
    permit: Permit,
    row: KeepingAct,
    *,
    what: str = "",
    reason: str | None = None,
    may_answer: bool = False,
    why_not: str = "",
    may_withdraw: bool = False,
) -> StepView:
    return StepView(
        id=row.id,
        by=person_name(uow, permit, row.done_by),
        at=row.done_at,
        reason=_reason(uow, permit, row) if reason is None else reason,
        level=row.level,
        what=what,
        may_answer=may_answer,
        why_not=why_not,
        may_withdraw=may_withdraw,
    )


def _reason(uow: UnitOfWork, permit: Permit, row: KeepingAct) -> str:
    return "" if row.reason is None else uow.words(permit, "keeping", "reason", row.id, row.reason)
