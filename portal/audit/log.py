"""Writing to the log: the event and its place in the queue, in the transaction of the act.

No counter, no lock, no hash of what went before: those are the sequencer's, later. If this insert fails, the act fails with it.
"""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit.canonical import codes_in_order, facts_text, padded
from portal.audit.models import AuditEvent, AuditPending
from portal.audit.record import PORTAL, Record, check, joined
from portal.kernel.ids import new_id
from portal.kernel.sealing import Place, Sealer

TABLE = AuditEvent.__tablename__


def append(session: Session, record: Record, *, at: datetime, sealer: Sealer) -> UUID:
    """Insert the event and queue it for the tree; returns its id. The caller's commit makes both durable, or neither.

    Name and address are sealed for the actor's body, the private part for the originator, in one size whether or not it holds
    anything. Raises `Unrecordable`.
    """
    check(record)
    private = padded(record.private)
    event_id = new_id()
    actors_key, originators_key = record.actor_body or PORTAL, record.originator or PORTAL
    session.execute(
        insert(AuditEvent).values(
            id=event_id,
            at=at,
            event=str(record.event),
            outcome=str(record.outcome),
            code=record.code,
            actor=record.actor,
            actor_body=record.actor_body,
            actor_roles=joined(codes_in_order(record.actor_roles)),
            session=record.session,
            who=sealer.seal_field(actors_key, place("who", event_id), record.who),
            address=sealer.seal_field(actors_key, place("address", event_id), record.address),
            action=record.action,
            object_type=record.object_type,
            object_id=record.object_id,
            document=record.document,
            share=record.share,
            bodies=joined(codes_in_order(record.bodies)),
            rules=joined(record.rules),
            policy_hash=record.policy_hash,
            detail=facts_text(record.detail),
            originator=record.originator,
            private_part=sealer.seal_field(originators_key, place("private_part", event_id), private),
            salt=secrets.token_bytes(32),
        )
    )
    session.execute(insert(AuditPending).values(event_id=event_id))
    return event_id


def place(column: str, event_id: UUID) -> Place:
    """Where a sealed value of an event stands."""
    return Place(TABLE, column, event_id)
