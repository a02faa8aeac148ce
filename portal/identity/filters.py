"""Filters of the log that an auditor keeps, to find them again: each person's own.

The name and what is asked for are sealed for the person's body: a symbol, a State, a colleague's name may stand there.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Uuid, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.sealing import Sealed, SealedText


class SavedFilter(Base):
    """`query` is whose it is and what stands in the address of the page: it is read like any other address, and opens nothing."""

    __tablename__ = "saved_filter"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    body: Mapped[str] = mapped_column(String(16))
    name: Mapped[Sealed] = mapped_column(SealedText)
    query: Mapped[Sealed] = mapped_column(SealedText)
    kept_at: Mapped[datetime] = mapped_column(Instant)


class SavedFilters:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: SavedFilter) -> None:
        self._session.add(row)
        self._session.flush()

    def of_person(self, person_id: UUID, body: str) -> Sequence[SavedFilter]:
        """As they were kept, the first one first."""
        found = select(SavedFilter).where(SavedFilter.person_id == person_id, SavedFilter.body == body)
        return self._session.scalars(found.order_by(SavedFilter.kept_at, SavedFilter.id)).all()

    def remove(self, filter_id: UUID, person_id: UUID) -> bool:
        """Whether this person had such a filter."""
        gone = delete(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.person_id == person_id).returning(SavedFilter.id)
        return self._session.scalar(gone) is not None

    def forget(self, person_id: UUID) -> None:
        """With the closing of an account."""
        self._session.execute(delete(SavedFilter).where(SavedFilter.person_id == person_id))
