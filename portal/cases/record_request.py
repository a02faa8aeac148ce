"""Record what is kept back: a Member State's confidentiality request, or a redaction of the originator's own. One officer suffices,
and it is in force when the transaction commits.

In the same transaction: the document's epoch rises (so everything prepared before is stale), shares that do not honour the request
are closed and their key wraps deleted; and whatever the rows say, the holder's floor for the document is raised, so that no wrap made
before opens again, not even one that was hidden or put back.
"""

from collections.abc import Sequence
from uuid import UUID

from portal.cases.close_share import close_share
from portal.cases.request_form import RequestForm, read_request
from portal.cases.standing import close_to, requests_in_force, seal_requests
from portal.cases.uow import UnitOfWork
from portal.confidentiality.asked import Asked
from portal.confidentiality.models import Request
from portal.confidentiality.statements import request_bytes
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.sharing.models import Reason


def record_request(uow: UnitOfWork, permit: Permit, document: Document, form: RequestForm) -> Request:
    """Record it and close what it closes. Raises `Invalid` with every fault; then nothing changed."""
    permit.must_cover(Action.REQUEST_RECORD, document)
    assert permit.subject is not None
    asked = read_request(uow, document, form)
    document = uow.held_for(permit, document)
    requests_in_force(uow, document.id, document)  # nothing is sealed anew over rows that were changed
    document.epoch += 1
    request = enter_request(uow, document, asked, by=permit.subject.id)
    closed = close_for(uow, document, request, by=permit.subject.id)
    uow.notes.detail |= {"request": str(request.id), "scope": form.scope, "epoch": document.epoch, "closed": sorted(closed)}
    return request


def enter_request(uow: UnitOfWork, document: Document, asked: Asked, *, by: UUID, narrows: UUID | None = None) -> Request:
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
