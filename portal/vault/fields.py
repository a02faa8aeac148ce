"""Words of one column of one row, sealed: AES-256-GCM-SIV under the body's register key, bound to their place (docs/formats/wrap.md).

Version byte, key id, nonce, ciphertext. The plaintext is padded to a multiple of 64 bytes, so that a short title does not tell its length.
"""

import secrets
from functools import cache, lru_cache

from cryptography.exceptions import InvalidTag

from portal.kernel.sealing import Place, Sealed
from portal.vault.errors import Broken, LabelMismatch
from portal.vault.framing import framed
from portal.vault.keyring import Cipher

_SCHEME = "portal/field/v1"
_VERSION = 1
_NONCE = 12
_TAG = 16
_BLOCK = 64


def seal_words(key: Cipher, body: str, place: Place, words: str) -> Sealed:
    nonce, key_id = secrets.token_bytes(_NONCE), key.id.encode("ascii")
    sealed = key.aead.encrypt(nonce, _padded(words), _bound(place, body, key.id))
    return Sealed(bytes([_VERSION, len(key_id)]) + key_id + nonce + sealed)


def key_id_of(value: Sealed) -> str:
    """The id of the key a value says it was sealed under; `Broken` for bytes that are no sealed value."""
    raw = bytes(value)
    if len(raw) < 2 or raw[0] != _VERSION or len(raw) < 2 + raw[1] + _NONCE + _BLOCK + _TAG:
        raise Broken("a sealed column holds bytes that are no sealed value")
    try:
        return raw[2 : 2 + raw[1]].decode("ascii")
    except UnicodeDecodeError as error:
        raise Broken("a sealed column names no key") from error


def open_words(key: Cipher, body: str, place: Place, value: Sealed) -> str:
    """The words. `LabelMismatch` if they were sealed for another place or changed since."""
    rest = bytes(value)[2 + len(key_id_of(value).encode("ascii")) :]
    try:
        padded = key.aead.decrypt(rest[:_NONCE], rest[_NONCE:], _bound(place, body, key.id))
    except InvalidTag as error:
        raise LabelMismatch(f"the words in {place.table}.{place.column} of row {place.row} do not belong there") from error
    return _unpadded(padded)


def _bound(place: Place, body: str, key_id: str) -> bytes:
    return _column(place.table, place.column) + framed(place.row, place.row_version) + _key(body, key_id)


@cache
def _column(table: str, column: str) -> bytes:
    return framed(_SCHEME, table, column)


@lru_cache(1024)
def _key(body: str, key_id: str) -> bytes:
    return framed(body, key_id)


def _padded(words: str) -> bytes:
    raw = framed(words)
    return raw + bytes(-len(raw) % _BLOCK)


def _unpadded(padded: bytes) -> str:
    length = int.from_bytes(padded[:4], "big")
    try:
        words = padded[4 : 4 + length].decode()
    except UnicodeDecodeError as error:
        raise Broken("sealed words are not UTF-8") from error
    if _padded(words) != padded:
        raise Broken("sealed words are framed in another way than ours")
    return words
