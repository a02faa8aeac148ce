"""Record a Member State's confidentiality request. One officer suffices, and it is in force when the transaction commits.

In the same transaction: the document's epoch rises (so everything prepared before is stale), shares that do not honour the request
are closed and their key wraps deleted; and whatever the rows say, the holder's floor for the document is raised, so that no wrap made
before opens again, not even one that was hidden or put back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.cases.close_share import close_share
from portal.cases.plain_text import demand_plain
from portal.cases.standing import close_to, requests_in_force, seal_requests
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import Box, Withheld, parse_boxes
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.rules import RequestWords, parse_pages
from portal.confidentiality.statements import request_bytes
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.sharing.models import Reason

#: How a communication came, as it is stored, and as a form says it.
RECEIVED = {"note verbale": "Note verbale", "letter": "Letter", "e-mail": "E-mail", "meeting": "In a meeting"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    state: str
    reference: str
    dated: str
    received: str
    scope: str
    pages: str = ""
    boxes: str = ""


def record_request(uow: UnitOfWork, permit: Permit, document: Document, form: RequestForm) -> Request:
    """Record it and close what it closes. Raises `Invalid` with every fault; then nothing changed."""
    permit.must_cover(Action.REQUEST_RECORD, document)
    assert permit.subject is not None
    words = _words(uow, document, form)
    document = uow.held_for(permit, document)
    requests_in_force(uow, document.id, document)  # nothing is sealed anew over rows that were changed
    document.epoch += 1
    row = new_id()
    request = Request(
        id=row,
        document_id=document.id,
        scope_word=form.scope,
        withheld_from="*",
        words=uow.seal(document.originator, "request", "words", row, words.to_text()),
        recorded_by=permit.subject.id,
        recorded_at=uow.at,
    )
    request.mac = uow.holder.mac(document.originator, "request", request_bytes(request))
    uow.requests.add(request)
    seal_requests(uow, document)
    bound = [body for body in uow.others(document.originator) if request.binds(body)]
    closed = frozenset(bound) | _close_shares(uow, document, bound, by=permit.subject.id)
    for body in sorted(closed):
        close_to(uow, document, body)
    uow.notes.detail |= {"request": str(row), "scope": form.scope, "epoch": document.epoch, "closed": sorted(closed)}
    return request


def _close_shares(uow: UnitOfWork, document: Document, bound: Sequence[str], *, by: UUID) -> frozenset[str]:
    """Close what these bodies hold, and what was passed on from it. Returns to whom something was closed."""
    shares = [share for share in uow.shares.of_document(document.id) if share.recipient in bound and not uow.shares.closed(share.id)]
    closed: frozenset[str] = frozenset()
    for share in shares:
        share.covers_all_requests = False  # its rendition was built before this request (docs/decisions/0004)
        if not uow.shares.closed(share.id):  # with the one that it was passed on from
            closed |= close_share(uow, share, Reason.REQUEST, by=by)
    return closed


def _words(uow: UnitOfWork, document: Document, form: RequestForm) -> RequestWords:
    faults: dict[str, str] = {}
    asked: Withheld = Withheld()
    try:
        uow.parts.member_states.named(form.state)
    except Invalid as error:
        faults.update(error.faults)
    if not 1 <= len(form.reference) <= 200:
        faults["reference"] = "Give the reference of the State's communication, at most 200 characters."
    demand_plain(faults, reference=form.reference)
    try:
        if date.fromisoformat(form.dated) > uow.at.date():
            faults["dated"] = "The date lies in the future."
    except ValueError:
        faults["dated"] = "Give the date of the communication, for example 2026-11-02."
    if form.received not in RECEIVED:
        faults["received"] = "Say how it was received: " + ", ".join(RECEIVED) + "."
    if form.scope not in set(Scope):
        faults["scope"] = "Choose the whole document, pages, or passages."
    elif form.scope != Scope.DOCUMENT:
        version = uow.documents.version(document.id)
        if version is None:
            faults["scope"] = "The document has no file yet. Withhold the whole document, or deposit the file first."
        else:
            asked = _asked(form, version.pages, faults)
    if faults:
        raise Invalid(faults)
    return RequestWords(form.state, form.reference, form.dated, form.received, tuple(sorted(asked.pages)), asked.boxes)


def _asked(form: RequestForm, last: int, faults: dict[str, str]) -> Withheld:
    """The pages, or the pages and boxes, of which at least one must be there: nothing here would mean the whole document."""
    pages: tuple[int, ...] = ()
    boxes: tuple[Box, ...] = ()
    passages = form.scope == Scope.PASSAGES
    try:
        if form.pages.strip() or not passages:
            pages = parse_pages(form.pages, last=last)
    except Invalid as error:
        faults.update(error.faults)
    try:
        boxes = parse_boxes(form.boxes, last=last)
        if boxes and not passages:
            faults["boxes"] = "Boxes are drawn on pages. Choose passages, or leave the boxes out."
        if passages and not boxes and not form.pages.strip():
            faults["boxes"] = "Draw a box around each passage to withhold, or name whole pages."
    except Invalid as error:
        faults.update(error.faults)
    return Withheld(frozenset(pages), boxes)
