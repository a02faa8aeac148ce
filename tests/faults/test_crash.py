"""The portal is killed in the middle of a deposit, at one call after another, and started again: what it acknowledged is there, whole;
every row has an object that opens; what no row names is collected, and nothing else.

The real portal deposits a real file in a child of this process, which kills itself before a chosen call of the operating system, of the
database's driver or of a socket (`sys.setprofile` sees them; nothing is replaced). `make soak` does the same at every system call.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.app import create_app
from portal.cases import facts
from portal.cases.offline import verify
from portal.cases.original import open_original
from portal.cases.sweep import sweep
from portal.kernel.actions import Action
from portal.policy.decide import Context, decide
from tests.cases.subjects import subject_of
from tests.common.house import House
from tests.common.slips import SAMORIA

#: The calls that leave something behind: on a disk, in a database, at a server.
CALLS = frozenset({"open", "mkdir", "fsync", "link", "unlink", "commit", "send", "sendall", "write"})
#: At most so many kills, the last ones close together: they are about the row.
KILLS, LAST = 22, 8


def killed(house: House, act: Callable[[], Any], at: int) -> tuple[bool, int]:
    """Do it in a child that is killed before its call number `at` (0: never). Was it acknowledged, and after how many calls?"""
    house.parts.database.engine.dispose()  # a connection belongs to one process
    if house.s3:
        house.parts.vault._store._line.clear()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        calls = 0

        def watch(frame: object, event: str, arg: Any) -> None:
            nonlocal calls
            if event == "c_call" and arg.__name__ in CALLS:
                calls += 1
                if calls == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.setprofile(watch)
            answer = act()
            sys.setprofile(None)
            os.write(write, f"{answer.status_code} {calls}".encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as told:
        words = told.read().split()
    return words[:1] == ["201"], int(words[1]) if words else 0


def content_of(house: House, document: str) -> bytes:
    """The document as its uploader's body can have it."""
    subject = subject_of(house, "ada")
    with house.parts.read() as uow:
        located = facts.document(uow, subject, document_id=UUID(document))
        permit = decide(house.parts.policies, subject, Action.RENDITION_BUILD, located.facts, Context(now=uow.at, recipient="OCT"))
        original = open_original(uow, permit, located.target)
    return b"".join(house.parts.vault.stream(original.sealed, original.key))


def chosen(calls: int) -> list[int]:
    """Which calls to be killed at: the last ones each, and evenly before."""
    before = max(1, calls - LAST)
    step = max(1, before // (KILLS - LAST))
    return [*range(1, before, step), *range(before, calls + 1)]


def aftermath(house: House, acknowledged: list[str]) -> None:
    """Started again, and an hour later: all that must hold."""
    house.parts.database.engine.dispose()
    house.app = create_app(house.config, clock=house.clock, background=False)  # started again
    house.age_objects(timedelta(hours=2))
    lonely: set[str] = set()
    for _ in range(2):
        swept = sweep(house.parts, lonely)
        assert swept.findings == []
    stands = {str(UUID(row[0])) for row in house.sql("select document_id from version")}
    assert set(acknowledged) <= stands
    for document in stands:
        assert content_of(house, document) == SAMORIA
    keys = {row[0] for row in house.sql("select store_key from sealed_object")}
    assert len(keys) == 2 * len(stands)  # the file, and the passages that were found in it
    assert {Path(name).name for name in house.objects()} == keys | {f"{key}.age-header" for key in keys}
    house.worker.sequence()
    assert verify(house.config).ok
    ada = house.guest("ada")
    assert ada.upload(ada.register("CTED/2026/XSM/LAST"), SAMORIA).status_code == 201


@pytest.fixture(params=["files", "s3"])
def house_of_either(request: pytest.FixtureRequest) -> House:
    opened: House = request.getfixturevalue({"files": "near_house", "s3": "far_house"}[request.param])
    return opened


def test_killed_anywhere_in_a_deposit_the_portal_keeps_what_it_acknowledged_and_nothing_half(house_of_either: House) -> None:
    house = house_of_either
    ada = house.guest("ada")

    def deposit(document: str) -> Callable[[], Any]:
        return lambda: ada.upload(document, SAMORIA)

    first = ada.register("CTED/2026/XSM/0")
    done, calls = killed(house, deposit(first), 0)
    assert (done, calls > 15) == (True, True)
    acknowledged, died = [first], 0
    for at in chosen(calls):
        document = ada.register(f"CTED/2026/XSM/{at}")
        done, reached = killed(house, deposit(document), at)
        died += not reached
        if done:
            acknowledged.append(document)
    assert died >= len(chosen(calls)) - 3  # a call more or less is nothing to rely on
    aftermath(house, acknowledged)
