"""What is kept back of a document, as its originator's staff reads it, and what two officers did about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.cases import request_facts
from portal.cases.lift_request import terms_of
from portal.cases.marked import written
from portal.cases.names import body_short, day, person_name, state_name
from portal.cases.show_communications import EvidenceView, evidence_of
from portal.cases.show_keeping import may_do
from portal.cases.standing import Register
from portal.cases.uow import UnitOfWork
from portal.confidentiality.asked import Asked
from portal.confidentiality.boxes import pages_words
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.request_acts import RequestAct
from portal.confidentiality.rules import Ground, RequestWords
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Tampered
from portal.kernel.permit import Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftingView:
    """A proposal that waits. `stays_words`: what stays if it is carried out, one line each; none if nothing does."""

    id: UUID
    reason: str
    stays_words: tuple[str, ...]
    by: str
    at: datetime
    may_answer: bool
    why_not: str
    may_withdraw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """`until`: its last day; `due` from the day after. Of an own redaction `state_name` and `dated` are empty.

    `version`: the one that pages and passages were marked on. `whole`, `pages`, `boxes` (as stored, and in words) and `bodies` are what a
    narrowing chooses from.
    """

    id: UUID
    ground_words: str
    state_name: str
    reference: str
    dated: str
    scope_words: str
    version: int
    from_words: str
    until: date | None
    until_words: str
    due: bool
    recorded_by: str
    recorded_at: datetime
    confirmed_by: str
    narrowed: bool
    of_visit: bool
    may_confirm: bool
    why_not_confirm: str
    may_attest: bool
    why_not_attest: str
    lifting: LiftingView | None
    may_propose: bool
    whole: bool
    pages: str
    boxes: tuple[tuple[str, str], ...]
    bodies: tuple[str, ...]
    evidence: tuple[EvidenceView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedView:
    """A request that was lifted, or narrowed."""

    scope_words: str
    since: datetime
    ended_at: datetime
    proposed_by: str
    agreed_by: str
    reason: str
    narrowed: bool


def requests_of(uow: UnitOfWork, permit: Permit, document: Document, register: Register) -> list[RequestView]:
    """Those in force, for everybody who may read the document's entry."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    return [_view(uow, permit, document, register, row) for row in register.in_force]


def ended_of(uow: UnitOfWork, permit: Permit, document: Document, register: Register) -> list[EndedView]:
    """Those that two officers ended."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    rows = {row.id: row for row in register.requests}
    return [_ended(uow, permit, register, rows[act.request_id], act) for act in register.acts if act.act.ends]


def _view(uow: UnitOfWork, permit: Permit, document: Document, register: Register, row: Request) -> RequestView:
    words = RequestWords.from_text(uow.words(permit, "request", "words", row.id, row.words))
    located = request_facts.request(uow, permit.subject, document_id=document.id, request_id=row.id)
    may_confirm, why_not = may_do(uow, permit, Action.REQUEST_CONFIRM, located)
    may_attest, why_no_attestation = may_do(uow, permit, Action.REQUEST_ATTEST, located)
    of_state = words.ground is Ground.STATE
    proposal, confirmation = register.proposal(row.id), register.answer(row.id)
    return RequestView(
        id=row.id,
        ground_words=words.ground.words,
        state_name=state_name(uow, words.state) if words.ground is Ground.STATE else "",
        reference=words.reference,
        dated=day(date.fromisoformat(words.dated)) if words.dated else "",
        scope_words=words.scope_words,
        version=words.version,
        from_words=from_words(uow, row.withheld_from),
        until=row.until,
        until_words="" if row.until is None else day(row.until),
        due=row.is_due(uow.at.date()),
        recorded_by=person_name(uow, permit, row.recorded_by),
        recorded_at=row.recorded_at,
        confirmed_by="" if confirmation is None else person_name(uow, permit, confirmation.done_by),
        narrowed=row.narrows is not None,
        of_visit=row.visit_request_id is not None,
        may_confirm=may_confirm,
        why_not_confirm=why_not,
        may_attest=may_attest and of_state,
        why_not_attest=why_no_attestation if of_state else "",
        lifting=None if proposal is None else _lifting(uow, permit, document, register, proposal),
        may_propose=proposal is None and may_do(uow, permit, Action.REQUEST_PROPOSE_LIFTING, located)[0],
        whole=row.scope is Scope.DOCUMENT,
        pages=pages_words(words.pages),
        boxes=tuple(_marks(words)),
        bodies=() if row.withheld_from == "*" else tuple(row.withheld_from.split(",")),
        evidence=evidence_of(uow, permit, register, row.id),
    )


def _marks(words: RequestWords) -> Iterator[tuple[str, str]]:
    """Each passage that was taken, and each box that was drawn, as a form gives it back and as a person reads it."""
    yield from ((written([label]), label) for label in words.labels)
    yield from ((written([box]), f"Passage {number}, on page {box.page}") for number, box in enumerate(words.drawn, 1))


def _lifting(uow: UnitOfWork, permit: Permit, document: Document, register: Register, act: RequestAct) -> LiftingView:
    located = request_facts.lifting(uow, permit.subject, document_id=document.id, lifting_id=act.id)
    may_answer, why_not = may_do(uow, permit, Action.REQUEST_LIFT, located)
    stays = terms_of(uow, permit, act)
    return LiftingView(
        id=act.id,
        reason=_reason(uow, permit, act),
        stays_words=() if stays is None else _stays(uow, register, stays),
        by=person_name(uow, permit, act.done_by),
        at=act.done_at,
        may_answer=may_answer,
        why_not=why_not,
        may_withdraw=may_do(uow, permit, Action.REQUEST_WITHDRAW_LIFTING, located)[0],
    )


def _stays(uow: UnitOfWork, register: Register, stays: Asked) -> tuple[str, ...]:
    """ "Page 2 of version 2 (French)", from whom, and until when."""
    words, version = stays.words, next((row for row in register.versions if row.number == stays.words.version), None)
    of_version = "" if stays.scope is Scope.DOCUMENT or version is None else f" of version {version.number} ({version.language.words})"
    until = () if stays.until is None else (f"To be reviewed after {day(stays.until)}",)
    return (f"{words.scope_words}{of_version}", f"Withheld from {_named(uow, stays.withheld_from)}", *until)


def _ended(uow: UnitOfWork, permit: Permit, register: Register, row: Request, act: RequestAct) -> EndedView:
    proposal = next((one for one in register.acts if one.id == act.about), None)
    if proposal is None:
        raise Tampered(f"request {row.id} was ended without a proposal")
    words = RequestWords.from_text(uow.words(permit, "request", "words", row.id, row.words))
    return EndedView(
        scope_words=words.scope_words,
        since=row.recorded_at,
        ended_at=act.done_at,
        proposed_by=person_name(uow, permit, proposal.done_by),
        agreed_by=person_name(uow, permit, act.done_by),
        reason=_reason(uow, permit, proposal),
        narrowed=proposal.terms is not None,
    )


def _reason(uow: UnitOfWork, permit: Permit, act: RequestAct) -> str:
    return "" if act.reason is None else uow.words(permit, "request_act", "reason", act.id, act.reason)


def from_words(uow: UnitOfWork, withheld_from: str) -> str:
    """ "Every other body"; "The Office and the Entity"."""
    text = _named(uow, withheld_from)
    return text[:1].upper() + text[1:]


def _named(uow: UnitOfWork, withheld_from: str) -> str:
    if withheld_from == "*":
        return "every other body"
    names: Sequence[str] = [f"the {body_short(uow, code)}" for code in withheld_from.split(",")]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
