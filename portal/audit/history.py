"""Reading the log, as the auditor of one body.

The body is the permit's, never an argument. Two kinds of rows touch it, and no others can be had:

* *shared*: `bodies` names the body. The coded columns are shown; of the actor only when they are of this body, of another body's
  staff nothing but the body. The originator's part only to the originator.
* *originator's*: the body is the originator and `bodies` does not name it. Shown are the private part, the time, the outcome and the
  actor's body; a filter on anything else finds none of them, as finding them would tell what is not shown.

Id and leaf index are shown of both: the published log holds them anyway.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.audit.integrity import integrity as integrity
from portal.audit.log import place
from portal.audit.models import AuditEvent, AuditLeaf
from portal.audit.record import Fact, Outcome, is_body, parted
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.kernel.sealing import Sealed, Sealer

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to look for; all that is set must hold. `body` is the actor's. `since` is included, `until` is not."""

    event: Event | None = None
    outcome: Outcome | None = None
    actor: UUID | None = None
    document: UUID | None = None
    share: UUID | None = None
    body: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: the entry after which to go on."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{(self.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)}.{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what `str` gives. Raises `Invalid`."""
        micros, _, identity = text.partition(".")
        try:
            cursor = cls(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros)), UUID(hex=identity))
        except (ValueError, OverflowError) as error:
            raise Invalid({"before": "Go back to the first page of the log."}, "not a place in the log") from error
        return cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event as its reader may see it; what they may not see has its empty value.

    `shared` is False for an originator's entry. `who` and `address` are None for staff of another body, `private` is None unless the
    reader is the originator. `damaged`: something sealed, or the facts, are not what the portal wrote (an alarm).
    """

    id: UUID
    leaf_index: int | None
    at: datetime
    outcome: str
    actor_body: str
    shared: bool
    event: str = ""
    code: str = ""
    actor: UUID | None = None
    actor_roles: tuple[str, ...] = ()
    session: UUID | None = None
    who: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    document: UUID | None = None
    share: UUID | None = None
    rules: tuple[str, ...] = ()
    policy_hash: str = ""
    detail: Mapping[str, Fact | list[Fact]] = field(default_factory=dict)
    private: Mapping[str, Fact] | None = field(default=None, repr=False)
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first; `older` goes on, or is None at the end."""

    entries: tuple[Entry, ...]
    older: Cursor | None


def search(session: Session, permit: Permit, wanted: Filter, *, sealer: Sealer, before: Cursor | None = None, limit: int = 50) -> Page:
    """The events that touch the permit's body, newest first; at most `limit`, and never more than `MOST`."""
    body = _reader(permit)
    limit = max(1, min(limit, MOST))
    statement = (
        select(AuditEvent, AuditLeaf.leaf_index)
        .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .where(_visible(body, wanted))
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        earlier = and_(AuditEvent.at == before.at, AuditEvent.id < before.id)
        statement = statement.where(AuditEvent.at <= before.at, or_(AuditEvent.at < before.at, earlier))
    rows = session.execute(statement).all()
    entries = tuple(_entry(row, leaf_index, permit, body, sealer) for row, leaf_index in rows[:limit])
    return Page(entries, Cursor(entries[-1].at, entries[-1].id) if len(rows) > limit else None)


def count(session: Session, permit: Permit, wanted: Filter) -> int:
    """How many events `search` would find in all."""
    return session.scalar(select(func.count()).select_from(AuditEvent).where(_visible(_reader(permit), wanted))) or 0


def latest_detail(session: Session, event: Event) -> dict[str, Any]:
    """The facts of the newest event of this kind that was done; empty if there is none. For the portal itself, not for readers."""
    statement = select(AuditEvent.detail).where(AuditEvent.event == str(event), AuditEvent.outcome == str(Outcome.DONE))
    text = session.scalar(statement.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(1))
    try:
        facts = {} if text is None else json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise Tampered(f"the facts of the newest {event} are damaged: run the verification")
    return facts


def _reader(permit: Permit) -> str:
    """The body whose auditor asks. A body that could be mistaken for none, or for the portal, reads nothing."""
    if permit.action is not Action.AUDIT_READ:
        raise RuntimeError(f"a permit for {permit.action} does not read the log")
    if not is_body(permit.body):
        raise RuntimeError(f"{permit.body!r} is not the code of a body")
    return permit.body


def _visible(body: str, wanted: Filter) -> ColumnElement[bool]:
    """The rows that touch the body, and that match in what the reader is shown of them."""
    for_all: list[ColumnElement[bool]] = []
    if wanted.outcome is not None:
        for_all.append(AuditEvent.outcome == str(wanted.outcome))
    if wanted.body is not None:
        for_all.append(AuditEvent.actor_body == wanted.body)
    if wanted.since is not None:
        for_all.append(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        for_all.append(AuditEvent.at < wanted.until)
    for_shared: list[ColumnElement[bool]] = []
    if wanted.event is not None:
        for_shared.append(AuditEvent.event == str(wanted.event))
    if wanted.actor is not None:
        for_shared.append(and_(AuditEvent.actor == wanted.actor, AuditEvent.actor_body == body))
    if wanted.document is not None:
        for_shared.append(AuditEvent.document == wanted.document)
    if wanted.share is not None:
        for_shared.append(AuditEvent.share == wanted.share)
    shared = AuditEvent.bodies.contains(f",{body},", autoescape=True)
    if for_shared:
        return and_(shared, *for_shared, *for_all)
    return and_(or_(shared, AuditEvent.originator == body), *for_all)


def _entry(row: AuditEvent, leaf_index: int | None, permit: Permit, body: str, sealer: Sealer) -> Entry:
    shared, originator = body in parted(row.bodies), row.originator == body
    if not shared and not originator:
        raise RuntimeError("an event that does not touch the reader's body was found")  # _visible is broken
    opened = _Opened(row.id, permit, sealer)
    private = opened.facts(opened.words("private_part", row.private_part)) if originator else None
    if not shared:
        return Entry(
            id=row.id,
            leaf_index=leaf_index,
            at=row.at,
            outcome=row.outcome,
            actor_body=row.actor_body,
            shared=False,
            private=private,
            damaged=opened.damaged,
        )
    own = row.actor_body == body
    who, address = (opened.words("who", row.who), opened.words("address", row.address)) if own else (None, None)
    detail = opened.facts(row.detail)
    return Entry(
        id=row.id,
        leaf_index=leaf_index,
        at=row.at,
        outcome=row.outcome,
        actor_body=row.actor_body,
        shared=True,
        event=row.event,
        code=row.code,
        actor=row.actor if own else None,
        actor_roles=parted(row.actor_roles) if own else (),
        session=row.session if own else None,
        who=who,
        address=address,
        action=row.action,
        object_type=row.object_type,
        object_id=row.object_id,
        document=row.document,
        share=row.share,
        rules=parted(row.rules),
        policy_hash=row.policy_hash,
        detail=detail or {},
        private=private,
        damaged=opened.damaged,
    )


@dataclass(slots=True)
class _Opened:
    """Opens what one row holds; remembers if something would not open, so that one damaged row does not close the whole log."""

    event_id: UUID
    permit: Permit
    sealer: Sealer
    damaged: bool = False

    def words(self, column: str, value: Sealed) -> str | None:
        try:
            return self.sealer.open_field(self.permit, place(column, self.event_id), value)
        except Tampered:
            self.damaged = True
            return None

    def facts(self, text: str | None) -> dict[str, Fact] | None:
        try:
            facts = None if text is None else json.loads(text)
        except ValueError:
            facts = None
        if not isinstance(facts, dict):
            self.damaged = True
            return None
        return facts
