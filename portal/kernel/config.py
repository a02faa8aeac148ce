"""Configuration: one TOML file, frozen dataclasses, and no key that is not known.

`PORTAL_CONFIG` names the file. Relative paths are relative to it. Every mistake is reported at once, with the key and what to do.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from portal.kernel.consistency import BODY_CODE, LOOPBACK, check_clamd, check_database, check_store, cross_check
from portal.kernel.errors import Misconfigured
from portal.kernel.sections import (
    STORES,
    BodyEntry,
    ClamdSection,
    Config,
    DatabaseSection,
    GroupEntry,
    IdentitySection,
    KeyringSection,
    LocalSection,
    LogSection,
    OfficeSection,
    PolicySection,
    PortalSection,
    ProviderEntry,
    RenderSection,
    S3StoreSection,
    ServerSection,
    SessionSection,
    StoreSection,
    SyslogEntry,
    UploadSection,
    WitnessEntry,
)
from portal.kernel.vocabulary import Level, Role

__all__ = [
    "BODY_CODE",
    "LOOPBACK",
    "BodyEntry",
    "ClamdSection",
    "Config",
    "DatabaseSection",
    "GroupEntry",
    "IdentitySection",
    "KeyringSection",
    "LocalSection",
    "LogSection",
    "OfficeSection",
    "PolicySection",
    "PortalSection",
    "ProviderEntry",
    "RenderSection",
    "S3StoreSection",
    "ServerSection",
    "SessionSection",
    "StoreSection",
    "SyslogEntry",
    "UploadSection",
    "WitnessEntry",
    "config_file",
    "load_config",
    "load_sections",
]


def load_config(path: str | Path | None = None) -> Config:
    """Read the file named by `path` or by `PORTAL_CONFIG`; raise `Misconfigured` with every fault found."""
    file = config_file(path)
    raw = _read(file)
    faults: list[str] = []
    config = _build(Config, raw, "", file.parent, faults)
    if not faults:
        faults.extend(cross_check(config))
    if faults:
        raise Misconfigured(f"the configuration {file} cannot be used:\n" + "\n".join(f"  - {fault}" for fault in faults))
    assert isinstance(config, Config)
    return config


def load_sections(file: Path) -> tuple[dict[str, Any], list[str]]:
    """What of the file can be used section by section, and every fault of the whole: to examine what the portal would not start with.

    A section that the file leaves out, and may, is there with its defaults. Raises `Misconfigured` if the file cannot be read.
    """
    raw = _read(file)
    sections: dict[str, Any] = {}
    faults: list[str] = []
    whole = _build(Config, raw, "", file.parent, faults)
    hints = get_type_hints(Config)
    for spec in fields(Config):
        own: list[str] = []
        if spec.name in raw:
            value = _convert(hints[spec.name], raw[spec.name], spec.name, file.parent, own)
        elif spec.default_factory is not MISSING:
            value = spec.default_factory()
        else:
            continue
        if not own:
            sections[spec.name] = value
    faults = faults or cross_check(whole)
    for name, check in (("database", check_database), ("store", check_store), ("clamd", check_clamd)):
        found = check(sections[name]) if name in sections else []
        if found:  # an address that is none is not tried out
            del sections[name]
            faults += [fault for fault in found if fault not in faults]
    return sections, faults


def config_file(path: str | Path | None) -> Path:
    """The file that `path` or else `PORTAL_CONFIG` names. Raises `Misconfigured` if neither does."""
    name = path or os.environ.get("PORTAL_CONFIG")
    if not name:
        raise Misconfigured("PORTAL_CONFIG is not set: name your configuration file, for example a copy of config.example.toml")
    return Path(name).resolve()


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"the configuration {file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"the configuration {file} is not valid TOML: {error}") from error


def _build(cls: type[Any], raw: Any, where: str, base: Path, faults: list[str]) -> Any:
    if not isinstance(raw, Mapping):
        faults.append(f"{where or 'the file'} must be a table")
        return None
    hints = get_type_hints(cls)
    known = {f.name: f for f in fields(cls)}
    for key in sorted(raw.keys() - known.keys()):
        faults.append(f"{_dot(where, key)} is not a key the portal knows; known here: {', '.join(sorted(known))}")
    values: dict[str, Any] = {}
    for name, spec in known.items():
        if name in raw:
            values[name] = _convert(hints[name], raw[name], _dot(where, name), base, faults)
        elif spec.default is MISSING and spec.default_factory is MISSING:
            faults.append(f"{_dot(where, name)} is missing")
    return None if faults else cls(**values)


def _convert(hint: Any, value: Any, where: str, base: Path, faults: list[str]) -> Any:
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            faults.append(f"{where} must be a list")
            return ()
        return tuple(_convert(get_args(hint)[0], item, f"{where}[{n}]", base, faults) for n, item in enumerate(value))
    if where == "store" and isinstance(value, Mapping):
        section = STORES.get(str(value.get("kind", "filesystem")))
        if section is None:
            return faults.append(f"store.kind must be one of {', '.join(STORES)}")
        return _build(section, value, where, base, faults)
    if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__"):
        return _build(hint, value, where, base, faults)
    if where == "database.url" and isinstance(value, str) and value.startswith("sqlite:///"):
        return "sqlite:///" + str(base / value.removeprefix("sqlite:///"))
    if hint == (Path | None):
        return (base / value if value else None) if isinstance(value, str) else faults.append(f"{where} must be a path, or empty")
    if hint is Path:
        return base / value if isinstance(value, str) and value else faults.append(f"{where} must be a path")
    if hint is Level:
        if value in {"unclassified", "confidential", "strictly_confidential"}:
            return Level[str(value).upper()]
        return faults.append(f"{where} must be unclassified, confidential or strictly_confidential")
    if hint is Role:
        try:
            return Role(value)
        except ValueError:
            return faults.append(f"{where} must be one of {', '.join(Role)}")
    assert not isinstance(hint, UnionType)
    if type(value) is not hint:
        faults.append(f"{where} must be of type {hint.__name__}, not {type(value).__name__}")
    return value


def _dot(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
