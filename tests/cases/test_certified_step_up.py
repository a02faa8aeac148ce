"""A second factor at the certified provider: asked for again although a session stands there, taken only if it says so, of now, of them."""

import time
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.common.certified import PASSWORD, SECOND_FACTOR, Certified, Visitor
from tests.common.house import House, proposal_of

ASKS = "Confirm that it is you"


@pytest.fixture
def rosa(certified_house: House, certified: Certified) -> Visitor:
    """A releasing officer of the Directorate, signed in with a password; a proposal waits for her."""
    document = certified_house.guest("ada").deposit()
    assert certified_house.guest("ada").prepare(document).status_code == 302
    assert certified_house.guest("ada").propose(document).status_code == 302
    visitor = Visitor(certified_house, "rosa", certified)
    assert visitor.sign_in().status_code == 302
    return visitor


def confirm(visitor: Visitor, **how: Any) -> int:
    """Go to the provider to confirm and come back; the status of what the portal says then."""
    started = visitor.get("/confirm/start")
    return visitor.come_back(visitor.identify(started.headers["Location"], code=True, **how)).status_code


def asked(visitor: Visitor) -> bool:
    """Is she asked to confirm before she approves?"""
    answer = visitor.approve(proposal_of(visitor.house))
    assert answer.status_code in {302, 403}
    return ASKS in answer.text


def test_a_password_approves_nothing_and_a_second_factor_does(rosa: Visitor) -> None:
    assert asked(rosa)
    assert confirm(rosa) == 302
    assert not asked(rosa)


def test_the_second_factor_is_asked_for_although_she_is_signed_in_there(rosa: Visitor) -> None:
    place = rosa.get("/confirm/start").headers["Location"]
    assert "One-time code" in rosa.abroad.get(place, timeout=20).text
    assert confirm(rosa) == 302
    again = rosa.get("/confirm/start").headers["Location"]  # the second factor was used a moment ago
    assert "One-time code" in rosa.abroad.get(again, timeout=20).text


def test_a_provider_whose_clock_is_ahead_vouches_for_now_and_not_for_later(rosa: Visitor) -> None:
    rosa.ahead, rosa.abroad = -timedelta(seconds=20), requests.Session()
    assert rosa.come_back(rosa.identify(code=True)).status_code == 302
    assert not asked(rosa)


#: What the provider says of the confirmation instead of the truth.
LIES: dict[str, dict[str, Any]] = {
    "a password alone": {"claims": {"acr": PASSWORD}},
    "nothing of how": {"drop": ["acr"]},
    "a list of ways": {"claims": {"acr": [SECOND_FACTOR]}},
    "a second factor of an hour ago": {"claims": {"auth_time": int(time.time()) - 3600}},
    "not when": {"drop": ["auth_time"]},
    "somebody else": {"claims": {"sub": "ulla"}},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_not_a_second_factor_of_hers_and_of_now_confirms_nothing(rosa: Visitor, lie: str) -> None:
    rosa.certified.door("tamper", **LIES[lie])
    before = len(rosa.house.events())
    assert confirm(rosa) in {400, 403}
    failed = [event for event in rosa.house.events()[before:] if event[1] != "done"]
    assert len(failed) == 1
    assert asked(rosa)


def test_a_sign_in_with_a_password_confirms_nothing_even_if_it_is_new(rosa: Visitor) -> None:
    assert rosa.sign_in().status_code == 302
    assert asked(rosa)
