"""Words at rest are ciphertext. The types that keep it so, apart from the cryptography, which is the vault's.

`Sealed` holds bytes and refuses to become text, so that a template which forgets to open it fails instead of printing.
"""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from portal.kernel.permit import Permit


class Sealed(bytes):
    """Ciphertext of one column of one row."""

    __slots__ = ()

    def __str__(self) -> str:
        raise TypeError("a sealed column was used as text; the unit of work opens it under a permit")

    def __format__(self, spec: str) -> str:
        return str(self)

    def __repr__(self) -> str:
        return f"<Sealed {len(self)} bytes>"


class SealedText(TypeDecorator[Sealed]):
    """A column whose value is `Sealed`."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is not None and not isinstance(value, Sealed):
            raise TypeError("only sealed values go into a sealed column")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> Sealed | None:
        return None if value is None else Sealed(value)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands; bound as additional data, so that a value moved elsewhere does not open."""

    table: str
    column: str
    row: UUID
    row_version: int = 1


class Sealer(Protocol):
    """What the log and the rooms may ask of the key holder about words. Opening demands a permit and uses its body's key only."""

    def seal_field(self, body: str, place: Place, value: str) -> Sealed: ...

    def open_field(self, permit: Permit, place: Place, value: Sealed) -> str: ...
