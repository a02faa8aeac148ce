"""What a date asks of officers on their home page, and which lower levels wait for a second person.

The database says which documents may be due; each is looked at again, checked, before anything of it is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from portal.cases import facts, keeping_facts
from portal.cases.dates import before, dates_of
from portal.cases.facts import BodyTarget
from portal.cases.kept import kept_of
from portal.cases.names import person_name
from portal.cases.show_keeping import WaitingRow, may_do
from portal.cases.uow import UnitOfWork
from portal.documents.keeping import Act
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Tampered
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Due, Role

#: How many of one kind are looked at.
MOST = 50
#: What a date asks, and so of whom.
ASKS = {
    Due.REVIEW: Action.DOCUMENT_REVIEW,
    Due.DECLASSIFICATION: Action.DOCUMENT_PROPOSE_LOWERING,
    Due.RETENTION: Action.DOCUMENT_PROPOSE_SHREDDING,
}
OFFICERS = frozenset({Role.CONFIDENTIALITY_OFFICER, Role.RELEASING_OFFICER})


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """A document of which one date has come."""

    document_id: UUID
    title: str
    symbol: str
    level: int
    day: date


@dataclass(slots=True)
class DueDocuments:
    reviews: list[DueRow] = field(default_factory=list)
    declassifications: list[DueRow] = field(default_factory=list)
    retentions: list[DueRow] = field(default_factory=list)
    lowerings: list[WaitingRow] = field(default_factory=list)


def due_documents(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> DueDocuments:
    """What of the person's own body waits for them."""
    permit.must_cover(Action.HOME_READ, body)
    assert permit.subject is not None
    if not permit.subject.roles & OFFICERS:
        return DueDocuments()
    return DueDocuments(
        reviews=list(_due(uow, permit, body.code, Due.REVIEW)),
        declassifications=list(_due(uow, permit, body.code, Due.DECLASSIFICATION)),
        retentions=list(_due(uow, permit, body.code, Due.RETENTION)),
        lowerings=list(_lowerings(uow, permit, body.code)),
    )


def _due(uow: UnitOfWork, permit: Permit, body: str, due: Due) -> Iterator[DueRow]:
    for document_id in _candidates(uow, body, due):
        document = uow.documents.get(document_id)
        if document is None or document.originator != body:
            continue
        try:
            row = _row(uow, permit, document, due)
        except Tampered:  # its own page raises the alarm
            continue
        if row is not None:
            uow.shown[document.id] = document.epoch
            yield row


def _candidates(uow: UnitOfWork, body: str, due: Due) -> list[UUID]:
    today = uow.at.date()
    found = list(uow.keeping.fallen_due(body, due, today, limit=MOST))
    for rule in uow.parts.config.schedule.rule:
        if rule.body == body and (years := rule.years(due)):
            until = datetime.combine(before(today, years), time.min, UTC) + timedelta(days=1, microseconds=-1)
            found += uow.documents.deposited_until(body, due, until, kind=rule.kind, level=rule.level_number, limit=MOST)
    return list(dict.fromkeys(found))


def _row(uow: UnitOfWork, permit: Permit, document: Document, due: Due) -> DueRow | None:
    located = facts.document(uow, permit.subject, document_id=document.id)
    kept = kept_of(uow, document.id, document)
    dated = dates_of(uow, document, kept, uow.documents.versions(document.id))[due]
    waits = {Due.RETENTION: kept.proposal, Due.DECLASSIFICATION: kept.lowering}.get(due)
    if dated.day is None or not dated.is_reached(uow.at.date()) or waits is not None or not may_do(uow, permit, ASKS[due], located)[0]:
        return None
    return DueRow(
        document_id=document.id,
        title=uow.words(permit, "document", "title", document.id, document.title),
        symbol=document.symbol,
        level=document.level_number,
        day=dated.day,
    )


def _lowerings(uow: UnitOfWork, permit: Permit, body: str) -> Iterator[WaitingRow]:
    for act in uow.keeping.waiting(body, Act.LOWERING_PROPOSED):
        document = uow.documents.get(act.document_id)
        try:
            located = keeping_facts.lowering(uow, permit.subject, document_id=act.document_id, lowering_id=act.id)
        except Tampered:
            continue
        if document is None or not may_do(uow, permit, Action.DOCUMENT_LOWER, located)[0]:
            continue
        uow.shown[document.id] = document.epoch
        yield WaitingRow(
            document_id=document.id,
            title=uow.words(permit, "document", "title", document.id, document.title),
            symbol=document.symbol,
            level=document.level_number,
            proposed_by=person_name(uow, permit, act.done_by),
        )
