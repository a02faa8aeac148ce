"""From a row of `audit_event` to the 49 bytes of its leaf (docs/formats/log.md, byte for byte).

Digests are made of the columns as the database holds them, not of objects parsed from them, so that a changed byte which means the
same is still a change. Rows are therefore read raw (`raw`): no type of ours gets to tidy a value, and a value that cannot be of its
column's type is `Unreadable` instead of an exception from deep inside a driver.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, cast, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import NULLTYPE

from portal.audit.models import AuditEvent
from portal.audit.record import Fact, Unrecordable

VERSION = b"\x01"
EVENT_TAG = b"portal/event/v1\x00"
PRIVATE_TAG = b"portal/event-private/v1\x00"
LEAF_TAG = b"portal/leaf/v1\x00"
BLANK_TAG = b"portal/blank/v1\x00"
#: Plaintext bytes of every private part, the empty one included.
PRIVATE_SIZE = 512

_UUID, _WHOLE, _TEXT, _SEALED = "uuid", "whole number", "text", "sealed"
#: The shared part: columns in the order in which they are framed.
SHARED = (
    ("id", _UUID),
    ("at", _WHOLE),
    ("event", _TEXT),
    ("outcome", _TEXT),
    ("code", _TEXT),
    ("actor", _UUID),
    ("actor_body", _TEXT),
    ("actor_roles", _TEXT),
    ("session", _UUID),
    ("who", _SEALED),
    ("address", _SEALED),
    ("action", _TEXT),
    ("object_type", _TEXT),
    ("object_id", _TEXT),
    ("document", _UUID),
    ("share", _UUID),
    ("bodies", _TEXT),
    ("rules", _TEXT),
    ("policy_hash", _TEXT),
    ("detail", _TEXT),
)
#: Made once: an encoder for each event took longer than what it wrote.
_FACTS = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
_OPTIONAL = frozenset({"actor", "session", "document", "share"})
#: Every column a leaf depends on.
COMMITTED = (*(name for name, _ in SHARED), "originator", "private_part", "salt")


#: A row read raw, as a mapping; keys may be columns or their names.
Row = Mapping[Any, Any]


class Unreadable(ValueError):
    """A stored value that its column cannot hold. The text names the column."""


def raw(session: Session, column: InstrumentedAttribute[Any] | ColumnElement[Any], name: str = "") -> ColumnElement[Any]:
    """The column without any type of ours. SQLite gives bytes for everything, as text that is not UTF-8 would stop its driver."""
    if session.get_bind().dialect.name == "sqlite":
        return cast(column, LargeBinary).label(name or str(column.key))
    return type_coerce(column, NULLTYPE).label(name or str(column.key))


def committed_columns(session: Session) -> list[ColumnElement[Any]]:
    return [raw(session, getattr(AuditEvent, name)) for name in COMMITTED]


def as_bytes(name: str, value: object) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise Unreadable(f"{name} holds no bytes")


def as_text(name: str, value: object) -> bytes:
    """The text as UTF-8, or whatever bytes stand in its place."""
    return value.encode() if isinstance(value, str) else as_bytes(name, value)


def as_whole(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    digits = as_text(name, value)
    if len(digits) <= 20:
        try:
            number = int(digits)
        except ValueError:
            number = None
        if number is not None and str(number).encode() == digits and -(2**63) <= number < 2**63:
            return number
    raise Unreadable(f"{name} holds no whole number")


def as_uuid(name: str, value: object) -> UUID:
    """A UUID as either database stores it: its own type, or 32 small hexadecimal digits and nothing else."""
    if isinstance(value, UUID):
        return value
    digits = as_text(name, value)
    if len(digits) == 32 and not digits.strip(b"0123456789abcdef"):
        return UUID(digits.decode())
    raise Unreadable(f"{name} holds no UUID")


def shared_digest(row: Row) -> bytes:
    """SHA-256 over the coded columns and the digests of the sealed ones. Raises `Unreadable`."""
    return hashlib.sha256(EVENT_TAG + shared_parts(row)).digest()


def shared_parts(row: Row) -> bytes:
    """What that digest is of: each column of the shared part, framed. Raises `Unreadable`."""
    return b"".join(_frame(_part(name, kind, row[name])) for name, kind in SHARED)


def private_digest(row: Row) -> bytes:
    """SHA-256 over the originator and their sealed part.

    The originator is committed to here and not in the shared part: whoever is shown a shared part must not learn from it whether a
    hidden thing has an owner. The sealed part is random to whoever does not hold it, so the digest cannot be guessed from outside.
    """
    parts = (as_text("originator", row["originator"]), as_bytes("private_part", row["private_part"]))
    return hashlib.sha256(PRIVATE_TAG + b"".join(map(_frame, parts))).digest()


def event_entry(row: Row) -> bytes:
    """The leaf entry of an event: version, event id, commitment. Raises `Unreadable`."""
    salt = as_bytes("salt", row["salt"])
    if len(salt) != 32:
        raise Unreadable("salt is not 32 bytes")
    commitment = hashlib.sha256(LEAF_TAG + salt + shared_digest(row) + private_digest(row)).digest()
    return VERSION + as_uuid("id", row["id"]).bytes + commitment


def blank_entry(identity: bytes, blank: bytes) -> bytes:
    """The entry of a blank leaf: looks like any other, and whoever holds `blank` (32 bytes) can prove that it hides no event."""
    return VERSION + identity + hashlib.sha256(BLANK_TAG + blank).digest()


def _part(name: str, kind: str, value: object) -> bytes:
    if value is None and name in _OPTIONAL:
        return b""
    if kind == _UUID:
        return as_uuid(name, value).bytes
    if kind == _WHOLE:
        return as_whole(name, value).to_bytes(8, "big", signed=True)
    if kind == _SEALED:
        return hashlib.sha256(as_bytes(name, value)).digest()
    return as_text(name, value)


def _frame(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def facts_text(facts: Mapping[str, Fact | list[Fact]]) -> str:
    """Facts as JSON: sorted keys, no spaces, ASCII only."""
    return _FACTS.encode(dict(facts)) if facts else "{}"


def padded(facts: Mapping[str, Fact | list[Fact]]) -> str:
    """Facts as JSON, filled up with spaces to `PRIVATE_SIZE`. Raises `Unrecordable` if they are longer."""
    text = facts_text(facts)
    if len(text) > PRIVATE_SIZE:
        raise Unrecordable(f"private: {len(text)} bytes, and every private part has the size {PRIVATE_SIZE}")
    return text.ljust(PRIVATE_SIZE)


def codes_in_order(codes: Iterable[str]) -> list[str]:
    return sorted(set(codes))
