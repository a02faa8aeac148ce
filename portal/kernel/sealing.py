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


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key of somebody's names in the log, sealed for a body. `person` is None for strangers."""

    id: UUID
    person: UUID | None
    body: str
    sealed: Sealed

    @property
    def place(self) -> Place:
        return key_place(self.id)


def key_place(key: UUID) -> Place:
    """Where the key of this id stands, sealed."""
    return Place("log_key", "sealed", key)


class NameSeal(Protocol):
    """Seals names under one key."""

    def seal(self, place: Place, value: str) -> Sealed: ...


class NameKey(Protocol):
    """Opens what was sealed under one key."""

    def open(self, place: Place, value: Sealed) -> str: ...


class Sealer(Protocol):
    """What the log and the rooms may ask of the key holder about words. Opening demands a permit and uses its body's key only."""

    def seal_field(self, body: str, place: Place, value: str) -> Sealed: ...

    def open_field(self, permit: Permit, place: Place, value: Sealed) -> str: ...

    def new_key(self, body: str, key: UUID) -> Sealed:
        """A new key for somebody's names, sealed for this body."""
        ...

    def key_of(self, value: Sealed) -> UUID | None:
        """The id of the key that these words say they were sealed under; None: the body's own."""
        ...

    def name_seal(self, key: WrappedKey) -> NameSeal: ...

    def kept_seal(self, whose: str, body: str) -> NameSeal | None:
        """What `keep_seal` kept, for an hour at most: most events are of whoever made the last ones."""
        ...

    def keep_seal(self, whose: str, body: str, seal: NameSeal) -> None: ...

    def name_key(self, permit: Permit, key: WrappedKey) -> NameKey:
        """The key, opened under the permit's body's. Raises `Withdrawn` if the person's names were erased, whatever the database says."""
        ...

    def is_erased(self, whose: UUID, body: str) -> bool:
        """Were this person's names erased, or was this document of the body shredded, by what is kept outside the database?"""
        ...
