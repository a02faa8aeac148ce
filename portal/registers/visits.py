"""The register of visits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.registers.models import Visit


class Visits:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, visit_id: UUID) -> Visit | None:
        return self._session.get(Visit, visit_id)

    def lock(self, visit_id: UUID) -> None:
        """Nobody else acts on a document of this visit until the transaction ends."""
        self._session.execute(select(Visit.id).where(Visit.id == visit_id).with_for_update())

    def add(self, visit: Visit) -> None:
        self._session.add(visit)
        self._session.flush()

    def of_body(self, body: str) -> Sequence[Visit]:
        return self._session.scalars(select(Visit).where(Visit.body == body).order_by(Visit.starts.desc(), Visit.id)).all()
