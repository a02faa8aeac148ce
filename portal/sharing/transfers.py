"""What went to the recipient of a share by other means than the portal, under the same decision: pouch, mail, meeting, oral.

It belongs to the share: its two bodies read it, nobody else. Rows are only ever added: that it went, that it arrived, that it was given
back or destroyed, that it was recorded wrongly. What officers type is sealed and goes when the document is shredded, so the MACs leave
it out; its seal binds it to its row, its column and its body by itself.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, String, Uuid, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.sealing import Sealed, SealedText
from portal.sharing.models import Closure


class Means(StrEnum):
    """The other available means. E-mail is none."""

    POUCH = "pouch"
    MAIL = "mail"
    MEETING = "meeting"
    ORAL = "oral"

    @property
    def words(self) -> str:
        return _MEANS[self]


class Went(StrEnum):
    """What went. A file or paper stays with the recipient; of what was shown or told nothing does."""

    FILE = "file"
    PAPER = "paper"
    SHOWN = "shown"

    @property
    def leaves(self) -> bool:
        return self is not Went.SHOWN


class Step(StrEnum):
    """What became of a transfer; one of each at most."""

    RECEIVED = "received"
    RETURNED = "returned"
    STRUCK = "struck"


_MEANS = {
    Means.POUCH: "Pouch",
    Means.MAIL: "Registered post",
    Means.MEETING: "Meeting",
    Means.ORAL: "Oral briefing",
}
#: What goes which way.
GOES = {
    Means.POUCH: frozenset({Went.FILE, Went.PAPER}),
    Means.MAIL: frozenset({Went.FILE, Went.PAPER}),
    Means.MEETING: frozenset(Went),
    Means.ORAL: frozenset({Went.SHOWN}),
}


class PreparedCopy(Base):
    """A copy of a share's PDF that its originator took out for the pouch. `digest`: the SHA-256 of exactly these bytes."""

    __tablename__ = "prepared_copy"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    share_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("share.id"), index=True)
    originator: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(9))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    prepared_by: Mapped[UUID] = mapped_column(Uuid)
    prepared_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class Transfer(Base):
    """`day` is the one on which it was handed over. `pages`: which ones, empty for all; `copies`: how many stay there, 0 of what
    was shown or told. `number` and `digest` are those of the prepared copy that went.
    """

    __tablename__ = "transfer"
    __table_args__ = (Index("ix_transfer_listed", "recipient", "recorded_at", "id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    share_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("share.id"), index=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    originator: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(String(16))
    means_word: Mapped[str] = mapped_column("means", String(16))
    went_word: Mapped[str] = mapped_column("went", String(16))
    day_word: Mapped[str] = mapped_column("day", String(10))
    pages: Mapped[str] = mapped_column(String(200))
    copies: Mapped[int]
    number: Mapped[str | None] = mapped_column(String(9))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    for_originator: Mapped[Sealed] = mapped_column(SealedText)
    for_recipient: Mapped[Sealed] = mapped_column(SealedText)
    recorded_by: Mapped[UUID] = mapped_column(Uuid)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def means(self) -> Means:
        return Means(self.means_word)

    @property
    def went(self) -> Went:
        return Went(self.went_word)

    @property
    def day(self) -> date:
        return date.fromisoformat(self.day_word)


class TransferStep(Base):
    """`digest`: what arrived, of a receipt that compared it. `what`: "returned" or "destroyed". `reason`: why it was struck."""

    __tablename__ = "transfer_step"

    transfer_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("transfer.id"), primary_key=True)
    step_word: Mapped[str] = mapped_column("step", String(16), primary_key=True)
    originator: Mapped[str] = mapped_column(String(16))
    what: Mapped[str] = mapped_column(String(16))
    day_word: Mapped[str | None] = mapped_column("day", String(10))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    reason: Mapped[Sealed | None] = mapped_column(SealedText)
    done_by: Mapped[UUID] = mapped_column(Uuid)
    done_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def step(self) -> Step:
        return Step(self.step_word)

    @property
    def day(self) -> date | None:
        return None if self.day_word is None else date.fromisoformat(self.day_word)


@dataclass(frozen=True, slots=True)
class Handover:
    """What is sealed of a transfer for its originator: to whom it went, which its recipient reads as well, and a note."""

    to_whom: str = ""
    note: str = ""

    def to_text(self) -> str:
        return json.dumps([self.to_whom, self.note], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Handover":
        """Of words that were destroyed nothing is left."""
        if not text:
            return cls()
        to_whom, note = json.loads(text)
        return cls(str(to_whom), str(note))


def copy_bytes(row: PreparedCopy) -> bytes:
    return framed("portal/prepared-copy/v1", row.id, row.share_id, row.originator, row.number, row.digest, row.prepared_by, row.prepared_at)


def transfer_bytes(row: Transfer) -> bytes:
    """What the MAC of a transfer covers: everything but its words."""
    about = (row.share_id, row.document_id, row.originator, row.recipient, row.means_word, row.went_word, row.day_word)
    what = (row.pages, row.copies, row.number, row.digest)
    return framed("portal/transfer/v1", row.id, *about, *what, row.recorded_by, row.recorded_at)


def step_bytes(row: TransferStep) -> bytes:
    """The same of a step."""
    about = (row.step_word, row.originator, row.what, row.day_word, row.digest)
    return framed("portal/transfer-step/v1", row.transfer_id, *about, row.done_by, row.done_at)


class Transfers:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, transfer_id: UUID) -> Transfer | None:
        return self._session.get(Transfer, transfer_id)

    def add(self, row: Transfer | TransferStep | PreparedCopy) -> None:
        self._session.add(row)
        self._session.flush()

    def of_share(self, share_id: UUID) -> Sequence[Transfer]:
        """As they were recorded, oldest first."""
        return self._session.scalars(
            select(Transfer).where(Transfer.share_id == share_id).order_by(Transfer.recorded_at, Transfer.id)
        ).all()

    def of_document(self, document_id: UUID) -> Sequence[Transfer]:
        found = select(Transfer).where(Transfer.document_id == document_id)
        return self._session.scalars(found.order_by(Transfer.recorded_at, Transfer.id)).all()

    def count(self, share_id: UUID) -> int:
        return self._session.scalar(select(func.count()).select_from(Transfer).where(Transfer.share_id == share_id)) or 0

    def steps(self, transfer_id: UUID) -> Sequence[TransferStep]:
        return self._session.scalars(select(TransferStep).where(TransferStep.transfer_id == transfer_id)).all()

    def copies(self, share_id: UUID) -> Sequence[PreparedCopy]:
        """Newest first."""
        found = select(PreparedCopy).where(PreparedCopy.share_id == share_id)
        return self._session.scalars(found.order_by(PreparedCopy.prepared_at.desc(), PreparedCopy.id)).all()

    def unsettled(self, recipient: str, *, limit: int) -> Sequence[Transfer]:
        """What waits for this recipient, oldest first: what it has not confirmed to have; what stays there of a share that was closed."""
        closed = select(Closure.id).where(Closure.share_id == Transfer.share_id).correlate(Transfer).exists()
        waits = or_(and_(~closed, ~_has(Step.RECEIVED)), and_(closed, Transfer.went_word != Went.SHOWN.value))
        found = select(Transfer).where(Transfer.recipient == recipient, waits, ~_has(Step.STRUCK), ~_has(Step.RETURNED))
        return self._session.scalars(found.order_by(Transfer.recorded_at, Transfer.id).limit(limit)).all()


def _has(step: Step) -> ColumnElement[bool]:
    row = aliased(TransferStep)
    return select(row.step_word).where(row.transfer_id == Transfer.id, row.step_word == step.value).correlate(Transfer).exists()
