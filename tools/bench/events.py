"""The log: an act with its event against the same transaction with one bare INSERT; and a whole verification against hashing alone."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit.log import append
from portal.audit.models import AuditEvent, AuditPending, LogKey
from portal.audit.record import Record
from portal.kernel.database import Base, Database
from portal.kernel.events import Event
from portal.kernel.sealing import Sealed, Sealer
from tools.bench.figures import Figure, alternating
from tools.bench.inhouse import InHouse
from tools.servers import postgresql
from tools.servers.keeper import kept

#: Seconds of one run.
SECONDS = 2.0
CLIENTS = (1, 8, 32)
_TABLES = [Base.metadata.tables[model.__tablename__] for model in (AuditEvent, AuditPending, LogKey)]
_INSERT = insert(_TABLES[0])
#: Readers, whose names lie under keys of their own.
_READERS = tuple(uuid4() for _ in range(20))
_WHO, _ADDRESS = "Ada Lindqvist", "192.0.2.7"


def durable(folder: Path) -> Iterator[Figure]:
    """Transactions a second that are on the disk; the longest that one had to wait is told in the name."""
    sealer = InHouse(folder / "portal").passage.parts.holder
    with ExitStack() as stack:
        socket = Path(stack.enter_context(kept("postgresql"))["socket"])
        for name, url in (("SQLite", f"sqlite:///{folder / 'log.db'}"), ("PostgreSQL", postgresql.address(socket, "postgres", "postgres"))):
            database = Database(url)
            with database.write() as session:
                Base.metadata.create_all(session.connection(), _TABLES)
                session.commit()
            for clients in CLIENTS:
                worst = [0.0]
                ours, theirs = alternating(
                    partial(_rate, database, clients, partial(_event, sealer=sealer), worst),
                    partial(_rate, database, clients, _bare, [0.0]),
                    runs=3,
                )
                told = f"durable events, {clients} client{'s' if clients > 1 else ''} on {name}, worst wait {worst[0] * 1000:.0f} ms"
                yield Figure(name=told, ours=ours, theirs=theirs, unit="tx/s", target=0.8, better="higher", runs=3)
            database.close()


def _rate(database: Database, clients: int, act: Callable[[Session], object], worst: list[float]) -> float:
    end, start = time.perf_counter() + SECONDS, threading.Barrier(clients)

    def client(_: int) -> int:
        done = 0
        start.wait()
        while (began := time.perf_counter()) < end:
            with database.write() as session:
                act(session)
                session.commit()
            done += 1
            worst[0] = max(worst[0], time.perf_counter() - began)
        return done

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(client, range(clients))) / SECONDS


def _event(session: Session, sealer: Sealer) -> None:
    actor = random.choice(_READERS)  # nosec B311
    record = Record(event=Event.SHARE_PAGE_READ, actor=actor, actor_body="OCT", who=_WHO, address=_ADDRESS, bodies=frozenset({"OCT"}))
    append(session, record, at=datetime.now(UTC), sealer=sealer)


def _bare(session: Session) -> None:
    """A row of the same columns and about the same size, of values that are there already."""
    values = {"id": uuid4(), "at": datetime.now(UTC), "event": "share.page_read", "outcome": "done", "actor": uuid4(), "actor_body": "OCT"}
    texts = dict.fromkeys(("code", "actor_roles", "action", "object_type", "object_id", "rules", "policy_hash", "originator"), "")
    sealed = {"who": Sealed(b"s" * 80), "address": Sealed(b"s" * 80), "private_part": Sealed(b"s" * 580)}
    session.connection().execute(_INSERT, {**values, **texts, **sealed, "bodies": ",OCT,", "detail": "{}", "salt": b"0" * 32})
