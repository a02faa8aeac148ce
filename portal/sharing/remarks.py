"""Remarks: what reviewers of a recipient say of a share and ask about it, and what officers of its originator answer.

They belong to the share: its two bodies read them, nobody else, and of the recipient only as long as the share is open. Rows are only ever
added. The words are sealed twice, once for each body, and go when they must: the recipient's when the share is closed, both when the
document is shredded. So the MAC leaves them out; their seal binds them to their row, their column and their body by itself.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Uuid, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.sealing import Sealed, SealedText
from portal.sharing.models import Closure


class Kind(StrEnum):
    """A comment and a question are the recipient's, an answer is the originator's."""

    COMMENT = "comment"
    QUESTION = "question"
    ANSWER = "answer"


class Remark(Base):
    """`page` is a page of the rendition that was shared. `answers`: the question, of an answer."""

    __tablename__ = "remark"
    __table_args__ = (Index("ix_remark_listed", "originator", "made_at", "id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    share_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("share.id"), index=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    originator: Mapped[str] = mapped_column(String(16))
    kind_word: Mapped[str] = mapped_column("kind", String(16))
    answers: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    page: Mapped[int]
    for_originator: Mapped[Sealed] = mapped_column(SealedText)
    for_recipient: Mapped[Sealed] = mapped_column(SealedText)
    made_by: Mapped[UUID] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def kind(self) -> Kind:
        return Kind(self.kind_word)


@dataclass(frozen=True, slots=True)
class Words:
    """What is sealed of a remark. `passage`: which one of its page it is about, as people call it; may be empty."""

    text: str = ""
    passage: str = ""

    def to_text(self) -> str:
        return json.dumps([self.passage, self.text], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Words":
        """Of words that were destroyed nothing is left."""
        if not text:
            return cls()
        passage, said = json.loads(text)
        return cls(str(said), str(passage))


def remark_bytes(row: Remark) -> bytes:
    """What the MAC of a remark covers: everything but its words."""
    about = (row.share_id, row.document_id, row.originator, row.kind_word, row.answers, row.page)
    return framed("portal/remark/v1", row.id, *about, row.made_by, row.made_at)


class Remarks:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, remark_id: UUID) -> Remark | None:
        return self._session.get(Remark, remark_id)

    def add(self, row: Remark) -> None:
        self._session.add(row)
        self._session.flush()

    def of_share(self, share_id: UUID) -> Sequence[Remark]:
        """As they were made, oldest first."""
        return self._session.scalars(select(Remark).where(Remark.share_id == share_id).order_by(Remark.made_at, Remark.id)).all()

    def of_document(self, document_id: UUID) -> Sequence[Remark]:
        found = select(Remark).where(Remark.document_id == document_id)
        return self._session.scalars(found.order_by(Remark.made_at, Remark.id)).all()

    def count(self, share_id: UUID) -> int:
        return self._session.scalar(select(func.count()).select_from(Remark).where(Remark.share_id == share_id)) or 0

    def unanswered(self, originator: str, *, limit: int) -> Sequence[Remark]:
        """Questions to this originator that nobody has answered, of shares that are not closed, the oldest first."""
        answer = aliased(Remark)
        answered = select(answer.id).where(answer.answers == Remark.id).correlate(Remark).exists()
        closed = select(Closure.id).where(Closure.share_id == Remark.share_id).correlate(Remark).exists()
        asked = select(Remark).where(Remark.originator == originator, Remark.kind_word == Kind.QUESTION.value, ~answered, ~closed)
        return self._session.scalars(asked.order_by(Remark.made_at, Remark.id).limit(limit)).all()
