"""What administrators did about erasing a person's names: holds, proposals, erasures. Acts are rows, only ever added.

A hold is lifted by another act, a proposal is withdrawn or carried out by one. Each row carries a MAC; reasons are sealed for the body.
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


class PersonDeed(StrEnum):
    HELD = "held"
    LIFTED = "lifted"
    PROPOSED = "erasure_proposed"
    WITHDRAWN = "erasure_withdrawn"
    ERASED = "erased"


class PersonAct(Base):
    """`about` is the act that this one answers."""

    __tablename__ = "person_act"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    body: Mapped[str] = mapped_column(String(16))
    act_word: Mapped[str] = mapped_column("act", String(24))
    about: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    reason: Mapped[Sealed | None] = mapped_column(SealedText)
    done_by: Mapped[UUID] = mapped_column(Uuid)
    done_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def act(self) -> PersonDeed:
        return PersonDeed(self.act_word)


def person_act_bytes(row: PersonAct) -> bytes:
    """What the MAC covers: every column."""
    reason = None if row.reason is None else bytes(row.reason)
    return framed("portal/person-act/v1", row.id, row.person_id, row.body, row.act_word, row.about, reason, row.done_by, row.done_at)


class PersonActs:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, act: PersonAct) -> None:
        self._session.add(act)
        self._session.flush()

    def of_person(self, person_id: UUID) -> Sequence[PersonAct]:
        """Every act, oldest first. Check them before anything rests on them."""
        found = select(PersonAct).where(PersonAct.person_id == person_id)
        return self._session.scalars(found.order_by(PersonAct.done_at, PersonAct.id)).all()

    def erasures(self) -> Sequence[PersonAct]:
        """Every erasure that was carried out, of whichever body."""
        return self._session.scalars(select(PersonAct).where(PersonAct.act_word == PersonDeed.ERASED.value)).all()
