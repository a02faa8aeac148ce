"""Deputies: a role that a person holds for a time, named by two administrators.

A row is proposed, then named by a second administrator, then ended: by either of them, or by its time. What was seen to be over stays
over, so that no clock set back opens it again. Rows carry MACs; the reason is sealed for the body.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import LargeBinary, String, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.permit import ResourceType
from portal.kernel.sealing import Sealed, SealedText
from portal.kernel.vocabulary import Role


class Deputy(Base):
    """`person_id` holds `role` from `begins_at` to just before `ends_at`, once it is named and until it is ended."""

    __tablename__ = "deputy"
    resource_type: ClassVar[ResourceType] = ResourceType.DEPUTY

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    body: Mapped[str] = mapped_column(String(16), index=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    role_word: Mapped[str] = mapped_column("role", String(32))
    begins_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[Sealed] = mapped_column(SealedText)
    proposed_by: Mapped[UUID] = mapped_column(Uuid)
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    named_by: Mapped[UUID | None] = mapped_column(Uuid)
    named_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[UUID | None] = mapped_column(Uuid)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def resource_id(self) -> str:
        return str(self.id)

    @property
    def role(self) -> Role:
        return Role(self.role_word)

    @property
    def held_since(self) -> datetime | None:
        """Since when the role is held, or will be; None before it is named."""
        return None if self.named_at is None else max(self.begins_at, self.named_at)

    def is_open(self, at: datetime) -> bool:
        """Neither ended nor over: it gives the role now, or may still come to."""
        return self.ended_at is None and at < self.ends_at

    def is_in_force(self, at: datetime) -> bool:
        since = self.held_since
        return since is not None and since <= at and self.is_open(at)


def deputy_bytes(row: Deputy) -> bytes:
    """What the MAC of a row covers: every column."""
    return framed(
        "portal/deputy/v1",
        row.id,
        row.body,
        row.person_id,
        row.role_word,
        row.begins_at,
        row.ends_at,
        bytes(row.reason),
        row.proposed_by,
        row.proposed_at,
        row.named_by,
        row.named_at,
        row.ended_by,
        row.ended_at,
    )


class Deputies:
    """The register of these rows."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, deputy_id: UUID) -> Deputy | None:
        return self._session.get(Deputy, deputy_id)

    def lock(self, deputy_id: UUID) -> Deputy | None:
        """The row as of now, locked until the transaction ends."""
        found = select(Deputy).where(Deputy.id == deputy_id).with_for_update()
        return self._session.scalar(found.execution_options(populate_existing=True))

    def add(self, row: Deputy) -> None:
        self._session.add(row)
        self._session.flush()

    def of_person(self, person_id: UUID) -> Sequence[Deputy]:
        """Those that nobody and nothing has ended."""
        found = select(Deputy).where(Deputy.person_id == person_id, Deputy.ended_at.is_(None))
        return self._session.scalars(found.order_by(Deputy.begins_at, Deputy.id)).all()

    def ever_of(self, person_id: UUID) -> Sequence[Deputy]:
        """Those that were ended as well."""
        return self._session.scalars(select(Deputy).where(Deputy.person_id == person_id).order_by(Deputy.begins_at, Deputy.id)).all()

    def of_body(self, body: str, *, limit: int = 100) -> Sequence[Deputy]:
        """The open ones first, then those ended last."""
        found = select(Deputy).where(Deputy.body == body)
        return self._session.scalars(
            found.order_by(Deputy.ended_at.is_not(None), Deputy.ended_at.desc(), Deputy.begins_at, Deputy.id).limit(limit)
        ).all()

    def over(self, at: datetime, *, limit: int = 100) -> Sequence[Deputy]:
        """Those whose time is over and of which that is not kept yet, the oldest first."""
        found = select(Deputy).where(Deputy.ends_at <= at, Deputy.ended_at.is_(None))
        return self._session.scalars(found.order_by(Deputy.ends_at, Deputy.id).limit(limit)).all()
