"""A request and an approval, statement by statement in an order that is drawn: what a race hits by luck, by the thousand.

Two persons act in two threads. Before each statement of either, one of them has the turn, and whose the next is comes from a seed. A
thread that waits for a lock of the other cannot take its turn; the other goes on without it after a moment, as on a server. Nothing is
replaced: the real doors, the real database.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import event

from tests.common.house import Guest, House, proposal_of
from tools.tour.sample import report_pdf

#: Seconds after which a turn that is not taken is the other's.
MOMENT = 0.02
#: A report that is quick to prepare.
SMALL = report_pdf("A small report", [["1. The delegation was received."]])


class Turns:
    """Who goes next, statement by statement; `order` is who went, a letter each."""

    def __init__(self, names: tuple[str, ...], seed: int) -> None:
        self._chance = random.Random(seed)
        self._acting = set(names)
        self._next = self._chance.choice(names)
        self._moved = threading.Condition()
        self.order = ""

    def take(self) -> None:
        """Before a statement of this thread."""
        name = threading.current_thread().name
        with self._moved:
            if name not in self._acting:
                return
            self._moved.wait_for(lambda: self._next == name or self._next not in self._acting, MOMENT)
            self.order += name[0]
            self._next = self._chance.choice(sorted(self._acting))
            self._moved.notify_all()

    def leave(self) -> None:
        """This thread is through."""
        with self._moved:
            self._acting.discard(threading.current_thread().name)
            self._moved.notify_all()


@contextmanager
def taking_turns(house: House, turns: Turns) -> Iterator[None]:
    def before(*_: Any) -> None:
        turns.take()

    event.listen(house.parts.database.engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        event.remove(house.parts.database.engine, "before_cursor_execute", before)


def interleaved(house: House, acts: dict[str, Callable[[], int]], seed: int) -> tuple[dict[str, int], str]:
    """The answers of the acts by name, and the order that their statements had."""
    answers: dict[str, int] = {}
    turns = Turns(tuple(acts), seed)

    def run(name: str, act: Callable[[], int]) -> None:
        try:
            answers[name] = act()
        finally:
            turns.leave()

    with taking_turns(house, turns):
        threads = [threading.Thread(target=run, args=each, name=each[0]) for each in acts.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
    assert set(answers) == set(acts)
    return answers, turns.order


@dataclass(frozen=True, slots=True)
class Met:
    """What became of one meeting: was it approved before the request, and the order of the statements."""

    approved: bool
    order: str


def request_meets_approval(house: House, seed: int) -> Met:
    """A new document's proposal is approved while a request for it is recorded: never both are effective."""
    uploader = house.guest(house.cast.uploader)
    document = uploader.deposit(f"{house.cast.body}/2026/XSM/{seed + 10}", content=SMALL)
    assert uploader.prepare(document).status_code == 302
    assert uploader.propose(document).status_code == 302
    proposal = proposal_of(house)
    answers, order = interleaved(
        house,
        {
            "approval": _posting(house.guest(house.cast.releasing), f"/approvals/{proposal}/approve", {}),
            "request": _posting(house.guest(house.cast.confidentiality), f"/documents/{document}/requests", REQUEST),
        },
        seed,
    )
    assert answers["request"] == 302, order
    assert answers["approval"] in {302, 403, 409}, order
    effective(house, document, approved=answers["approval"] == 302)
    return Met(answers["approval"] == 302, order)


def effective(house: House, document: str, *, approved: bool) -> None:
    """The request is in force, so no share of the document is: no key of the recipient, no share without a closure, the floor raised."""
    other, shares = house.cast.other, [share for share, of in house.sql("select id, document_id from share") if UUID(of) == UUID(document)]
    assert len(shares) == int(approved)
    for share in shares:
        assert house.sql("select count(*) from key_wrap where share_id = ?", share) == [(0,)]
        assert house.sql("select reason from closure where share_id = ?", share) == [("request",)]
        assert house.guest(house.cast.reader).get(f"/received/{UUID(share)}/pages/1").status_code == 403
    assert house.sql("select count(*) from key_wrap where body = ?", other) == [(0,)]
    assert house.parts.holder.floor_of(UUID(document), other) == 1


#: Of the whole document, as its page sends it.
REQUEST = {
    "state": "XSM",
    "reference": "SM/1",
    "dated": "2026-11-02",
    "received": "letter",
    "scope": "document",
    "pages": "",
    "version": "1",
}


def _posting(guest: Guest, path: str, fields: dict[str, str]) -> Callable[[], int]:
    token = guest.token()
    return lambda: guest.client.post(path, base_url="http://localhost:8000", data={"csrf": token, **fields}).status_code
