"""What is done without a person and without a permit, with the portal's own files at hand. The set is a literal in a test.

`initialise` makes keys, tables and the log of a new installation; `migrate` brings the tables up to date; `verify` checks the log, and
`publish` writes elsewhere what anyone may read of it. `reconcile`, `settle` and `discard` set right what a restore left behind;
`name_first_officers` begins a body that has nobody yet; `what_if` and `compare_policies` ask the rules, and change nothing. None of them
opens a document.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, inspect, literal, make_url, select, table

from portal.audit.checkpoint import Head as Head
from portal.audit.cosignature import WitnessVerifier
from portal.audit.findings import Report as Report
from portal.audit.grants import application_role
from portal.audit.guard import Guard
from portal.audit.publishing import publish_log
from portal.audit.signing import create_log_key, load_log_key
from portal.audit.verify import verify_log
from portal.cases.compare_policies import compare_policies as compare_policies
from portal.cases.cross_check import with_tables
from portal.cases.first_officers import name_first_officers as name_first_officers
from portal.cases.reconcile import discard as discard
from portal.cases.reconcile import reconcile as reconcile
from portal.cases.reconcile import settle as settle
from portal.cases.what_if import what_if as what_if
from portal.kernel.config import Config, S3StoreSection, StoreSection
from portal.kernel.database import Database
from portal.kernel.errors import Misconfigured
from portal.vault.floors import Floors
from portal.vault.keyring import create_keyring
from portal.vault.s3 import S3Store
from portal.vault.store import FilesystemStore, Store

OFFLINE = frozenset(
    {"compare_policies", "discard", "initialise", "migrate", "name_first_officers", "publish", "reconcile", "settle", "verify", "what_if"}
)
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Initialised:
    """What a first start made. `recovery` maps each body to its recovery identity: print once, keep offline, never store here."""

    recovery: dict[str, str]
    log_key: str


def initialise(config: Config, **derivation: int) -> Initialised:
    """Make a new installation; refuse a database or a store that holds anything. `derivation`: parameters of Argon2id."""
    if config.keyring.path.exists() or config.log.key.exists():
        raise Misconfigured(f"there is an installation already ({config.keyring.path}); nothing was changed")
    os.umask(0o077)
    _make_folder_of_database(make_url(config.database.url))
    demand_unused(config)
    for path in (config.keyring.path, config.keyring.floors, config.log.key, config.log.guard, config.keyring.passphrase_file):
        path.parent.mkdir(parents=True, exist_ok=True)
    open_store(config, create=True)
    config.log.path.mkdir(parents=True, exist_ok=True)
    if not config.keyring.passphrase_file.exists():
        _write_secret(config.keyring.passphrase_file, secrets.token_urlsafe(32))
    migrate(config)  # before the keys: tables can be made again, recovery identities are shown once
    passphrase, post_quantum = read_secret(config.keyring.passphrase_file), config.keyring.post_quantum
    recovery = create_keyring(config.keyring.path, passphrase, config.bodies, post_quantum=post_quantum, **derivation)
    key = create_log_key(config.log.key, config.log.origin)
    Guard(config.log.guard, config.log.origin).create()
    Floors(config.keyring.floors)
    return Initialised(dict(recovery), str(key.verifier))


def _make_folder_of_database(address: URL) -> None:
    if address.get_backend_name() == "sqlite":
        folder = Path(address.database or "").parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"the database cannot be used: its folder {folder}: {error.strerror}. See docs/database.md.") from error


def demand_unused(config: Config) -> None:
    """Raise `Misconfigured` unless the database is empty, or holds our tables without a row, as an `init` cut short leaves them."""
    url = config.database.owner_url or config.database.url
    database = Database(url)
    try:
        with database.read() as session:
            connection = session.connection()
            inspector = inspect(connection)
            ours = inspector.has_table("alembic_version")
            for schema in inspector.get_schema_names():
                if schema.startswith(("pg_", "information_schema")):
                    continue
                for name in inspector.get_table_names(schema) + inspector.get_view_names(schema):
                    first = select(literal(1)).select_from(table(name, schema=schema)).limit(1)
                    if not ours or (name != "alembic_version" and session.scalar(first)):
                        raise Misconfigured(
                            f"the database is in use (there is a table {name}): name a new one in [database]; nothing was changed"
                        )
    finally:
        database.close()


def demand_current(config: Config) -> None:
    """Raise `Misconfigured` unless the tables are what this version of the portal works with."""
    head = newest_tables()
    database = Database(config.database.url)
    try:
        with database.read() as session:
            found = MigrationContext.configure(session.connection()).get_current_revision()
    finally:
        database.close()
    if found is None:
        raise Misconfigured("the database has no tables of the portal: run `portal init`, or check database.url")
    if found != head:
        raise Misconfigured(f"the tables are at {found}, this version of the portal needs {head}: run `portal migrate`")


def newest_tables() -> str | None:
    """The revision of the tables that this version of the portal works with."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


def migrate(config: Config, revision: str = "head") -> None:
    """Bring the tables to this revision. With an `owner_url` the owner does it, and grants the application what it may do."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(ROOT / "migrations"))
    owner = config.database.owner_url
    settings.attributes["url"] = owner or config.database.url
    settings.attributes["grant_to"] = application_role(owner, config.database.url) if owner else ""
    if revision == "base":
        command.downgrade(settings, revision)
    else:
        command.upgrade(settings, revision)


def verify(config: Config) -> Report:
    """Check the whole log against its events, its signatures and the guard outside the database, and the tables against the log."""
    database = Database(config.database.url)
    try:
        with database.read() as session:
            key = load_log_key(config.log.key).verifier
            return with_tables(session, verify_log(session, log_dir=config.log.path, verifier_key=key, guard_path=config.log.guard))
    finally:
        database.close()


def publish(config: Config, to: Path) -> Head:
    """Write the log to this folder, for whoever checks it without the portal: digests, signatures, and the key that verifies them."""
    witnesses = [WitnessVerifier.parse(entry.key) for entry in config.log.witness]
    return publish_log(config.log.path, to, load_log_key(config.log.key).verifier, witnesses, config.log.demanded)


def open_store(config: Config, *, create: bool = False) -> Store:
    """The store that the configuration names. `create` is for a new installation: folder or bucket are made, or must be empty."""
    return store_of(config.store, create=create)


def store_of(section: StoreSection | S3StoreSection, *, create: bool = False) -> Store:
    """The same for the section alone."""
    if isinstance(section, S3StoreSection):
        return S3Store(section, read_secret(section.secret_key_file), create=create)
    path = section.path
    try:
        if create:
            path.mkdir(parents=True, exist_ok=True)
        if create and any(path.iterdir()):
            raise Misconfigured(f"the store {path} is not empty: name a new folder in store.path; nothing was changed")
    except OSError as error:
        raise Misconfigured(f"the store {path} cannot be used: {error.strerror}") from error
    return FilesystemStore(path)


def read_secret(path: Path) -> str:
    """The content of a secret file, without its line end. Refuses a file that others may read."""
    try:
        if path.stat().st_mode & 0o077:
            raise Misconfigured(f"{path} can be read by others: chmod 600 it")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Misconfigured(f"the secret file {path} cannot be read: {error.strerror}") from error


def _write_secret(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
