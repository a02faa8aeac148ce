"""Keys of names in the log: one for each person and body, so that destroying a key erases a name and changes nothing else.

A key is 32 random bytes, kept in the database as words sealed under the body's register key. What is sealed under it has the form of all
sealed words (docs/formats/wrap.md), and names it as `CTED/name/<id>`.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from portal.kernel.sealing import NameSeal, Place, Sealed, WrappedKey, key_place
from portal.vault.errors import Broken, LabelMismatch
from portal.vault.fields import key_id_of, open_words, seal_words
from portal.vault.keyring import Cipher

#: Under which name floors keep that a person's names were erased. No body's code has a stroke.
ERASED = "PORTAL/names"
_HOUR, _MOST = 3600.0, 1000


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals, and cannot open."""

    _cipher: Cipher
    _body: str

    def seal(self, place: Place, value: str) -> Sealed:
        return seal_words(self._cipher, self._body, place, value)


@dataclass(frozen=True, slots=True)
class Key:
    _cipher: Cipher
    _body: str

    def open(self, place: Place, value: Sealed) -> str:
        if key_id_of(value) != self._cipher.id:
            raise LabelMismatch(f"words in {place.table}.{place.column} were sealed under another key")
        return open_words(self._cipher, self._body, place, value)


class KeptSeals:
    """Seals that were used lately, so that an event does not look its key up. All go after an hour: destroyed keys leave the memory, too.

    A key that was destroyed meanwhile in another process seals what nobody opens any more, which is what was wanted.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str], NameSeal] = {}
        self._since = clock()

    def get(self, whose: str, body: str) -> NameSeal | None:
        if self._clock() - self._since > _HOUR:
            self.forget()
        return self._kept.get((whose, body))

    def keep(self, whose: str, body: str, seal: NameSeal) -> None:
        if len(self._kept) >= _MOST:
            self.forget()
        self._kept[whose, body] = seal

    def forget(self) -> None:
        self._kept, self._since = {}, self._clock()


def new_key(register: Cipher, body: str, key: UUID) -> Sealed:
    return seal_words(register, body, key_place(key), secrets.token_hex(32))


def opened(register: Cipher, key: WrappedKey) -> Cipher:
    """Raises `LabelMismatch` or `Broken` for a row that is not as it was written."""
    try:
        raw = bytes.fromhex(open_words(register, key.body, key.place, key.sealed))
    except ValueError as error:
        raise Broken("a key of names is damaged") from error
    return Cipher(f"{key.body}/name/{key.id.hex}", AESGCMSIV(raw))


def key_of(value: Sealed) -> UUID | None:
    """The id of the key of names that words say they were sealed under; None for any other key."""
    kind, _, identity = key_id_of(value).partition("/")[2].partition("/")
    if kind != "name":
        return None
    try:
        return UUID(hex=identity)
    except ValueError as error:
        raise Broken("a sealed column names no key") from error
