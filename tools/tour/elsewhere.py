"""Another database and store than the tour's own file and folder: the sections of a configuration that PORTAL_CONFIG names.

Everything else of that configuration is left alone. Nothing there is touched unless it is empty: `portal init` sees to it.
"""

import json
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from portal.kernel.config import Config, S3StoreSection

#: Keys that name files, relative to the configuration they stand in.
_FILES = frozenset({"path", "secret_key_file"})


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections [database] and [store] as text. `mark` tells one pair from another, and says nothing about either."""

    text: str

    @property
    def mark(self) -> str:
        return sha256(self.text.encode()).hexdigest()[:8]


#: What the tour has if nothing else is named.
OWN = Sections('[database]\nurl = "sqlite:///portal.db"\n\n[store]\npath = "objects"\n')


def sections(file: Path) -> Sections:
    """The two sections of this configuration, with its relative paths made absolute. `SystemExit` if there are none."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SystemExit(f"the configuration {file}, which PORTAL_CONFIG names, cannot be read: {error}") from error
    found = {name: raw.get(name) for name in ("database", "store")}
    if not all(isinstance(section, dict) for section in found.values()):
        raise SystemExit(f"the configuration {file}, which PORTAL_CONFIG names, must have the sections [database] and [store]")
    return Sections("\n".join(f"[{name}]\n{_lines(section, file.resolve().parent)}" for name, section in found.items()))


def described(config: Config) -> str:
    """Which database and which store, without passwords."""
    try:
        database = make_url(config.database.url).render_as_string(hide_password=True)
    except ArgumentError:
        database = "?"
    store = config.store
    objects = f"bucket {store.bucket} at {store.endpoint}" if isinstance(store, S3StoreSection) else f"folder {store.path}"
    return f"Database  {database}\nStore     {objects}"


def _lines(section: Any, base: Path) -> str:
    return "".join(f"{key} = {_value(key, value, base)}\n" for key, value in section.items())


def _value(key: str, value: Any, base: Path) -> str:
    if isinstance(value, str) and value:
        if key in _FILES:
            value = str(base / value)
        if value.startswith("sqlite:///"):
            value = "sqlite:///" + str(base / value.removeprefix("sqlite:///"))
    return json.dumps(value)  # of strings, numbers and truth values, TOML writes what JSON writes
