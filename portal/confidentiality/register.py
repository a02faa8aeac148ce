"""The register of requests and renditions."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.confidentiality.models import Rendition, Request


class Requests:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, request: Request) -> None:
        self._session.add(request)
        self._session.flush()

    def get(self, request_id: UUID) -> Request | None:
        return self._session.get(Request, request_id)

    def of_document(self, document_id: UUID) -> Sequence[Request]:
        """Every request on the document, oldest first. Check them (`cases.standing`) before anything rests on them."""
        statement = select(Request).where(Request.document_id == document_id).order_by(Request.recorded_at, Request.id)
        return self._session.scalars(statement).all()


class Renditions:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, rendition_id: UUID) -> Rendition | None:
        return self._session.get(Rendition, rendition_id)

    def add(self, rendition: Rendition) -> None:
        self._session.add(rendition)
        self._session.flush()

    def of_document(self, document_id: UUID) -> Sequence[Rendition]:
        """Every rendition of every version, oldest first."""
        statement = select(Rendition).where(Rendition.document_id == document_id).order_by(Rendition.built_at, Rendition.id)
        return self._session.scalars(statement).all()

    def of_object(self, object_id: UUID) -> UUID | None:
        """The document of whose rendition this sealed object is a part."""
        ours = (Rendition.pdf_object_id == object_id) | (Rendition.pack_object_id == object_id)
        return self._session.scalar(select(Rendition.document_id).where(ours))

    def latest(self, document_id: UUID, audience: str | None = None) -> Rendition | None:
        statement = select(Rendition).where(Rendition.document_id == document_id)
        if audience is not None:
            statement = statement.where(Rendition.audience == audience)
        return self._session.scalar(statement.order_by(Rendition.epoch.desc(), Rendition.built_at.desc(), Rendition.id).limit(1))
