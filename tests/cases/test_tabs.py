"""More than one sign-in in one browser: tabs beside each other, somebody else in the middle, answers that come twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.cases.forged import come_back, signed_in, start, with_forger
from tests.cases.test_own_sessions import session_of
from tests.cases.test_sessions import cookie_of, opened
from tests.common.house import Guest, House
from tests.rooms.identity.forger import CONFIGURATION, TOKEN, Forger


@pytest.fixture
def forged(house: House) -> Iterator[tuple[House, Forger]]:
    with with_forger(house) as made:
        yield made


def begun(guest: Guest, forger: Forger) -> tuple[str, str]:
    """A sign-in in one more tab: its state and its nonce."""
    return start(guest, forger), forger.nonce


def answered(guest: Guest, forger: Forger, tab: tuple[str, str]) -> int:
    state, forger.nonce = tab
    return come_back(guest, forger, state).status_code


def test_two_tabs_both_come_in_whichever_is_first(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    for order in ((0, 1), (1, 0)):
        guest = house.stranger()
        tabs = [begun(guest, forger), begun(guest, forger)]
        assert [answered(guest, forger, tabs[number]) for number in order] == [302, 302]
        assert guest.get("/documents").status_code == 200


def test_each_answer_is_taken_once(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    guest = house.stranger()
    one, two = begun(guest, forger), begun(guest, forger)
    assert [answered(guest, forger, tab) for tab in (one, one, two, two, one)] == [302, 403, 302, 403, 403]
    assert "No sign-in waits for this answer in this browser" in come_back(guest, forger, one[0]).text


def test_an_answer_of_one_browser_is_none_in_another(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    one, other = house.stranger(), house.stranger()
    tab = begun(one, forger)
    begun(other, forger)
    assert answered(other, forger, tab) == 403
    assert answered(one, forger, tab) == 302


def test_an_answer_with_an_unknown_state_costs_the_tabs_that_wait_nothing(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    guest = house.stranger()
    tab = begun(guest, forger)
    assert come_back(guest, forger, "x" * 43).status_code == 403
    assert answered(guest, forger, tab) == 302


def test_a_browser_keeps_four_sign_ins_under_way_and_the_oldest_give_way(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    guest, tabs = house.stranger(), []
    for _ in range(6):
        house.clock.advance(timedelta(seconds=1))
        tabs.append(begun(guest, forger))
    kept = opened(house, cookie_of(guest))
    assert kept is not None
    assert set(kept.data["flows"]) == {state for state, _ in tabs[2:]}  # type: ignore[call-overload]
    assert [answered(guest, forger, tab) for tab in tabs[1:4]] == [403, 302, 302]


def test_a_strangers_answer_makes_no_session(house: House) -> None:
    before = house.sql("select count(*) from session")
    assert house.stranger().get("/sign-in/demo/callback?state=x&code=y").status_code == 403
    assert house.sql("select count(*) from session") == before


def test_an_answer_that_two_requests_bring_at_once_opens_one_session(forged: tuple[House, Forger]) -> None:
    """Both read the flow before either was done: the second finds that the session which began it is over."""
    house, forger = forged
    guest, twin = house.stranger(), house.stranger()
    tab = begun(guest, forger)
    twin.client.set_cookie("__Host-portal", cookie_of(guest), domain="localhost", secure=True)
    statuses = []
    exchanged = forger.answer

    def meanwhile(body: dict[str, object]) -> None:
        forger.answer = exchanged
        statuses.append(answered(twin, forger, tab))

    forger.answer = meanwhile
    statuses.append(answered(guest, forger, tab))
    assert statuses == [302, 403]
    assert house.sql("select count(*) from session where person_id is not null and revoked_at is null") == [(1,)]


def test_somebody_else_who_signs_in_ends_the_first_ones_session_with_an_event_and_the_page_says_who_is_here_now(
    forged: tuple[House, Forger],
) -> None:
    house, forger = forged
    guest = signed_in(house, forger, "person-1", "s-1", "Ada Lindqvist")
    first, session = cookie_of(guest), session_of(house, guest)
    before = len(house.events())
    state = start(guest, forger)
    forger.claims = lambda claims: claims.update(sub="person-2", sid="s-2", name="Bo Marsh")
    answer = come_back(guest, forger, state)
    made = house.events()[before:]
    assert sorted(made) == [("session.ended", "done", ""), ("session.signed_in", "done", "")]
    assert session in house.sql("select detail from audit_event where event = 'session.ended'")[0][0]
    assert opened(house, first) is None
    page = guest.get(answer.headers["Location"]).text
    assert 'You are signed in as <b class="p-strong">Bo Marsh</b>' in page
    assert "Ada" not in page


def test_the_same_person_again_is_rotated_and_nobody_elses_end_is_told(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    guest = signed_in(house, forger)
    first = cookie_of(guest)
    before = len(house.events())
    answer = come_back(guest, forger, start(guest, forger))
    assert answer.headers["Location"] == "/"
    assert opened(house, first) is None
    assert house.events()[before:] == [("session.signed_in", "done", "")]


@pytest.mark.parametrize("path", [CONFIGURATION, TOKEN])
def test_a_provider_that_fails_on_the_way_says_so_and_leaves_whoever_was_here_alone(forged: tuple[House, Forger], path: str) -> None:
    house, forger = forged
    guest = signed_in(house, forger)
    state = start(guest, forger)
    house.clock.advance(timedelta(minutes=5))
    forger.status[path] = 503
    if path == CONFIGURATION:
        house.parts.providers["forged"]._discovery._metadata = None
    answer = come_back(guest, forger, state)
    assert answer.status_code == 503
    assert "does not answer at the moment. Try again in a few minutes." in answer.text
    assert guest.get("/documents").status_code == 200
