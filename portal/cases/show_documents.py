"""What the originator sees of their own register: the list, under the policy compiled to SQL, and the newest of each document."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, String, case, literal

from portal.cases import facts
from portal.cases.facts import BodyTarget
from portal.cases.kept import kept_of
from portal.cases.listing import NOTHING, Choice, Facet, Listing, Page, Selection, Titles, Total
from portal.cases.names import body_short, state_choices, state_name, state_names
from portal.cases.navigation import allowed_doors
from portal.cases.standing import is_current, requests_in_force, withheld_from
from portal.cases.uow import Notes, UnitOfWork
from portal.documents.keeping import is_archived
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import DocumentKind, Level
from portal.registers.models import Visit

#: What is archived is left out of the list, unless it is asked for.
AT_WORK, ARCHIVED = "no", "yes"
SHELVES = {AT_WORK: "Not archived", ARCHIVED: "Archived"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    id: UUID
    title: str
    symbol: str
    kind_words: str
    level: int
    state_names: tuple[str, ...]
    visit: str
    status: tuple[str, str]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A page of the register, and what it can be narrowed by."""

    page: Page[Row]
    total: Total
    choices: list[Choice]
    may_register: bool


def register_of(uow: UnitOfWork, permit: Permit, body: BodyTarget, chosen: Mapping[str, str] = NOTHING) -> Selection[Document, Row]:
    """What this person may see of their body's register, narrowed by what they chose."""
    permit.must_cover(Action.DOCUMENT_LIST, body)
    listing = Listing(
        model=Document,
        columns=facts.document_listing(),
        action=Action.DOCUMENT_READ,
        locate=lambda document: facts.document(uow, permit.subject, document_id=document.id),
        show=lambda document: _row(uow, permit, document),
        about=lambda document: Notes(document=document.id),
        order=(Document.registered_at, Document.id),
        symbol=Document.symbol,
        titles=Titles(table="document", column=Document.title),
        facets={
            "state": Facet(label="State", column=Document.states_text, read=_code, words=lambda code: state_name(uow, code), several=True),
            "visit": Facet(label="Visit", column=Document.visit_id, read=UUID, words=lambda visit: visit_words(uow, visit)),
            "kind": Facet(label="Kind", column=Document.kind_word, read=_kind, words=lambda word: DocumentKind(word).words),
            "level": Facet(label="Level", column=Document.level_number, read=_level, words=lambda number: Level(number).words),
            "archive": Facet(
                label="Archive",
                column=_archive(),
                read=_shelf,
                words=lambda word: SHELVES[word],
                default=AT_WORK,
                unchosen=SHELVES[AT_WORK],
            ),
        },
    )
    return Selection(uow, permit, listing, chosen)


def list_documents(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, before: str = "", chosen: Mapping[str, str] = NOTHING) -> Register:
    """A page of the register, newest first."""
    permit.must_cover(Action.DOCUMENT_LIST, body)
    register = register_of(uow, permit, body, chosen)
    assert permit.subject is not None
    may_register = Action.DOCUMENT_REGISTER in allowed_doors(uow.parts, permit.subject)
    return Register(page=register.page(before), total=register.total(), choices=register.choices(), may_register=may_register)


def _archive() -> ColumnElement[str]:
    return case((is_archived(Document.id), literal(ARCHIVED, String)), else_=literal(AT_WORK, String))


def _shelf(text: str) -> str:
    if text not in SHELVES:
        raise ValueError(text)
    return text


def suggest_symbols(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, typed: str) -> list[str]:
    """The first symbols of the register that begin so; none for nothing."""
    permit.must_cover(Action.DOCUMENT_LIST, body)
    register = register_of(uow, permit, body, {"symbol": typed})
    return register.suggest() if typed else []


def _code(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(text)
    return text


def _kind(text: str) -> str:
    return DocumentKind(text).value


def _level(text: str) -> int:
    return int(Level(int(text)))


def _row(uow: UnitOfWork, permit: Permit, document: Document) -> Row:
    uow.shown[document.id] = document.epoch
    visit = None if document.visit_id is None else uow.visits.get(document.visit_id)
    return Row(
        id=document.id,
        title=uow.words(permit, "document", "title", document.id, document.title),
        symbol=document.symbol,
        kind_words=kind_words(document),
        level=document.level_number,
        state_names=state_names(uow, document.states),
        visit="" if visit is None else f"Visit of {visit_dates(visit)}",
        status=status(uow, document),
        at=document.registered_at,
    )


def status(uow: UnitOfWork, document: Document) -> tuple[str, str]:
    """(mark, word): what stands next for this document."""
    kept = kept_of(uow, document.id, document)
    if kept.shredded:
        return "late", "Shredded"
    if kept.archived:
        return "done", "Archived"
    if uow.documents.version(document.id) is None:
        return "wait", "File to send"
    others = uow.others(document.originator)
    requests = requests_in_force(uow, document.id, document)
    withheld = withheld_from(uow, requests, document.originator)
    live = [share for share in uow.shares.of_document(document.id) if not uow.shares.closed(share.id)]
    if live:
        return "done", "Shared with the " + " and ".join(body_short(uow, share.recipient) for share in live)
    if withheld >= set(others):
        return "late", "Withheld"
    for proposal in uow.proposals.of_document(document.id):
        if uow.proposals.decision(proposal.id) is None and proposal.epoch == document.epoch:
            return "wait", "Waits for a second officer"
    rendition = uow.renditions.latest(document.id)
    if rendition is None:
        return "wait", "Not yet shared"
    if not is_current(document, rendition, requests):
        return "late", "To be prepared again"
    return "wait", "Prepared, not yet proposed"


def kind_words(document: Document) -> str:
    return f"{document.kind.words}, draft" if document.draft else document.kind.words


def visit_words(uow: UnitOfWork, visit_id: UUID | None) -> str:
    visit = None if visit_id is None else uow.visits.get(visit_id)
    return "" if visit is None else f"{state_name(uow, visit.state)}, {visit_dates(visit)}"


def visit_dates(visit: Visit) -> str:
    return f"{visit.starts:%-d %b} to {visit.ends:%-d %b %Y}"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form for a new document offers."""

    visits: list[tuple[str, str]]
    states: list[tuple[str, str]]
    clearance: int


def new_document_choices(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> Choices:
    permit.must_cover(Action.DOCUMENT_REGISTER, body)
    assert permit.subject is not None
    visits = [(str(visit.id), visit_words(uow, visit.id)) for visit in uow.visits.of_body(body.code)]
    return Choices(visits, state_choices(uow), int(permit.subject.clearance))
