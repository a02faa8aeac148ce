"""Names and addresses in the log, each person's under keys of their own (docs/erasure.md).

One key for each person and body: that of the person's own body for name and address, and one for each body whose documents the person
read, as that body's part of the log names its readers. A stranger's address lies under a key of the month. Destroying the keys of a person
erases the names in every event; no digest of a leaf changes, as those are of the sealed values.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.audit.models import AuditEvent, LogKey
from portal.kernel.errors import Tampered
from portal.kernel.events import Event
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.kernel.sealing import NameKey, NameSeal, Place, Sealed, Sealer, WrappedKey

#: What stands in the place of a name or an address whose key was destroyed.
ERASED = "erased"
#: The fact of the originator's part that names a reader: in the clear within that part, as older events have it, or under the reader's key.
READER, SEALED_READER = "reader", "reader_sealed"
#: Facts of the originator's part that somebody typed about a document: they lie under a key of the document, and go when it is shredded.
WORDS = frozenset({"reason", "file_name", "state", "reference"})
#: But not of these: they say why a document was kept, and why it is gone.
STAY = frozenset({Event.HOLD_PLACED, Event.SHREDDING_PROPOSED, Event.DOCUMENT_SHREDDED})
#: Bytes of a reader's name that have room beside other facts.
_ROOM = 180
_MADE = "keys of names were made"


def whose(person: UUID | None, at: datetime) -> str:
    return person.hex if person is not None else f"{at:%Y-%m}"


def seal_of(session: Session, sealer: Sealer, person: UUID | None, body: str, at: datetime) -> NameSeal | None:
    """What seals this person's names for this body; the key is made with the first. None: it was destroyed, nothing is named any more."""
    name = whose(person, at)
    kept = sealer.kept_seal(name, body)
    if kept is not None:
        return kept
    found = _row(session, name, body)
    if found is None:
        _make(session, sealer, name, body)
        session.info[_MADE] = True
        found = _row(session, name, body)
        assert found is not None
    if found[1] is None:
        return None
    seal = sealer.name_seal(WrappedKey(found[0], person, body, found[1]))
    if _MADE not in session.info:  # what this transaction made, it may still undo
        sealer.keep_seal(name, body, seal)
    return seal


def _row(session: Session, name: str, body: str) -> Any:
    return session.execute(select(LogKey.id, LogKey.sealed).where(LogKey.whose == name, LogKey.body == body)).one_or_none()


def _make(session: Session, sealer: Sealer, name: str, body: str) -> None:
    """Make the key, unless somebody else just did: then theirs is the one."""
    made = new_id()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"id": made, "whose": name, "body": body, "sealed": sealer.new_key(body, made)}
    session.execute(insert(LogKey).values(values).on_conflict_do_nothing(index_elements=["whose", "body"]))


def sealed_reader(seal: NameSeal | None, place: Place, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of an originator's part, the reader's name in them sealed, or gone if nothing is named any more."""
    rest = {key: fact for key, fact in facts.items() if key != READER}
    if seal is not None:
        name = str(facts[READER]).encode()[:_ROOM].decode(errors="ignore")
        rest[SEALED_READER] = base64.b64encode(seal.seal(place, name)).decode()
    return rest


@dataclass(slots=True)
class Names:
    """Opens names for a page of entries: each key is looked up and opened once."""

    session: Session
    permit: Permit
    sealer: Sealer
    _keys: dict[UUID, NameKey | None] = field(default_factory=dict)

    def open(self, place: Place, value: Sealed) -> str:
        """The words, or `ERASED`. Raises `Tampered` for what is not as it was written, and for a key that is gone and was never erased."""
        key = self.sealer.key_of(value)
        if key is None:
            return self.sealer.open_field(self.permit, place, value)
        if key not in self._keys:
            self._keys[key] = self._opened(key)
        opened = self._keys[key]
        return ERASED if opened is None else opened.open(place, value)

    def open_reader(self, place: Place, facts: Mapping[str, Any]) -> str:
        """The reader that an originator's part names; empty if it names none, or the name was erased."""
        if SEALED_READER not in facts:
            name = facts.get(READER)
            return name if isinstance(name, str) else ""
        try:
            value = Sealed(base64.b64decode(str(facts[SEALED_READER]), validate=True))
        except ValueError as error:
            raise Tampered("a reader's name is damaged") from error
        name = self.open(place, value)
        return "" if name == ERASED else name

    def _opened(self, key: UUID) -> NameKey | None:
        row = self.session.execute(select(LogKey.whose, LogKey.body, LogKey.sealed).where(LogKey.id == key)).one_or_none()
        person = _person(row.whose) if row is not None else None
        if row is not None and person is not None and self.sealer.is_erased(person, row.body):
            return None
        if row is not None and row.sealed is None and person is None:
            return None  # of strangers, whose month is over
        if row is None or row.sealed is None:
            raise Tampered(f"the key {key} of a name in the log is gone, and nobody erased it")
        return self.sealer.name_key(self.permit, WrappedKey(key, person, row.body, row.sealed))


def _person(name: str) -> UUID | None:
    return UUID(hex=name) if len(name) == 32 else None


def destroy(session: Session, person: UUID, at: datetime) -> int:
    """Destroy every key of this person's names, or of this document's words; how many there were. From now on nothing lies under one."""
    keys = update(LogKey).where(LogKey.whose == person.hex, LogKey.sealed.is_not(None)).values(sealed=None, destroyed_at=at)
    return len(session.scalars(keys.returning(LogKey.id)).all())


def keyed(session: Session) -> frozenset[tuple[UUID, str]]:
    """Each person and document of which there is a key, with the body that it is for."""
    found = session.execute(select(LogKey.whose, LogKey.body).where(LogKey.sealed.is_not(None)))
    return frozenset((person, body) for name, body in found if (person := _person(name)) is not None)


def past_months(session: Session, before: datetime) -> list[str]:
    """The months of strangers of which a key is left, all of them over before this time."""
    found = session.scalars(select(LogKey.whose).where(LogKey.whose < whose(None, before), LogKey.sealed.is_not(None)).distinct())
    return sorted(name for name in found if "-" in name)


def destroy_months(session: Session, months: list[str], at: datetime) -> None:
    session.execute(update(LogKey).where(LogKey.whose.in_(months)).values(sealed=None, destroyed_at=at))


def touched(session: Session, person: UUID) -> list[UUID]:
    """The documents that any act of this person was about."""
    found = select(AuditEvent.document).where(AuditEvent.actor == person, AuditEvent.document.is_not(None)).distinct()
    return [document for document in session.scalars(found) if document is not None]
