"""A document is a register entry; a version is one immutable uploaded file of it, with a PDF of record where it is no PDF.
Of each language the newest version counts.

`epoch` rises with every act that closes the document to someone. Whatever was prepared under an older epoch is stale.
`requests_mac` covers the epoch, every request of a State, every act of `documents.keeping`, and the versions, so that none can be taken
away unnoticed; once the level was lowered, that, too.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.database import Base, Instant
from portal.kernel.framing import framed
from portal.kernel.permit import ResourceType
from portal.kernel.sealing import Sealed, SealedText
from portal.kernel.vocabulary import DocumentKind, Language, Level


class Document(Base):
    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("originator", "symbol"),
        Index("uq_document_originator_symbol_folded", "originator", text("lower(symbol)"), unique=True),
        Index("ix_document_listed", "originator", "registered_at", "id"),
    )
    resource_type: ClassVar[ResourceType] = ResourceType.DOCUMENT

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    symbol: Mapped[str] = mapped_column(String(80))
    originator: Mapped[str] = mapped_column(String(16), index=True)
    kind_word: Mapped[str] = mapped_column("kind", String(40))
    #: The level that counts: it can be lowered, by two persons.
    level_number: Mapped[int] = mapped_column("level")
    #: The level that its keys are bound to, where it was lowered since; None where it is the same.
    sealed_level: Mapped[int | None]
    caveats_text: Mapped[str] = mapped_column("caveats", String(255))
    states_text: Mapped[str] = mapped_column("states", String(1000))
    #: None where a kind is of no visit.
    visit_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    draft: Mapped[bool] = mapped_column(default=False)
    epoch: Mapped[int] = mapped_column(default=0)
    requests_mac: Mapped[bytes] = mapped_column(LargeBinary(32))
    title: Mapped[Sealed] = mapped_column(SealedText)
    registered_by: Mapped[UUID] = mapped_column(Uuid)
    registered_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def resource_id(self) -> str:
        return str(self.id)

    @property
    def kind(self) -> DocumentKind:
        return DocumentKind(self.kind_word)

    @property
    def level(self) -> Level:
        return Level(self.level_number)

    @property
    def key_level(self) -> int:
        """The level that every key of it is bound to: that of its registration."""
        return self.level_number if self.sealed_level is None else self.sealed_level

    @property
    def caveats(self) -> frozenset[str]:
        return frozenset(word for word in self.caveats_text.split(",") if word)

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(code for code in self.states_text.split(",") if code)


class Scan(StrEnum):
    """What the virus scanner said of a version."""

    NONE = ""  # there was none
    CLEAN = "clean"
    SKIPPED = "skipped"  # there was one, and it gave no verdict

    @property
    def words(self) -> str:
        return {Scan.CLEAN: "The virus scanner found nothing", Scan.SKIPPED: "Not scanned for viruses"}.get(self, "")


class Version(Base):
    """Two sealed objects: the file, and the passages that were found in it."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("document.id"))
    number: Mapped[int]
    language_word: Mapped[str] = mapped_column("language", String(8))
    object_id: Mapped[UUID] = mapped_column(Uuid)
    #: The PDF that pages and renditions are made of, where the file itself is none.
    record_object_id: Mapped[UUID | None] = mapped_column(Uuid)
    #: What was found in it; None where nothing could be.
    passages_object_id: Mapped[UUID | None] = mapped_column(Uuid)
    #: The ending of what it is: pdf, docx, odt, ...
    kind: Mapped[str] = mapped_column(String(8))
    file_name: Mapped[Sealed] = mapped_column(SealedText)
    pages: Mapped[int]
    scan: Mapped[str] = mapped_column(String(8), default="", server_default="")
    deposited_by: Mapped[UUID] = mapped_column(Uuid)
    deposited_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def objects(self) -> tuple[UUID, ...]:
        """Its sealed objects: the file as it came, its PDF of record and its passages, as far as there are any."""
        return tuple(one for one in (self.object_id, self.record_object_id, self.passages_object_id) if one is not None)

    @property
    def language(self) -> Language:
        return Language(self.language_word)


def version_bytes(row: Version) -> bytes:
    """What the document's MAC covers of a version: which file it is, in which language. Its name goes when the document is shredded."""
    file = (row.object_id, row.record_object_id, row.passages_object_id, row.kind, row.scan, row.pages, row.deposited_by, row.deposited_at)
    return framed("portal/version/v1", row.id, row.document_id, row.number, row.language_word, *file)


def current_of(versions: Iterable[Version]) -> list[Version]:
    """The newest of each language, in the order of their numbers: what may be prepared and shared."""
    newest = {row.language_word: row for row in sorted(versions, key=lambda row: row.number)}
    return sorted(newest.values(), key=lambda row: row.number)
