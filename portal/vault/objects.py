"""Objects sealed into a store and opened from it. Order: object first, row second; a sweep collects what no row names.

The age header lies beside the payload, not in it, so that it can be deleted even where the payload cannot.
"""

import hmac
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.kernel.errors import Unavailable
from portal.kernel.ids import new_id, new_object_key
from portal.vault.age import write_header
from portal.vault.errors import Broken, Retained
from portal.vault.filekey import FileKey
from portal.vault.looking import look
from portal.vault.store import HEADER_SUFFIX, TRANSIENT_SUFFIX, Store, Stored
from portal.vault.stream import Opening, Sealing, payload_size


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedObject:
    """All that is recorded of a sealed object. `size` is the plaintext's, `payload_size` the stored payload's, in bytes.

    `kc` commits to the file key, `ph` is the root over the ciphertext's chunks, `header` the age header for the recovery recipient,
    empty once the object was shredded.
    """

    id: UUID
    store_key: str
    size: int
    payload_size: int
    nonce: bytes
    kc: bytes
    ph: bytes
    header: bytes


class Vault:
    """Seals into and opens from one store. Holds no keys."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def seal(self, chunks: Iterable[bytes], size: int, recipient: str, *, transient: bool = False) -> tuple[SealedObject, FileKey]:
        """Seal `size` bytes under a fresh key, which the recovery recipient can open, too. `transient`: it is to be deleted soon.

        Raises `WrongSize` if the source gives fewer or more, or whatever it raises; on any failure nothing is left in the store.
        """
        key = FileKey.new()
        header = write_header(key, recipient)
        sealing = Sealing(key, chunks, size)
        name = new_object_key() + (TRANSIENT_SUFFIX if transient else "")
        try:
            self._store.put(name, sealing, payload_size(size))
            self._store.put(name + HEADER_SUFFIX, [header], len(header))
        except BaseException:
            with suppress(Unavailable):  # then the sweep collects it; what is told is why it failed
                self.discard_key(name)
            raise
        sealed = SealedObject(
            id=new_id(),
            store_key=name,
            size=size,
            payload_size=payload_size(size),
            nonce=sealing.nonce,
            kc=key.commitment(sealing.nonce),
            ph=sealing.ph,
            header=header,
        )
        return sealed, key

    def open(self, sealed: SealedObject, key: FileKey, offset: int = 0, length: int | None = None) -> bytes:
        """Plaintext from `offset`; like a slice, shorter where the object ends. `Broken` for anything that is not as it was sealed."""
        return self._opening(sealed, key).read(offset, length)

    def stream(self, sealed: SealedObject, key: FileKey, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The same as `open`, piece by piece. What can be told from key, length and final chunk is told before this returns."""
        return self._opening(sealed, key).stream(offset, length)

    def reader(self, sealed: SealedObject, key: FileKey) -> Opening:
        """For many reads at places of its reader's choosing: `size`, and `read(offset, length)`. `Broken` as with `open`."""
        return self._opening(sealed, key)

    def discard(self, sealed: SealedObject) -> None:
        """Remove header and payload."""
        self.discard_key(sealed.store_key)

    def discard_key(self, store_key: str) -> None:
        """Remove header and payload; the header first, so that what a crash in between leaves is a payload, which the sweep finds."""
        self._store.delete(store_key + HEADER_SUFFIX)
        self._store.delete(store_key)

    def destroy(self, store_key: str) -> bool:
        """Of an object that was shredded: remove its header for good, then its payload. False if the store keeps the payload.

        A payload under a retention lock stays: ciphertext whose key is nowhere. Raises `Unavailable` if the header cannot be removed.
        """
        self._store.delete(store_key + HEADER_SUFFIX)
        try:
            self._store.delete(store_key)
        except (Retained, Unavailable):
            return False
        return True

    def stored(self) -> frozenset[str]:
        """The key of every payload of which anything lies in the store, were it only its header."""
        return frozenset(key.removesuffix(HEADER_SUFFIX) for key, _ in self._store.list())

    def keep(self, sealed: SealedObject, until: datetime) -> None:
        """The store keeps the payload until then; its header stays deletable. No-op where the store cannot. `Broken` if it is gone."""
        self._store.keep(sealed.store_key, until)

    def listed(self, prefix: str = "") -> Iterator[Stored]:
        """Everything stored, headers too, whose key begins with `prefix`."""
        return self._store.listed(prefix)

    def check(self, sealed: SealedObject, *, whole: bool) -> str:
        """What is wrong with the stored object, as a code of `looking`, or "". `whole`: read every byte, not only the sizes."""
        return look(self._store, sealed.store_key, sealed.payload_size, sealed.header, (sealed.nonce, sealed.ph) if whole else None)

    def keys(self) -> Iterator[tuple[str, timedelta]]:
        """Every stored payload with its age, for the sweep of objects that no row names."""
        return ((key, age) for key, age in self._store.list() if not key.endswith(HEADER_SUFFIX))

    def sweep_temporaries(self, older_than: timedelta = timedelta(hours=1)) -> int:
        """Remove what a crash in the middle of a put left behind; returns how many."""
        return self._store.sweep_temporaries(older_than)

    def _opening(self, sealed: SealedObject, key: FileKey) -> Opening:
        if not hmac.compare_digest(key.commitment(sealed.nonce), sealed.kc):
            raise Broken(f"object {sealed.id}: the key is not the one it was sealed with")
        if self._store.stat(sealed.store_key) != sealed.payload_size:
            raise Broken(f"object {sealed.id}: the stored payload has another size than recorded")
        opening = Opening(key, sealed.nonce, sealed.payload_size, lambda offset, length: self._store.get(sealed.store_key, offset, length))
        if opening.size != sealed.size:
            raise Broken(f"object {sealed.id}: recorded sizes of plaintext and payload do not fit")
        return opening


__all__ = ["FileKey", "SealedObject", "Vault"]
