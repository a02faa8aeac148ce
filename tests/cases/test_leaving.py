"""Signing out: here at once and always, then at the provider, and back with a proof that it was sent from here."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.cases.forged import signed_in, with_forger
from tests.cases.test_sessions import cookie_of, opened
from tests.common.house import PORTAL, Guest, House
from tests.rooms.identity.forger import CONFIGURATION, Forger

OUT = "You are signed out here. Your organisation’s sign-in service could not be reached; close the browser if the machine is shared."


@pytest.fixture
def forged(house: House) -> Iterator[tuple[House, Forger]]:
    with with_forger(house) as made:
        yield made


def leave(guest: Guest) -> str:
    """Sign out, and where the browser is sent to from there."""
    answer = guest.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/signed-out")
    page = guest.get("/signed-out")
    assert page.status_code == 200
    wait, _, url = page.headers["Refresh"].partition("; url=")
    assert wait == "0"
    assert f'href="{url}"' in unescape(page.text)
    return url


def test_whoever_signs_out_is_sent_to_their_provider_and_comes_back(house: House) -> None:
    omar = house.guest("omar")
    there = requests.get(leave(omar), timeout=10, allow_redirects=False)
    back = there.headers["Location"]
    assert back.startswith(f"{PORTAL}/sign-in?out=1&state=")
    page = omar.get(back.removeprefix(PORTAL))
    assert "You are signed out, here and at your organisation’s sign-in service." in page.text
    assert "and at your" not in omar.get(back.removeprefix(PORTAL)).text  # said once


def test_the_provider_is_told_who_leaves_and_where_to_send_them_back(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    words = parse_qs(urlsplit(leave(signed_in(house, forger))).query)
    assert words.pop("state")[0]
    assert words == {"id_token_hint": [forger.token], "client_id": ["portal"], "post_logout_redirect_uri": [f"{PORTAL}/sign-in?out=1"]}


def test_the_session_here_is_over_before_the_provider_is_asked(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    guest = signed_in(house, forger)
    token, asked = cookie_of(guest), forger.asked[CONFIGURATION]
    guest.post("/sign-out")
    assert opened(house, token) is None
    assert house.events()[-1] == ("session.signed_out", "done", "")
    assert forger.asked[CONFIGURATION] == asked
    assert guest.get("/documents").status_code == 401


@pytest.mark.parametrize("state", ["", "another", "é"])
def test_a_way_back_with_another_state_proves_nothing(house: House, state: str) -> None:
    omar = house.guest("omar")
    leave(omar)
    page = omar.get("/sign-in", query_string={"out": 1, "state": state})
    assert "You are signed out." in page.text
    assert "and at your" not in page.text


def test_the_state_of_one_browser_says_nothing_in_another(house: House) -> None:
    omar, pedro = house.guest("omar"), house.guest("pedro")
    state = parse_qs(urlsplit(leave(omar)).query)["state"][0]
    leave(pedro)
    assert "and at your" not in pedro.get("/sign-in", query_string={"out": 1, "state": state}).text


@pytest.mark.parametrize("status", [500, 404, 302])
def test_a_provider_that_is_down_is_said_to_be_and_nobody_is_sent_there(forged: tuple[House, Forger], status: int) -> None:
    house, forger = forged
    guest = signed_in(house, forger)
    forger.status[CONFIGURATION] = status
    guest.post("/sign-out")
    page = guest.get("/signed-out")
    assert page.status_code == 200
    assert OUT in page.text
    assert "Refresh" not in page.headers
    assert guest.get("/documents").status_code == 401


def test_a_provider_without_a_way_out_is_left_to_the_person(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    guest = signed_in(house, forger)
    forger.description = lambda d: d.pop("end_session_endpoint")
    guest.post("/sign-out")
    page = guest.get("/signed-out")
    assert "may still know you" in page.text
    assert "Refresh" not in page.headers


def test_nobody_leaves_who_did_not_sign_out(house: House) -> None:
    assert house.stranger().get("/signed-out").status_code == 404
    assert house.guest("omar").get("/signed-out").status_code == 404


def test_whoever_left_may_sign_in_again_in_the_same_browser(house: House) -> None:
    omar = house.guest("omar")
    leave(omar)
    assert omar.sign_in().status_code == 200
    assert omar.get("/received").status_code == 200
    assert omar.get("/signed-out").status_code == 404


def test_no_page_keeps_what_proves_who_left(house: House) -> None:
    """The hint is an ID token: in the way out to the provider, and nowhere else."""
    omar = house.guest("omar")
    hint = parse_qs(urlsplit(leave(omar)).query)["id_token_hint"][0]
    assert not [name for name, content in house.everything_at_rest().items() if hint.encode() in content]
    assert omar.get("/signed-out").headers["Cache-Control"] == "no-store"
    assert not re.search(hint, omar.get("/sign-in?out=1").text)
