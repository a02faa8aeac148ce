"""What a State and the originator said to each other about one document: consultations, their answers, and the files that show it.

Rows are only ever added. Each carries a MAC, and the document's own MAC covers all of them. A consultation is answered at most once; a
file shows a request, a consultation, or an answer. What was said is sealed for the originator.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Date, Index, LargeBinary, String, Uuid, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.sealing import Sealed, SealedText


class Kind(StrEnum):
    CONSULTED = "consulted"
    ANSWERED = "answered"
    EVIDENCE = "evidence"


class Answer(StrEnum):
    """What came of a consultation."""

    NO_OBJECTION = "no_objection"
    ASKED = "asked"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        return {
            Answer.NO_OBJECTION: "The State has no objection",
            Answer.ASKED: "The State asked to keep something",
            Answer.WITHDRAWN: "Withdrawn by us, or opened in error",
        }[self]


class Communication(Base):
    """`about`: the consultation that is answered; or what a file shows. `deadline`: of a consultation, its last day."""

    __tablename__ = "communication"
    __table_args__ = (
        Index(
            "uq_communication_answered",
            "about",
            unique=True,
            sqlite_where=text("kind = 'answered'"),
            postgresql_where=text("kind = 'answered'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    originator: Mapped[str] = mapped_column(String(16), index=True)
    kind_word: Mapped[str] = mapped_column("kind", String(16))
    about: Mapped[UUID | None] = mapped_column(Uuid)
    deadline: Mapped[date | None] = mapped_column(Date)
    words: Mapped[Sealed] = mapped_column(SealedText)
    object_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    done_by: Mapped[UUID] = mapped_column(Uuid)
    done_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def kind(self) -> Kind:
        return Kind(self.kind_word)


def communication_bytes(row: Communication) -> bytes:
    """What its MAC covers: every column."""
    deadline = None if row.deadline is None else row.deadline.isoformat()
    where = (row.id, row.document_id, row.originator, row.kind_word, row.about, deadline)
    return framed("portal/communication/v1", *where, bytes(row.words), row.object_id, row.done_by, row.done_at)


class Communications:
    """The register of these rows."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: Communication) -> None:
        self._session.add(row)
        self._session.flush()

    def of_document(self, document_id: UUID) -> Sequence[Communication]:
        """Everything said about the document, oldest first. Check it (`cases.standing`) before anything rests on it."""
        statement = select(Communication).where(Communication.document_id == document_id)
        return self._session.scalars(statement.order_by(Communication.done_at, Communication.id)).all()

    def of_object(self, object_id: UUID) -> UUID | None:
        """The document that a file with this sealed object is about."""
        return self._session.scalar(select(Communication.document_id).where(Communication.object_id == object_id))

    def unanswered(self, originator: str, *, before: date, limit: int = 100) -> Sequence[Communication]:
        """A body's consultations that nobody answered, though their deadline was before this day; the earliest first."""
        answered = select(Communication.about).where(Communication.kind_word == Kind.ANSWERED.value)
        open_ones = select(Communication).where(Communication.originator == originator, Communication.kind_word == Kind.CONSULTED.value)
        open_ones = open_ones.where(Communication.deadline < before)
        ordered = open_ones.where(Communication.id.not_in(answered)).order_by(Communication.deadline, Communication.id)
        return self._session.scalars(ordered.limit(limit)).all()
