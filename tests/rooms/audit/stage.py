"""What the tests of the log stand on: a real database file, a real sealer of their own, records that tell a small story."""

import hashlib
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from portal.audit.checkpoint import Checkpoint
from portal.audit.findings import Report
from portal.audit.guard import Guard
from portal.audit.log import append
from portal.audit.record import Fact, Outcome, Record
from portal.audit.sequencer import Batch, Sequencer, store_checkpoint, take_batch
from portal.audit.signing import create_log_key, load_log_key
from portal.audit.verify import verify_log
from portal.kernel.actions import Action
from portal.kernel.database import Base, Database
from portal.kernel.errors import Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Facts, Permit, ResourceType, Subject
from portal.kernel.sealing import Place, Sealed, WrappedKey, key_place
from portal.kernel.vocabulary import Level, Role
from tests.common import databases

ORIGIN = "portal.example/log1"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ADA = uuid5(UUID(int=0), "ada of the Office")
BEN = uuid5(UUID(int=0), "ben of the Directorate")
REPORT = uuid5(UUID(int=0), "a report on Samoria")


class Keyring:
    """A sealer with one key per body: what the vault is to the log, and no more."""

    def __init__(self) -> None:
        self.erased: set[UUID] = set()
        self._keys = {body: AESGCMSIV(secrets.token_bytes(32)) for body in ("CTED", "OCT", "PORTAL")}

    def seal_field(self, body: str, place: Place, value: str) -> Sealed:
        nonce = secrets.token_bytes(12)
        padded = value.encode().ljust(64, b"\0")
        return Sealed(nonce + self._keys[body].encrypt(nonce, padded, self._bound(body, place)))

    def open_field(self, permit: Permit, place: Place, value: Sealed) -> str:
        try:
            return self._keys[permit.body].decrypt(value[:12], value[12:], self._bound(permit.body, place)).rstrip(b"\0").decode()
        except InvalidTag as error:
            raise Tampered(f"{place.table}.{place.column} does not open") from error

    def new_key(self, body: str, key: UUID) -> Sealed:
        return self.seal_field(body, key_place(key), secrets.token_hex(32))

    def key_of(self, value: Sealed) -> UUID | None:
        return UUID(bytes=value[4:20]) if value[:4] == b"name" else None

    def name_seal(self, key: WrappedKey) -> "OneKey":
        raw = self._keys[key.body].decrypt(key.sealed[:12], key.sealed[12:], self._bound(key.body, key.place)).decode()
        return OneKey(key.id, AESGCMSIV(bytes.fromhex(raw)))

    def kept_seal(self, whose: str, body: str) -> None:
        return None

    def keep_seal(self, whose: str, body: str, seal: object) -> None:
        pass

    def name_key(self, permit: Permit, key: WrappedKey) -> "OneKey":
        assert permit.body == key.body
        return self.name_seal(key)

    def is_erased(self, whose: UUID, body: str) -> bool:
        return whose in self.erased

    @staticmethod
    def _bound(body: str, place: Place) -> bytes:
        return f"{body}/{place.table}/{place.column}/{place.row}/{place.row_version}".encode()


@dataclass
class OneKey:
    id: UUID
    aead: AESGCMSIV

    def seal(self, place: Place, value: str) -> Sealed:
        nonce = secrets.token_bytes(12)
        return Sealed(b"name" + self.id.bytes + nonce + self.aead.encrypt(nonce, value.encode(), str(place).encode()))

    def open(self, place: Place, value: Sealed) -> str:
        try:
            return self.aead.decrypt(value[20:32], value[32:], str(place).encode()).decode()
        except InvalidTag as error:
            raise Tampered(f"{place.table}.{place.column} does not open") from error


def auditor(body: str, action: Action = Action.AUDIT_READ) -> Permit:
    subject = Subject(uuid5(UUID(int=0), body), body, frozenset({Role.AUDITOR}), Level.CONFIDENTIAL, True, 1, UUID(int=9))
    facts = Facts(type=ResourceType.BODY, id=body, attributes={}, originator=body)
    return Permit(subject=subject, action=action, facts=facts, rules=("auditors-read",), policy_hash="p1")


def reading(number: int = 0, **changes: object) -> Record:
    """A reviewer of the Office looks at a page that the Directorate shared."""
    values: dict[str, object] = {
        "event": Event.SHARE_PAGE_READ,
        "actor": ADA,
        "actor_body": "OCT",
        "actor_roles": ("reviewer",),
        "session": UUID(int=77),
        "who": "Ada Nordmark",
        "address": "192.0.2.7",
        "action": "share:read",
        "object_type": "Share",
        "object_id": f"share-{number}",
        "document": REPORT,
        "share": UUID(int=500 + number),
        "bodies": frozenset({"CTED", "OCT"}),
        "rules": ("recipient-reads",),
        "policy_hash": "5d41402abc4b2a76",
        "detail": {"page": number + 1},
        "originator": "CTED",
    }
    return Record(**{**values, **changes})  # type: ignore[arg-type]


def probe(private: Mapping[str, Fact], originator: str) -> Record:
    """The same reviewer asks for a share by an id that is not theirs, or nobody's."""
    return reading(
        outcome=Outcome.REFUSED,
        code="not_found",
        object_id="",
        document=None,
        share=None,
        bodies=frozenset({"OCT"}),
        rules=(),
        detail={},
        private=private,
        originator=originator,
    )


@dataclass
class Stage:
    """A portal's log in a directory."""

    home: Path
    sealer: Keyring = field(default_factory=Keyring)
    at: datetime = NOON

    def __post_init__(self) -> None:
        self.url = databases.room(self.home)
        self.database = Database(self.url)
        self.guard = Guard(self.home / "guard", ORIGIN)
        self.log_dir = self.home / "log"
        if not self.guard.path.exists():
            with self.database.write() as session:
                Base.metadata.create_all(session.connection())
                session.commit()
            create_log_key(self.home / "log.key", ORIGIN)
            self.guard.create()
        self.restart()

    def copied(self, home: Path) -> "Stage":
        """The same log in another directory; the tables are made and the first events happen once for many tests."""
        self.database.close()
        shutil.copytree(self.home, home, dirs_exist_ok=True)
        databases.room_copied(home)
        return Stage(home, self.sealer, self.at)

    def restart(self) -> None:
        """A new process: nothing is remembered but what is on disk."""
        self.key = load_log_key(self.home / "log.key", ORIGIN)
        self.sequencer = Sequencer(self.log_dir, self.guard, self.key)

    def happen(self, *records: Record) -> list[UUID]:
        with self.database.write() as session:
            ids = [append(session, record, at=self.tick(), sealer=self.sealer) for record in records]
            session.commit()
        return ids

    def tick(self) -> datetime:
        self.at += timedelta(milliseconds=10)
        return self.at

    def batch(self, limit: int = 4096) -> Batch | None:
        with self.database.write() as session:
            batch = take_batch(session, limit)
            session.commit()
        return batch

    def publish(self) -> Checkpoint:
        with self.database.read() as session:
            return self.sequencer.publish(session, at=self.tick())

    def store(self, checkpoint: Checkpoint) -> bool:
        with self.database.write() as session:
            added = store_checkpoint(session, checkpoint)
            session.commit()
        return added

    def sequence(self) -> Checkpoint:
        self.batch()
        checkpoint = self.publish()
        self.store(checkpoint)
        return checkpoint

    def verify(self, *, tiles: bool = True, guard: bool = True, later: timedelta = timedelta(0), since: str | None = None) -> Report:
        with self.database.read() as session:
            return verify_log(
                session,
                log_dir=self.log_dir if tiles else None,
                verifier_key=str(self.key.verifier),
                guard_path=self.guard.path if guard else None,
                at=self.at + later,
                since=since,
            )

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """What somebody with the database file can do: no types, no foreign keys, no rules."""
        return databases.tamper(self.url, statement, values)

    def close(self) -> None:
        self.database.close()
        databases.discard(self.url)

    def leaf_of(self, event_id: UUID) -> int:
        ((index,),) = self.sql("SELECT leaf_index FROM audit_leaf WHERE event_id = ?", event_id.hex)
        assert isinstance(index, int)
        return index

    def kinds(self, **options: bool) -> list[str]:
        return [str(finding.kind) for finding in self.verify(**options).findings]


def independent_root(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, written down as the recursion it is."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1 << (len(entries) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + independent_root(entries[:split]) + independent_root(entries[split:])).digest()
