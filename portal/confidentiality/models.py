"""Requests of Member States, and renditions.

A request is in force from the moment its row commits, until two officers lift or narrow it (`confidentiality.request_acts`). Its ground,
State, reference, dates and pages are sealed; its scope stands in clear, and from whom it withholds, and the day from which it is due for
review, which ends nothing (docs/decisions/0022).
Requests and renditions decide what another body gets, so both carry a MAC over every column.
A rendition is what one audience may see of one version, as two sealed objects: a PDF and a page pack.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Date, LargeBinary, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.sealing import Sealed, SealedText


class Scope(StrEnum):
    DOCUMENT = "document"
    PAGES = "pages"
    PASSAGES = "passages"


class Request(Base):
    """`narrows`: the request that two officers narrowed to this one. `visit_request_id`: what was asked of the visit, if it came of it."""

    __tablename__ = "request"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    scope_word: Mapped[str] = mapped_column("scope", String(16))
    withheld_from: Mapped[str] = mapped_column(String(255), default="*")
    words: Mapped[Sealed] = mapped_column(SealedText)
    recorded_by: Mapped[UUID] = mapped_column(Uuid)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[date | None] = mapped_column(Date, index=True)
    narrows: Mapped[UUID | None] = mapped_column(Uuid)
    visit_request_id: Mapped[UUID | None] = mapped_column(Uuid)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def scope(self) -> Scope:
        return Scope(self.scope_word)

    def binds(self, audience: str) -> bool:
        """Does it withhold from this other body? `*` is every other body, those that join later included."""
        return self.withheld_from == "*" or audience in self.withheld_from.split(",")

    def is_due(self, today: date) -> bool:
        """Is its day over? Then two officers are asked whether it ends; until they say so it is in force."""
        return self.until is not None and self.until < today


class Rendition(Base):
    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("pdf_object_id"), UniqueConstraint("pack_object_id"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    version: Mapped[int]
    audience: Mapped[str] = mapped_column(String(16))
    epoch: Mapped[int]
    pages: Mapped[int]
    withheld: Mapped[Sealed] = mapped_column(SealedText)
    covers: Mapped[str] = mapped_column(Text)
    pdf_object_id: Mapped[UUID] = mapped_column(Uuid)
    pack_object_id: Mapped[UUID] = mapped_column(Uuid)
    engine: Mapped[str] = mapped_column(String(200))
    #: Where wording of what it leaves out stands elsewhere (`render.repeats`); None of one from before that was kept.
    repeats: Mapped[Sealed | None] = mapped_column(SealedText)
    built_by: Mapped[UUID] = mapped_column(Uuid)
    built_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def covered(self) -> frozenset[UUID]:
        """The requests in force that this rendition honours."""
        return frozenset(UUID(word) for word in self.covers.split(",") if word)
