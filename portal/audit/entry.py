"""One event as its reader may see it, made of the row as the database holds it.

Rows are read raw: a value that is not what its column holds makes this one entry damaged, and closes no other. What may be shown of an
entry is said in `history`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from portal.audit.canonical import SHARED, Row, Unreadable, as_bytes, as_text, as_uuid, as_whole, raw
from portal.audit.log import place
from portal.audit.models import AuditEvent, AuditLeaf
from portal.audit.names import ERASED, READER, SEALED_READER, Names
from portal.audit.record import Fact, parted
from portal.kernel.errors import Tampered
from portal.kernel.sealing import Sealed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = (*(name for name, _ in SHARED), "originator", "private_part")
_NO_ID = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the reader may not see has its empty value.

    `shared` is False for an originator's entry. `who` and `address` are None for staff of another body, `private` is None unless the
    reader is the originator. What was erased says so (`names.ERASED`). `damaged`: something is not what the portal wrote (an alarm); what
    cannot be read has its empty value.
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


def entry_columns(session: Session) -> list[ColumnElement[Any]]:
    """What `read_entry` needs of `audit_event`, and of the leaf that is joined to it."""
    return [raw(session, column) for column in (*(getattr(AuditEvent, name) for name in _SHOWN), AuditLeaf.leaf_index)]


def read_entry(row: Row, body: str, names: Names) -> Entry:
    """The row, as far as an auditor of `body` may see it."""
    stored = _Stored(row, names)
    shared, originator = body in parted(stored.text("bodies")), stored.text("originator") == body
    if not shared and not originator:
        raise RuntimeError("an event that does not touch the reader's body was found")  # `history` found what it must not find
    seen = _coded(stored, body, shared=shared)
    seen["private"] = stored.private() if originator else None
    if shared and seen["actor_body"] == body:
        seen |= {"who": stored.words("who"), "address": stored.words("address")}
    return Entry(**seen, damaged=stored.damaged)


def read_coded(row: Row, body: str) -> Entry:
    """The coded columns of the shared part, as far as `body` may see them. Nothing is opened: no name, no address, no private part."""
    stored = _Stored(row)
    if body not in parted(stored.text("bodies")):
        raise RuntimeError("an event that does not touch the body was found")
    seen = _coded(stored, body, shared=True)
    return Entry(**seen, damaged=stored.damaged)


def _coded(stored: "_Stored", body: str, *, shared: bool) -> dict[str, Any]:
    seen: dict[str, Any] = {
        "id": stored.uuid("id") or _NO_ID,
        "leaf_index": stored.whole("leaf_index"),
        "at": stored.moment("at"),
        "outcome": stored.text("outcome"),
        "actor_body": stored.text("actor_body"),
        "shared": shared,
    }
    if shared:
        seen |= _of_all(stored)
    if shared and seen["actor_body"] == body:
        seen |= {"actor": stored.uuid("actor"), "actor_roles": parted(stored.text("actor_roles")), "session": stored.uuid("session")}
    elif shared and not seen["actor_body"]:
        seen["actor_roles"] = parted(stored.text("actor_roles"))  # of a service: a stranger has none
    return seen


def _of_all(stored: "_Stored") -> dict[str, Any]:
    """What every body that an event touches may see of it."""
    texts = {name: stored.text(name) for name in ("event", "code", "action", "object_type", "object_id", "policy_hash")}
    ids = {name: stored.uuid(name) for name in ("document", "share")}
    return {**texts, **ids, "rules": parted(stored.text("rules")), "detail": stored.facts(stored.text("detail")) or {}}


@dataclass(slots=True)
class _Stored:
    """Reads what one row holds; remembers if something would not be read, so that one damaged row does not close the whole log."""

    row: Row
    names: Names | None = None
    damaged: bool = False

    def text(self, name: str) -> str:
        try:
            return as_text(name, self.row[name]).decode()
        except Unreadable:
            self.damaged = True
            return ""
        except UnicodeDecodeError:
            self.damaged = True
            return as_text(name, self.row[name]).decode(errors="replace")

    def uuid(self, name: str) -> UUID | None:
        try:
            return None if self.row[name] is None else as_uuid(name, self.row[name])
        except Unreadable:
            self.damaged = True
            return None

    def whole(self, name: str) -> int | None:
        try:
            return None if self.row[name] is None else as_whole(name, self.row[name])
        except Unreadable:
            self.damaged = True
            return None

    def moment(self, name: str) -> datetime:
        try:
            return EPOCH + timedelta(microseconds=as_whole(name, self.row[name]))
        except (Unreadable, OverflowError):
            self.damaged = True
            return EPOCH

    def words(self, name: str) -> str | None:
        assert self.names is not None
        try:
            value = Sealed(as_bytes(name, self.row[name]))
            return self.names.open(place(name, self.uuid("id") or _NO_ID), value)
        except (Tampered, Unreadable):
            self.damaged = True
            return None

    def private(self) -> dict[str, Fact] | None:
        """The originator's part; a reader whom it names stands there by name, or as erased."""
        words = self.words("private_part")
        facts = {} if words == ERASED else self.facts(words)
        assert self.names is not None
        if facts is None or SEALED_READER not in facts:
            return facts
        try:
            name = self.names.open_reader(place(READER, self.uuid("id") or _NO_ID), facts)
        except Tampered:
            self.damaged, name = True, ""
        return {**{key: fact for key, fact in facts.items() if key != SEALED_READER}, READER: name or ERASED}

    def facts(self, text: str | None) -> dict[str, Fact] | None:
        try:
            facts = None if text is None else json.loads(text)
        except ValueError:
            facts = None
        if not isinstance(facts, dict):
            self.damaged = True
            return None
        return facts
