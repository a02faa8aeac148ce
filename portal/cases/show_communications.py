"""What was said with States about a document, as its originator's staff reads it: consultations, and the files that show what was said."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.cases import facts
from portal.cases.consult_state import said
from portal.cases.keep_evidence import UNNAMED
from portal.cases.names import day, person_name, state_name
from portal.cases.request_form import RECEIVED
from portal.cases.show_keeping import may_do
from portal.cases.standing import Register
from portal.cases.uow import UnitOfWork
from portal.confidentiality.communications import Answer, Communication, Kind
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.permit import Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """A file that shows what a State said."""

    id: UUID
    name: str
    size: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """What came of a consultation. `dated` and `received` are empty of one that was withdrawn."""

    id: UUID
    words: str
    reference: str
    dated: str
    received: str
    by: str
    at: datetime
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationView:
    """`over`: the deadline passed without an answer. `waits`: nobody approves a share because of it. `later`: a file came after it."""

    id: UUID
    state_name: str
    reference: str
    deadline: str
    over: bool
    waits: bool
    by: str
    at: datetime
    later: bool
    answer: AnswerView | None
    evidence: tuple[EvidenceView, ...]


def consultations_of(uow: UnitOfWork, permit: Permit, document: Document, register: Register) -> list[ConsultationView]:
    """Oldest first, for everybody who may read the document's entry."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    return [_consultation(uow, permit, register, row) for row in register.consultations]


def evidence_of(uow: UnitOfWork, permit: Permit, register: Register, about: UUID) -> tuple[EvidenceView, ...]:
    """The files that show this request, consultation or answer, as far as they open; named to those alone who may read them now."""
    rows = [row for row in register.said if row.kind is Kind.EVIDENCE and row.about == about]
    named = bool(rows) and _may_read(uow, permit, rows[0].document_id)
    views = []
    for row in rows:
        assert row.object_id is not None
        sealed = uow.objects.get(row.object_id)
        if sealed.header:
            name = said(uow, permit, row)["file_name"] if named else UNNAMED
            views.append(EvidenceView(id=row.id, name=name, size=sealed.size, by=person_name(uow, permit, row.done_by), at=row.done_at))
    return tuple(views)


def _may_read(uow: UnitOfWork, permit: Permit, document_id: UUID) -> bool:
    may, first = may_do(uow, permit, Action.EVIDENCE_READ, facts.document(uow, permit.subject, document_id=document_id))
    return may and not first


def _consultation(uow: UnitOfWork, permit: Permit, register: Register, row: Communication) -> ConsultationView:
    words, reply = said(uow, permit, row), register.reply(row)
    over = reply is None and row.deadline is not None and row.deadline < uow.at.date()
    return ConsultationView(
        id=row.id,
        state_name=state_name(uow, words["state"]),
        reference=words["reference"],
        deadline="" if row.deadline is None else day(row.deadline),
        over=over,
        waits=reply is None and not (over and uow.parts.config.consultation.silence_procedure),
        by=person_name(uow, permit, row.done_by),
        at=row.done_at,
        later=any(version.deposited_at > row.done_at for version in register.versions),
        answer=None if reply is None else _answer(uow, permit, register, reply),
        evidence=evidence_of(uow, permit, register, row.id),
    )


def _answer(uow: UnitOfWork, permit: Permit, register: Register, row: Communication) -> AnswerView:
    words = said(uow, permit, row)
    withdrawn = words["answer"] == Answer.WITHDRAWN
    return AnswerView(
        id=row.id,
        words=Answer(words["answer"]).words,
        reference=words["reference"],
        dated="" if withdrawn else day(date.fromisoformat(words["dated"])),
        received="" if withdrawn else RECEIVED[words["received"]],
        by=person_name(uow, permit, row.done_by),
        at=row.done_at,
        evidence=evidence_of(uow, permit, register, row.id),
    )
