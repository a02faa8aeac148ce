"""One database, two ways in: `read` (a snapshot that cannot write) and `write`.

SQLite runs in WAL mode with `synchronous=FULL`, one writer at a time. A file lock is taken before `BEGIN IMMEDIATE`: SQLite's own busy
wait starves writers for seconds, and a read transaction that turns into a write fails at once in WAL, whatever the timeout.

PostgreSQL has many writers. They run at READ COMMITTED, where each statement sees what was committed before it: whoever holds a row's
lock reads what the last holder left. So a writer locks first and looks afterwards (`for_update`, `for_share`). REPEATABLE READ would
let an act that waited for a lock go on with what it saw before it waited. Readers have one REPEATABLE READ snapshot.
"""

import fcntl
import os
import socket
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, BigInteger, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator


class Base(DeclarativeBase):
    """Root of every table. Constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Instant(TypeDecorator[datetime]):
    """An aware UTC time, stored as microseconds since 1970 so that both databases sort and hash it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time without a zone")
        delta = value.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return int((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        seconds, micros = divmod(value, 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)


#: PostgreSQL's codes for what passes if the transaction is run anew: serialization failure, deadlock, unique violation.
_PASSING = frozenset({"40001", "40P01", "23505"})
#: How long a statement waits for another's lock, and how long a transaction may rest without a statement; milliseconds.
LOCK_WAIT, IDLE = 10_000, 60_000
#: Seconds to reach PostgreSQL and be let in, and after which a host that answers nothing any more counts as gone.
CONNECT, GONE = 10.0, 20
_LOOPBACK = frozenset({None, "", "localhost", "127.0.0.1", "::1"})


def is_passing(error: DBAPIError) -> bool:
    """Did the transaction only meet another one? Run anew, it finds what that one left, and decides on it."""
    told = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return isinstance(told, dict) and told.get("C") in _PASSING


def told(error: DBAPIError) -> str:
    """What the database or its driver says of a failure, in a line; never the statement, nor an address, which may hold a password."""
    original = error.orig
    said = original.args[0] if original is not None and original.args else ""
    if isinstance(said, dict):
        return f"{said.get('M', '')} ({said.get('C', '')})"
    return str((original.__cause__ if original is not None else None) or said)


def take_turns(session: Session, what: str) -> None:
    """Until this transaction ends nobody else gets past here for the same `what`. On SQLite whoever writes is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})


class Database:
    """The engine and its two kinds of transaction. Leaving without `commit()` rolls back."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self._lock: Path | None = None
        if address.get_backend_name() == "postgresql":
            self.engine = create_engine(address.set(drivername="postgresql+pg8000"), connect_args=_connecting(address), pool_pre_ping=True)
            _tune_postgresql(self.engine)
            return
        self.engine = create_engine(address)
        if self.engine.dialect.name == "sqlite":
            file = self.engine.url.database
            if not file or file == ":memory:":
                raise ValueError("an in-memory database cannot keep a log; name a file")
            self._lock = Path(file + ".lock")
            _tune_sqlite(self.engine)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot. Never commits; on PostgreSQL it cannot even write."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """The caller commits, or everything is undone. On SQLite exclusive from the first statement; on PostgreSQL rows are locked."""
        with self._exclusive(), self.engine.connect() as connection:
            writing = connection.execution_options(portal_write=True)
            with Session(writing, autoflush=True) as session:
                yield session

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        if self._lock is None:
            yield
            return
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def forget(self) -> None:
        """Let no copy of what was deleted stay in SQLite's write-ahead log. PostgreSQL's are its administrator's (docs/shredding.md)."""
        if self.engine.dialect.name == "sqlite":
            connection = self.engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def looking(url: str) -> Iterator[Session]:
    """A snapshot for whoever examines: nothing is written and nothing made, not even the file of a SQLite database that is not there."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        database = Database(url)
        try:
            with database.read() as session:
                yield session
        finally:
            database.close()
        return
    file = f"file:{quote(address.database or '')}?mode=rw"  # not ro: such a connection leaves files of its own behind
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(file, uri=True), poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only=ON")

    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with Session(engine, autoflush=False) as session:
        yield session


#: What every session of PostgreSQL starts with, whatever the server's own settings say.
_SETTINGS = {
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "synchronous_commit": "on",
    "lock_timeout": str(LOCK_WAIT),
    "idle_in_transaction_session_timeout": str(IDLE),
}


def _connecting(address: URL) -> dict[str, Any]:
    """How to connect. Over a network only with TLS and a certificate that fits the name; on this machine (socket, loopback) without."""
    # False, not None: for None the driver reads every certificate authority of the machine at each connection, and trusts them all
    secured = False if address.host in _LOOPBACK else ssl.create_default_context()
    return {"startup_params": _SETTINGS, "timeout": CONNECT, "ssl_context": secured}


def _tune_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def connecting(dialect: Any, record: Any, arguments: Any, named: Any) -> Any:
        network = dialect.loaded_dbapi.InterfaceError
        try:
            made = dialect.connect(*arguments, **named)
        except OSError as error:
            raise network("network error") from error
        _bound(made._usock)
        made._sock = _Told(made._sock, network)
        return made

    @event.listens_for(engine, "begin")
    def began(connection: Any) -> None:
        if not connection.get_execution_options().get("portal_write", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _bound(line: socket.socket) -> None:
    """A statement may take as long as it takes; only a host that is gone is not waited for (RFC 5482, and probes while nothing is sent)."""
    line.settimeout(None)
    if line.family != socket.AF_UNIX:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, GONE // 2)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, GONE // 4)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE * 1000)


class _Told:
    """The driver's stream. A connection that breaks is one of the driver's errors, which the pool knows and replaces; but where pg8000
    waits for an answer, and while it connects, it lets the system's own error through."""

    def __init__(self, stream: Any, network: type[Exception]) -> None:
        self._stream, self._network = stream, network

    def read(self, size: int) -> bytes:
        try:
            read: bytes = self._stream.read(size)
            return read
        except OSError as error:
            raise self._network("network error") from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we send BEGIN ourselves, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def began(connection: Any) -> None:
        write = connection.get_execution_options().get("portal_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
