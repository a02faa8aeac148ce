"""Configuration: one TOML file, frozen dataclasses, and no key that is not known.

`PORTAL_CONFIG` names the file. Relative paths are relative to it. Every mistake is reported at once, with the key and what to do.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from portal.kernel.errors import Misconfigured
from portal.kernel.vocabulary import CONTENT_ROLES, OVERSIGHT_ROLES, Level, Role

#: How a body is named in keys, rules, rows and the log.
BODY_CODE = re.compile(r"[A-Z][A-Z0-9_-]{0,15}")
#: Where an S3 server listens.
ENDPOINT = re.compile(r"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: In governance mode whoever holds a special right may delete sooner, in compliance mode nobody. Days: a hundred years.
RETENTION_MODES, LONGEST_RETENTION = ("compliance", "governance"), 36500


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSection:
    """`demo`: the development provider, where anybody can be anybody, may be named. It speaks http, so no other is."""

    public_url: str
    samples: bool = False
    demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSection:
    """`patience_seconds`: a sender from whom no byte comes for so long loses the connection, and the thread is free."""

    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    patience_seconds: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSection:
    """`owner_url`, on PostgreSQL: the role that owns the tables and migrates. The role of `url` then can only add to the log."""

    url: str
    owner_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSection:
    """Sealed objects as files."""

    path: Path
    kind: str = "filesystem"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3StoreSection:
    """Sealed objects in a bucket. `endpoint` is a host or host:port.

    `ca_file`: the only authorities whose certificates are believed; None for the system's. `header_bucket`: where lies what must be
    deletable at any time (age headers, what is transient); "" for the same bucket. `retention_days`: how long the server keeps a payload
    that a row names, whatever anybody asks; 0 for no lock.
    """

    kind: str
    endpoint: str
    bucket: str
    access_key: str
    secret_key_file: Path
    secure: bool = True
    region: str = "us-east-1"
    ca_file: Path | None = None
    header_bucket: str = ""
    retention_days: int = 0
    retention_mode: str = "compliance"


#: What `store.kind` may be, and the keys that go with it.
STORES = {"filesystem": StoreSection, "s3": S3StoreSection}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringSection:
    """`post_quantum`: which kind of recovery identity `portal init` makes; a keyring that is there keeps its own."""

    path: Path
    passphrase_file: Path
    floors: Path
    post_quantum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSection:
    origin: str
    path: Path
    key: Path
    guard: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySection:
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSection:
    """`max_bytes` a file; `person_bytes` a person may have on its way; `body_bytes` a body's documents and uploads hold. 0: no limit."""

    max_bytes: int = 4_000_000_000
    person_bytes: int = 20_000_000_000
    body_bytes: int = 0
    keep_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSection:
    """Limits of the process that parses files."""

    memory_bytes: int = 1536 * 1024 * 1024
    seconds: int = 120
    max_pages: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSection:
    idle_minutes: int = 20
    absolute_hours: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEntry:
    """A group of the identity provider, and what it makes of its members here."""

    name: str
    body: str
    role: Role
    clearance: Level = Level.CONFIDENTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySection:
    issuer: str
    client_id: str
    client_secret_file: Path
    algorithms: tuple[str, ...] = ("ES256", "RS256", "PS256")
    groups_claim: str = "groups"
    group: tuple[GroupEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyEntry:
    code: str
    name: str
    short: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    portal: PortalSection
    database: DatabaseSection
    store: StoreSection | S3StoreSection
    keyring: KeyringSection
    log: LogSection
    policy: PolicySection
    identity: IdentitySection
    body: tuple[BodyEntry, ...]
    server: ServerSection = field(default_factory=ServerSection)
    uploads: UploadSection = field(default_factory=UploadSection)
    render: RenderSection = field(default_factory=RenderSection)
    session: SessionSection = field(default_factory=SessionSection)

    @property
    def bodies(self) -> tuple[str, ...]:
        return tuple(entry.code for entry in self.body)

    def named(self, code: str) -> BodyEntry:
        """The body with this code; `KeyError` if there is none."""
        for entry in self.body:
            if entry.code == code:
                return entry
        raise KeyError(code)


def load_config(path: str | Path | None = None) -> Config:
    """Read the file named by `path` or by `PORTAL_CONFIG`; raise `Misconfigured` with every fault found."""
    file = config_file(path)
    raw = _read(file)
    faults: list[str] = []
    config = _build(Config, raw, "", file.parent, faults)
    if not faults:
        faults.extend(_cross_check(config))
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
    faults = faults or _cross_check(whole)
    for name, check in (("database", _check_database), ("store", _check_s3)):
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


def _cross_check(config: Config) -> list[str]:
    """What no single key can know."""
    faults = []
    if len(config.bodies) < 2 or len(set(config.bodies)) != len(config.bodies):
        faults.append("body: name at least two bodies, each code once")
    for body in config.body:
        if not BODY_CODE.fullmatch(body.code) or body.code == "PORTAL":
            faults.append(f"body.code {body.code!r}: capitals, digits, _ and -, at most 16, and not PORTAL")
    for entry in config.identity.group:
        if entry.body not in config.bodies:
            faults.append(f"identity.group {entry.name!r}: there is no body {entry.body!r}; known: {', '.join(config.bodies)}")
    by_group: dict[str, set[Role]] = {}
    for entry in config.identity.group:
        by_group.setdefault(entry.name, set()).add(entry.role)
    for name, roles in by_group.items():
        if roles & CONTENT_ROLES and roles & OVERSIGHT_ROLES:
            faults.append(f"identity.group {name!r} gives an auditor or administrator a content role; nobody may hold both")
    for key, url in (("portal.public_url", config.portal.public_url), ("identity.issuer", config.identity.issuer)):
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            faults.append(f"{key} must be an https address (http only on this machine)")
    if urlsplit(config.identity.issuer).scheme == "http" and not config.portal.demo:
        faults.append("identity.issuer: without https it is the development provider, and that one only goes with portal.demo = true")
    if config.uploads.max_bytes < 1 or config.uploads.keep_days < 1 or min(config.uploads.person_bytes, config.uploads.body_bytes) < 0:
        faults.append("uploads: max_bytes and keep_days must be at least 1, person_bytes and body_bytes at least 0 (no limit)")
    faults.extend(_check_database(config.database))
    faults.extend(_check_s3(config.store))
    if config.portal.demo and (config.server.host not in LOOPBACK or urlsplit(config.portal.public_url).hostname not in LOOPBACK):
        faults.append("portal.demo is only for this machine: set server.host and portal.public_url to loopback, or demo to false")
    return faults


def _check_database(database: DatabaseSection) -> list[str]:
    """Faults of the addresses, which are not repeated here: they may hold a password."""
    faults = []
    for key, url in (("url", database.url), ("owner_url", database.owner_url)):
        if not url and key == "owner_url":
            continue
        try:
            address = make_url(url)
            fits = address.drivername in {"sqlite", "postgresql"} and bool(address.database) and address.query.keys() <= {"unix_sock"}
        except (ArgumentError, ValueError):
            fits = False
        if not fits:
            faults.append(f"database.{key} must be sqlite:///a/file or postgresql://role@host/database (docs/database.md)")
        elif key == "owner_url" and address.drivername == "sqlite":
            faults.append("database.owner_url is for PostgreSQL only: leave it out")
    return faults


def _check_s3(store: StoreSection | S3StoreSection) -> list[str]:
    if not isinstance(store, S3StoreSection):
        return []
    faults = [f"store.{key} must not be empty" for key in ("bucket", "access_key", "region") if not getattr(store, key)]
    if not ENDPOINT.fullmatch(store.endpoint):
        faults.append(f"store.endpoint must be a host or host:port, without https:// and path, not {store.endpoint!r}")
    elif not store.secure and urlsplit(f"//{store.endpoint}").hostname not in LOOPBACK:
        faults.append("store.secure may be false only for a server on this machine: set it to true")
    if store.ca_file and not store.secure:
        faults.append("store.ca_file is for https: leave it empty, or set store.secure to true")
    if store.header_bucket == store.bucket:
        faults.append("store.header_bucket must be another bucket than store.bucket, or empty")
    if not 0 <= store.retention_days <= LONGEST_RETENTION:
        faults.append(f"store.retention_days must be 0 (no lock) to {LONGEST_RETENTION}")
    elif store.retention_days and not store.header_bucket:
        faults.append("store.retention_days needs store.header_bucket: a bucket without lock for what must be deletable (docs/storage.md)")
    if store.retention_mode not in RETENTION_MODES:
        faults.append(f"store.retention_mode must be one of {', '.join(RETENTION_MODES)}")
    return faults
