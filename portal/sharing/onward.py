"""Onward sharing: a recipient asks that what it received goes on to a further body.

Asking opens nothing. The originator answers: one officer consents by proposing the share, another approves it, as for every share; or one
officer declines. Rows are only ever added; where a request stands follows from them (`cases.onward`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, String, Uuid, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.permit import ResourceType
from portal.kernel.sealing import Sealed, SealedText
from portal.sharing.models import Closure, Proposal, Share


class Onward(Base):
    """`share_id` is the asking body's own share, `body` the one it would go on to. The purpose is sealed for the originator."""

    __tablename__ = "onward"
    resource_type: ClassVar[ResourceType] = ResourceType.ONWARD

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    share_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    originator: Mapped[str] = mapped_column(String(16), index=True)
    asker: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(String(16))
    purpose: Mapped[Sealed] = mapped_column(SealedText)
    asked_by: Mapped[UUID] = mapped_column(Uuid)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def resource_id(self) -> str:
        return str(self.id)


class OnwardDecline(Base):
    """An officer of the originator declined, before anybody proposed it. The asking body reads that it was not agreed, and no reason."""

    __tablename__ = "onward_decline"

    onward_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    declined_by: Mapped[UUID] = mapped_column(Uuid)
    declined_at: Mapped[datetime] = mapped_column(Instant)


def onward_bytes(row: Onward) -> bytes:
    """What the MAC of a request covers: every column. What came of it closes with the share that it names."""
    return framed(
        "portal/onward/v1",
        row.id,
        row.share_id,
        row.document_id,
        row.originator,
        row.asker,
        row.body,
        bytes(row.purpose),
        row.asked_by,
        row.asked_at,
    )


def source_open_column(at: datetime) -> ColumnElement[bool]:
    """Is the share open that this one was passed on from, as one SQL expression for the policy's listings? True for what came of none."""
    source = aliased(Share)
    closed = select(Closure.id).where(Closure.share_id == source.id).correlate(source).exists()
    rests = select(Onward.id).join(source, source.id == Onward.share_id).where(Onward.id == Share.onward_id).correlate(Share)
    return or_(Share.onward_id.is_(None), rests.where(~closed, or_(source.ends_at.is_(None), source.ends_at > at)).exists())


class OnwardRequests:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, onward_id: UUID) -> Onward | None:
        return self._session.get(Onward, onward_id)

    def add(self, row: Onward) -> None:
        self._session.add(row)
        self._session.flush()

    def decline(self, row: OnwardDecline) -> None:
        self._session.add(row)
        self._session.flush()

    def declined(self, onward_id: UUID) -> OnwardDecline | None:
        return self._session.get(OnwardDecline, onward_id)

    def proposals(self, onward_id: UUID) -> Sequence[Proposal]:
        """What was proposed in answer to it, newest first."""
        statement = select(Proposal).where(Proposal.onward_id == onward_id)
        return self._session.scalars(statement.order_by(Proposal.proposed_at.desc(), Proposal.id)).all()

    def of_share(self, share_id: UUID) -> Sequence[Onward]:
        """What was asked about this share, newest first."""
        statement = select(Onward).where(Onward.share_id == share_id)
        return self._session.scalars(statement.order_by(Onward.asked_at.desc(), Onward.id)).all()

    def of_document(self, document_id: UUID) -> Sequence[Onward]:
        statement = select(Onward).where(Onward.document_id == document_id)
        return self._session.scalars(statement.order_by(Onward.asked_at.desc(), Onward.id)).all()

    def of_body(self, originator: str, *, limit: int = 100) -> Sequence[Onward]:
        """What an originator was asked, newest first."""
        statement = select(Onward).where(Onward.originator == originator)
        return self._session.scalars(statement.order_by(Onward.asked_at.desc(), Onward.id).limit(limit)).all()

    def came_of(self, share_id: UUID) -> Sequence[Share]:
        """The shares that came of requests about this share."""
        statement = select(Share).join(Onward, Onward.id == Share.onward_id).where(Onward.share_id == share_id)
        return self._session.scalars(statement.order_by(Share.approved_at, Share.id)).all()
