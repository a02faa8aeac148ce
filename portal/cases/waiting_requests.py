"""What of the requests of a person's own body waits for them: liftings, confirmations, days that are over, States that did
not answer, versions in which what is kept back has no place yet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select

from portal.cases import facts, request_facts
from portal.cases.facts import BodyTarget, Located
from portal.cases.names import person_name
from portal.cases.places import unplaced
from portal.cases.show_keeping import WaitingRow, may_do
from portal.cases.standing import register_of
from portal.cases.uow import UnitOfWork
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.request_acts import Act, RequestAct
from portal.documents.models import Document, Version
from portal.kernel.actions import Action
from portal.kernel.errors import Tampered
from portal.kernel.permit import Permit

#: How many of each are looked through.
WAITING = 100


@dataclass(slots=True)
class WaitingRequests:
    """Each row names a document of the person's own register."""

    liftings: list[WaitingRow] = field(default_factory=list)
    to_confirm: list[WaitingRow] = field(default_factory=list)
    due: list[WaitingRow] = field(default_factory=list)
    unanswered: list[WaitingRow] = field(default_factory=list)
    to_place: list[WaitingRow] = field(default_factory=list)


def waiting_requests(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> WaitingRequests:
    """Everything is decided as on the document's page; a document whose rows were changed raises its alarm there, not here."""
    permit.must_cover(Action.HOME_READ, body)
    found = WaitingRequests()
    for act in uow.request_acts.waiting(body.code):
        _add(uow, permit, found.liftings, act.document_id, act.id, act.done_by, Action.REQUEST_LIFT)
    for row in _unconfirmed(uow, body.code):
        _add(uow, permit, found.to_confirm, row.document_id, row.id, row.recorded_by, Action.REQUEST_CONFIRM)
    for row in _due(uow, body.code):
        _add(uow, permit, found.due, row.document_id, row.id, row.recorded_by, Action.REQUEST_PROPOSE_LIFTING)
    for asked in uow.communications.unanswered(body.code, before=uow.at.date()):
        _add(uow, permit, found.unanswered, asked.document_id, asked.id, asked.done_by, Action.REQUEST_RECORD)
    for version in _without_a_place(uow, permit, body.code):
        _add(uow, permit, found.to_place, version.document_id, version.id, version.deposited_by, Action.REQUEST_RECORD)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftingRow:
    """A proposal to lift or narrow, whoever may decide it."""

    document_id: UUID
    title: str
    symbol: str
    level: int
    narrows: bool
    proposed_by: str
    proposed_at: datetime


def list_liftings(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[LiftingRow]:
    """Every proposal of the body that nobody has answered, oldest first, as far as this person may read the document's entry."""
    permit.must_cover(Action.PROPOSAL_LIST, body)
    rows = []
    for act in uow.request_acts.waiting(body.code):
        document = uow.documents.get(act.document_id)
        try:
            located = facts.document(uow, permit.subject, document_id=act.document_id)
        except Tampered:  # its own page raises the alarm
            continue
        if document is None or located.facts.attributes["shredded"] or not may_do(uow, permit, Action.DOCUMENT_READ, located)[0]:
            continue
        uow.shown[document.id] = document.epoch
        rows.append(
            LiftingRow(
                document_id=document.id,
                title=uow.words(permit, "document", "title", document.id, document.title),
                symbol=document.symbol,
                level=document.level_number,
                narrows=act.act is Act.NARROWING_PROPOSED,
                proposed_by=person_name(uow, permit, act.done_by),
                proposed_at=act.done_at,
            )
        )
    return rows


def _add(uow: UnitOfWork, permit: Permit, rows: list[WaitingRow], document_id: UUID, thing: UUID, by: UUID, action: Action) -> None:
    document = uow.documents.get(document_id)
    try:
        located = _located(uow, permit, document_id, thing, action)
        waits = action is not Action.REQUEST_PROPOSE_LIFTING or register_of(uow, document_id, document).proposal(thing) is None
        shredded = facts.document(uow, permit.subject, document_id=document_id).facts.attributes["shredded"]
    except Tampered:  # its own page raises the alarm
        return
    if document is None or shredded or not waits or not may_do(uow, permit, action, located)[0]:
        return
    uow.shown[document.id] = document.epoch
    rows.append(
        WaitingRow(
            document_id=document.id,
            title=uow.words(permit, "document", "title", document.id, document.title),
            symbol=document.symbol,
            level=document.level_number,
            proposed_by=person_name(uow, permit, by),
        )
    )


def _located(uow: UnitOfWork, permit: Permit, document_id: UUID, thing: UUID, action: Action) -> Located:
    if action is Action.REQUEST_LIFT:
        return request_facts.lifting(uow, permit.subject, document_id=document_id, lifting_id=thing)
    if action is Action.REQUEST_RECORD:
        return facts.document(uow, permit.subject, document_id=document_id)
    return request_facts.request(uow, permit.subject, document_id=document_id, request_id=thing)


def _unconfirmed(uow: UnitOfWork, body: str) -> Sequence[Request]:
    """Requests in force, oldest first, that nobody has confirmed."""
    answers = select(RequestAct.about).where(RequestAct.about.is_not(None))
    return _in_force(uow, body, Request.narrows.is_(None), Request.id.not_in(answers))


def _due(uow: UnitOfWork, body: str) -> Sequence[Request]:
    """Requests in force, oldest first, whose day is over."""
    return _in_force(uow, body, Request.until < uow.at.date())


def _without_a_place(uow: UnitOfWork, permit: Permit, body: str) -> list[Version]:
    """Of each document the oldest current version in which something that is kept back has no place yet."""
    several = select(Version.document_id).where(Version.number > 1)
    rows = _in_force(uow, body, Request.scope_word != Scope.DOCUMENT.value, Request.document_id.in_(several))
    found = []
    for document_id in dict.fromkeys(row.document_id for row in rows):
        try:
            if not may_do(uow, permit, Action.REQUEST_RECORD, facts.document(uow, permit.subject, document_id=document_id))[0]:
                continue
            register = register_of(uow, document_id, uow.documents.get(document_id))
            found += [version for version in register.current if unplaced(uow, permit, register, register.in_force, version.number)][:1]
        except Tampered:  # its own page raises the alarm
            continue
    return found


def _in_force(uow: UnitOfWork, body: str, *conditions: ColumnElement[bool]) -> Sequence[Request]:
    ended = select(RequestAct.request_id).where(RequestAct.act_word.in_([act.value for act in Act if act.ends]))
    rows = select(Request).join(Document, Document.id == Request.document_id).where(Document.originator == body)
    ordered = rows.where(Request.id.not_in(ended), *conditions).order_by(Request.recorded_at, Request.id)
    return uow.session.scalars(ordered.limit(WAITING)).all()
