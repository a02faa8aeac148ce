"""The register of requests and renditions."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.confidentiality.models import Rendition, Request, Scope


class Requests:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, request: Request) -> None:
        self._session.add(request)
        self._session.flush()

    def in_force(self, document_id: UUID, audience: str | None = None) -> Sequence[Request]:
        """Every request that binds now, oldest first; only those against `audience` if one is named."""
        statement = select(Request).where(Request.document_id == document_id).order_by(Request.recorded_at, Request.id)
        return [row for row in self._session.scalars(statement) if audience is None or row.binds(audience)]

    def withheld_from(self, document_id: UUID, bodies: Sequence[str], originator: str) -> frozenset[str]:
        """The other bodies from which the whole document is withheld."""
        whole = [row for row in self.in_force(document_id) if row.scope is Scope.DOCUMENT]
        return frozenset(body for body in bodies if body != originator and any(row.binds(body) for row in whole))


class Renditions:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, rendition_id: UUID) -> Rendition | None:
        return self._session.get(Rendition, rendition_id)

    def add(self, rendition: Rendition) -> None:
        self._session.add(rendition)
        self._session.flush()

    def latest(self, document_id: UUID, audience: str | None = None) -> Rendition | None:
        statement = select(Rendition).where(Rendition.document_id == document_id)
        if audience is not None:
            statement = statement.where(Rendition.audience == audience)
        return self._session.scalar(statement.order_by(Rendition.epoch.desc(), Rendition.built_at.desc(), Rendition.id).limit(1))
