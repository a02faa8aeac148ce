"""What a State asked to keep of a whole visit: it stands for documents that are registered later. Rows are only ever added.

Each document of the visit has a `Request` of its own besides, which binds, and is lifted, like any other. The MAC covers every column;
that none is taken away is counted outside the database (`cases.visit_requests`).
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, LargeBinary, String, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.sealing import Sealed, SealedText


class VisitRequest(Base):
    __tablename__ = "visit_request"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    originator: Mapped[str] = mapped_column(String(16))
    withheld_from: Mapped[str] = mapped_column(String(255))
    words: Mapped[Sealed] = mapped_column(SealedText)
    until: Mapped[date | None] = mapped_column(Date)
    recorded_by: Mapped[UUID] = mapped_column(Uuid)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


def visit_request_bytes(row: VisitRequest) -> bytes:
    """What its MAC covers: every column."""
    until = None if row.until is None else row.until.isoformat()
    where = (row.id, row.visit_id, row.originator, row.withheld_from, bytes(row.words))
    return framed("portal/visit_request/v1", *where, until, row.recorded_by, row.recorded_at)


class VisitRequests:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: VisitRequest) -> None:
        self._session.add(row)
        self._session.flush()

    def of_visit(self, visit_id: UUID, originator: str) -> Sequence[VisitRequest]:
        """Every request on the visit, oldest first. Check them (`cases.visit_requests`) before anything rests on them."""
        statement = select(VisitRequest).where(VisitRequest.visit_id == visit_id, VisitRequest.originator == originator)
        return self._session.scalars(statement.order_by(VisitRequest.recorded_at, VisitRequest.id)).all()
