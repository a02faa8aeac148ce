"""What is read in one reading session: each page of a share that was opened in it, and how often again.

A reading session is a sign-in. The first view of a page is an event in the log; these rows count the further ones until the session or the
share ends, and are gone once `reading.ended` says their sum. A row decides that a view needs no event of its own, so it carries a MAC.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Uuid, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed


class PageReading(Base):
    """One page of one share in one reading session. `again`: views after the first; `last_at`: the last of all."""

    __tablename__ = "page_reading"

    session_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    share_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("share.id"), primary_key=True, index=True)
    page: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    again: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


def page_reading_bytes(row: PageReading) -> bytes:
    """What the MAC of a row covers: every column."""
    return framed("portal/page_reading/v1", row.session_id, row.share_id, row.page, row.person_id, row.again, row.last_at)


class PageReadings:
    """The register of these rows."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, session_id: UUID, share_id: UUID, page: int) -> PageReading | None:
        """This page as of now, locked: two views of it at once are counted one after the other."""
        found = select(PageReading).where(PageReading.session_id == session_id, PageReading.share_id == share_id, PageReading.page == page)
        return self._session.scalar(found.with_for_update().execution_options(populate_existing=True))

    def add(self, row: PageReading) -> None:
        self._session.add(row)
        self._session.flush()

    def opened(self, session_id: UUID, share_id: UUID) -> Sequence[PageReading]:
        found = select(PageReading).where(PageReading.session_id == session_id, PageReading.share_id == share_id)
        return self._session.scalars(found.order_by(PageReading.page)).all()

    def of_shares(self, share_ids: Iterable[UUID]) -> Sequence[PageReading]:
        """All that is not summed yet of these shares."""
        return self._session.scalars(select(PageReading).where(PageReading.share_id.in_(list(share_ids)))).all()

    def under_way(self) -> Sequence[tuple[UUID, UUID]]:
        """The session and share of each reading that is not summed yet."""
        found = select(PageReading.session_id, PageReading.share_id).distinct()
        return [(session, share) for session, share in self._session.execute(found.order_by(*found.selected_columns))]

    def take(self, session_id: UUID, share_id: UUID) -> Sequence[PageReading]:
        """The rows of one reading, and none of them is there any more."""
        rows = self.opened(session_id, share_id)
        self._session.execute(delete(PageReading).where(PageReading.session_id == session_id, PageReading.share_id == share_id))
        return rows
