"""Writing to the log: the event and its place in the queue, in the transaction of the act.

No counter, no lock, no hash of what went before: those are the sequencer's, later. If this insert fails, the act fails with it.
"""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from portal.audit.canonical import codes_in_order, facts_text, padded
from portal.audit.models import AuditEvent, AuditPending
from portal.audit.record import PORTAL, Record, check, joined
from portal.kernel.ids import new_id
from portal.kernel.sealing import Place, Sealer

TABLE = AuditEvent.__tablename__
#: Written once: to put such a statement together for each event took as long as to carry it out.
_EVENTS, _QUEUE = AuditEvent.metadata.tables[TABLE], AuditPending.metadata.tables[AuditPending.__tablename__]
_EVENT, _PENDING = insert(_EVENTS), insert(_QUEUE)
#: Both at once, where the database can: PostgreSQL is asked once less for each event.
_NAMED = {column.name: bindparam(f"of_{column.name}", type_=column.type) for column in _EVENTS.c}
_WRITTEN = insert(_EVENTS).values(_NAMED).returning(_EVENTS.c.id).cte("written")
_BOTH = insert(_QUEUE).from_select(["event_id"], select(_WRITTEN.c.id))


def append(session: Session, record: Record, *, at: datetime, sealer: Sealer) -> UUID:
    """Insert the event and queue it for the tree; returns its id. The caller's commit makes both durable, or neither.

    Name and address are sealed for the actor's body, the private part for the originator, in one size whether or not it holds
    anything. Raises `Unrecordable`.
    """
    check(record)
    private = padded(record.private)
    event_id = new_id()
    actors_key, originators_key = record.actor_body or PORTAL, record.originator or PORTAL
    row = {
        "id": event_id,
        "at": at,
        "event": str(record.event),
        "outcome": str(record.outcome),
        "code": record.code,
        "actor": record.actor,
        "actor_body": record.actor_body,
        "actor_roles": joined(codes_in_order(record.actor_roles)),
        "session": record.session,
        "who": sealer.seal_field(actors_key, place("who", event_id), record.who),
        "address": sealer.seal_field(actors_key, place("address", event_id), record.address),
        "action": record.action,
        "object_type": record.object_type,
        "object_id": record.object_id,
        "document": record.document,
        "share": record.share,
        "bodies": joined(codes_in_order(record.bodies)),
        "rules": joined(record.rules),
        "policy_hash": record.policy_hash,
        "detail": facts_text(record.detail),
        "originator": record.originator,
        "private_part": sealer.seal_field(originators_key, place("private_part", event_id), private),
        "salt": secrets.token_bytes(32),
    }
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_BOTH, {f"of_{name}": value for name, value in row.items()})
    else:
        connection.execute(_EVENT, row)
        connection.execute(_PENDING, {"event_id": event_id})
    return event_id


def place(column: str, event_id: UUID) -> Place:
    """Where a sealed value of an event stands."""
    return Place(TABLE, column, event_id)
