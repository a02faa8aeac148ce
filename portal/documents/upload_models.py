"""An upload on its way: of one person, for one document. Its segments are sealed objects, each under a key of its own.

`received` is where the next segment begins. The MACs cover every column, so that an edited, swapped or moved row is refused. A row of
`upload_end` tells what became of an upload; it opens nothing.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.sealing import Sealed, SealedText


class How(StrEnum):
    """How an upload ended."""

    DEPOSITED = "deposited"
    TERMINATED = "terminated"
    EXPIRED = "expired"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"  # another version of the document came first


class Upload(Base):
    __tablename__ = "upload"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("document.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger)
    file_name: Mapped[Sealed] = mapped_column(SealedText)
    fingerprint: Mapped[Sealed] = mapped_column(SealedText)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class Segment(Base):
    __tablename__ = "upload_segment"

    upload_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("upload.id"), primary_key=True)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    object_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class UploadEnd(Base):
    __tablename__ = "upload_end"

    upload_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("document.id"))
    person_id: Mapped[UUID] = mapped_column(Uuid)
    how: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Instant, index=True)


def upload_bytes(row: Upload) -> bytes:
    """What an upload's MAC covers."""
    return framed(
        "portal/upload/v1",
        row.id,
        row.document_id,
        row.person_id,
        row.size,
        row.received,
        row.file_name,
        row.fingerprint,
        row.created_at,
        row.expires_at,
    )


def segment_bytes(row: Segment) -> bytes:
    """What a segment's MAC covers."""
    return framed("portal/segment/v1", row.upload_id, row.start, row.size, row.object_id)
