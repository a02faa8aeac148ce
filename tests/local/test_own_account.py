"""One's own password and recovery codes."""

import re

from tests.common.house import House
from tests.common.local import Local, enrolled

NEW = "harbour velvet sixteen crow"


def change(person: Local, current: str | None = None, code: str | None = None, new: str = NEW, again: str | None = None):  # type: ignore[no-untyped-def]
    fields = {
        "current": person.password if current is None else current,
        "code": person.next_code() if code is None else code,
        "password": new,
        "again": new if again is None else again,
    }
    return person.post("/account/password", fields)


def test_a_changed_password_counts_and_ends_every_other_session(house: House) -> None:
    ines = enrolled(house)
    elsewhere = ines.other_browser()
    assert ines.sign_in().status_code == elsewhere.sign_in().status_code == 200
    half = ines.other_browser()
    assert half.give_password().status_code == 302
    assert change(ines).status_code == 302
    assert ines.get("/account").status_code == 200
    assert elsewhere.get("/").status_code == 401
    assert half.give_code(half.next_code()).status_code == 403
    assert ines.other_browser().give_password().status_code == 403
    assert ines.other_browser().give_password(NEW).status_code == 302


def test_a_change_needs_the_password_and_a_code_that_was_not_used(house: House) -> None:
    ines = enrolled(house)
    assert ines.sign_in().status_code == 200
    assert change(ines, code=ines.code()).status_code == 422  # it signed in
    assert change(ines, current="not the password at all").status_code == 422
    assert change(ines, code="000000").status_code == 422
    assert change(ines, new="short").status_code == 422
    assert change(ines, again="something else entirely").status_code == 422
    assert ines.other_browser().give_password().status_code == 302
    assert not [event for event in house.events() if event[:2] == ("account.password_changed", "done")]


def test_new_recovery_codes_take_the_place_of_the_old_ones(house: House) -> None:
    ines = enrolled(house)
    assert ines.sign_in().status_code == 200
    assert "10 left" in ines.get("/account").text
    page = ines.post("/account/recovery-codes", {"current": ines.password, "code": ines.recovery[0]})
    assert page.status_code == 200
    codes = re.findall(r'<li class="p-code">([^<]+)</li>', page.text)
    assert len(set(codes)) == 10
    other = ines.other_browser()
    other.give_password()
    assert other.give_code(ines.recovery[1]).status_code == 403
    assert other.give_code(codes[1]).status_code == 302
    assert "9 left" in ines.get("/account").text


def test_guessing_at_the_password_in_an_open_browser_is_throttled(house: House) -> None:
    ines = enrolled(house)
    assert ines.sign_in().status_code == 200
    answers = [change(ines, current=f"guess number {n} of many", code="000000").status_code for n in range(7)]
    assert answers == [422] * 5 + [429] * 2


def test_who_signs_in_through_a_provider_has_no_such_page(house: House) -> None:
    assert house.guest("ada").get("/account").status_code == 404
    assert "Your account" not in house.guest("ada").get("/").text
    ines = enrolled(house)
    ines.sign_in()
    assert "Your account" in ines.get("/").text
