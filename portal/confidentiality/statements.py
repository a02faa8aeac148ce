"""The bytes that the MACs of requests and renditions cover: every column, in the order written here."""

from collections.abc import Iterable
from uuid import UUID

from portal.confidentiality.models import Rendition, Request
from portal.kernel.framing import Field, framed


def request_bytes(row: Request) -> bytes:
    """A request without a day, that narrows no other and came of no visit's, is written as before there were any."""
    first = (row.id, row.document_id, row.scope_word, row.withheld_from, row.words, row.recorded_by, row.recorded_at)
    if row.until is None and row.narrows is None and row.visit_request_id is None:
        return framed("portal/request/v1", *first)
    return framed("portal/request/v2", *first, None if row.until is None else row.until.isoformat(), row.narrows, row.visit_request_id)


def requests_bytes(
    document_id: UUID,
    epoch: int,
    rows: Iterable[Request],
    keeping: Iterable[bytes] = (),
    acts: Iterable[bytes] = (),
    places: Iterable[bytes] = (),
    versions: Iterable[bytes] = (),
) -> bytes:
    """All requests of a document at one epoch, and (id and MAC of each) all acts of keeping and destroying, all acts on requests, and all
    their places in versions; and the versions themselves, where there are others than one in English."""
    requests, kept, done = sorted(row.id.bytes + row.mac for row in rows), sorted(keeping), sorted(acts)
    placed, files = sorted(places), list(versions)
    if placed or files:
        lists: list[Field] = []
        for rows_of_a_kind in (requests, kept, done, placed, files):
            lists += [len(rows_of_a_kind), *rows_of_a_kind]
        return framed("portal/requests/v4", document_id, epoch, *lists)
    if done:
        return framed("portal/requests/v3", document_id, epoch, len(requests), *requests, len(kept), *kept, *done)
    if kept:
        return framed("portal/requests/v2", document_id, epoch, len(requests), *requests, *kept)
    return framed("portal/requests/v1", document_id, epoch, *requests)


def rendition_bytes(row: Rendition) -> bytes:
    """A rendition from before repeats were kept is written as then."""
    what = (row.id, row.document_id, row.version, row.audience, row.epoch, row.pages, row.withheld, row.covers)
    made = (row.pdf_object_id, row.pack_object_id, row.engine, row.built_by, row.built_at)
    if row.repeats is None:
        return framed("portal/rendition/v1", *what, *made)
    return framed("portal/rendition/v2", *what, *made, row.repeats)
