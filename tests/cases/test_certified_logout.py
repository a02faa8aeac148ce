"""Leaving at the certified provider, and being told by it that somebody left there (Back-Channel Logout 1.0)."""

import re
import time
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
import requests
from werkzeug.test import TestResponse

from tests.common.certified import NAME, SECRET_CLIENT, Certified, Visitor
from tests.common.house import PORTAL, House

IN, OUT = 200, 401


@pytest.fixture
def ines(certified_house: House, certified: Certified) -> Visitor:
    visitor = Visitor(certified_house, "ines", certified)
    assert visitor.sign_in().status_code == 302
    return visitor


def beside(visitor: Visitor) -> Visitor:
    """The same person at the portal in another profile of the browser, in the same session at the provider."""
    other = Visitor(visitor.house, visitor.login, visitor.certified)
    other.abroad = visitor.abroad
    assert other.sign_in().status_code == 302
    return other


def tell(house: House, token: str) -> TestResponse:
    """The provider calls: no browser, no cookie."""
    return house.app.test_client().post(f"/back-channel-logout/{NAME}", base_url=PORTAL, data={"logout_token": token})


def leave(visitor: Visitor) -> requests.Response:
    """Sign out at the portal, then at the provider, by its form; returns its last answer."""
    visitor.post("/sign-out")
    there = visitor.get("/signed-out").headers["Refresh"].removeprefix("0; url=")
    page = visitor.abroad.get(there, timeout=20)
    action = re.search(r'action="([^"]+)"', page.text)
    secret = re.search(r'name="xsrf" value="([^"]+)"', page.text)
    assert action is not None
    assert secret is not None
    fields = {"xsrf": secret[1], "logout": "yes"}
    return visitor.abroad.post(unescape(action[1]), data=fields, allow_redirects=False, timeout=20)


def test_signing_out_leads_through_the_provider_and_back_and_ends_both_sessions(ines: Visitor) -> None:
    back = leave(ines).headers["Location"]
    assert back.startswith(f"{PORTAL}/sign-in?out=1&state=")
    assert ines.get("/").status_code == OUT
    assert "You are signed out" in ines.get(back.removeprefix(PORTAL)).text
    place = ines.begin()
    assert ines.abroad.get(place, timeout=20).status_code == 200  # it asks for a password again
    assert "Password" in ines.abroad.get(place, timeout=20).text


def test_what_the_provider_sends_then_ends_the_other_sessions_of_that_session_there(ines: Visitor) -> None:
    other, elsewhere = beside(ines), Visitor(ines.house, "ines", ines.certified)
    assert elsewhere.sign_in().status_code == 302
    leave(ines)
    (token,) = ines.certified.door("sent")
    assert other.get("/").status_code == IN
    assert tell(ines.house, token).status_code == 200
    assert (other.get("/").status_code, elsewhere.get("/").status_code) == (OUT, IN)


def test_a_logout_of_the_whole_person_ends_every_session_of_theirs_and_nobody_elses(ines: Visitor) -> None:
    other, ulla = beside(ines), Visitor(ines.house, "ulla", ines.certified)
    assert ulla.sign_in().status_code == 302
    assert tell(ines.house, ines.certified.door("logout", login="ines")).status_code == 200
    assert [visitor.get("/").status_code for visitor in (ines, other, ulla, ines.house.guest("omar"))] == [OUT, OUT, IN, IN]


FORGED: dict[str, Callable[[int], dict[str, Any]]] = {
    "signed by another key": lambda now: {"sign": "other"},
    "not signed": lambda now: {"sign": "none"},
    "HMAC with the client's secret": lambda now: {"sign": "secret"},
    "HMAC with the public key": lambda now: {"sign": "public"},
    "for another client": lambda now: {"claims": {"aud": "other"}},
    "for another client as well": lambda now: {"claims": {"aud": [SECRET_CLIENT, "other"]}},
    "of another issuer": lambda now: {"claims": {"iss": "https://elsewhere.example"}},
    "with a nonce": lambda now: {"claims": {"nonce": "x"}},
    "without the event": lambda now: {"drop": ["events"]},
    "of another event": lambda now: {"claims": {"events": {"https://elsewhere.example": {}}}},
    "about nobody": lambda now: {"drop": ["sub", "sid"]},
    "without a number": lambda now: {"drop": ["jti"]},
    "expired": lambda now: {"claims": {"iat": now - 200, "exp": now - 60}},
    "of tomorrow": lambda now: {"claims": {"iat": now + 86_400, "exp": now + 86_500}},
    "of another type": lambda now: {"header": {"typ": "at+jwt"}},
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_logout_ends_no_session(ines: Visitor, kind: str) -> None:
    before = len(ines.house.events())
    answer = tell(ines.house, ines.certified.door("logout", login="ines", session="any", **FORGED[kind](int(time.time()))))
    assert answer.status_code == 400
    assert [outcome for _, outcome, _ in ines.house.events()[before:]] == ["failed"]
    assert ines.get("/").status_code == IN


def test_a_logout_counts_once(ines: Visitor) -> None:
    token = ines.certified.door("logout", login="ines")
    assert tell(ines.house, token).status_code == 200
    assert ines.sign_in().status_code == 302
    assert tell(ines.house, token).status_code == 400
    assert ines.get("/").status_code == IN
