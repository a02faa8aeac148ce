"""Writing to the log: the event and its place in the queue, in the transaction of the act.

No counter, no lock, no hash of what went before: those are the sequencer's, later. If this insert fails, the act fails with it.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from portal.audit.canonical import codes_in_order, facts_text, padded
from portal.audit.models import AuditEvent, AuditPending
from portal.audit.names import READER, STAY, WORDS, seal_of, sealed_reader
from portal.audit.record import PORTAL, Fact, Record, check, joined
from portal.kernel.ids import new_id
from portal.kernel.sealing import NameSeal, Place, Sealed, Sealer

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

    Name and address are sealed for the actor's body under the person's own key, the private part for the originator, in one size whether
    or not it holds anything; a reader's name in it lies under the reader's key, words about a document under the document's. Raises
    `Unrecordable`.
    """
    check(record)
    event_id = new_id()
    who, address = _named(session, record, event_id, at, sealer)
    private = padded(_private(session, record, event_id, at, sealer))
    originators_key, spot = record.originator or PORTAL, place("private_part", event_id)
    originators = _seal_of_words(session, record, at, sealer)
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
        "who": who,
        "address": address,
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
        "private_part": originators.seal(spot, private) if originators is not None else sealer.seal_field(originators_key, spot, private),
        "salt": secrets.token_bytes(32),
    }
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_BOTH, {f"of_{name}": value for name, value in row.items()})
    else:
        connection.execute(_EVENT, row)
        connection.execute(_PENDING, {"event_id": event_id})
    return event_id


def _named(session: Session, record: Record, event_id: UUID, at: datetime, sealer: Sealer) -> tuple[Sealed, Sealed]:
    """Name and address, sealed. Where there is neither, and for whom nothing is named any more, the empty words under the body's key."""
    body = record.actor_body or PORTAL
    spots = place("who", event_id), place("address", event_id)
    seal = seal_of(session, sealer, record.actor, body, at) if record.who or record.address else None
    if seal is None:
        return sealer.seal_field(body, spots[0], ""), sealer.seal_field(body, spots[1], "")
    return seal.seal(spots[0], record.who), seal.seal(spots[1], record.address)


def _private(session: Session, record: Record, event_id: UUID, at: datetime, sealer: Sealer) -> Mapping[str, Fact]:
    if READER not in record.private or record.actor is None or not record.originator:
        return record.private
    return sealed_reader(seal_of(session, sealer, record.actor, record.originator, at), place(READER, event_id), record.private)


def _seal_of_words(session: Session, record: Record, at: datetime, sealer: Sealer) -> NameSeal | None:
    """What seals an originator's part that holds words about a document: a key that goes with the document. Else, and after that, None."""
    if record.document is None or not record.originator or record.event in STAY or not WORDS & record.private.keys():
        return None
    return seal_of(session, sealer, record.document, record.originator, at)


def place(column: str, event_id: UUID) -> Place:
    """Where a sealed value of an event stands."""
    return Place(TABLE, column, event_id)
