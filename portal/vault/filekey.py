"""The 16-byte key of one object. It shows nothing when printed and does not travel by pickle."""

import hmac
import secrets
from typing import NoReturn

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FILE_KEY_SIZE = 16


def derived(secret: bytes, *, salt: bytes | None, info: bytes) -> bytes:
    """32 bytes of HKDF-SHA256 (RFC 5869)."""
    return HKDF(SHA256(), 32, salt, info).derive(secret)


class FileKey:
    """An age file key (C2SP.org/age). Raises ValueError for another length than 16 bytes."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != FILE_KEY_SIZE:
            raise ValueError("a file key has 16 bytes")
        self._raw = bytes(raw)

    @classmethod
    def new(cls) -> "FileKey":
        return cls(secrets.token_bytes(FILE_KEY_SIZE))

    def reveal(self) -> bytes:
        """The bytes themselves: for wrapping and for an age header, never for a log or a row."""
        return self._raw

    def header_key(self) -> bytes:
        """The key of the age header's MAC."""
        return derived(self._raw, salt=None, info=b"header")

    def payload_key(self, nonce: bytes) -> bytes:
        """The key of the payload's chunks."""
        return derived(self._raw, salt=nonce, info=b"payload")

    def commitment(self, nonce: bytes) -> bytes:
        """`kc`: ChaCha20-Poly1305 does not commit to its key, so one payload can open under two; this says which one was meant."""
        return derived(self._raw, salt=nonce, info=b"portal/kc/v1")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileKey) and hmac.compare_digest(self._raw, other._raw)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<FileKey>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a file key stays in this process")
