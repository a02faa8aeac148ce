"""References: how a share names persons of its recipient whom its originator never gets to know from the portal.

A person reads their own reference on a page of theirs and tells it by other means. It is drawn from their id and from nothing else, so
that nobody has to look one up: whether anybody has a reference that was typed is asked when they come to read, and not before.
"""

import hashlib
from collections.abc import Iterable
from uuid import UUID

#: Crockford's Base32: no I, L, O, U, which are read for others.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"} | dict.fromkeys("-.,;", None))
#: Ten signs are drawn, which no two persons of one body share; two more are the remainder by a prime, and tell every sign that was
#: mistyped and every two that changed places.
_LENGTH, _CHECK_BITS, _PRIME = 12, 10, 1021
#: How many persons the terms of a share may name.
MOST = 20


def reference_of(person: UUID) -> str:
    """A person's reference. It opens nothing by itself, and does not tell the id that it is drawn from."""
    drawn = int.from_bytes(hashlib.sha256(f"portal/reference/v1 {person}".encode()).digest()) >> (256 - 5 * _LENGTH + _CHECK_BITS)
    number = drawn << _CHECK_BITS | drawn % _PRIME
    return "".join(_SIGNS[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def is_reference(text: str) -> bool:
    """Could this be somebody's reference? Says nothing of whether it is."""
    if len(text) != _LENGTH or not set(text) <= set(_SIGNS):
        return False
    drawn, check = divmod(sum(_SIGNS.index(sign) << 5 * place for place, sign in enumerate(reversed(text))), 1 << _CHECK_BITS)
    return check == drawn % _PRIME


def read_references(typed: str) -> frozenset[str]:
    """One reference or several, however they were grouped and set apart. Raises ValueError if anything in it is none."""
    signs = "".join(typed.split()).upper().translate(_READ_AS)
    found = [signs[start : start + _LENGTH] for start in range(0, len(signs), _LENGTH)]
    if not all(map(is_reference, found)):
        raise ValueError("no reference")
    return frozenset(found)


def written(references: Iterable[str]) -> list[str]:
    """As people read them: in groups of four."""
    return ["-".join(reference[start : start + 4] for start in range(0, _LENGTH, 4)) for reference in sorted(references)]
