"""The header of an age v1 file (C2SP.org/age) with one X25519 recipient: the offline recovery key of a body.

`header + payload` opens with the stock `age -d -i identity`. Reading is strict: canonical base64 without padding, exact line lengths, a
header MAC that fits, nothing after it.
"""

import base64
import binascii
import hmac
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from portal.vault.bech32 import decode, encode
from portal.vault.errors import Broken
from portal.vault.stream import derive

VERSION = b"age-encryption.org/v1\n"
_INFO = b"age-encryption.org/v1/X25519"
_HEADER = re.compile(rb"(age-encryption\.org/v1\n-> X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n---) ([A-Za-z0-9+/]{43})\n", re.DOTALL)


def new_recovery_identity() -> tuple[str, str]:
    """A fresh identity (`AGE-SECRET-KEY-1…`, to be kept offline) and its recipient (`age1…`)."""
    private = X25519PrivateKey.generate()
    return encode("age-secret-key-", private.private_bytes_raw()).upper(), encode("age", private.public_key().public_bytes_raw())


def write_header(file_key: bytes, recipient: str) -> bytes:
    """A header that gives `file_key` (16 bytes) to `recipient` alone. `ValueError` for a recipient that is none."""
    public = _key_of(recipient, "age")
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    body = ChaCha20Poly1305(derive(secret, share + public, _INFO)).encrypt(bytes(12), file_key, None)
    head = VERSION + b"-> X25519 " + _b64(share) + b"\n" + _b64(body) + b"\n---"
    return head + b" " + _b64(_mac(file_key, head)) + b"\n"


def read_header(header: bytes, identity: str) -> bytes:
    """The file key. Raises `Broken` for a header that is not exactly one of ours, or not for this identity."""
    found = _HEADER.fullmatch(header)
    if found is None:
        raise Broken("not a header with one X25519 recipient")
    head, share, body, mac = found[1], _unb64(found[2]), _unb64(found[3]), _unb64(found[4])
    private = X25519PrivateKey.from_private_bytes(_key_of(identity.lower(), "age-secret-key-"))
    public = private.public_key().public_bytes_raw()
    try:
        secret = private.exchange(X25519PublicKey.from_public_bytes(share))
        file_key = ChaCha20Poly1305(derive(secret, share + public, _INFO)).decrypt(bytes(12), body, None)
    except (InvalidTag, ValueError) as error:
        raise Broken("the header is not for this identity") from error
    if not hmac.compare_digest(_mac(file_key, head), mac):
        raise Broken("the header's MAC does not fit")
    return file_key


def _mac(file_key: bytes, head: bytes) -> bytes:
    return hmac.digest(derive(file_key, None, b"header"), head, "sha256")


def _key_of(text: str, prefix: str) -> bytes:
    found, data = decode(text)
    if found != prefix or len(data) != 32:
        raise ValueError(f"not an {prefix}1… key")
    return data


def _b64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _unb64(text: bytes) -> bytes:
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise Broken("not base64") from error
    if _b64(data) != text:
        raise Broken("base64 that is not canonical")
    return data
