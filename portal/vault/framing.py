"""One way to turn fields into bytes: unambiguous, so that no two lists of fields ever give the same bytes (docs/formats/wrap.md).

A field is u32 length || bytes, big-endian; an absent one is `ffffffff`. Text is UTF-8, an id its 16 bytes, a number u64. A set is a field
that holds u32 count || fields, sorted by their bytes.
"""

from collections.abc import Iterable
from uuid import UUID

from portal.vault.errors import Broken

Field = bytes | str | int | UUID | frozenset[str] | None

_ABSENT = 0xFFFFFFFF


def framed(*fields: Field) -> bytes:
    """The fields one after the other. Raises `Broken` for a number that no honest row holds (negative, or 2^64 and above)."""
    return b"".join([_field(field) for field in fields])


def counted(items: Iterable[bytes]) -> bytes:
    """u32 count || fields, in the order given."""
    frames = [_frame(item) for item in items]
    return len(frames).to_bytes(4, "big") + b"".join(frames)


def _field(field: Field) -> bytes:
    if isinstance(field, str):  # most are
        return _frame(field.encode())
    if isinstance(field, bytes):
        return _frame(field)
    if isinstance(field, UUID):
        return _frame(field.bytes)
    if field is None:
        return _ABSENT.to_bytes(4, "big")
    if isinstance(field, int):
        if not 0 <= field < 1 << 64:
            raise Broken("a number to be bound is out of range")
        return _frame(field.to_bytes(8, "big"))
    return _frame(counted(sorted(item.encode() for item in field)))


def _frame(raw: bytes) -> bytes:
    if len(raw) >= _ABSENT:
        raise Broken("a field to be bound is too long")
    return len(raw).to_bytes(4, "big") + raw
