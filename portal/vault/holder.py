"""Who holds the key-encryption keys, and the few things they can be asked for. No call returns one.

Opening demands a permit and uses the keys of the permit's body only. `grant` is the only way to a wrap for another body. This one lives
in the portal's own process; holders elsewhere keep the same protocol.
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from portal.kernel.errors import Tampered
from portal.kernel.permit import Permit
from portal.kernel.sealing import NameSeal, Place, Sealed, WrappedKey
from portal.vault import names
from portal.vault.errors import Broken, LabelMismatch, Withdrawn
from portal.vault.fields import key_id_of, open_words, seal_words
from portal.vault.filekey import FileKey
from portal.vault.floors import Floors
from portal.vault.framing import framed
from portal.vault.grants import (
    Approval,
    ApprovalAct,
    Grant,
    GrantStatement,
    approval_bytes,
    must_be_agreed,
    must_hold_together,
    must_not_be_overtaken,
    recipient_label,
)
from portal.vault.keyring import PORTAL, Cipher, Keyring
from portal.vault.label import ObjectLabel
from portal.vault.wrap import Wrap, unwrap_key, wrap_key

_MAC = b"portal/mac/v1\0"


class Holder(Protocol):
    def wrap_own(self, label: ObjectLabel, file_key: FileKey) -> Wrap:
        """A wrap for the originator itself. It has no floor. Raises `Withdrawn` if the document was shredded."""
        ...

    def open(self, permit: Permit, wrap: Wrap, label: ObjectLabel) -> FileKey:
        """The file key, under the permit's body's key.

        Raises `Withdrawn` (looks like absence) for a wrap under its floor or of what was shredded, `LabelMismatch` if the label is not the
        one it was bound to, `Broken` for anything else that is not as it was written.
        """
        ...

    def approve(self, person: UUID, act: ApprovalAct, originator: str, digest: bytes) -> Approval:
        """One person's act over a statement's digest."""
        ...

    def grant(
        self,
        statement: GrantStatement,
        approvals: Sequence[Approval],
        *,
        wraps: Sequence[Wrap],
        title: tuple[Place, str],
        file_name: tuple[Place, str],
    ) -> Grant:
        """Wraps for the recipient at the current floors, and the share's words under its key. `wraps` are the originator's own.

        Raises `Unapproved` without a proposal and an approval of this very statement by two persons, or if the document was closed to the
        recipient since they agreed; `Tampered` for a MAC that is not ours.
        """
        ...

    def raise_floor(self, object_id: UUID, body: str) -> int:
        """Close an object, or every object of a document, to another body: no wrap made for it before opens any more.

        To the originator itself it is closed once and for all: that is shredding. Durable when this returns; the new floor.
        """
        ...

    def floor_of(self, object_id: UUID, body: str) -> int:
        """How often this object, or document, was closed to this body."""
        ...

    def floors(self) -> Mapping[tuple[UUID, str], int]:
        """Every floor above 0, by object or document and body: what a restored database is held against."""
        ...

    def floor_lines(self) -> int:
        """How often floors were raised in all."""
        ...

    def seal_field(self, body: str, place: Place, value: str) -> Sealed: ...

    def open_field(self, permit: Permit, place: Place, value: Sealed) -> str: ...

    def open_system_field(self, place: Place, value: Sealed) -> str:
        """Words of the portal's own rows, and no others: they belong to no body and need no permit."""
        ...

    def mac(self, body: str, purpose: str, message: bytes) -> bytes: ...

    def check(self, body: str, purpose: str, message: bytes, mac: bytes) -> None:
        """Raise `Tampered` unless `mac` is this body's MAC over this message for this purpose."""
        ...


class EmbeddedHolder:
    """The holder of a small installation: a keyring and floors, in the portal's process."""

    def __init__(self, keyring: Keyring, floors: Floors) -> None:
        self._keyring = keyring
        self._floors = floors
        self._seals = names.KeptSeals()

    # ---- objects
    def wrap_own(self, label: ObjectLabel, file_key: FileKey) -> Wrap:
        if label.share_id is not None or label.terms is not None or label.body == PORTAL:
            raise RuntimeError("only a grant wraps for another body")
        self._must_be_kept(label)
        return wrap_key(self._keyring.active_kek(label.body), file_key, label, floor=0)

    def open(self, permit: Permit, wrap: Wrap, label: ObjectLabel) -> FileKey:
        body = _body_of(permit)
        if label.body != body or wrap.body != body or wrap.object_id != label.object_id:
            raise RuntimeError(f"a permit of {body} was used on a key of {label.body}, or a wrap on another object")
        if permit.facts.document != label.document_id or (label.share_id is not None and permit.facts.share != label.share_id):
            raise RuntimeError(f"a permit for {permit.facts.type} was used on an object that hangs elsewhere")
        if label.share_id is not None:
            self._must_reach_floor(wrap, label)
        else:
            self._must_be_kept(label)
        return unwrap_key(self._keyring.kek(body, wrap.kek), wrap, label)

    def _must_be_kept(self, label: ObjectLabel) -> None:
        """The originator's own wraps have no floor, so any floor for its own body means: shredded, whatever a restored database says."""
        if self._needed(label, label.body):
            raise Withdrawn(f"object {label.object_id} of document {label.document_id} was shredded")

    def _needed(self, label: ObjectLabel, body: str) -> int:
        """The floor a wrap must have: how often its object, and its whole document, were closed to this body."""
        return self._floors.floor_of(label.object_id, body) + self._floors.floor_of(label.document_id, body)

    def _must_reach_floor(self, wrap: Wrap, label: ObjectLabel) -> None:
        floor = self._needed(label, wrap.body)
        if wrap.floor < floor:
            raise Withdrawn(f"a wrap of object {wrap.object_id} for {wrap.body} has floor {wrap.floor}, {floor} is needed")
        if wrap.floor > floor:
            raise Broken(f"a wrap of object {wrap.object_id} is above its floor: the floors file is older than the database")

    # ---- grants
    def approve(self, person: UUID, act: ApprovalAct, originator: str, digest: bytes) -> Approval:
        return Approval(person, act, digest, self._mac(originator, approval_bytes(person, act, originator, digest)))

    def grant(
        self,
        statement: GrantStatement,
        approvals: Sequence[Approval],
        *,
        wraps: Sequence[Wrap],
        title: tuple[Place, str],
        file_name: tuple[Place, str],
    ) -> Grant:
        must_hold_together(statement)
        if PORTAL in {statement.originator, statement.recipient}:
            raise RuntimeError("the portal itself is no party to a grant")
        must_be_agreed(statement, approvals, lambda message, mac: self._check(statement.originator, message, mac))
        must_not_be_overtaken(statement, self._floors.floor_of(statement.document_id, statement.recipient))
        own = {wrap.object_id: wrap for wrap in wraps}
        if len(wraps) != len(own) or own.keys() != {label.object_id for label in statement.objects}:
            raise RuntimeError("the wraps given are not those of the statement's objects")
        recipient = statement.recipient
        return Grant(
            wraps=tuple(self._regranted(own[label.object_id], label, statement) for label in statement.objects),
            title=self.seal_field(recipient, *title),
            file_name=self.seal_field(recipient, *file_name),
        )

    def _regranted(self, wrap: Wrap, label: ObjectLabel, statement: GrantStatement) -> Wrap:
        self._must_be_kept(label)
        file_key = unwrap_key(self._keyring.kek(statement.originator, wrap.kek), wrap, label)
        kek = self._keyring.active_kek(statement.recipient)
        floor = self._needed(label, statement.recipient)
        return wrap_key(kek, file_key, recipient_label(label, statement), floor)

    def raise_floor(self, object_id: UUID, body: str) -> int:
        return self._floors.raise_floor(object_id, body)

    def floor_of(self, object_id: UUID, body: str) -> int:
        return self._floors.floor_of(object_id, body)

    def floors(self) -> Mapping[tuple[UUID, str], int]:
        return self._floors.everything()

    def floor_lines(self) -> int:
        return self._floors.lines()

    # ---- words
    def seal_field(self, body: str, place: Place, value: str) -> Sealed:
        return seal_words(self._keyring.active_register(body), body, place, value)

    def open_field(self, permit: Permit, place: Place, value: Sealed) -> str:
        return self._open_field(_body_of(permit), place, value)

    def open_system_field(self, place: Place, value: Sealed) -> str:
        return self._open_field(PORTAL, place, value)

    def _open_field(self, body: str, place: Place, value: Sealed) -> str:
        key_id = key_id_of(value)
        if not key_id.startswith(f"{body}/"):
            raise LabelMismatch(f"words sealed under {key_id!r} in {place.table}.{place.column} were asked for by {body}")
        return open_words(self._keyring.register(body, key_id), body, place, value)

    # ---- names in the log
    def new_key(self, body: str, key: UUID) -> Sealed:
        return names.new_key(self._keyring.active_register(body), body, key)

    def key_of(self, value: Sealed) -> UUID | None:
        return names.key_of(value)

    def name_seal(self, key: WrappedKey) -> names.Seal:
        return names.Seal(self._name_cipher(key), key.body)

    def kept_seal(self, whose: str, body: str) -> NameSeal | None:
        return self._seals.get(whose, body)

    def keep_seal(self, whose: str, body: str, seal: NameSeal) -> None:
        self._seals.keep(whose, body, seal)

    def name_key(self, permit: Permit, key: WrappedKey) -> names.Key:
        if _body_of(permit) != key.body:
            raise LabelMismatch(f"a name sealed for {key.body} was asked for by {permit.body}")
        if key.person is not None and self.is_erased(key.person, key.body):
            raise Withdrawn(f"the names of {key.person} were erased")
        return names.Key(self._name_cipher(key), key.body)

    def is_erased(self, whose: UUID, body: str) -> bool:
        return self.names_are_erased(whose) or self._floors.floor_of(whose, body) > 0

    def names_are_erased(self, person: UUID) -> bool:
        return self._floors.floor_of(person, names.ERASED) > 0

    def forget_names(self, person: UUID) -> None:
        """No key of this person's names opens any more, whatever a database put back says. Durable when this returns."""
        self._seals.forget()
        if not self.names_are_erased(person):
            self._floors.raise_floor(person, names.ERASED)

    def erased(self) -> frozenset[UUID]:
        """Everybody whose names were erased."""
        return frozenset(person for person, what in self._floors.everything() if what == names.ERASED)

    def _name_cipher(self, key: WrappedKey) -> Cipher:
        return names.opened(self._keyring.register(key.body, key_id_of(key.sealed)), key)

    # ---- rows
    def mac(self, body: str, purpose: str, message: bytes) -> bytes:
        return self._mac(body, _MAC + framed(purpose, message))

    def check(self, body: str, purpose: str, message: bytes, mac: bytes) -> None:
        self._check(body, _MAC + framed(purpose, message), mac)

    def _mac(self, body: str, message: bytes) -> bytes:
        context = self._keyring.macs(body)[0]
        context.update(message)
        return context.digest()

    def _check(self, body: str, message: bytes, mac: bytes) -> None:
        for context in self._keyring.macs(body):
            context.update(message)
            if hmac.compare_digest(context.digest(), mac):
                return
        raise Tampered(f"a MAC of {body} does not match: a row was edited or put in from outside")


def _body_of(permit: Permit) -> str:
    if not isinstance(permit, Permit):
        raise TypeError("opening demands a permit")
    if permit.body == PORTAL:
        raise RuntimeError("nobody acts for the portal itself")
    return permit.body


__all__ = ["Approval", "EmbeddedHolder", "Grant", "GrantStatement", "Holder", "ObjectLabel", "Wrap", "recipient_label"]
