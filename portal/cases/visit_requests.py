"""Requests on a whole visit: what stands for documents that are registered later.

The holder's floors, outside the database, count how many were ever recorded on a visit: while rows are missing, because a backup was
restored or a row was taken away, no document of the visit can be registered, for it would be covered by too little.
"""

from collections.abc import Sequence
from uuid import UUID

from portal.cases.standing import Behind
from portal.cases.uow import UnitOfWork
from portal.confidentiality.asked import Asked
from portal.confidentiality.visit_requests import VisitRequest, visit_request_bytes
from portal.kernel.ids import new_id


class VisitBehind(Behind):
    """Rows of requests on a visit are missing."""

    code = "visit_behind"
    public = (
        "A request on this visit is not in the register: it was broken off, or lost when a backup was restored. Let a confidentiality "
        "officer record it again, from any document of the visit; until then no document of it can be registered."
    )


def standing_on(uow: UnitOfWork, visit_id: UUID, originator: str) -> Sequence[VisitRequest]:
    """What was asked of the visit, checked, in an act that holds the visit. Raises `VisitBehind`."""
    rows = _checked(uow, visit_id, originator)
    if len(rows) < uow.holder.floor_of(visit_id, _counted(originator)):
        raise VisitBehind(f"visit {visit_id} has {len(rows)} requests of {originator}, fewer than were recorded")
    return rows


def enter_on_visit(uow: UnitOfWork, visit_id: UUID, originator: str, asked: Asked, *, by: UUID) -> VisitRequest:
    """One more request on a visit that this transaction holds. Where rows are missing, recording them again mends it."""
    rows = _checked(uow, visit_id, originator)
    row = new_id()
    entered = VisitRequest(
        id=row,
        visit_id=visit_id,
        originator=originator,
        withheld_from=asked.withheld_from,
        words=uow.seal(originator, "visit_request", "words", row, asked.words.to_text()),
        until=asked.until,
        recorded_by=by,
        recorded_at=uow.at,
    )
    entered.mac = uow.holder.mac(originator, "visit request", visit_request_bytes(entered))
    uow.visit_requests.add(entered)
    while uow.holder.floor_of(visit_id, _counted(originator)) < len(rows) + 1:
        uow.holder.raise_floor(visit_id, _counted(originator))
    return entered


def _checked(uow: UnitOfWork, visit_id: UUID, originator: str) -> Sequence[VisitRequest]:
    rows = uow.visit_requests.of_visit(visit_id, originator)
    for row in rows:
        uow.holder.check(originator, "visit request", visit_request_bytes(row), row.mac)
    return rows


def _counted(originator: str) -> str:
    """Under which name floors count them. No body's code has a stroke."""
    return f"{originator}/requests"
