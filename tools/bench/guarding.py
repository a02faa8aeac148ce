"""A small page behind the guard (session, decisions, names opened, template, event, commit), against a page with one bare INSERT."""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from flask import Flask

from tools.bench.figures import Figure, alternating, timed
from tools.bench.inhouse import InHouse

#: Pages of one run.
ROUNDS = 200


def guarding(folder: Path) -> Iterator[Figure]:
    desk = InHouse(folder / "portal").desk("bench", "cted-security")
    assert desk.get("/people").status_code == 200
    theirs = bare_insert(folder)
    a, b = alternating(lambda: _each(lambda: desk.get("/people")), lambda: _each(theirs))
    yield Figure(name="a small page behind the guard, against one bare INSERT", ours=a, theirs=b, unit="ms", target=1.5, better="lower")


def _each(act: Callable[[], object]) -> float:
    """Milliseconds of one act, over `ROUNDS` of them."""
    return timed(lambda: [act() for _ in range(ROUNDS)]) / ROUNDS * 1000


def bare_insert(folder: Path) -> Callable[[], object]:
    """The same Flask, one route, one INSERT with the same durability: what a page costs without guard, policy and log."""
    app = Flask("bare")
    database = sqlite3.connect(folder / "bare.db", check_same_thread=False, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("create table event (id text, what text)")

    @app.get("/")
    def page() -> str:
        database.execute("begin immediate")
        database.execute("insert into event values (?, ?)", (str(UUID(bytes=secrets.token_bytes(16))), "page"))
        database.execute("commit")
        return "<!doctype html><title>page</title>" + "x" * 4000

    client = app.test_client()
    return lambda: client.get("/")
