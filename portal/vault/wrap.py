"""A file key wrapped for one body: AES-256-GCM-SIV under its key-encryption key, bound to the object's label (docs/formats/wrap.md).

No trial decryption: the wrap names its key, its algorithm and its floor, and all three are bound, too.
"""

import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag

from portal.vault.errors import Broken, LabelMismatch
from portal.vault.filekey import FILE_KEY_SIZE, FileKey
from portal.vault.keyring import Cipher
from portal.vault.label import ObjectLabel

ALGORITHM = "AES-256-GCM-SIV"
NONCE = 12
WRAPPED = FILE_KEY_SIZE + 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrap:
    """An object's file key under the key `kek` of `body`. The originator's own wraps have floor 0."""

    object_id: UUID
    body: str
    kek: str
    algorithm: str
    floor: int
    nonce: bytes
    wrapped: bytes


def wrap_key(kek: Cipher, file_key: FileKey, label: ObjectLabel, floor: int) -> Wrap:
    nonce = secrets.token_bytes(NONCE)
    aad = label.encode(ALGORITHM, kek.id, floor)
    return Wrap(
        object_id=label.object_id,
        body=label.body,
        kek=kek.id,
        algorithm=ALGORITHM,
        floor=floor,
        nonce=nonce,
        wrapped=kek.aead.encrypt(nonce, file_key.reveal(), aad),
    )


def unwrap_key(kek: Cipher, wrap: Wrap, label: ObjectLabel) -> FileKey:
    """The file key. `LabelMismatch` if the label is not the one it was wrapped under, `Broken` for anything else that is wrong."""
    if wrap.algorithm != ALGORITHM or len(wrap.nonce) != NONCE or len(wrap.wrapped) != WRAPPED:
        raise Broken(f"the wrap of object {wrap.object_id} has another shape")
    try:
        raw = kek.aead.decrypt(wrap.nonce, wrap.wrapped, label.encode(wrap.algorithm, kek.id, wrap.floor))
    except InvalidTag as error:
        raise LabelMismatch(f"the key of object {wrap.object_id} is bound to another label than the one recorded now") from error
    key = FileKey(raw)
    if not hmac.compare_digest(key.commitment(label.payload_nonce), label.kc):
        raise Broken(f"object {wrap.object_id}: the wrapped key is not the one it was sealed with")
    return key
