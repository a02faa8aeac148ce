"""What the originator sees of their own register: the list, under the policy compiled to SQL, and the newest of each document."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.cases import facts
from portal.cases.facts import BodyTarget
from portal.cases.kept import kept_of
from portal.cases.names import body_short, state_choices, state_name, state_names
from portal.cases.navigation import allowed_doors
from portal.cases.standing import is_current, requests_in_force, withheld_from
from portal.cases.uow import Notes, UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Denied, Invalid, Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.policy.decide import decide
from portal.policy.listing import visible
from portal.registers.models import Visit

PAGE = 50


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


@dataclass(frozen=True, slots=True)
class Listing:
    rows: list[Row]
    total: int
    may_register: bool
    older: tuple[int, str] | None


def parse_cursor(text: str) -> tuple[int, str] | None:
    """Where a list goes on: "microseconds.id". None for the beginning; `Invalid` for what no list ever gave."""
    micros, _, row = text.partition(".")
    if not text:
        return None
    try:
        if not 0 <= int(micros) < 253_402_300_800_000_000:  # the year 10000
            raise ValueError(micros)
        return int(micros), str(UUID(row))
    except ValueError as error:
        raise Invalid({"before": "Go back to the first page of the list."}) from error


def list_documents(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, before: tuple[int, str] | None = None) -> Listing:
    """A page of the register, newest first. Each row of the SQL list is decided again; a disagreement hides it and raises an alarm."""
    permit.must_cover(Action.DOCUMENT_LIST, body)
    assert permit.subject is not None
    context = uow.context(permit.subject)
    where = visible(uow.parts.policies, permit.subject, Action.DOCUMENT_READ, context, facts.document_listing())
    found = uow.documents.listed(where, before=before, limit=PAGE + 1)
    rows = [row for document in found[:PAGE] if (row := _checked(uow, permit, document)) is not None]
    older = None
    if len(found) > PAGE:
        last = found[PAGE - 1]
        older = (int(last.registered_at.timestamp() * 1_000_000), str(last.id))
    may_register = Action.DOCUMENT_REGISTER in allowed_doors(uow.parts, permit.subject)
    return Listing(rows, uow.documents.counted(where), may_register, older)


def _checked(uow: UnitOfWork, permit: Permit, document: Document) -> Row | None:
    """The row, decided again; None, and an alarm, where the decision disagrees with the list or the row was changed."""
    alarm = Notes(document=document.id)
    try:
        located = facts.document(uow, permit.subject, document_id=document.id)
        decide(uow.parts.policies, permit.subject, Action.DOCUMENT_READ, located.facts, uow.context(permit.subject))
        return _row(uow, permit, document)
    except Denied:
        alarm.detail["alarm"] = "list_disagrees"
    except Tampered as error:
        alarm.detail["alarm"] = error.code
    uow.also(Event.ALARM_RAISED, alarm, originator=document.originator)
    return None


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
    if kept_of(uow, document.id, document).shredded:
        return "late", "Shredded"
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
