"""What two officers did about a recorded request: confirmed it, lifted it, narrowed it. Acts are rows that are only ever added.

Each carries a MAC, and the document's own MAC covers all of them. An act answers at most one other, and is answered at most once: a
confirmation answers the request itself; a proposal to lift or to narrow is withdrawn, or carried out. Reasons, and what a request is to be
narrowed to, are sealed for the originator.
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
    CONFIRMED = "confirmed"
    LIFTING_PROPOSED = "lifting_proposed"
    NARROWING_PROPOSED = "narrowing_proposed"
    WITHDRAWN = "lifting_withdrawn"
    LIFTED = "lifted"
    NARROWED = "narrowed"

    @property
    def proposes(self) -> bool:
        return self in {Act.LIFTING_PROPOSED, Act.NARROWING_PROPOSED}

    @property
    def ends(self) -> bool:
        """Is the request not in force from then on? One that was narrowed is followed by another."""
        return self in {Act.LIFTED, Act.NARROWED}


class RequestAct(Base):
    """`about`: what it answers, the request or a proposal. `terms`, of a proposal to narrow: what stays (`Asked`)."""

    __tablename__ = "request_act"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    originator: Mapped[str] = mapped_column(String(16), index=True)
    request_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    act_word: Mapped[str] = mapped_column("act", String(24))
    about: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    reason: Mapped[Sealed | None] = mapped_column(SealedText)
    terms: Mapped[Sealed | None] = mapped_column(SealedText)
    done_by: Mapped[UUID] = mapped_column(Uuid)
    done_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def act(self) -> Act:
        return Act(self.act_word)


def request_act_bytes(row: RequestAct) -> bytes:
    """What the MAC of an act covers: every column."""
    sealed = [None if words is None else bytes(words) for words in (row.reason, row.terms)]
    where = (row.id, row.document_id, row.originator, row.request_id, row.act_word, row.about)
    return framed("portal/request_act/v1", *where, *sealed, row.done_by, row.done_at)


class RequestActs:
    """The register of these acts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, act_id: UUID) -> RequestAct | None:
        return self._session.get(RequestAct, act_id)

    def add(self, act: RequestAct) -> None:
        self._session.add(act)
        self._session.flush()

    def of_document(self, document_id: UUID) -> Sequence[RequestAct]:
        """Every act on requests of the document, oldest first. Check them (`cases.standing`) before anything rests on them."""
        statement = select(RequestAct).where(RequestAct.document_id == document_id)
        return self._session.scalars(statement.order_by(RequestAct.done_at, RequestAct.id)).all()

    def waiting(self, originator: str, *, limit: int = 100) -> Sequence[RequestAct]:
        """A body's proposals to lift or to narrow that nobody has answered, oldest first."""
        answers = select(RequestAct.about).where(RequestAct.about.is_not(None))
        proposals = [act.value for act in Act if act.proposes]
        open_ones = select(RequestAct).where(RequestAct.originator == originator, RequestAct.act_word.in_(proposals))
        ordered = open_ones.where(RequestAct.id.not_in(answers)).order_by(RequestAct.done_at, RequestAct.id)
        return self._session.scalars(ordered.limit(limit)).all()
