"""Who has a local account confirms with a code; and roles are confirmed with a fresh second factor only."""

import re
from datetime import timedelta

from tests.common.house import House
from tests.common.local import enrolled, grant, grant_of, handed, proposed


def test_roles_are_confirmed_with_a_fresh_second_factor_and_what_was_begun_goes_on(house: House) -> None:
    omid = enrolled(house, "omid", roles=("releasing_officer",))
    account = proposed(house)
    assert omid.sign_in().status_code == 200
    handed(grant(house, account))
    house.clock.advance(timedelta(minutes=11))
    asked = omid.post(f"/accounts/{account}/grants/{grant_of(house)}/confirm")
    assert asked.status_code == 403
    assert house.events()[-1] == ("grant.confirmed", "refused", "step_up")
    start = re.search(r'href="(/confirm/start[^"]+)"', asked.text)[1]  # type: ignore[index]
    page = omid.get(start, follow_redirects=True)
    about = {"about": re.search(r'name="about" value="([\w-]+)"', page.text)[1]}  # type: ignore[index]
    wrong = omid.post("/confirm/local", {"code": "000000", **about})
    assert wrong.status_code == 403
    assert f'name="about" value="{about["about"]}"' in wrong.text
    before = omid.token()
    done = omid.post("/confirm/local", {"code": omid.next_code(), **about})
    assert done.status_code == 302
    assert omid.token() != before
    again = omid.get(done.headers["Location"])
    assert "Confirm as second officer" in again.text
    assert omid.post(f"/accounts/{account}/grants/{grant_of(house)}/confirm").status_code == 200


def test_what_is_not_there_asks_nobody_to_confirm(house: House) -> None:
    """A proposal of the body's own, from when it had local accounts: as absent as one that never was."""
    account = proposed(house)
    handed(grant(house, account))
    house.guest("dana").sign_in(second_factor=False)
    object.__setattr__(house.config.local, "enabled", False)
    assert house.guest("dana").post(f"/accounts/{account}/grants/{grant_of(house)}/confirm").status_code == 404


def test_a_code_that_signed_in_does_not_confirm(house: House) -> None:
    omid = enrolled(house, "omid", roles=("releasing_officer",))
    assert omid.sign_in().status_code == 200
    assert omid.post("/confirm/local", {"code": omid.code()}).status_code == 403
    assert house.events()[-1][:2] == ("session.confirmed", "refused")


def test_guessing_at_the_code_in_an_open_browser_is_throttled(house: House) -> None:
    omid = enrolled(house, "omid", roles=("releasing_officer",))
    assert omid.sign_in().status_code == 200
    assert [omid.post("/confirm/local", {"code": "000000"}).status_code for _ in range(7)] == [403] * 5 + [429] * 2


def test_who_signs_in_through_a_provider_has_no_code_to_show(house: House) -> None:
    assert house.guest("dana").get("/confirm/local").status_code == 404
    assert house.guest("dana").post("/confirm/local", {"code": "000000"}).status_code == 404
