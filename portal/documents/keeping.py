"""Keeping and destroying a document: legal holds, and shredding by two persons. Acts are rows that are only ever added.

An act that begins something (a hold, a proposal to shred) is answered by at most one other: a hold is lifted; a proposal is withdrawn, or
carried out. What stands now follows from the rows alone (`cases.kept`). Each carries a MAC, and the document's own MAC covers all of
them. Reasons are sealed for the originator.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import LargeBinary, String, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.sealing import Sealed, SealedText


class Act(StrEnum):
    HELD = "held"
    LIFTED = "lifted"
    PROPOSED = "shredding_proposed"
    WITHDRAWN = "shredding_withdrawn"
    SHREDDED = "shredded"


class KeepingAct(Base):
    """`about` is the act that this one answers; `statement`, of a proposal to shred, the digest of all that it would destroy."""

    __tablename__ = "keeping"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    originator: Mapped[str] = mapped_column(String(16), index=True)
    act_word: Mapped[str] = mapped_column("act", String(24))
    about: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    reason: Mapped[Sealed | None] = mapped_column(SealedText)
    statement: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    done_by: Mapped[UUID] = mapped_column(Uuid)
    done_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def act(self) -> Act:
        return Act(self.act_word)


def keeping_bytes(row: KeepingAct) -> bytes:
    """What the MAC of an act covers: every column."""
    return framed(
        "portal/keeping/v1",
        row.id,
        row.document_id,
        row.originator,
        row.act_word,
        row.about,
        None if row.reason is None else bytes(row.reason),
        row.statement,
        row.done_by,
        row.done_at,
    )


class Keeping:
    """The register of these acts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, act_id: UUID) -> KeepingAct | None:
        return self._session.get(KeepingAct, act_id)

    def add(self, act: KeepingAct) -> None:
        self._session.add(act)
        self._session.flush()

    def of_document(self, document_id: UUID) -> Sequence[KeepingAct]:
        """Every act on the document, oldest first. Check them (`cases.kept`) before anything rests on them."""
        statement = select(KeepingAct).where(KeepingAct.document_id == document_id)
        return self._session.scalars(statement.order_by(KeepingAct.done_at, KeepingAct.id)).all()

    def marks(self, document_id: UUID) -> Sequence[bytes]:
        """Id and MAC of every act on the document: what the document's own MAC covers."""
        found = select(KeepingAct.id, KeepingAct.mac).where(KeepingAct.document_id == document_id)
        return [row.id.bytes + row.mac for row in self._session.execute(found)]

    def waiting(self, originator: str, *, limit: int = 100) -> Sequence[KeepingAct]:
        """A body's proposals to shred that nobody has answered, oldest first."""
        answers = select(KeepingAct.about).where(KeepingAct.about.is_not(None))
        open_ones = select(KeepingAct).where(KeepingAct.originator == originator, KeepingAct.act_word == Act.PROPOSED.value)
        ordered = open_ones.where(KeepingAct.id.not_in(answers)).order_by(KeepingAct.done_at, KeepingAct.id)
        return self._session.scalars(ordered.limit(limit)).all()

    def shredded(self) -> Sequence[KeepingAct]:
        """Every shredding there was, of whichever body."""
        return self._session.scalars(select(KeepingAct).where(KeepingAct.act_word == Act.SHREDDED.value)).all()
