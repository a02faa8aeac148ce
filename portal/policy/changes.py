"""Changes of the rules: a text with its hash is proposed, bodies consent. Acts are rows that are only ever added, each with its MAC.

A change leads from the rules in force to one other text. It may be used once two bodies have consented, and only while the rules it
was made for are still in force: to go back to rules of before is another change.
"""

import json
from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import LargeBinary, String, Text, UniqueConstraint, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.policy.answers import Answers
from portal.policy.draft import Difference

#: How many bodies have to consent: two persons, of two bodies.
CONSENTS = 2


class PolicyActWord(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class PolicyAct(Base):
    """`about` is the proposal that this act answers, None for a proposal. `before`, `hash`: from which rules to which, in each act.

    `body`, `done_by`: "" and None for a proposal, which comes from the command line.
    """

    __tablename__ = "policy_act"
    __table_args__ = (UniqueConstraint("about", "act", "body"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    act_word: Mapped[str] = mapped_column("act", String(24))
    about: Mapped[UUID | None] = mapped_column(Uuid)
    before: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), index=True)
    differences_text: Mapped[str] = mapped_column("differences", Text)
    body: Mapped[str] = mapped_column(String(16))
    done_by: Mapped[UUID | None] = mapped_column(Uuid)
    done_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def act(self) -> PolicyActWord:
        return PolicyActWord(self.act_word)

    @property
    def differences(self) -> list[Difference]:
        said = json.loads(self.differences_text)
        return [Difference(*texts) for texts in (said["texts"] if isinstance(said, dict) else said)]

    @property
    def answers(self) -> Answers | None:
        """Whose answers become others. None for an answer, and for what was proposed before that was kept, or could not be asked."""
        said = json.loads(self.differences_text)
        return Answers.of(said["answers"]) if isinstance(said, dict) and said["answers"] is not None else None


def told(differences: Sequence[Difference], answers: Answers | None = None) -> str:
    """Differences as a row keeps them."""
    return json.dumps({"texts": [astuple(one) for one in differences], "answers": None if answers is None else answers.told()})


def act_bytes(row: PolicyAct) -> bytes:
    """What the MAC of an act covers: every column."""
    return framed(
        "portal/policy-act/v1",
        row.id,
        row.act_word,
        row.about,
        row.before,
        row.hash,
        row.differences_text,
        row.body,
        row.done_by,
        row.done_at,
    )


class PolicyChanges:
    """The register of these acts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def proposal(self, change_id: UUID) -> PolicyAct | None:
        found = self._session.get(PolicyAct, change_id)
        return found if found is not None and found.act is PolicyActWord.PROPOSED else None

    def kept(self, change_id: UUID) -> PolicyAct | None:
        """The proposal, locked: of two who answer it at once the second comes after the first."""
        self._session.scalar(select(PolicyAct.id).where(PolicyAct.id == change_id).with_for_update())
        return self.proposal(change_id)

    def answers(self, change_id: UUID) -> Sequence[PolicyAct]:
        return self._session.scalars(select(PolicyAct).where(PolicyAct.about == change_id).order_by(PolicyAct.done_at, PolicyAct.id)).all()

    def proposals(self, before: str) -> Sequence[PolicyAct]:
        """What was proposed for these rules, newest first."""
        proposed = select(PolicyAct).where(PolicyAct.act_word == PolicyActWord.PROPOSED.value, PolicyAct.before == before)
        return self._session.scalars(proposed.order_by(PolicyAct.done_at.desc(), PolicyAct.id)).all()

    def every(self) -> Sequence[PolicyAct]:
        """Every proposal there was, whatever it was made for, oldest first."""
        proposed = select(PolicyAct).where(PolicyAct.act_word == PolicyActWord.PROPOSED.value)
        return self._session.scalars(proposed.order_by(PolicyAct.done_at, PolicyAct.id)).all()

    def add(self, act: PolicyAct) -> None:
        self._session.add(act)
        self._session.flush()
