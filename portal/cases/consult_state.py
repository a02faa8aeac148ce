"""Consult a State before its assessment is released, and record what it answered. Both are recorded by a confidentiality officer.

While an answer is outstanding the policy lets nobody approve a share of the document; silence ends that only where the setting
`consultation.silence_procedure` says so. A State that asks to keep something is answered with a request of the register, which closes at
once; an answer opens nothing by itself, for a release takes a second officer.
"""

import json
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.cases.plain_text import demand_plain
from portal.cases.request_form import RECEIVED
from portal.cases.standing import register_of, seal_requests
from portal.cases.uow import UnitOfWork
from portal.confidentiality.communications import Answer, Communication, Kind, communication_bytes
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden, Invalid, Stale
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit

#: What an answer can be, as a form says it.
ANSWERS = {answer.value: answer.words for answer in Answer}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationForm:
    """As it came: the State, the reference of what was sent to it, and its last day to answer."""

    state: str
    reference: str
    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """As it came: what the State answered, in which communication, of which day, received how."""

    answer: str
    reference: str
    dated: str
    received: str


def open_consultation(uow: UnitOfWork, permit: Permit, document: Document, form: ConsultationForm) -> None:
    """From now on nobody approves a share of the document, until the answer is recorded. Raises `Invalid`, or `Stale`."""
    permit.must_cover(Action.REQUEST_RECORD, document)
    assert permit.subject is not None
    document = uow.held_for(permit, document)
    deadline = _asked(uow, form)
    words = json.dumps({"state": form.state, "reference": form.reference}, sort_keys=True, ensure_ascii=False)
    register = register_of(uow, document.id, document)
    if any(register.reply(row) is None and said(uow, permit, row)["state"] == form.state for row in register.consultations):
        raise Stale("that State is being consulted", public="This State is being consulted already. Record its answer first.")
    row = enter(uow, document, Kind.CONSULTED, words, by=permit.subject.id, deadline=deadline)
    uow.notes.detail |= {"consultation": str(row.id), "deadline": deadline.isoformat()}
    uow.notes.private |= {"state": form.state, "reference": form.reference}


def record_answer(uow: UnitOfWork, permit: Permit, document: Document, consultation_id: UUID, form: AnswerForm) -> None:
    """What the State said, or that nobody waits for it any more. Raises `Invalid`; `Stale` if it was recorded already."""
    permit.must_cover(Action.REQUEST_RECORD, document)
    assert permit.subject is not None
    document = uow.held_for(permit, document)
    register = register_of(uow, document.id, document)
    consultation = next((row for row in register.consultations if row.id == consultation_id), None)
    if consultation is None:
        raise Hidden(f"no consultation {consultation_id} on document {document.id}")
    if register.reply(consultation) is not None:
        raise Stale("answered already", public="This answer has been recorded already.")
    _answered(uow, form)
    told = {"answer": form.answer, "reference": form.reference, "dated": form.dated, "received": form.received}
    words = json.dumps(told, sort_keys=True, ensure_ascii=False)
    row = enter(uow, document, Kind.ANSWERED, words, by=permit.subject.id, about=consultation.id)
    uow.notes.detail |= {"consultation": str(consultation.id), "answer": str(row.id)}
    uow.notes.private |= told


def said(uow: UnitOfWork, permit: Permit, row: Communication) -> dict[str, str]:
    """The words of a row of the register."""
    words: dict[str, str] = json.loads(uow.words(permit, "communication", "words", row.id, row.words))
    return words


def enter(
    uow: UnitOfWork,
    document: Document,
    kind: Kind,
    words: str,
    *,
    by: UUID,
    about: UUID | None = None,
    deadline: date | None = None,
    object_id: UUID | None = None,
) -> Communication:
    """One more row about a document that this transaction holds, bound to it."""
    register_of(uow, document.id, document)  # nothing is sealed anew over rows that were changed
    row_id = new_id()
    row = Communication(
        id=row_id,
        document_id=document.id,
        originator=document.originator,
        kind_word=kind.value,
        about=about,
        deadline=deadline,
        words=uow.seal(document.originator, "communication", "words", row_id, words),
        object_id=object_id,
        done_by=by,
        done_at=uow.at,
    )
    row.mac = uow.holder.mac(document.originator, "communication", communication_bytes(row))
    uow.communications.add(row)
    seal_requests(uow, document)
    return row


def _asked(uow: UnitOfWork, form: ConsultationForm) -> date:
    faults: dict[str, str] = {}
    try:
        uow.parts.member_states.named(form.state)
    except Invalid as error:
        faults |= error.faults
    if not 1 <= len(form.reference) <= 200:
        faults["reference"] = "Give the reference of what you sent to the State, at most 200 characters."
    demand_plain(faults, reference=form.reference)
    deadline = uow.at.date()
    try:
        deadline = date.fromisoformat(form.deadline)
        if deadline < uow.at.date():
            faults["deadline"] = "This day is over. Give a day that is still to come."
    except ValueError:
        faults["deadline"] = "Give the last day for an answer, for example 2027-06-30."
    if faults:
        raise Invalid(faults)
    return deadline


def _answered(uow: UnitOfWork, form: AnswerForm) -> None:
    faults: dict[str, str] = {}
    if form.answer not in ANSWERS:
        faults["answer"] = "Say what came of it."
    withdrawn = form.answer == Answer.WITHDRAWN
    if not 1 <= len(form.reference) <= 200:
        said_ = "Say why, in at most 200 characters." if withdrawn else "Give the reference of the answer, at most 200 characters."
        faults["reference"] = said_
    demand_plain(faults, reference=form.reference)
    if not withdrawn:
        if form.received not in RECEIVED:
            faults["received"] = "Say how it was received: " + ", ".join(RECEIVED) + "."
        try:
            if date.fromisoformat(form.dated) > uow.at.date():
                faults["dated"] = "The date lies in the future."
        except ValueError:
            faults["dated"] = "Give the date of the answer, for example 2026-11-02."
    if faults:
        raise Invalid(faults)
