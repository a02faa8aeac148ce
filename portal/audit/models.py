"""The tables of the log (docs/formats/log.md). Rows of `audit_event`, `audit_leaf` and `audit_checkpoint` are only ever inserted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.sealing import Sealed, SealedText


class AuditEvent(Base):
    """One act. Coded columns are clear, for search; `who`, `address` and `private_part` are sealed."""

    __tablename__ = "audit_event"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    event: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(200))
    actor: Mapped[UUID | None]
    actor_body: Mapped[str] = mapped_column(String(32))
    actor_roles: Mapped[str] = mapped_column(Text)
    session: Mapped[UUID | None]
    who: Mapped[Sealed] = mapped_column(SealedText)
    address: Mapped[Sealed] = mapped_column(SealedText)
    action: Mapped[str] = mapped_column(String(200))
    object_type: Mapped[str] = mapped_column(String(200))
    object_id: Mapped[str] = mapped_column(String(200))
    document: Mapped[UUID | None]
    share: Mapped[UUID | None]
    bodies: Mapped[str] = mapped_column(Text)
    rules: Mapped[str] = mapped_column(Text)
    policy_hash: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text)
    originator: Mapped[str] = mapped_column(String(32))
    private_part: Mapped[Sealed] = mapped_column(SealedText)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))

    __table_args__ = (
        Index("ix_audit_event_at_id", "at", "id"),
        Index("ix_audit_event_event_at", "event", "at"),
        Index("ix_audit_event_document_at", "document", "at"),
        Index("ix_audit_event_share_at", "share", "at"),
        Index("ix_audit_event_actor_at", "actor", "at"),
    )


class AuditPending(Base):
    """An event that has no leaf yet. Inserted with the event, removed when the leaf is."""

    __tablename__ = "audit_pending"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("audit_event.id"), primary_key=True)


class AuditLeaf(Base):
    """One leaf of the tree: 49 bytes. Either `event_id` names its event, or `blank` is the 32 bytes that prove it a blank leaf."""

    __tablename__ = "audit_leaf"

    leaf_index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry: Mapped[bytes] = mapped_column(LargeBinary(49))
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("audit_event.id"), unique=True)
    blank: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class LogHead(Base):
    """One row, id 1: how many leaves there are. Sequencers lock it, so that one of them wins."""

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)


class AuditCheckpoint(Base):
    """A checkpoint that was signed and published: the note as it stands in the file `checkpoint`."""

    __tablename__ = "audit_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


class LogOutbox(Base):
    """How far a receiver has what touches a body: all leaves before `next_leaf`; `last_leaf` is that of the event it was sent last."""

    __tablename__ = "log_outbox"

    receiver: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(String(32), primary_key=True)
    next_leaf: Mapped[int] = mapped_column(BigInteger)
    last_leaf: Mapped[int | None] = mapped_column(BigInteger)
    failing_since: Mapped[datetime | None] = mapped_column(Instant)


class LogKey(Base):
    """The key of somebody's names, for a body. `whose` is a person's id (32 hexadecimal digits), or a month (`2026-11`) of strangers.

    A key that was destroyed leaves its row, with `sealed` empty: nothing is named for that person any more.
    """

    __tablename__ = "log_key"
    __table_args__ = (UniqueConstraint("whose", "body"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    whose: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(String(32))
    sealed: Mapped[Sealed | None] = mapped_column(SealedText)
    destroyed_at: Mapped[datetime | None] = mapped_column(Instant)
