"""Sealed columns: AES-256-GCM-SIV (RFC 8452) under a body's register key, bound to the very cell.

`01`, u8 length and text of the key's id, 12-byte nonce, ciphertext. Additional data: `portal/field/v1`, table, column, row, row version,
body, key id, each framed. The text is framed and padded to a multiple of 64 bytes, so that a length tells little.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from portal.kernel.errors import Tampered
from portal.kernel.sealing import Place, Sealed
from portal.vault.label import framed, number

VERSION = 1
STEP = 64


def seal_value(key: bytes, key_id: str, body: str, place: Place, value: str) -> Sealed:
    """Seal a text for this cell."""
    plain = framed(value.encode())
    plain += bytes(-len(plain) % STEP)
    nonce, name = secrets.token_bytes(12), key_id.encode()
    sealed = AESGCMSIV(key).encrypt(nonce, plain, _aad(place, body, key_id))
    return Sealed(bytes([VERSION, len(name)]) + name + nonce + sealed)


def open_value(key: bytes, body: str, place: Place, value: Sealed) -> str:
    """The text of this cell. Raises `Tampered` for anything that was not sealed for this body and this cell."""
    try:
        if value[0] != VERSION:
            raise Tampered(f"{place.table}.{place.column} has an unknown format")
        name = value[2 : 2 + value[1]]
        rest = value[2 + len(name) :]
        plain = AESGCMSIV(key).decrypt(bytes(rest[:12]), bytes(rest[12:]), _aad(place, body, name.decode()))
        length = int.from_bytes(plain[:4], "big")
        if length > len(plain) - 4 or any(plain[4 + length :]):
            raise Tampered(f"{place.table}.{place.column} is badly padded")
        return plain[4 : 4 + length].decode()
    except (InvalidTag, IndexError, ValueError) as error:
        raise Tampered(f"{place.table}.{place.column} of row {place.row} does not open for {body}") from error


def _aad(place: Place, body: str, key_id: str) -> bytes:
    parts = (
        b"portal/field/v1",
        place.table.encode(),
        place.column.encode(),
        place.row.bytes,
        number(place.row_version),
        body.encode(),
        key_id.encode(),
    )
    return b"".join(framed(part) for part in parts)
