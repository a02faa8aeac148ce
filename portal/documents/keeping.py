"""Keeping and destroying a document: holds, dates, reviews, lowering its level, the archive, shredding. Acts are rows, only ever added.

An act that begins something (a hold, a proposal, an archiving) is answered by at most one other: a hold is lifted; a proposal is withdrawn,
or carried out; what was archived is taken out again. What stands now follows from the rows alone (`cases.kept`). Each carries a MAC, and
the document's own MAC covers all of them. Reasons are sealed for the originator.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Date, LargeBinary, String, Uuid, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, aliased, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.sealing import Sealed, SealedText
from portal.kernel.vocabulary import Due


class Act(StrEnum):
    HELD = "held"
    LIFTED = "lifted"
    PROPOSED = "shredding_proposed"
    WITHDRAWN = "shredding_withdrawn"
    SHREDDED = "shredded"
    SCHEDULED = "scheduled"
    REVIEWED = "reviewed"
    LOWERING_PROPOSED = "lowering_proposed"
    LOWERING_WITHDRAWN = "lowering_withdrawn"
    LOWERED = "lowered"
    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"


class KeepingAct(Base):
    """`about` is the act that this one answers; `statement`, of a proposal to shred, the digest of all that it would destroy.

    `due` and `day`: which date it sets, and to what, None for no date. `level`: to which a lowering leads.
    """

    __tablename__ = "keeping"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    originator: Mapped[str] = mapped_column(String(16), index=True)
    act_word: Mapped[str] = mapped_column("act", String(24))
    about: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    reason: Mapped[Sealed | None] = mapped_column(SealedText)
    statement: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    due_word: Mapped[str | None] = mapped_column("due", String(16))
    day: Mapped[date | None] = mapped_column(Date)
    level: Mapped[int | None]
    done_by: Mapped[UUID] = mapped_column(Uuid)
    done_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def act(self) -> Act:
        return Act(self.act_word)


def keeping_bytes(row: KeepingAct) -> bytes:
    """What the MAC of an act covers: every column. Acts that set no date and no level are as they were before there were any."""
    day = None if row.day is None else row.day.isoformat()
    more = () if (row.due_word, day, row.level) == (None, None, None) else (row.due_word, day, row.level)
    return framed(
        "portal/keeping/v2" if more else "portal/keeping/v1",
        row.id,
        row.document_id,
        row.originator,
        row.act_word,
        row.about,
        None if row.reason is None else bytes(row.reason),
        row.statement,
        row.done_by,
        row.done_at,
        *more,
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

    def waiting(self, originator: str, act: Act = Act.PROPOSED, *, limit: int = 100) -> Sequence[KeepingAct]:
        """A body's proposals, to shred or to lower a level, that nobody has answered, oldest first."""
        answers = select(KeepingAct.about).where(KeepingAct.about.is_not(None))
        open_ones = select(KeepingAct).where(KeepingAct.originator == originator, KeepingAct.act_word == act.value)
        ordered = open_ones.where(KeepingAct.id.not_in(answers)).order_by(KeepingAct.done_at, KeepingAct.id)
        return self._session.scalars(ordered.limit(limit)).all()

    def shredded(self) -> Sequence[KeepingAct]:
        """Every shredding there was, of whichever body."""
        return self._session.scalars(select(KeepingAct).where(KeepingAct.act_word == Act.SHREDDED.value)).all()

    def fallen_due(self, originator: str, due: Due, today: date, *, limit: int = 100) -> Sequence[UUID]:
        """The documents of a body of which the last act that set this date set it to a day until today, the oldest day first."""
        later = aliased(KeepingAct)
        after = or_(later.done_at > KeepingAct.done_at, and_(later.done_at == KeepingAct.done_at, later.id > KeepingAct.id))
        same = and_(later.document_id == KeepingAct.document_id, later.due_word == KeepingAct.due_word)
        found = select(KeepingAct.document_id).where(
            KeepingAct.originator == originator,
            KeepingAct.due_word == due.value,
            KeepingAct.day <= today,
            ~select(later.id).where(same, after).exists(),
        )
        return self._session.scalars(found.order_by(KeepingAct.day, KeepingAct.id).limit(limit)).all()


def is_archived(document_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Is the document of this id in the archive? As an expression, for lists; what is decided on is checked (`cases.kept`)."""
    put, back = aliased(KeepingAct), aliased(KeepingAct)
    out = select(back.id).where(back.about == put.id).exists()
    return exists().where(put.document_id == document_id, put.act_word == Act.ARCHIVED.value, ~out)


def is_set(document_id: InstrumentedAttribute[UUID], due: Due) -> ColumnElement[bool]:
    """Did an officer ever set this date of the document, be it to none?"""
    act = aliased(KeepingAct)
    return exists().where(act.document_id == document_id, act.due_word == due.value)
