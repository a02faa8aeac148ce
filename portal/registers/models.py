"""A visit: which State was assessed, by which body, when. Every document names one."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.sealing import Sealed, SealedText


class Visit(Base):
    __tablename__ = "visit"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    body: Mapped[str] = mapped_column(String(16), index=True)
    state: Mapped[str] = mapped_column(String(3))
    starts: Mapped[date] = mapped_column(Date)
    ends: Mapped[date] = mapped_column(Date)
    place: Mapped[Sealed] = mapped_column(SealedText)
    registered_by: Mapped[UUID] = mapped_column(Uuid)
    registered_at: Mapped[datetime] = mapped_column(Instant)
