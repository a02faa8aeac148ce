"""The age v1 header (C2SP.org/age), kept apart from its payload: `header + payload` is a file that the stock age tool opens.

Written for one X25519 recipient, the recovery recipient of a body. Read strictly: canonical base64 without padding, full lines, the MAC,
nothing after it. Whatever is not exactly so is `Broken`.
"""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from portal.kernel.errors import Misconfigured
from portal.vault import bech32
from portal.vault.errors import Broken
from portal.vault.filekey import FILE_KEY_SIZE, FileKey, derived

_VERSION = b"age-encryption.org/v1"
_INFO = b"age-encryption.org/v1/X25519"
_RECIPIENT, _IDENTITY = "age", "AGE-SECRET-KEY-"
_COLUMNS = 64
_ARGUMENT = re.compile(rb"[!-~]+")
_ZERO_NONCE = bytes(12)  # each wrapping key is used once


def new_recovery_identity() -> tuple[str, str]:
    """A new X25519 pair as age writes it: the identity (`AGE-SECRET-KEY-1…`, to be kept offline) and its recipient (`age1…`)."""
    secret = X25519PrivateKey.generate()
    return encode_identity(secret.private_bytes_raw()), encode_recipient(secret.public_key().public_bytes_raw())


def encode_recipient(public: bytes) -> str:
    return bech32.encode(_RECIPIENT, public)


def encode_identity(secret: bytes) -> str:
    return bech32.encode(_IDENTITY.lower(), secret).upper()


def decode_recipient(text: str) -> bytes:
    """The 32 bytes of an `age1…` recipient; `Misconfigured` for any other text."""
    return _decoded(text, _RECIPIENT, "recovery recipient")


def decode_identity(text: str) -> bytes:
    """The 32 bytes of an `AGE-SECRET-KEY-1…` identity; `Misconfigured` for any other text, which is not repeated."""
    return _decoded(text, _IDENTITY, "recovery identity")


def _decoded(text: str, prefix: str, what: str) -> bytes:
    try:
        if not text.startswith(prefix + "1"):
            raise ValueError(f"it does not begin with {prefix}1")
        found, raw = bech32.decode(text)
        if found != prefix.lower() or len(raw) != 32:
            raise ValueError("it is of another kind")
    except ValueError as error:
        raise Misconfigured(f"the {what} is not one that age would take: {error}; copy it again, in full") from None
    return raw


def write_header(key: FileKey, recipient: str) -> bytes:
    """A header from which the holder of the recipient's identity gets the file key. `Misconfigured` for a recipient that is none."""
    public = decode_recipient(recipient)
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    try:
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise Misconfigured("the recovery recipient is a point of low order: make a new one with age-keygen") from error
    wrapping = ChaCha20Poly1305(derived(shared, salt=share + public, info=_INFO))
    body = wrapping.encrypt(_ZERO_NONCE, key.reveal(), None)
    head = _VERSION + b"\n-> X25519 " + _to64(share) + b"\n" + _to64(body) + b"\n---"
    return head + b" " + _to64(_mac(key, head)) + b"\n"


def open_header(header: bytes, identity: str) -> FileKey:
    """The file key, for the recovery identity. Raises `Broken` for a header that is damaged or meant for another identity."""
    secret = X25519PrivateKey.from_private_bytes(decode_identity(identity))
    stanzas, covered, mac = _parsed(header)
    for stanza in stanzas:
        key = _unwrapped(stanza, secret)
        if key is not None:
            if not hmac.compare_digest(_mac(key, header[:covered]), mac):
                raise Broken("the age header's MAC does not match")
            return key
    raise Broken("the age header is for another identity")


@dataclass(frozen=True, slots=True)
class _Stanza:
    kind: bytes
    arguments: tuple[bytes, ...]
    body: bytes


def _unwrapped(stanza: _Stanza, secret: X25519PrivateKey) -> FileKey | None:
    """The file key; None if the stanza is for somebody else."""
    if stanza.kind != b"X25519":
        return None
    if len(stanza.arguments) != 1 or len(stanza.body) != FILE_KEY_SIZE + 16:
        raise Broken("an X25519 stanza of the age header has another shape")
    share = _from64(stanza.arguments[0])
    public = secret.public_key().public_bytes_raw()
    try:
        shared = secret.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError as error:
        raise Broken("the share of an X25519 stanza is no usable point") from error
    try:
        raw = ChaCha20Poly1305(derived(shared, salt=share + public, info=_INFO)).decrypt(_ZERO_NONCE, stanza.body, None)
    except InvalidTag:
        return None
    return FileKey(raw)


def _parsed(header: bytes) -> tuple[list[_Stanza], int, bytes]:
    """The stanzas, how many bytes the MAC covers, and the MAC."""
    if not header.endswith(b"\n"):
        raise Broken("the age header is cut")
    lines = header[:-1].split(b"\n")
    if lines[0] != _VERSION:
        raise Broken("not an age v1 header")
    if not lines[-1].startswith(b"--- "):
        raise Broken("the age header does not end with its MAC")
    mac = _from64(lines[-1].removeprefix(b"--- "))
    if len(mac) != 32:
        raise Broken("the age header's MAC has another length")
    stanzas, at = [], 1
    while at < len(lines) - 1:
        stanza, at = _stanza(lines, at)
        stanzas.append(stanza)
    if not stanzas:
        raise Broken("the age header names no recipient")
    return stanzas, len(header) - len(lines[-1]) - 1 + len(b"---"), mac


def _stanza(lines: list[bytes], at: int) -> tuple[_Stanza, int]:
    """The stanza that begins at this line, and the line after it. A body ends with the first line that is not full."""
    if not lines[at].startswith(b"-> "):
        raise Broken("a stanza of the age header does not begin as it must")
    kind, *arguments = lines[at].removeprefix(b"-> ").split(b" ")
    if not all(_ARGUMENT.fullmatch(argument) for argument in (kind, *arguments)):
        raise Broken("a stanza of the age header has an argument that is none")
    body = []
    for line in lines[at + 1 : -1]:
        body.append(line)
        if len(line) > _COLUMNS:
            raise Broken("a line of the age header is too long")
        if len(line) < _COLUMNS:
            return _Stanza(kind, tuple(arguments), _from64(b"".join(body))), at + 1 + len(body)
    raise Broken("a stanza of the age header has no end")


def _mac(key: FileKey, covered: bytes) -> bytes:
    return hmac.digest(key.header_key(), covered, "sha256")


def _to64(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")


def _from64(text: bytes) -> bytes:
    """Standard base64 without padding; `Broken` for any text that encoding would not have given."""
    try:
        raw = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise Broken("the age header holds something that is not base64") from error
    if _to64(raw) != text:
        raise Broken("the age header holds base64 that is not canonical")
    return raw
