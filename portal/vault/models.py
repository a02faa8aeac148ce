"""Rows of sealed objects and of key wraps. No row here names a document: the label that a wrap is bound to is rebuilt by who opens it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.database import Base, Instant
from portal.vault.objects import SealedObject
from portal.vault.wrap import Wrap

#: The originator's own wrap, of which there is one: in a unique constraint, absent share ids would count as different.
_OWN = text("share_id IS NULL")


#: Objects that are not under retention yet.
_UNKEPT = text("kept_until IS NULL")


class SealedObjectRow(Base):
    """`kept_until`: until when the store was told to keep the payload. `checked_at`: when its bytes were last looked at, all of them.

    `fault`: what the last look found wrong and was reported (a code of `portal.vault.looking`), "" for nothing. An empty `header` says that
    the object was shredded: it is not missed, and what is left of it is removed.
    """

    __tablename__ = "sealed_object"
    __table_args__ = (Index("ix_sealed_object_unkept", "created_at", sqlite_where=_UNKEPT, postgresql_where=_UNKEPT),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    store_key: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    payload_size: Mapped[int] = mapped_column(BigInteger)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(16))
    kc: Mapped[bytes] = mapped_column(LargeBinary(32))
    ph: Mapped[bytes] = mapped_column(LargeBinary(32))
    #: None once it was shredded: then nobody has the key, the recovery identity included.
    header: Mapped[bytes | None] = mapped_column(LargeBinary(4096))
    created_at: Mapped[datetime] = mapped_column(Instant)
    shredded_at: Mapped[datetime | None] = mapped_column(Instant)
    kept_until: Mapped[datetime | None] = mapped_column(Instant)
    checked_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    fault: Mapped[str] = mapped_column(String(20), default="")

    @classmethod
    def of(cls, sealed: SealedObject, at: datetime) -> "SealedObjectRow":
        return cls(
            id=sealed.id,
            store_key=sealed.store_key,
            size=sealed.size,
            payload_size=sealed.payload_size,
            nonce=sealed.nonce,
            kc=sealed.kc,
            ph=sealed.ph,
            header=sealed.header,
            created_at=at,
        )

    def sealed(self) -> SealedObject:
        return SealedObject(
            id=self.id,
            store_key=self.store_key,
            size=self.size,
            payload_size=self.payload_size,
            nonce=self.nonce,
            kc=self.kc,
            ph=self.ph,
            header=self.header or b"",
        )


class KeyWrap(Base):
    """A wrap for a body: its own (`share_id` is NULL), or through a share. A share's id, not its row: rooms meet in cases."""

    __tablename__ = "key_wrap"
    __table_args__ = (
        UniqueConstraint("object_id", "body", "share_id"),
        Index("uq_key_wrap_own", "object_id", "body", unique=True, sqlite_where=_OWN, postgresql_where=_OWN),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    object_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("sealed_object.id"))
    body: Mapped[str] = mapped_column(String(16))
    share_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    kek: Mapped[str] = mapped_column(String(40))
    algorithm: Mapped[str] = mapped_column(String(40))
    floor: Mapped[int]
    nonce: Mapped[bytes] = mapped_column(LargeBinary(12))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary(32))

    @classmethod
    def of(cls, wrap: Wrap, wrap_id: UUID, share_id: UUID | None) -> "KeyWrap":
        return cls(
            id=wrap_id,
            object_id=wrap.object_id,
            body=wrap.body,
            share_id=share_id,
            kek=wrap.kek,
            algorithm=wrap.algorithm,
            floor=wrap.floor,
            nonce=wrap.nonce,
            wrapped=wrap.wrapped,
        )

    def wrap(self) -> Wrap:
        return Wrap(
            object_id=self.object_id,
            body=self.body,
            kek=self.kek,
            algorithm=self.algorithm,
            floor=self.floor,
            nonce=self.nonce,
            wrapped=self.wrapped,
        )
