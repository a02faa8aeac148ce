"""Signing in with a local account: two steps, each code once, and nothing tells who has an account."""

from datetime import timedelta

import pytest

from tests.common.house import House
from tests.common.local import PASSWORD, Local, enrolled, invited, proposed


def test_a_person_enrols_and_signs_in_with_both_factors(house: House) -> None:
    ines = enrolled(house)
    page = ines.sign_in()
    assert page.status_code == 200
    assert "Ines Quiroga" in page.text
    assert ines.get("/documents").status_code == 200
    assert [event for event in house.events() if event[0] in {"session.password_checked", "session.signed_in"}][-2:] == [
        ("session.password_checked", "done", ""),
        ("session.signed_in", "done", ""),
    ]


def test_the_password_alone_signs_nobody_in(house: House) -> None:
    ines = enrolled(house)
    assert ines.give_password().status_code == 302
    assert ines.get("/").status_code == 401
    assert ines.give_code("000000").status_code == 403
    assert ines.get("/").status_code == 401
    assert ("session.signed_in", "refused", "wrong_sign_in") in house.events()


def test_the_code_without_the_password_signs_nobody_in(house: House) -> None:
    ines = enrolled(house)
    ines.client.get("/sign-in/local", base_url="http://localhost:8000", follow_redirects=True)
    assert ines.give_code(ines.next_code()).status_code == 403
    assert ines.get("/").status_code == 401


def test_a_code_counts_once_in_whichever_browser(house: House) -> None:
    ines = enrolled(house)
    other = ines.other_browser()
    assert ines.give_password().status_code == other.give_password().status_code == 302
    code = ines.next_code()
    assert ines.give_code(code).status_code == 302
    assert other.give_code(code).status_code == 403
    assert other.give_code(ines.next_code()).status_code == 302


def test_the_code_of_the_enrolment_does_not_sign_in(house: House) -> None:
    ines = enrolled(house)
    ines.give_password()
    assert ines.give_code(ines.code()).status_code == 403


@pytest.mark.parametrize(("steps", "status"), [(-2, 403), (-1, 302), (0, 302), (1, 302), (2, 403)])
def test_clocks_may_be_one_step_apart(house: House, steps: int, status: int) -> None:
    ines = enrolled(house)
    house.clock.advance(timedelta(minutes=5))
    ines.give_password()
    assert ines.give_code(ines.code(steps)).status_code == status


def test_an_earlier_code_is_not_taken_after_a_later_one(house: House) -> None:
    ines = enrolled(house)
    house.clock.advance(timedelta(minutes=5))
    ines.give_password()
    assert ines.give_code(ines.code(1)).status_code == 302
    other = ines.other_browser()
    other.give_password()
    assert other.give_code(ines.code(0)).status_code == 403


def test_a_recovery_code_counts_once_however_it_is_typed(house: House) -> None:
    ines = enrolled(house)
    ines.give_password()
    assert ines.give_code(ines.recovery[3].upper().replace("-", " ")).status_code == 302
    again = ines.other_browser()
    again.give_password()
    assert again.give_code(ines.recovery[3]).status_code == 403
    assert again.give_code(ines.recovery[4]).status_code == 302
    assert house.events()[-1][0] == "session.signed_in"


def test_who_has_no_account_is_answered_like_a_wrong_password(house: House) -> None:
    """Same status, headers and page, but for what was typed and the session's own token (ASVS 6.3.8)."""
    enrolled(house)
    proposed(house, "jun", "Jun Sato")
    closed = enrolled(house, "kofi")
    assert house.guest("greta").post(f"/people/{closed.account}/close").status_code == 302
    answers = {}
    for login in ("ines", "nobody-at-all", "jun", "kofi", "аda", "x" * 150, "ines\u202e"):
        stranger = Local(house, login)
        answer = stranger.give_password("not the password of anybody")
        page = answer.text.replace(stranger.token(), "").replace(f'value="{login}"', "")
        answers[login] = (answer.status_code, [pair for pair in answer.headers if pair[0] not in {"Content-Length"}], page)
    assert all(answer == answers["ines"] for answer in answers.values())
    assert answers["ines"][0] == 403
    assert [event for event in house.events() if event[2] == "wrong_sign_in"] == [
        ("session.password_checked", "refused", "wrong_sign_in")
    ] * 7


@pytest.mark.usefixtures("dear_passwords")
def test_for_nobody_the_same_work_is_done(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same statements in the same order, and one hash of the same kind."""
    from sqlalchemy import event

    from portal.identity import passwords

    enrolled(house)
    proposed(house, "jun", "Jun Sato")
    closed = enrolled(house, "kofi")
    assert house.guest("greta").post(f"/people/{closed.account}/close").status_code == 302
    seen: list[str] = []
    real = passwords._HASHER.verify

    class Counting:
        def verify(self, kept: str, typed: str) -> bool:
            seen.append("hash " + kept.rsplit("$", 2)[0])
            return real(kept, typed)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    event.listen(house.parts.database.engine, "before_cursor_execute", lambda c, cursor, statement, *rest: seen.append(statement))
    work = {}
    # the first stranger of a month makes its key, the second finds it, and then it is known
    for login in ("first", "second", "ines", "nobody-at-all", "jun", "kofi"):
        stranger = Local(house, login)
        stranger.client.get("/sign-in/local", base_url="http://localhost:8000", follow_redirects=True)
        seen.clear()
        stranger.post("/sign-in/local", {"login": login, "password": "not the password of anybody"})
        work[login] = list(seen)
    assert all(work[login] == work["ines"] for login in ("nobody-at-all", "jun", "kofi"))
    assert sum(line.startswith("hash $argon2id$v=19$m=65536,t=3,p=4") for line in work["ines"]) == 1


def test_a_password_counts_as_it_was_typed(house: House) -> None:
    """Neither cut, nor trimmed, nor folded (ASVS 6.2.8)."""
    ines = enrolled(house)
    for typed in (PASSWORD.upper(), PASSWORD[:-1], PASSWORD + "x", f" {PASSWORD}"):
        assert ines.give_password(typed).status_code == 403, typed
    assert ines.give_password(PASSWORD).status_code == 302


@pytest.mark.parametrize("typed", ["INES", "  ines ", "ｉｎｅｓ", "Ｉnes"])
def test_case_and_width_make_no_difference_to_a_name(house: House, typed: str) -> None:
    ines = enrolled(house)
    assert ines.give_password(login=typed).status_code == 302


def test_a_password_of_megabytes_is_refused_before_it_is_hashed(house: House) -> None:
    ines = enrolled(house)
    assert ines.give_password("a" * 10_000_000).status_code == 413
    assert ines.give_password(PASSWORD + "a" * 200_000).status_code == 403


def test_a_form_that_comes_from_elsewhere_counts_nothing(house: House) -> None:
    ines = enrolled(house)
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        ines.client.get("/sign-in/local", base_url="http://localhost:8000", follow_redirects=True)
        answer = ines.post("/sign-in/local", {"login": "ines", "password": PASSWORD}, headers=headers)
        assert answer.status_code == 403
    assert ines.post("/sign-in/local", {"login": "ines", "password": PASSWORD, "csrf": "x"}).status_code == 403
    assert house.sql("select count(*) from throttle where attempts > 0 and last > 0") == [(0,)]


def test_the_password_waits_five_minutes_for_the_code(house: House) -> None:
    ines = enrolled(house)
    ines.give_password()
    house.clock.advance(timedelta(minutes=5))
    assert ines.give_code(ines.code()).status_code == 403
    assert house.events()[-1] == ("session.signed_in", "failed", "begin_again")


def test_a_clock_set_back_does_not_lengthen_the_wait_for_the_code(house: House) -> None:
    ines = enrolled(house)
    house.clock.advance(timedelta(minutes=10))
    ines.give_password()
    house.clock.advance(-timedelta(seconds=30))
    assert ines.give_code(ines.code()).status_code == 403
    assert ("session.signed_in", "failed", "begin_again") in house.events()


def test_a_body_that_gave_up_local_accounts_lets_nobody_in_with_one(house: House) -> None:
    ines = enrolled(house)
    half = ines.other_browser()
    assert half.give_password().status_code == 302
    object.__setattr__(house.config.local, "bodies", ("OCT",))
    assert ines.give_password().status_code == 403
    assert half.give_code(half.next_code()).status_code == 403


def test_a_closed_account_does_not_finish_its_sign_in(house: House) -> None:
    ines = enrolled(house)
    ines.give_password()
    assert house.guest("greta").post(f"/people/{ines.account}/close").status_code == 302
    assert ines.give_code(ines.next_code()).status_code == 403
    assert ines.get("/").status_code == 401


def test_a_session_token_from_before_the_sign_in_is_worth_nothing_after_it(house: House) -> None:
    ines = enrolled(house)
    ines.give_password()
    before = ines.client.get_cookie("__Host-portal", domain="localhost")
    assert ines.give_code(ines.next_code()).status_code == 302
    after = ines.client.get_cookie("__Host-portal", domain="localhost")
    assert before.value != after.value
    ines.client.set_cookie("__Host-portal", before.value, domain="localhost", secure=True)
    assert ines.get("/").status_code == 401


def test_nothing_of_it_is_there_where_no_body_has_local_accounts(house: House) -> None:
    account = proposed(house)
    link, _ = invited(house, account)
    object.__setattr__(house.config.local, "enabled", False)
    stranger = house.stranger()
    for path in ("/sign-in/local", "/sign-in/local/code", link.removeprefix("http://localhost:8000")):
        assert stranger.get(path).status_code == 404
    assert "name and a password" not in stranger.get("/sign-in").text
    assert house.guest("greta").get("/accounts").status_code == 404
