"""What stands between a document and the other bodies: the requests in force and the renditions, each checked before it counts.

Requests and renditions decide what crosses, so their rows carry MACs, and the document's row carries one over its epoch, all its
requests and all acts of keeping and destroying: a row that was edited, added, taken away or put back from an older copy stops the act.
The holder's floors, outside the database, hold the newest epoch at which the document was closed: a document behind it opens to nobody.
"""

from collections.abc import Sequence
from uuid import UUID

from portal.cases.uow import UnitOfWork
from portal.confidentiality.models import Rendition, Request, Scope
from portal.confidentiality.rules import covers
from portal.confidentiality.statements import rendition_bytes, request_bytes, requests_bytes
from portal.documents.models import Document
from portal.kernel.errors import Stale


class Behind(Stale):
    """The document is older than what closed it: its row was restored, or the act that closed it was broken off before it was kept."""

    code = "behind"
    public = (
        "A request or a recall of this document is not in the register: it was broken off, or lost when a backup was restored. Record the "
        "request again; until then nothing of it can be shared."
    )


def requests_in_force(uow: UnitOfWork, document_id: UUID, document: Document | None) -> Sequence[Request]:
    """Every request on the document, oldest first, checked. Without a document (absent, or not the asker's to see) nothing is checked."""
    rows, acts = uow.requests.of_document(document_id), uow.keeping.marks(document_id)
    if document is None:
        return rows
    for row in rows:
        uow.holder.check(document.originator, "request", request_bytes(row), row.mac)
    uow.holder.check(document.originator, "requests", requests_bytes(document.id, document.epoch, rows, acts), document.requests_mac)
    return rows


def is_behind(uow: UnitOfWork, document: Document, body: str) -> bool:
    """Was the document closed to this body at a later epoch than its row knows of?"""
    return document.epoch < uow.holder.floor_of(document.id, body)


def must_not_be_behind(uow: UnitOfWork, document: Document, body: str) -> None:
    """Whatever opens stops here; whatever closes does not ask, so that recording the request anew mends an act that was broken off."""
    if is_behind(uow, document, body):
        raise Behind(f"document {document.id} is at epoch {document.epoch}, but was closed to {body} at a later one")


def binding(rows: Sequence[Request], audience: str) -> Sequence[Request]:
    """Those that withhold something from this body."""
    return [row for row in rows if row.binds(audience)]


def withheld_from(uow: UnitOfWork, rows: Sequence[Request], originator: str) -> frozenset[str]:
    """The other bodies from which the whole document is withheld."""
    whole = [row for row in rows if row.scope is Scope.DOCUMENT]
    return frozenset(body for body in uow.others(originator) if any(row.binds(body) for row in whole))


def seal_requests(uow: UnitOfWork, document: Document) -> None:
    """Bind the document's epoch, requests and acts of keeping, after any of them changed."""
    rows, acts = uow.requests.of_document(document.id), uow.keeping.marks(document.id)
    document.requests_mac = uow.holder.mac(document.originator, "requests", requests_bytes(document.id, document.epoch, rows, acts))


def close_to(uow: UnitOfWork, document: Document, body: str) -> None:
    """Raise the document's floor for this body to its epoch: no wrap made before opens again, whatever the rows say."""
    while uow.holder.floor_of(document.id, body) < document.epoch:
        uow.holder.raise_floor(document.id, body)


def rendition_of(uow: UnitOfWork, originator: str, rendition: Rendition | None) -> Rendition | None:
    """The same rendition, checked."""
    if rendition is not None:
        uow.holder.check(originator, "rendition", rendition_bytes(rendition), rendition.mac)
    return rendition


def is_current(document: Document, rendition: Rendition, rows: Sequence[Request]) -> bool:
    """Does the rendition rest on the document as it is now, and honour every request that binds its audience?"""
    in_force = (row.id for row in binding(rows, rendition.audience))
    return rendition.epoch == document.epoch and covers(rendition.covered, in_force)
