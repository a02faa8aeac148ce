"""Rows that open something carry a MAC over the columns fixed at their creation; what closes again is a row of its own.

A share is a resource of its own for the recipient, with its own title and file name sealed under the recipient's key: recipients are
never decided on the document.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.permit import ResourceType
from portal.kernel.sealing import Sealed, SealedText
from portal.kernel.vocabulary import Level


class Proposal(Base):
    """One officer's proposal to share one rendition with one body. `approval` is the holder's MAC of their act over the statement."""

    __tablename__ = "proposal"
    __table_args__ = (Index("ix_proposal_listed", "originator", "proposed_at", "id"),)
    resource_type: ClassVar[ResourceType] = ResourceType.PROPOSAL

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    share_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    version: Mapped[int]
    rendition_id: Mapped[UUID] = mapped_column(Uuid)
    originator: Mapped[str] = mapped_column(String(16), index=True)
    recipient: Mapped[str] = mapped_column(String(16))
    level_number: Mapped[int] = mapped_column("level")
    terms: Mapped[str] = mapped_column(String(1000))
    purpose: Mapped[Sealed] = mapped_column(SealedText)
    epoch: Mapped[int]
    statement: Mapped[bytes] = mapped_column(LargeBinary(32))
    proposed_by: Mapped[UUID] = mapped_column(Uuid)
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    approval: Mapped[bytes] = mapped_column(LargeBinary(32))
    #: The request to pass a share on that this answers.
    onward_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def resource_id(self) -> str:
        return str(self.id)

    @property
    def level(self) -> Level:
        return Level(self.level_number)


class Verdict(StrEnum):
    APPROVED = "approved"
    DECLINED = "declined"


class Decision(Base):
    """What a second officer decided about a proposal; one at most. `approval` as in a proposal, if they approved."""

    __tablename__ = "decision"

    proposal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("proposal.id"), primary_key=True)
    verdict_word: Mapped[str] = mapped_column("verdict", String(16))
    decided_by: Mapped[UUID] = mapped_column(Uuid)
    decided_at: Mapped[datetime] = mapped_column(Instant)
    approval: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.verdict_word)


class Share(Base):
    """A rendition released to a body."""

    __tablename__ = "share"
    __table_args__ = (Index("ix_share_listed", "recipient", "approved_at", "id"),)
    resource_type: ClassVar[ResourceType] = ResourceType.SHARE

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    proposal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("proposal.id"), unique=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    version: Mapped[int]
    rendition_id: Mapped[UUID] = mapped_column(Uuid)
    originator: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(String(16), index=True)
    symbol: Mapped[str] = mapped_column(String(80))
    level_number: Mapped[int] = mapped_column("level")
    terms: Mapped[str] = mapped_column(String(1000))
    title: Mapped[Sealed] = mapped_column(SealedText)
    file_name: Mapped[Sealed] = mapped_column(SealedText)
    pages: Mapped[int]
    covers_all_requests: Mapped[bool] = mapped_column(default=True)
    approved_at: Mapped[datetime] = mapped_column(Instant)
    draft: Mapped[bool] = mapped_column(default=False)
    #: Copied from the terms, for finding what is over; what decides is the terms.
    ends_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    #: Copied from the terms as well, for lists.
    opens_at: Mapped[datetime | None] = mapped_column(Instant)
    #: The request of another recipient that this came of.
    onward_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def resource_id(self) -> str:
        return str(self.id)

    @property
    def level(self) -> Level:
        return Level(self.level_number)


class Reason(StrEnum):
    """Why a share was closed: the originator's to know."""

    REQUEST = "request"
    RECALL = "recall"
    EXPIRED = "expired"
    RESTORED = "restored"
    SHREDDED = "shredded"


class Closure(Base):
    """A share was closed to its recipient. The recipient never learns which of the reasons it was."""

    __tablename__ = "closure"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    share_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("share.id"), index=True)
    reason: Mapped[str] = mapped_column(String(16))
    closed_by: Mapped[UUID | None] = mapped_column(Uuid)
    closed_at: Mapped[datetime] = mapped_column(Instant)


class Answer(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    RECALL_CONFIRMED = "recall_confirmed"


class Receipt(Base):
    """What the recipient answered about a share: received it; or, after it was closed, uses it no longer. One of each at most."""

    __tablename__ = "receipt"

    share_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("share.id"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(20), primary_key=True)
    given_by: Mapped[UUID] = mapped_column(Uuid)
    given_at: Mapped[datetime] = mapped_column(Instant)
