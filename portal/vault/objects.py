"""Sealed objects: an age payload in the store, its header beside it and in the database, and a key that only the holder keeps.

The header is detached because a header inside an object under retention could not be shredded, and changing a recovery key must not
rewrite gigabytes.
"""

import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from portal.kernel.ids import new_id, new_object_key
from portal.vault.age import write_header
from portal.vault.errors import Broken
from portal.vault.store import Store
from portal.vault.stream import CHUNK, NONCE, Opening, Sealing, commitment, payload_size

SIDECAR = ".age-header"


@dataclass(frozen=True, slots=True)
class FileKey:
    """The 16 bytes that open one object. Shows nothing of itself."""

    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != 16:
            raise Broken("a file key has 16 bytes")


@dataclass(frozen=True, slots=True)
class SealedObject:
    """What is known of a sealed object. Sizes in bytes; `kc` commits to its key, `ph` is the root over its sealed chunks."""

    id: UUID
    store_key: str
    size: int
    payload_size: int
    nonce: bytes
    kc: bytes
    ph: bytes
    header: bytes


class Vault:
    def __init__(self, store: Store) -> None:
        self._store = store

    def seal(self, chunks: Iterable[bytes], size: int, recipient: str) -> tuple[SealedObject, FileKey]:
        """Seal exactly `size` bytes under a fresh key, recoverable by `recipient`; durable when it returns.

        Raises `SizeMismatch` if the source gives another number of bytes, or what the source raised; then nothing is left.
        """
        key, nonce, name = secrets.token_bytes(16), secrets.token_bytes(NONCE), new_object_key()
        header = write_header(key, recipient)
        sealing = Sealing(key, nonce, chunks)
        stored = payload_size(size)
        self._store.put(name, sealing, stored)
        try:
            self._store.put(name + SIDECAR, [header], len(header))
        except BaseException:
            self._store.delete(name)
            raise
        return SealedObject(new_id(), name, size, stored, nonce, commitment(key, nonce), sealing.ph, header), FileKey(key)

    def open(self, sealed: SealedObject, key: FileKey, offset: int = 0, length: int | None = None) -> bytes:
        """Authenticated plaintext of a range. Raises `Broken`; never returns a byte that does not authenticate."""
        return b"".join(self._range(sealed, key, offset, sealed.size if length is None else length))

    def stream(self, sealed: SealedObject, key: FileKey) -> Iterator[bytes]:
        """The whole plaintext, chunk by chunk."""
        return self._range(sealed, key, 0, sealed.size)

    def discard(self, sealed: SealedObject) -> None:
        """Remove the object and its header."""
        self.discard_key(sealed.store_key)

    def discard_key(self, store_key: str) -> None:
        self._store.delete(store_key + SIDECAR)
        self._store.delete(store_key)

    def stored(self) -> Iterator[tuple[str, timedelta]]:
        """(key, age) of every payload in the store, for the sweep of objects that no row names."""
        return ((key, age) for key, age in self._store.list() if not key.endswith(SIDECAR))

    def _range(self, sealed: SealedObject, key: FileKey, offset: int, length: int) -> Iterator[bytes]:
        if not hmac.compare_digest(commitment(key.raw, sealed.nonce), sealed.kc):
            raise Broken(f"object {sealed.id}: the key is not the one it was sealed under")
        opening = Opening(key.raw, sealed.payload_size, lambda at, count: self._store.get(sealed.store_key, at, count))
        if opening.size != sealed.size or self._store.stat(sealed.store_key) != sealed.payload_size:
            raise Broken(f"object {sealed.id}: the stored size is not the recorded one")
        if self._store.get(sealed.store_key, 0, NONCE) != sealed.nonce:
            raise Broken(f"object {sealed.id}: the payload is another one")
        return opening.range(offset, length)


__all__ = ["CHUNK", "FileKey", "SealedObject", "Vault"]
