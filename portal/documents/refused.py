"""Files that were sent for a document and not taken. The file itself is not kept; its name is sealed for the originator.

A row tells what happened and opens nothing. Why is a code and, of malware, the name of a signature: neither says what the file holds.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.sealing import Sealed, SealedText


class RefusedFile(Base):
    __tablename__ = "refused_file"
    __table_args__ = (Index("ix_refused_file_listed", "originator", "refused_at", "id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("document.id"), index=True)
    originator: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[UUID] = mapped_column(Uuid)
    reason: Mapped[str] = mapped_column(String(32))
    #: Of malware, what the scanner calls it.
    signature: Mapped[str] = mapped_column(String(200))
    file_name: Mapped[Sealed] = mapped_column(SealedText)
    size: Mapped[int] = mapped_column(BigInteger)
    refused_at: Mapped[datetime] = mapped_column(Instant)


class RefusedFiles:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: RefusedFile) -> None:
        self._session.add(row)
        self._session.flush()

    def of_document(self, document_id: UUID) -> Sequence[RefusedFile]:
        """Newest first."""
        found = select(RefusedFile).where(RefusedFile.document_id == document_id)
        return self._session.scalars(found.order_by(RefusedFile.refused_at.desc(), RefusedFile.id)).all()

    def of_body(self, body: str, *, limit: int) -> Sequence[RefusedFile]:
        """Of every document of this originator, newest first."""
        found = select(RefusedFile).where(RefusedFile.originator == body)
        return self._session.scalars(found.order_by(RefusedFile.refused_at.desc(), RefusedFile.id).limit(limit)).all()
