"""What is kept back of a document, as its originator's staff reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.cases.names import body_short, day, person_name, state_name
from portal.cases.uow import UnitOfWork
from portal.confidentiality.models import Request
from portal.confidentiality.rules import Ground, RequestWords
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.permit import Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """`until`: its last day, as words; `due` from the day after. Of an own redaction `state_name` and `dated` are empty."""

    ground_words: str
    state_name: str
    reference: str
    dated: str
    scope_words: str
    from_words: str
    until: str
    due: bool
    recorded_by: str
    recorded_at: datetime


def requests_of(uow: UnitOfWork, permit: Permit, document: Document, requests: Sequence[Request]) -> list[RequestView]:
    """For everybody who may read the document's entry."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    return [_view(uow, permit, row) for row in requests]


def _view(uow: UnitOfWork, permit: Permit, row: Request) -> RequestView:
    words = RequestWords.from_text(uow.words(permit, "request", "words", row.id, row.words))
    return RequestView(
        ground_words=words.ground.words,
        state_name=state_name(uow, words.state) if words.ground is Ground.STATE else "",
        reference=words.reference,
        dated=day(date.fromisoformat(words.dated)) if words.dated else "",
        scope_words=words.scope_words,
        from_words=from_words(uow, row.withheld_from),
        until="" if row.until is None else day(row.until),
        due=row.is_due(uow.at.date()),
        recorded_by=person_name(uow, permit, row.recorded_by),
        recorded_at=row.recorded_at,
    )


def from_words(uow: UnitOfWork, withheld_from: str) -> str:
    """ "Every other body"; "The Office and the Entity"."""
    if withheld_from == "*":
        return "Every other body"
    names = [f"the {body_short(uow, code)}" for code in withheld_from.split(",")]
    text = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return text[:1].upper() + text[1:]
