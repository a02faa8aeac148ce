"""Record what is kept back: a Member State's confidentiality request, or a redaction of the originator's own. One officer suffices,
and it is in force when the transaction commits.

In the same transaction: the document's epoch rises (so everything prepared before is stale), shares that do not honour the request
are closed and their key wraps deleted; and whatever the rows say, the holder's floor for the document is raised, so that no wrap made
before opens again, not even one that was hidden or put back.
"""

from collections.abc import Sequence
from uuid import UUID

from portal.audit.record import Fact
from portal.cases.close_share import close_share
from portal.cases.facts import BodyTarget
from portal.cases.kept import kept_of
from portal.cases.request_form import VISIT, RequestForm, read_request
from portal.cases.standing import close_to, requests_in_force, seal_requests
from portal.cases.uow import Notes, UnitOfWork
from portal.cases.visit_requests import enter_on_visit, standing_on
from portal.confidentiality.asked import Asked
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.rules import RequestWords
from portal.confidentiality.statements import request_bytes
from portal.confidentiality.visit_requests import VisitRequest
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.sharing.models import Reason


def record_request(uow: UnitOfWork, permit: Permit, document: Document, form: RequestForm) -> Request:
    """Record it and close what it closes, also of every other document of the visit if all of that was asked.

    Closing takes one officer: documents of the visit above this one's clearance are closed with the rest, and not told of. Raises `Invalid`
    with every fault; then nothing changed.
    """
    permit.must_cover(Action.REQUEST_RECORD, document)
    assert permit.subject is not None
    asked, by = read_request(uow, permit, document, form), permit.subject.id
    document = uow.held_for(permit, document)
    if form.scope != VISIT or document.visit_id is None:
        request, facts = _enter(uow, document, asked, by=by)
        uow.notes.detail |= facts
        return request
    visit = enter_on_visit(uow, document.visit_id, document.originator, asked, by=by)
    request, facts = _enter(uow, document, asked, by=by, visit=visit.id)
    uow.notes.detail |= facts | {"visit_request": str(visit.id)}
    for other in uow.documents.of_visit(document.visit_id, document.originator):
        if other.id != document.id:
            _with_the_visit(uow, uow.held(other), asked, visit, by=by)
    return request


def cover_later(uow: UnitOfWork, permit: Permit, document: Document) -> None:
    """What was asked of a visit covers a document that is registered later, from its first moment. Raises `VisitBehind`."""
    permit.must_cover(Action.DOCUMENT_REGISTER, BodyTarget(document.originator))
    if document.visit_id is None:
        return
    uow.visits.lock(document.visit_id)
    for visit in standing_on(uow, document.visit_id, document.originator):
        words = RequestWords.from_text(uow.words(permit, "visit_request", "words", visit.id, visit.words))
        asked = Asked(words, Scope.DOCUMENT, visit.withheld_from, visit.until)
        _with_the_visit(uow, document, asked, visit, by=visit.recorded_by)


def _with_the_visit(uow: UnitOfWork, document: Document, asked: Asked, visit: VisitRequest, *, by: UUID) -> None:
    if kept_of(uow, document.id, document).shredded:
        return
    _, facts = _enter(uow, document, asked, by=by, visit=visit.id)
    told = Notes(document=document.id, detail=facts | {"visit_request": str(visit.id)})
    uow.also(Event.REQUEST_RECORDED, told, originator=document.originator)


def _enter(
    uow: UnitOfWork, document: Document, asked: Asked, *, by: UUID, visit: UUID | None = None
) -> tuple[Request, dict[str, Fact | list[Fact]]]:
    """Record it of one document that this transaction holds, and close what it closes. Returns it, and what the log is told."""
    requests_in_force(uow, document.id, document)  # nothing is sealed anew over rows that were changed
    document.epoch += 1
    request = enter_request(uow, document, asked, by=by, visit=visit)
    closed = close_for(uow, document, request, by=by)
    scope = asked.scope.value
    return request, {"request": str(request.id), "scope": scope, "epoch": document.epoch, "closed": list[Fact](sorted(closed))}


def enter_request(
    uow: UnitOfWork, document: Document, asked: Asked, *, by: UUID, narrows: UUID | None = None, visit: UUID | None = None
) -> Request:
    """One more request on a document that this transaction holds, bound to it."""
    row = new_id()
    request = Request(
        id=row,
        document_id=document.id,
        scope_word=asked.scope.value,
        withheld_from=asked.withheld_from,
        words=uow.seal(document.originator, "request", "words", row, asked.words.to_text()),
        recorded_by=by,
        recorded_at=uow.at,
        until=asked.until,
        narrows=narrows,
        visit_request_id=visit,
    )
    request.mac = uow.holder.mac(document.originator, "request", request_bytes(request))
    uow.requests.add(request)
    seal_requests(uow, document)
    return request


def close_for(uow: UnitOfWork, document: Document, request: Request, *, by: UUID) -> frozenset[str]:
    """Close the document to everybody whom the request binds. Returns to whom something was closed."""
    bound = [body for body in uow.others(document.originator) if request.binds(body)]
    closed = frozenset(bound) | _close_shares(uow, document, bound, by=by)
    for body in sorted(closed):
        close_to(uow, document, body)
    return closed


def _close_shares(uow: UnitOfWork, document: Document, bound: Sequence[str], *, by: UUID) -> frozenset[str]:
    """Close what these bodies hold, and what was passed on from it. Returns to whom something was closed."""
    shares = [share for share in uow.shares.of_document(document.id) if share.recipient in bound and not uow.shares.closed(share.id)]
    closed: frozenset[str] = frozenset()
    for share in shares:
        share.covers_all_requests = False  # its rendition was built before this request (docs/decisions/0004)
        if not uow.shares.closed(share.id):  # with the one that it was passed on from
            closed |= close_share(uow, share, Reason.REQUEST, by=by)
    return closed
