"""When and why shares were closed to their recipients. For the originator; a recipient never learns which of the reasons it was."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.sharing.models import Closure, Share


def closures_of(session: Session, document_id: UUID) -> Mapping[UUID, Closure]:
    """The first closure of each share of the document that was closed."""
    statement = select(Closure).join(Share, Share.id == Closure.share_id).where(Share.document_id == document_id)
    found: dict[UUID, Closure] = {}
    for closure in session.scalars(statement.order_by(Closure.closed_at, Closure.id)):
        found.setdefault(closure.share_id, closure)
    return found
