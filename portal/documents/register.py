"""Finding and locking documents. Opening and closing acts lock the document row, so that they never race."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, literal, or_, select, true
from sqlalchemy.orm import Session

from portal.documents.keeping import is_set
from portal.documents.models import Document, Version
from portal.kernel.vocabulary import Due


class Documents:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, document_id: UUID) -> Document | None:
        return self._session.get(Document, document_id)

    def epochs(self, document_ids: Iterable[UUID]) -> dict[UUID, int]:
        """The epoch of each of these documents, as of now; needs a write transaction, and none moves until it ends."""
        found = select(Document.id, Document.epoch).where(Document.id.in_(list(document_ids))).order_by(Document.id)
        rows = self._session.execute(found.with_for_update(read=True))
        return {row.id: row.epoch for row in rows}

    def lock(self, document_id: UUID) -> Document:
        """The document, locked and read afresh. The visit's row is locked before it (the order everyone keeps)."""
        statement = select(Document).where(Document.id == document_id).with_for_update().execution_options(populate_existing=True)
        return self._session.scalars(statement).one()

    def add(self, document: Document) -> None:
        self._session.add(document)
        self._session.flush()

    def of_symbol(self, originator: str, symbol: str) -> Document | None:
        return self._session.scalar(select(Document).where(Document.originator == originator, Document.symbol == symbol))

    def symbol_taken(self, originator: str, symbol: str) -> bool:
        found = select(Document.id).where(Document.originator == originator, func.lower(Document.symbol) == symbol.lower())
        return self._session.scalar(found) is not None

    def add_version(self, version: Version) -> None:
        self._session.add(version)
        self._session.flush()

    def version(self, document_id: UUID, number: int | None = None) -> Version | None:
        """That version, or the latest."""
        statement = select(Version).where(Version.document_id == document_id)
        if number is not None:
            statement = statement.where(Version.number == number)
        return self._session.scalar(statement.order_by(Version.number.desc()).limit(1))

    def versions(self, document_id: UUID) -> Sequence[Version]:
        """Every version, the first one first."""
        return self._session.scalars(select(Version).where(Version.document_id == document_id).order_by(Version.number)).all()

    def of_object(self, object_id: UUID) -> UUID | None:
        """The document of which this sealed object is a version, or its PDF of record, or holds its passages."""
        ours = or_(Version.object_id == object_id, Version.record_object_id == object_id, Version.passages_object_id == object_id)
        return self._session.scalar(select(Version.document_id).where(ours))

    def of_body(self, originator: str) -> Sequence[Document]:
        """Every document of a body, by symbol."""
        return self._session.scalars(select(Document).where(Document.originator == originator).order_by(Document.symbol)).all()

    @staticmethod
    def ids_of_body(originator: str, *, state: str = "") -> Select[UUID]:
        """To be used in another statement: the documents of a body, all or those that concern this State."""
        found = select(Document.id).where(Document.originator == originator)
        if not state:
            return found
        return found.where((literal(",") + Document.states_text + literal(",")).contains(f",{state},", autoescape=True))

    def deposited_until(self, originator: str, due: Due, at: datetime, *, kind: str, level: int | None, limit: int) -> Sequence[UUID]:
        """The documents of a body, all or of a kind or a level, whose first file came until then, and of which nobody set this date."""
        fits = [Document.originator == originator, Version.number == 1, Version.deposited_at <= at, ~is_set(Document.id, due)]
        fits += [Document.kind_word == kind] if kind else []
        fits += [Document.level_number == level] if level is not None else []
        found = select(Document.id).join(Version, Version.document_id == Document.id).where(and_(*fits))
        return self._session.scalars(found.order_by(Version.deposited_at, Document.id).limit(limit)).all()

    def of_visit(self, visit_id: UUID, originator: str) -> Sequence[Document]:
        """Every document of a visit that this body has, in the order of their ids: that in which they are locked."""
        found = select(Document).where(Document.visit_id == visit_id, Document.originator == originator)
        return self._session.scalars(found.order_by(Document.id)).all()

    def named(self, symbol: str) -> Sequence[Document]:
        """The documents of this symbol, one of each body at most."""
        return self._session.scalars(select(Document).where(Document.symbol == symbol).order_by(Document.originator)).all()

    def every(self, *, after: UUID | None = None, limit: int) -> Sequence[Document]:
        """Whoever's they are, in the order of their ids, beginning after one."""
        later = Document.id > after if after is not None else true()
        return self._session.scalars(select(Document).where(later).order_by(Document.id).limit(limit)).all()

    def count(self) -> int:
        """Whoever's they are."""
        return self._session.scalar(select(func.count()).select_from(Document)) or 0
