"""Who an age header is for (C2SP.org/age): two kinds of recipient, each with its identity and its stanza.

X25519 (`age1…`, `AGE-SECRET-KEY-1…`), which every age opens; ML-KEM-768 with X25519 (`age1pq1…`, `AGE-SECRET-KEY-PQ-1…`), which a
quantum computer does not break and an age before 1.3 does not know. The recipient's kind decides the stanza. A stanza of the right kind in
another shape is `Broken`, before anything is decrypted; one that is for somebody else is None.
"""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from portal.kernel.errors import Misconfigured
from portal.vault import bech32
from portal.vault.errors import Broken
from portal.vault.filekey import FILE_KEY_SIZE, FileKey, derived

_POINT = _SECRET = 32
_LATTICE, _ENCAPSULATED = 1184, 1088  # bytes of an ML-KEM-768 key, and of what it encapsulates (FIPS 203, table 3)
_WRAPPED = FILE_KEY_SIZE + 16
_ZERO_NONCE = bytes(12)  # each wrapping key is used once

_RECIPIENT, _HYBRID_RECIPIENT = "age", "age1pq"
_IDENTITY, _HYBRID_IDENTITY = "AGE-SECRET-KEY-", "AGE-SECRET-KEY-PQ-"


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient's lines of a header. `arguments` as they stand there, `body` decoded."""

    kind: bytes
    arguments: tuple[bytes, ...]
    body: bytes


class Recipient(Protocol):
    def wrap(self, key: FileKey) -> Stanza: ...


class Identity(Protocol):
    def unwrap(self, stanza: Stanza) -> FileKey | None:
        """The file key; None if the stanza is for somebody else. `Broken` if no such stanza can be."""
        ...

    def recipient(self) -> str: ...


def parse_recipient(text: str) -> Recipient:
    """`Misconfigured` for a text that is no recipient of either kind."""
    raw = decode_recipient(text)
    return X25519Recipient(raw) if len(raw) == _POINT else HybridRecipient(raw)


def parse_identity(text: str) -> Identity:
    """`Misconfigured` for a text that is no identity of either kind; it is not repeated."""
    raw = decode_identity(text)
    return HybridIdentity(raw) if text.startswith(_HYBRID_IDENTITY + "1") else X25519Identity(raw)


def new_recovery_identity(*, post_quantum: bool = False) -> tuple[str, str]:
    """A new pair as age writes it: the identity, to be kept offline, and its recipient."""
    identity = encode_identity(secrets.token_bytes(_SECRET), post_quantum=post_quantum)
    return identity, parse_identity(identity).recipient()


def decode_recipient(text: str) -> bytes:
    """The 32 bytes of an `age1…` recipient or the 1216 of an `age1pq1…`; `Misconfigured` for any other text."""
    if text.startswith(_HYBRID_RECIPIENT + "1"):
        return _decoded(text, _HYBRID_RECIPIENT, _LATTICE + _POINT, "recovery recipient")
    return _decoded(text, _RECIPIENT, _POINT, "recovery recipient")


def decode_identity(text: str) -> bytes:
    """The 32 bytes of an `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…` identity; `Misconfigured` for any other text, not repeated."""
    prefix = _HYBRID_IDENTITY if text.startswith(_HYBRID_IDENTITY + "1") else _IDENTITY
    return _decoded(text, prefix, _SECRET, "recovery identity")


def encode_recipient(public: bytes) -> str:
    """A public key of 32 bytes, or of 1216, as a recipient of its kind."""
    return bech32.encode(_RECIPIENT if len(public) == _POINT else _HYBRID_RECIPIENT, public)


def encode_identity(secret: bytes, *, post_quantum: bool = False) -> str:
    return bech32.encode((_HYBRID_IDENTITY if post_quantum else _IDENTITY).lower(), secret).upper()


def _decoded(text: str, prefix: str, size: int, what: str) -> bytes:
    try:
        if not text.startswith(prefix + "1"):
            raise ValueError(f"it does not begin with {prefix}1")
        found, raw = bech32.decode(text)
        if found != prefix.lower() or len(raw) != size:
            raise ValueError("it is of another kind")
    except ValueError as error:
        raise Misconfigured(f"the {what} is not one that age would take: {error}; copy it again, in full") from None
    return raw


# ---- X25519
class X25519Recipient:
    KIND = b"X25519"
    INFO = b"age-encryption.org/v1/X25519"

    def __init__(self, public: bytes) -> None:
        self._public = public

    def wrap(self, key: FileKey) -> Stanza:
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        try:
            shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(self._public))
        except ValueError as error:
            raise Misconfigured("the recovery recipient is a point of low order: make a new one with age-keygen") from error
        wrapping = ChaCha20Poly1305(derived(shared, salt=share + self._public, info=self.INFO))
        return Stanza(self.KIND, (to64(share),), wrapping.encrypt(_ZERO_NONCE, key.reveal(), None))


class X25519Identity:
    def __init__(self, secret: bytes) -> None:
        self._secret = X25519PrivateKey.from_private_bytes(secret)
        self._public = self._secret.public_key().public_bytes_raw()

    def recipient(self) -> str:
        return encode_recipient(self._public)

    def unwrap(self, stanza: Stanza) -> FileKey | None:
        if stanza.kind != X25519Recipient.KIND:
            return None
        share = _share(stanza, _POINT)
        try:
            shared = self._secret.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError as error:
            raise Broken("the share of an X25519 stanza is no usable point") from error
        wrapping = ChaCha20Poly1305(derived(shared, salt=share + self._public, info=X25519Recipient.INFO))
        try:
            return FileKey(wrapping.decrypt(_ZERO_NONCE, stanza.body, None))
        except InvalidTag:
            return None


# ---- ML-KEM-768 with X25519
class HybridRecipient:
    KIND = b"mlkem768x25519"
    INFO = b"age-encryption.org/mlkem768x25519"

    def __init__(self, public: bytes) -> None:
        try:
            lattice, point = MLKEM768PublicKey.from_public_bytes(public[:_LATTICE]), X25519PublicKey.from_public_bytes(public[_LATTICE:])
            self._public = hpke.MLKEM768X25519PublicKey(lattice, point)
        except ValueError as error:
            raise Misconfigured("the recovery recipient is no key of ML-KEM-768: copy it again, in full") from error

    def wrap(self, key: FileKey) -> Stanza:
        try:
            sealed = _suite().encrypt(key.reveal(), self._public, self.INFO)
        except ValueError as error:
            raise Misconfigured("the recovery recipient has a point of low order: make a new one") from error
        share, body = sealed[:-_WRAPPED], sealed[-_WRAPPED:]
        return Stanza(self.KIND, (to64(share),), body)


class HybridIdentity:
    def __init__(self, secret: bytes) -> None:
        expanded = hashlib.shake_256(secret).digest(96)  # X-Wing: 64 bytes are the seed of ML-KEM-768, 32 the scalar of X25519
        lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        point = X25519PrivateKey.from_private_bytes(expanded[64:])
        self._secret, self._point = hpke.MLKEM768X25519PrivateKey(lattice, point), point
        self._public = lattice.public_key().public_bytes_raw() + point.public_key().public_bytes_raw()

    def recipient(self) -> str:
        return encode_recipient(self._public)

    def unwrap(self, stanza: Stanza) -> FileKey | None:
        if stanza.kind != HybridRecipient.KIND:
            return None
        share = _share(stanza, _ENCAPSULATED + _POINT)
        try:
            self._point.exchange(X25519PublicKey.from_public_bytes(share[-_POINT:]))
        except ValueError as error:
            raise Broken("the share of an mlkem768x25519 stanza has no usable point") from error
        try:
            return FileKey(_suite().decrypt(share + stanza.body, self._secret, HybridRecipient.INFO))
        except InvalidTag:  # what HPKE says of an unusable point, too: hence the look at it before
            return None


def _suite() -> hpke.Suite:
    return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


# ---- shared
def _share(stanza: Stanza, size: int) -> bytes:
    """The stanza's one argument, of so many bytes. The body's length is checked here, too: before decrypting, never after."""
    if len(stanza.arguments) != 1 or len(stanza.body) != _WRAPPED:
        raise Broken(f"an {stanza.kind.decode()} stanza of the age header has another shape")
    share = from64(stanza.arguments[0])
    if len(share) != size:
        raise Broken(f"the share of an {stanza.kind.decode()} stanza has another length")
    return share


def to64(raw: bytes) -> bytes:
    """Standard base64 without padding."""
    return base64.b64encode(raw).rstrip(b"=")


def from64(text: bytes) -> bytes:
    """Standard base64 without padding; `Broken` for any text that encoding would not have given."""
    try:
        raw = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise Broken("the age header holds something that is not base64") from error
    if to64(raw) != text:
        raise Broken("the age header holds base64 that is not canonical")
    return raw
