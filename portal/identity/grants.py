"""Roles of local accounts: one officer proposes, another confirms. Acts are rows that are only ever added, each with its MAC.

A proposal is answered at most once. With `enrol` it also opens the way in: for a new account, or for somebody who lost a factor. Nobody
enrols in another's name alone: who proposed has the code, who confirmed has the link, and it takes both.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.vocabulary import Role


class GrantAct(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class RoleGrant(Base):
    """`about` is the proposal that this act answers. `code`: the hash of the code that who proposed hands over, "" without `enrol`."""

    __tablename__ = "role_grant"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("local_account.id"), index=True)
    body: Mapped[str] = mapped_column(String(16), index=True)
    act_word: Mapped[str] = mapped_column("act", String(24))
    about: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    roles_text: Mapped[str] = mapped_column("roles", String(255))
    clearance: Mapped[int]
    enrol: Mapped[bool]
    code: Mapped[str] = mapped_column(String(64))
    done_by: Mapped[UUID] = mapped_column(Uuid)
    done_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(word) for word in self.roles_text.split(",") if word)


def grant_bytes(row: RoleGrant) -> bytes:
    """What the MAC of an act covers: every column."""
    return framed(
        "portal/role-grant/v1",
        row.id,
        row.account_id,
        row.body,
        row.act_word,
        row.about,
        row.roles_text,
        row.clearance,
        str(row.enrol),
        row.code,
        row.done_by,
        row.done_at,
    )


class RoleGrants:
    """The register of these acts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, act_id: UUID) -> RoleGrant | None:
        return self._session.get(RoleGrant, act_id)

    def add(self, act: RoleGrant) -> None:
        self._session.add(act)
        self._session.flush()

    def answer(self, act_id: UUID) -> RoleGrant | None:
        """The act that answered this proposal."""
        return self._session.scalar(select(RoleGrant).where(RoleGrant.about == act_id))

    def of_account(self, account_id: UUID) -> Sequence[RoleGrant]:
        """Every proposal for this account, answered or not, oldest first."""
        proposals = select(RoleGrant).where(RoleGrant.account_id == account_id, RoleGrant.act_word == GrantAct.PROPOSED.value)
        return self._session.scalars(proposals.order_by(RoleGrant.done_at, RoleGrant.id)).all()

    def waiting(self, body: str) -> Sequence[RoleGrant]:
        """A body's proposals that nobody has answered, oldest first."""
        answers = select(RoleGrant.about).where(RoleGrant.about.is_not(None))
        proposals = select(RoleGrant).where(RoleGrant.body == body, RoleGrant.act_word == GrantAct.PROPOSED.value)
        return self._session.scalars(proposals.where(RoleGrant.id.not_in(answers)).order_by(RoleGrant.done_at, RoleGrant.id)).all()
