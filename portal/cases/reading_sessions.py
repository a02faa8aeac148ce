"""Reading sessions: the first view of a page in a session is an event of its own; further ones are counted, and summed once when it ends.

Both happen in the short transaction after which the answer leaves (docs/decisions/0024). A reading ends with its session, however that
ended, or with its share; the background loop sums it then, in one transaction with the event, so that no view is told twice or not at all.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal.audit.disclosures import Unsummed, summed
from portal.cases.uow import PORTAL, Notes, UnitOfWork
from portal.kernel.errors import Stale, Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.sharing.models import Share
from portal.sharing.readings import PageReading, page_reading_bytes

MAC = "page_reading"


def enter_view(uow: UnitOfWork, permit: Permit, share_id: UUID, page: int) -> bool:
    """Enter a view of this page; True if it was opened before in this session, so that the view is counted. Raises `Stale`, `Tampered`.

    `recheck` holds the session and the document until the transaction ends: neither ends beside this.
    """
    assert permit.subject is not None
    if uow.shares.closed(share_id):
        raise Stale(f"share {share_id} was closed meanwhile")
    row = uow.readings.lock(permit.subject.session, share_id, page)
    if row is None:
        row = PageReading(session_id=permit.subject.session, share_id=share_id, page=page, person_id=permit.subject.id, again=0)
        _vouch(uow, row)
        uow.readings.add(row)
        return False
    _vouched(uow, row)
    row.again += 1
    _vouch(uow, row)
    return True


def opened_pages(uow: UnitOfWork, permit: Permit, share: Share) -> frozenset[int]:
    """The pages of this share that were opened in the session that asks."""
    assert permit.subject is not None
    return frozenset(_vouched(uow, row).page for row in uow.readings.opened(permit.subject.session, share.id))


def unsummed_views(uow: UnitOfWork, shares: Sequence[Share]) -> tuple[Sequence[Unsummed], bool]:
    """Further views that no event tells of yet, and whether a row of them is not as the portal wrote it."""
    found, damaged = [], False
    for row in uow.readings.of_shares(share.id for share in shares):
        try:
            _vouched(uow, row)
        except Tampered:
            damaged = True
            continue
        if row.again:
            found.append(Unsummed(actor=row.person_id, share=row.share_id, page=row.page, times=row.again, last=row.last_at))
    return found, damaged


def ended_readings(uow: UnitOfWork) -> Sequence[tuple[UUID, UUID]]:
    """Session and share of the readings that are over and not summed."""
    return [reading for reading in uow.readings.under_way() if _is_over(uow, *reading)]


def end_reading(uow: UnitOfWork, session_id: UUID, share_id: UUID) -> None:
    """Sum a reading that is over, in one event if any page was opened again.

    A session that is over by its age alone is ended for good: no clock set back lets it read on after the sum.
    """
    session = uow.sessions.lock(session_id)
    if not _is_over(uow, session_id, share_id):
        return
    if session is not None and session.revoked_at is None and not uow.sessions.alive(session, uow.at):
        session.revoked_at = uow.at
    rows, share = uow.readings.take(session_id, share_id), uow.shares.get(share_id)
    if not rows or share is None:
        return
    again: dict[int, int] = {}
    for row in rows:
        try:
            again[_vouched(uow, row).page] = row.again
        except Tampered:
            alarm = Notes(document=share.document_id, share=share_id, detail={"alarm": "tampered", "list": MAC, "page": row.page})
            uow.also(Event.ALARM_RAISED, alarm, originator=share.originator)
    if any(again.values()):
        _tell(uow, share, rows[0].person_id, session_id, again, rows)


def _tell(uow: UnitOfWork, share: Share, person: UUID, session: UUID, again: Mapping[int, int], rows: Sequence[PageReading]) -> None:
    notes = Notes(document=share.document_id, share=share.id, bodies={share.recipient}, summed=(person, share.recipient, session))
    notes.detail |= summed(again, max(row.last_at for row in rows if row.page in again))
    uow.also(Event.READING_ENDED, notes, originator=share.originator)


def _is_over(uow: UnitOfWork, session_id: UUID, share_id: UUID) -> bool:
    session = uow.sessions.get(session_id)
    return session is None or not uow.sessions.alive(session, uow.at) or uow.shares.closed(share_id)


def _vouch(uow: UnitOfWork, row: PageReading) -> None:
    row.last_at = uow.at
    row.mac = uow.holder.mac(PORTAL, MAC, page_reading_bytes(row))


def _vouched(uow: UnitOfWork, row: PageReading) -> PageReading:
    """The same row, if it is as the portal wrote it."""
    uow.holder.check(PORTAL, MAC, page_reading_bytes(row), row.mac)
    return row
