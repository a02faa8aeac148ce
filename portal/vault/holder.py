"""The key holder: everything that is done with a body's key-encryption key, and no call that returns one.

`grant` is the only way to a wrap for another body. This is the embedded holder, in the process of the portal; a holder of its own for
each body can stand behind the same protocol.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag

from portal.kernel.errors import Tampered
from portal.kernel.permit import Permit
from portal.kernel.sealing import Place, Sealed
from portal.vault.errors import LabelMismatch, Withdrawn
from portal.vault.fields import open_value, seal_value
from portal.vault.floors import Floors
from portal.vault.keyring import PORTAL, Keyring
from portal.vault.label import ObjectLabel, framed, members, number
from portal.vault.objects import FileKey
from portal.vault.stream import commitment

ALGORITHM = "AES-256-GCM-SIV"


@dataclass(frozen=True, slots=True)
class Wrap:
    """A file key under one body's KEK (RFC 8452). `kek` is `BODY/version`; `nonce` 12 bytes, `wrapped` 32."""

    object_id: UUID
    body: str
    kek: str
    algorithm: str
    floor: int
    nonce: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantStatement:
    """What two persons agree to: which rendition of which document goes to whom, at which level, under which terms and epoch."""

    share_id: UUID
    document_id: UUID
    version: int
    rendition_id: UUID
    originator: str
    recipient: str
    level: int
    caveats: frozenset[str]
    terms: bytes
    epoch: int
    objects: tuple[ObjectLabel, ...]

    def encode(self) -> bytes:
        """`portal/grant/v1`, then every field framed as in a label; the objects as their ids with `kc` and `ph`."""
        fields = (
            self.share_id.bytes,
            self.document_id.bytes,
            number(self.version),
            self.rendition_id.bytes,
            self.originator.encode(),
            self.recipient.encode(),
            number(self.level),
            members(self.caveats),
            self.terms,
            number(self.epoch),
            number(len(self.objects)),
            *(label.object_id.bytes + label.kc + label.ph for label in self.objects),
        )
        return b"portal/grant/v1\0" + b"".join(framed(field) for field in fields)

    def digest(self) -> bytes:
        return hashlib.sha256(self.encode()).digest()


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's act over one statement. `act` is `proposed` or `approved`; the MAC is the holder's."""

    person: UUID
    act: str
    digest: bytes
    mac: bytes


@dataclass(frozen=True, slots=True)
class Grant:
    """What a grant makes: a wrap of each object for the recipient, and the share's words sealed for them."""

    wraps: tuple[Wrap, ...]
    title: Sealed
    file_name: Sealed


class NotApproved(Tampered):
    """A grant without the approvals of two persons over this very statement."""

    code = "not_approved"


class Holder(Protocol):
    """What every key holder does, embedded or not."""

    def wrap_own(self, label: ObjectLabel, file_key: FileKey) -> Wrap: ...

    def open(self, permit: Permit, wrap: Wrap, label: ObjectLabel) -> FileKey: ...

    def approve(self, person: UUID, act: str, originator: str, digest: bytes) -> Approval: ...

    def grant(
        self,
        statement: GrantStatement,
        approvals: Sequence[Approval],
        *,
        wraps: Sequence[Wrap],
        title: tuple[Place, str],
        file_name: tuple[Place, str],
    ) -> Grant: ...

    def raise_floor(self, object_id: UUID, body: str) -> int: ...

    def seal_field(self, body: str, place: Place, value: str) -> Sealed: ...

    def open_field(self, permit: Permit, place: Place, value: Sealed) -> str: ...

    def open_system_field(self, place: Place, value: Sealed) -> str: ...

    def mac(self, body: str, purpose: str, message: bytes) -> bytes: ...

    def check(self, body: str, purpose: str, message: bytes, mac: bytes) -> None: ...


class EmbeddedHolder:
    """The holder inside the portal's own process (see the threat model for what that means)."""

    def __init__(self, keyring: Keyring, floors: Floors) -> None:
        self._keyring = keyring
        self._floors = floors

    # ---- objects
    def wrap_own(self, label: ObjectLabel, file_key: FileKey) -> Wrap:
        """Wrap a new object's key for the body it originates from. Own wraps have no floor."""
        if label.share_id is not None or label.terms is not None:
            raise RuntimeError("a wrap for another body is made by grant alone")
        return self._wrap(label, file_key, floor=0)

    def open(self, permit: Permit, wrap: Wrap, label: ObjectLabel) -> FileKey:
        """The file key, under the permit's own body's KEK and no other.

        Raises `Withdrawn` (closed since), `LabelMismatch` (the label is not the one it was wrapped for).
        """
        body = permit.body
        if (wrap.body, label.body, wrap.object_id) != (body, body, label.object_id):
            raise RuntimeError(f"a permit of {body} was used on a wrap of {wrap.body}")
        return self._unwrap(wrap, label)

    def approve(self, person: UUID, act: str, originator: str, digest: bytes) -> Approval:
        message = framed(person.bytes) + framed(act.encode()) + framed(digest)
        return Approval(person, act, digest, self.mac(originator, "approval", message))

    def grant(
        self,
        statement: GrantStatement,
        approvals: Sequence[Approval],
        *,
        wraps: Sequence[Wrap],
        title: tuple[Place, str],
        file_name: tuple[Place, str],
    ) -> Grant:
        """Wrap the statement's objects for the recipient, if two persons agreed to exactly this. Raises `NotApproved`."""
        if statement.recipient == statement.originator or statement.recipient == PORTAL:
            raise RuntimeError("a grant is for another body")
        self._demand_two(statement, approvals)
        granted = []
        for label, wrap in zip(statement.objects, wraps, strict=True):
            self._demand_fit(statement, label, wrap)
            file_key = self._unwrap(wrap, label)
            floor = self._floors.floor_of(label.object_id, statement.recipient)
            granted.append(self._wrap(recipient_label(label, statement), file_key, floor=floor))
        return Grant(
            tuple(granted),
            self.seal_field(statement.recipient, title[0], title[1]),
            self.seal_field(statement.recipient, file_name[0], file_name[1]),
        )

    def raise_floor(self, object_id: UUID, body: str) -> int:
        """Close an object to another body for every wrap made so far; durable when it returns."""
        return self._floors.raise_floor(object_id, body)

    # ---- words
    def seal_field(self, body: str, place: Place, value: str) -> Sealed:
        keys = self._keyring.of(body)
        return seal_value(keys.register, keys.active, body, place, value)

    def open_field(self, permit: Permit, place: Place, value: Sealed) -> str:
        """The words, if they were sealed for the permit's body at this very place; `Tampered` otherwise."""
        body = permit.body
        if body == PORTAL:
            raise RuntimeError("nobody signs in for the portal itself")
        keys = self._keyring.of(body)
        return open_value(keys.register, body, place, value)

    def open_system_field(self, place: Place, value: Sealed) -> str:
        """The portal's own words (session data); of no body."""
        return open_value(self._keyring.of(PORTAL).register, PORTAL, place, value)

    # ---- rows that open something
    def mac(self, body: str, purpose: str, message: bytes) -> bytes:
        return hmac.digest(self._keyring.of(body).mac, framed(purpose.encode()) + message, "sha256")

    def check(self, body: str, purpose: str, message: bytes, mac: bytes) -> None:
        """Raise `Tampered` unless `mac` is this holder's over exactly this message and purpose."""
        if not hmac.compare_digest(self.mac(body, purpose, message), bytes(mac)):
            raise Tampered(f"a {purpose} row of {body} was changed")

    # ---- inside
    def _wrap(self, label: ObjectLabel, file_key: FileKey, *, floor: int) -> Wrap:
        keys = self._keyring.of(label.body)
        kek, nonce = keys.keks[keys.active], secrets.token_bytes(12)
        wrapped = kek.cipher.encrypt(nonce, file_key.raw, label.encode(ALGORITHM, kek.id, floor))
        return Wrap(label.object_id, label.body, kek.id, ALGORITHM, floor, nonce, wrapped)

    def _unwrap(self, wrap: Wrap, label: ObjectLabel) -> FileKey:
        if label.share_id is not None and wrap.floor < self._floors.floor_of(label.object_id, label.body):
            raise Withdrawn(f"object {label.object_id} was closed to {label.body}")
        kek = self._keyring.of(label.body).keks.get(wrap.kek)
        if kek is None or wrap.algorithm != ALGORITHM or len(wrap.nonce) != 12:
            raise LabelMismatch(f"object {label.object_id}: no usable key {wrap.kek!r} for {label.body}")
        try:
            raw = kek.cipher.decrypt(wrap.nonce, wrap.wrapped, label.encode(wrap.algorithm, wrap.kek, wrap.floor))
        except InvalidTag as error:
            raise LabelMismatch(f"object {label.object_id}: the label is not the one its key was wrapped for") from error
        if not hmac.compare_digest(commitment(raw, label.payload_nonce), label.kc):
            raise LabelMismatch(f"object {label.object_id}: the key is not the one the label commits to")
        return FileKey(raw)

    def _demand_two(self, statement: GrantStatement, approvals: Sequence[Approval]) -> None:
        digest = statement.digest()
        if sorted(approval.act for approval in approvals) != ["approved", "proposed"]:
            raise NotApproved("a grant needs one proposal and one approval")
        if approvals[0].person == approvals[1].person:
            raise NotApproved("a grant needs two persons")
        for approval in approvals:
            expected = self.approve(approval.person, approval.act, statement.originator, digest)
            if not (hmac.compare_digest(approval.digest, digest) and hmac.compare_digest(approval.mac, expected.mac)):
                raise NotApproved(f"what was {approval.act} is not this statement")

    @staticmethod
    def _demand_fit(statement: GrantStatement, label: ObjectLabel, wrap: Wrap) -> None:
        own = (statement.document_id, statement.version, statement.rendition_id, statement.level, statement.caveats, statement.originator)
        if own != (label.document_id, label.version, label.rendition_id, label.level, label.caveats, label.body):
            raise NotApproved("an object of the grant is not of the rendition that was agreed to")
        if label.share_id is not None or (wrap.object_id, wrap.body) != (label.object_id, statement.originator):
            raise NotApproved("a grant starts from the originator's own wrap")


def recipient_label(label: ObjectLabel, statement: GrantStatement) -> ObjectLabel:
    """The label of the same object as the recipient of this share may open it."""
    return replace(label, body=statement.recipient, share_id=statement.share_id, terms=statement.terms)
