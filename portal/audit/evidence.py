"""What leads from an event, as its reader sees it, to its leaf (docs/formats/log.md): enough to check it, and nothing that is hidden.

Whoever may see every column of the shared part is given what the digest of it takes beside these. Of another body's act the actor is
not shown, so the digest stands for the whole part; of an originator's event, of which only the private part is shown, it does so, too.
No digest can be guessed: the sealed columns, which all of them take in, are random to whoever does not hold them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from portal.audit.canonical import LEAF_TAG, Row, Unreadable, as_bytes, as_text, private_digest, raw, shared_digest
from portal.audit.entry import Entry, entry_columns, read_entry
from portal.audit.models import AuditEvent
from portal.audit.names import Names
from portal.audit.record import parted
from portal.kernel.merkle import leaf_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """In hexadecimal. Either `bodies`, `who` and `address` are there, the last two as digests, or `shared`, which stands for all columns.

    `opened` says which: with it the columns of the entry give the digest of the shared part.
    """

    salt: str
    private: str
    leaf_hash: str
    opened: bool
    bodies: tuple[str, ...] = ()
    who: str = ""
    address: str = ""
    shared: str = ""

    def facts(self) -> Mapping[str, str | list[str]]:
        """What a reader needs to come to the leaf by themself."""
        always = {"salt": self.salt, "private": self.private}
        if not self.opened:
            return always | {"shared": self.shared}
        return always | {"bodies": list(self.bodies), "who": self.who, "address": self.address}


def proven_columns(session: Session) -> list[ColumnElement[object]]:
    """What `read_proven` needs."""
    return [*entry_columns(session), raw(session, AuditEvent.salt)]


def read_proven(row: Row, body: str, names: Names) -> tuple[Entry, Evidence | None]:
    """The entry as this reader sees it, and its evidence; none if it was changed so that it has no digest."""
    entry = read_entry(row, body, names)
    try:
        return entry, _evidence(row, entry, body)
    except Unreadable:
        return entry, None


def _evidence(row: Row, entry: Entry, body: str) -> Evidence:
    salt, shared, private = as_bytes("salt", row["salt"]), shared_digest(row), private_digest(row)
    commitment = hashlib.sha256(LEAF_TAG + salt + shared + private).digest()
    leaf = leaf_hash(b"\x01" + entry.id.bytes + commitment).hex()
    bodies = parted(as_text("bodies", row["bodies"]).decode(errors="replace"))
    if not _sees_all(entry, body, bodies):
        return Evidence(salt=salt.hex(), private=private.hex(), leaf_hash=leaf, opened=False, shared=shared.hex())
    who, address = (hashlib.sha256(as_bytes(name, row[name])).hexdigest() for name in ("who", "address"))
    return Evidence(salt=salt.hex(), private=private.hex(), leaf_hash=leaf, opened=True, bodies=bodies, who=who, address=address)


def _sees_all(entry: Entry, body: str, bodies: tuple[str, ...]) -> bool:
    """Is every column of the shared part shown? Which further bodies an act touches is theirs to know."""
    return entry.shared and entry.actor_body in (body, "") and len(bodies) <= 2
