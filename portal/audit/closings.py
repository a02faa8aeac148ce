"""What the log tells of closings and of restores, for the portal itself: not for readers, and believed only after a verification."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.log import place
from portal.audit.models import AuditEvent
from portal.audit.record import Outcome
from portal.kernel.errors import Tampered
from portal.kernel.events import Event
from portal.kernel.sealing import Place, Sealed

#: Events that raise floors. Each says in `epoch` how high, and in `closed` for whom; older ones are understood by what they are. One
#: that took back a superseded share says in `objects` which objects of it were closed to whom, and no epoch: the document stays open.
CLOSING = ("request.recorded", "share.recalled", "document.shredded", "restore.closed")
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Closing:
    """A document was closed. `facts` are the event's."""

    event: str
    document: UUID
    originator: str
    facts: Mapping[str, Any]


def closings(session: Session) -> Iterator[Closing]:
    """Every closing that the log holds."""
    statement = (
        select(AuditEvent.id, AuditEvent.event, AuditEvent.document, AuditEvent.originator, AuditEvent.detail)
        .where(AuditEvent.event.in_(CLOSING), AuditEvent.outcome == str(Outcome.DONE), AuditEvent.document.is_not(None))
        .order_by(AuditEvent.id)
        .limit(_PAGE)
    )
    after: UUID | None = None
    while True:
        page = session.execute(statement if after is None else statement.where(AuditEvent.id > after)).all()
        for row in page:
            yield Closing(row.event, row.document, row.originator, _facts(row.event, row.detail))
            after = row.id
        if len(page) < _PAGE:
            return


@dataclass(frozen=True, slots=True)
class Newest:
    at: datetime
    private: Mapping[str, Any]


def newest(session: Session, event: Event, opened: Callable[[Place, Sealed], str]) -> Newest | None:
    """The newest event of this kind that the portal itself recorded, with the facts that nobody reads; `opened` opens them."""
    statement = select(AuditEvent.id, AuditEvent.at, AuditEvent.private_part).where(
        AuditEvent.event == str(event), AuditEvent.outcome == str(Outcome.DONE), AuditEvent.originator == ""
    )
    row = session.execute(statement.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(1)).one_or_none()
    return None if row is None else Newest(row.at, _facts(event, opened(place("private_part", row.id), row.private_part)))


def _facts(event: str, text: str) -> Mapping[str, Any]:
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise Tampered(f"the facts of a {event} are damaged: run `portal audit verify`")
    return facts
