"""The first page of a register of a million documents, for who sees almost all, half, or almost nothing of it; on both databases.

Ours is what a page of the list costs before its rows are decided one by one: the rules are asked what is left of them, that is
compiled, and the statement fetches 51 rows. Theirs is the same statement without the policy, with an index of its own that serves it best.

Documents are rows alone: no title of theirs opens, and no file is theirs.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, text

from portal.cases import facts
from portal.cases.listing import PAGE
from portal.cases.show_documents import register_of
from portal.cases.uow import Parts, UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.database import Base, Database
from portal.kernel.permit import Facts, Ref, ResourceType, Subject, Value
from portal.kernel.vocabulary import Level, Role
from portal.policy.decide import Context, decide
from tools.bench.figures import Figure, timed
from tools.bench.inhouse import InHouse
from tools.servers import postgresql
from tools.servers.keeper import kept, temporary

DOCUMENTS = 1_000_000
#: Runs of each that count, and pages of one run.
TIMES, ROUNDS = 15, 20
DECISIONS = 100_000
ALLOWED_MS = 0.2
_NUMBERS = {
    "sqlite": f"(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {DOCUMENTS}) SELECT i FROM n)",  # nosec B608: a constant
    "postgresql": f"generate_series(0, {DOCUMENTS - 1}) AS n(i)",
}
_IDS = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
_BYTES = {"sqlite": "zeroblob({})", "postgresql": "decode(repeat('00', {}), 'hex')"}


@dataclass(frozen=True, slots=True)
class Share:
    """Whose the documents are: one in `each` is of `body`, whose reader asks; all others are of another."""

    words: str
    whose: str
    body: str


ALL_OR_NOTHING = f"CASE WHEN i % {DOCUMENTS // PAGE} = 7 THEN 'OCT' ELSE 'CTED' END"
HALVES = "CASE WHEN i % 2 = 0 THEN 'OCT' ELSE 'CTED' END"
SHARES = (
    Share("almost all", ALL_OR_NOTHING, "CTED"),
    Share("almost nothing", ALL_OR_NOTHING, "OCT"),
    Share("half", HALVES, "CTED"),
)


def listing(folder: Path) -> Iterator[Figure]:
    parts = InHouse(folder / "portal").passage.parts
    with temporary(in_memory=True) as memory:
        yield from _first_pages("SQLite", replace(parts, database=Database(f"sqlite:///{memory / 'register.db'}")))
    with kept("postgresql") as server:
        database = Database(postgresql.address(Path(server["socket"]), "postgres", "postgres"))
        yield from _first_pages("PostgreSQL", replace(parts, database=database))
        database.close()


def deciding(folder: Path) -> Iterator[Figure]:
    """One decision after many, in milliseconds of CPU; and what a hundred thousand of them leave in memory."""
    parts = InHouse(folder / "portal").passage.parts
    who, context = _reader("CTED"), Context(now=datetime(2026, 11, 24, tzinfo=UTC))
    attributes: dict[str, Value] = {"originator": Ref("Body", "CTED"), "level": 1, "deposited": True, "withheldFrom": frozenset()}
    attributes |= {"held": False, "shredded": False}
    thing = Facts(type=ResourceType.DOCUMENT, id=str(UUID(int=9)), attributes=attributes, originator="CTED")

    def decisions(count: int) -> float:
        """Seconds of this thread's CPU for one of them."""
        began = time.thread_time()
        for _ in range(count):
            decide(parts.policies, who, Action.DOCUMENT_READ, thing, context)
        return (time.thread_time() - began) / count

    decisions(DECISIONS // 10)
    before = _resident()
    seconds = [decisions(DECISIONS // 10) for _ in range(10)]
    after = _resident()
    yield Figure(
        name="one decision, warm (CPU time), against 0.2 ms",
        ours=statistics.median(seconds) * 1000,
        theirs=ALLOWED_MS,
        unit="ms",
        target=1.0,
        better="lower",
        runs=10,
    )
    yield Figure(
        name="memory after 100,000 decisions, against before",
        ours=after,
        theirs=before,
        unit="MiB",
        target=1.02,
        better="lower",
        runs=1,
    )


def _first_pages(kind: str, parts: Parts) -> Iterator[Figure]:
    with parts.database.engine.connect().execution_options(portal_write=True) as connection:
        Base.metadata.tables["document"].create(connection)
        connection.commit()
    filled = ""
    for share in SHARES:
        if share.whose != filled:
            _fill(parts.database.engine, share.whose)
            filled = share.whose
        pairs = [(_seconds(parts, share.body), _seconds_without(parts)) for _ in range(TIMES + 1)][1:]
        ours, theirs = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
        yield Figure(
            name=f"first page of 50 among 1,000,000 documents for who sees {share.words} ({kind}), against no policy",
            ours=ours,
            theirs=theirs,
            unit="ms",
            target=2.0,
            better="lower",
            runs=TIMES,
        )


def _seconds(parts: Parts, body: str) -> float:
    """Seconds of one page, over `ROUNDS` of them."""
    subject = _reader(body)
    with parts.read() as uow:
        located = facts.own_body(uow, subject)
        permit = decide(parts.policies, subject, Action.DOCUMENT_LIST, located.facts, uow.context(subject))
        return _each(uow, lambda: register_of(uow, permit, located.target).statement())


def _seconds_without(parts: Parts) -> float:
    order = (Document.registered_at, Document.id)
    with parts.read() as uow:
        return _each(uow, lambda: select(Document, *order).order_by(*(column.desc() for column in order)).limit(PAGE + 1))


def _each(uow: UnitOfWork, statement: Callable[[], Any]) -> float:
    uow.session.execute(text("SELECT 1"))  # a connection is there already

    def pages() -> None:
        for _ in range(ROUNDS):
            assert len(uow.session.execute(statement()).all()) >= PAGE
            uow.session.expunge_all()  # nothing is known from the page before

    return timed(pages) / ROUNDS


def _fill(engine: Engine, whose: str) -> None:
    """A million rows, written by the database itself, and indexed when they are there."""
    dialect, indexes = engine.dialect.name, tuple(Base.metadata.tables["document"].indexes)
    number, blob = _NUMBERS[dialect], _BYTES[dialect].format
    values = {
        "id": _IDS[dialect],
        "symbol": "'BENCH/' || i",
        "originator": whose,
        "kind": "'other'",
        "level": "i % 3",
        "caveats": "'originator_control'",
        "states": "'XSM'",
        "draft": "i < 0",
        "epoch": "0",
        "requests_mac": blob(32),
        "title": blob(64),
        "registered_by": _IDS[dialect],
        "registered_at": "1700000000000000 + CAST(i AS bigint) * 1000003",
    }
    with engine.connect().execution_options(portal_write=True) as connection:
        for index in indexes:
            connection.execute(text(f"DROP INDEX IF EXISTS {index.name}"))
        connection.execute(text("DELETE FROM document"))
        insert = f"INSERT INTO document ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {number}"  # nosec B608
        connection.execute(text(insert))
        for index in indexes:
            index.create(connection)
        connection.execute(text("CREATE INDEX IF NOT EXISTS ix_bench ON document (registered_at, id)"))
        connection.execute(text("ANALYZE document"))
        connection.commit()


def _reader(body: str) -> Subject:
    who = UUID(int=7)
    return Subject(id=who, body=body, roles=frozenset({Role.REVIEWER}), clearance=Level.CONFIDENTIAL, active=True, epoch=0, session=who)


def _resident() -> float:
    """MiB of this process in memory now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20
