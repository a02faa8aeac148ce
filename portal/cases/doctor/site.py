"""The installation under examination: what could be read of its configuration, and its parts, each opened only when a check asks.

`demanded` parts raise what is wrong with them; the others say `NotLooked`, so that one thing broken is told once.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.cases.doctor.findings import NotLooked
from portal.cases.offline import read_secret, store_of
from portal.kernel.clock import Clock, SystemClock
from portal.kernel.config import BodyEntry, DatabaseSection, KeyringSection, S3StoreSection, StoreSection
from portal.kernel.database import looking
from portal.kernel.errors import PortalError
from portal.vault.keyring import Keyring, load_keyring
from portal.vault.store import Store

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Site:
    """`sections` are those that hold, by name; `faults` is what is wrong with the file. `full` asks for what takes long, too."""

    file: Path
    sections: Mapping[str, Any]
    faults: tuple[str, ...] = ()
    full: bool = False
    clock: Clock = field(default_factory=SystemClock)
    user: int = field(default_factory=os.geteuid)
    _keyring: Keyring | None = field(default=None, repr=False)

    def section(self, kind: type[T]) -> T:
        """The section of this kind; `NotLooked` if the file has none that can be used."""
        for value in self.sections.values():
            if isinstance(value, kind):
                return value
        name = kind.__name__.removesuffix("Section").lower()
        raise NotLooked(f"the section [{name}] of the configuration cannot be used")

    @property
    def bodies(self) -> tuple[str, ...]:
        entries = self.sections.get("body", ())
        if not entries:
            raise NotLooked("the configuration names no bodies that can be used")
        return tuple(entry.code for entry in entries if isinstance(entry, BodyEntry))

    @property
    def store(self) -> StoreSection | S3StoreSection:
        return self.section(S3StoreSection) if "store" in self.sections and self._on_s3() else self.section(StoreSection)

    def demanded_keyring(self) -> Keyring:
        """The keyring; `Misconfigured` says why it does not open. Opened once: that is slow on purpose."""
        if self._keyring is None:
            section = self.section(KeyringSection)
            self._keyring = load_keyring(section.path, read_secret(section.passphrase_file))
        return self._keyring

    def keyring(self) -> Keyring:
        try:
            return self.demanded_keyring()
        except PortalError:
            raise NotLooked("the keyring does not open") from None

    def demanded_store(self) -> Store:
        return store_of(self.store)

    def opened_store(self) -> Store:
        try:
            return self.demanded_store()
        except PortalError:
            raise NotLooked("the store cannot be used") from None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A snapshot of the database."""
        try:
            with looking(self.section(DatabaseSection).url) as session:
                yield session
        except DBAPIError:
            raise NotLooked("the database cannot be used as it is") from None

    def _on_s3(self) -> bool:
        return isinstance(self.sections["store"], S3StoreSection)
