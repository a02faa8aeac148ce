"""Length-framed bytes: what MACs over rows are made of, so that no two rows ever give the same bytes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

Field = bytes | str | int | UUID | datetime | None


def framed(*fields: Field) -> bytes:
    """Each field as a big-endian u32 length and its bytes; None is the length ffffffff. Numbers in decimal, times in microseconds."""
    return b"".join(_frame(field) for field in fields)


def _frame(field: Field) -> bytes:
    if field is None:
        return b"\xff\xff\xff\xff"
    if isinstance(field, UUID):
        raw = field.bytes
    elif isinstance(field, datetime):
        raw = str((field - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)).encode()
    else:
        raw = bytes(field) if isinstance(field, bytes) else str(field).encode()
    return len(raw).to_bytes(4, "big") + raw
