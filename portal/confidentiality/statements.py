"""The bytes that the MACs of requests and renditions cover: every column, in the order written here."""

from collections.abc import Iterable
from uuid import UUID

from portal.confidentiality.models import Rendition, Request
from portal.kernel.framing import framed


def request_bytes(row: Request) -> bytes:
    """A request without a day is written as before there were any."""
    first = (row.id, row.document_id, row.scope_word, row.withheld_from, row.words, row.recorded_by, row.recorded_at)
    if row.until is None:
        return framed("portal/request/v1", *first)
    return framed("portal/request/v2", *first, row.until.isoformat())


def requests_bytes(document_id: UUID, epoch: int, rows: Iterable[Request], keeping: Iterable[bytes] = ()) -> bytes:
    """All requests of a document at one epoch, and all acts of keeping and destroying on it (id and MAC of each), if there are any."""
    requests, acts = sorted(row.id.bytes + row.mac for row in rows), sorted(keeping)
    if not acts:
        return framed("portal/requests/v1", document_id, epoch, *requests)
    return framed("portal/requests/v2", document_id, epoch, len(requests), *requests, *acts)


def rendition_bytes(row: Rendition) -> bytes:
    return framed(
        "portal/rendition/v1",
        row.id,
        row.document_id,
        row.version,
        row.audience,
        row.epoch,
        row.pages,
        row.withheld,
        row.covers,
        row.pdf_object_id,
        row.pack_object_id,
        row.engine,
        row.built_by,
        row.built_at,
    )
