"""People and their sessions.

Identity is (`issuer`, `sub`), never the e-mail. `access_epoch` is raised by everything that takes access away or changes it; a permit
given under an older epoch does not commit.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.permit import ResourceType
from portal.kernel.sealing import Sealed, SealedText
from portal.kernel.vocabulary import Level, Role


class Person(Base):
    """A person of a body, as their provider last described them. `mac` covers everything that decides what they may do.

    `human` is the same for accounts of one human, and None for an account that stands alone. `releases_since` is when a releasing officer
    came to hold that role; None for any other, and for who held it before the portal kept it.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("issuer", "sub"),)
    resource_type: ClassVar[ResourceType] = ResourceType.PERSON

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    sub: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(String(16))
    roles_text: Mapped[str] = mapped_column("roles", String(255))
    clearance: Mapped[int]
    name: Mapped[Sealed] = mapped_column(SealedText)
    access_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_sign_in: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    human: Mapped[UUID | None] = mapped_column(Uuid)
    releases_since: Mapped[datetime | None] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def resource_id(self) -> str:
        return str(self.id)

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(word) for word in self.roles_text.split(",") if word)

    @property
    def level(self) -> Level:
        return Level(self.clearance)


class SessionRow(Base):
    """A browser's session. Only the SHA-256 of its token is kept; `data` is sealed under the portal's own key."""

    __tablename__ = "session"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen: Mapped[datetime] = mapped_column(Instant)
    authenticated_at: Mapped[datetime | None] = mapped_column(Instant)
    provider_session: Mapped[str | None] = mapped_column(String(255), index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    data: Mapped[Sealed] = mapped_column(SealedText)


class LogoutTokenRow(Base):
    """A logout token that was taken, so that it is taken once. Only the SHA-256 of its identifier is kept, until its time is over."""

    __tablename__ = "logout_token"

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    token_id_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
