"""Whatever ends a session cuts what flows out in it, and refuses what was asked before and is not done yet."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import portal.cases.sign_in as signing_in
from portal.gateway import flow as flowing
from portal.kernel.errors import Unauthenticated
from portal.kernel.vocabulary import Level, Role
from tests.cases.forged import signed_in, told, with_forger
from tests.cases.test_own_sessions import another, person_of, session_of
from tests.common.house import PORTAL, Guest, House
from tests.common.large import large_pdf
from tests.rooms.identity.forger import Forger

CHUNK = 64 * 1024


def on_the_page(house: House, forger: Forger, guest: Guest) -> None:
    other = signed_in(house, forger, sid="s-2")
    assert other.post(f"/sessions/{session_of(house, guest)}/end").status_code == 302


def all_others(house: House, forger: Forger, guest: Guest) -> None:
    assert signed_in(house, forger, sid="s-2").post("/sessions/end-others").status_code == 302


def signing_out(house: House, forger: Forger, guest: Guest) -> None:
    assert guest.post("/sign-out").status_code == 302


def by_an_administrator(house: House, forger: Forger, guest: Guest) -> None:
    path = f"/people/{person_of(house, '1')}/sessions/{session_of(house, guest)}/end"
    assert house.guest("greta").post(path).status_code == 302


def all_by_an_administrator(house: House, forger: Forger, guest: Guest) -> None:
    assert house.guest("greta").post(f"/people/{person_of(house, '1')}/sessions/end").status_code == 302


def another_by_an_administrator(house: House, forger: Forger, guest: Guest) -> None:
    """What flows out in the person's other sessions begins anew."""
    other = session_of(house, signed_in(house, forger, sid="s-2"))
    assert house.guest("greta").post(f"/people/{person_of(house, '1')}/sessions/{other}/end").status_code == 302


def closing_the_account(house: House, forger: Forger, guest: Guest) -> None:
    assert house.guest("greta").post(f"/people/{person_of(house, '1')}/close").status_code == 302


def by_the_service_for_a_session(house: House, forger: Forger, guest: Guest) -> None:
    assert told(house, forger, lambda c: c.update(sid="session-1")).status_code == 200


def by_the_service_for_a_person(house: House, forger: Forger, guest: Guest) -> None:
    assert told(house, forger).status_code == 200


def other_roles(house: House, forger: Forger, guest: Guest) -> None:
    with pytest.MonkeyPatch.context() as patch:
        today = SimpleNamespace(body="CTED", roles=frozenset({Role.REVIEWER}), clearance=Level.CONFIDENTIAL)
        patch.setattr(signing_in, "membership", lambda *_: today)
        signed_in(house, forger, sid="s-2")


def idle(house: House, forger: Forger, guest: Guest) -> None:
    house.clock.advance(timedelta(minutes=20))


def too_old(house: House, forger: Forger, guest: Guest) -> None:
    house.clock.advance(timedelta(hours=8))
    house.sql("update session set last_seen = ?", int(house.clock.now().timestamp() * 1_000_000))


def clock_set_back(house: House, forger: Forger, guest: Guest) -> None:
    house.clock.advance(-timedelta(minutes=2))


WAYS = [
    on_the_page,
    all_others,
    signing_out,
    by_an_administrator,
    all_by_an_administrator,
    another_by_an_administrator,
    closing_the_account,
    by_the_service_for_a_session,
    by_the_service_for_a_person,
    other_roles,
    idle,
    too_old,
    clock_set_back,
]


@pytest.fixture
def forged(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[House, Forger]]:
    monkeypatch.setattr(flowing, "CADENCE", 0.0)  # every piece is decided on
    with with_forger(house) as made:
        yield made


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_download_is_cut(forged: tuple[House, Forger], way: Callable[[House, Forger, Guest], Any]) -> None:
    house, forger = forged
    guest = signed_in(house, forger, sub="person-1")
    document = guest.deposit(content=b"".join(large_pdf(6 * CHUNK)[1]))
    answer = guest.client.get(f"/documents/{document}/file", base_url=PORTAL, buffered=False)
    pieces = iter(answer.response)
    assert next(pieces)
    way(house, forger, guest)
    with pytest.raises(Unauthenticated):
        for _ in pieces:
            pass
    assert ("version.download_ended", "failed", "cut") in house.events()


def test_what_nobody_ended_comes_whole(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    guest = signed_in(house, forger)
    content = b"".join(large_pdf(6 * CHUNK)[1])
    document = guest.deposit(content=content)
    house.guest("ada")
    another(house, "ada").post("/sessions/end-others")
    assert guest.get(f"/documents/{document}/file").data == content
