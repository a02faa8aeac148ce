"""No more gets through than the throttle allows: by however many processes, browsers and addresses."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from portal.identity.throttle import Limit
from tests.common.house import House
from tests.common.local import Local, enrolled, invited, proposed

ROOT = Path(__file__).resolve().parents[2]
LOGIN, CODE = "/sign-in/local", "/sign-in/local/code"


def checked(house: House) -> int:
    """How many passwords or codes were looked at and found wrong; each is an event."""
    return Counter(code for *_, code in house.events())["wrong_sign_in"]


def test_five_attempts_are_free_and_each_later_one_waits_twice_as_long(house: House) -> None:
    ines = enrolled(house)
    assert [ines.give_password("wrong").status_code for _ in range(8)] == [403] * 5 + [429] * 3
    for wait in (30, 60, 120, 240, 480, 900, 900, 900):
        house.clock.advance(timedelta(seconds=wait - 1))
        assert ines.give_password("wrong").status_code == 429
        house.clock.advance(timedelta(seconds=1))
        assert ines.give_password("wrong").status_code == 403
        assert ines.give_password("wrong").status_code == 429
    assert checked(house) == 13


def test_what_is_refused_is_not_held_against_anybody(house: House) -> None:
    """An account is never locked for good: who waits a quarter of an hour gets in, however often others tried meanwhile."""
    ines = enrolled(house)
    for _ in range(40):
        ines.give_password("wrong")
    house.clock.advance(timedelta(seconds=30))
    assert ines.sign_in().status_code == 200
    assert [ines.other_browser().give_password("wrong").status_code for _ in range(6)] == [403] * 5 + [429]


def test_the_right_password_does_not_get_past_the_throttle(house: House) -> None:
    ines = enrolled(house)
    for _ in range(5):
        ines.give_password("wrong")
    answer = ines.give_password()
    assert answer.status_code == 429
    assert 25 <= int(answer.headers["Retry-After"]) <= 30
    assert "30 seconds" in answer.text


def test_a_name_that_nobody_has_is_throttled_alike(house: House) -> None:
    enrolled(house)
    answers = {login: [Local(house, login).give_password("wrong").status_code for _ in range(7)] for login in ("ines", "nobody")}
    assert answers["ines"] == answers["nobody"] == [403] * 5 + [429] * 2


def test_codes_are_throttled_also_for_who_knows_the_password(house: House) -> None:
    ines = enrolled(house)
    browsers = [ines.other_browser() for _ in range(4)]
    assert [browser.give_password().status_code for browser in browsers] == [302] * 4
    assert [browsers[n % 4].give_code("000000").status_code for n in range(7)] == [403] * 5 + [429] * 2
    assert browsers[0].give_code(ines.next_code()).status_code == 302


def test_many_addresses_do_not_get_past_the_throttle_of_one_account(house: House) -> None:
    enrolled(house)
    answers = [Local(house, "ines", address=f"198.51.100.{n}").give_password("wrong").status_code for n in range(10)]
    assert answers == [403] * 5 + [429] * 5


def test_one_address_does_not_try_one_password_on_many_accounts(house: House) -> None:
    answers = [Local(house, f"login{n}", address="198.51.100.7").give_password("wrong").status_code for n in range(24)]
    assert answers == [403] * 20 + [429] * 4
    assert Local(house, "login99", address="198.51.100.8").give_password("wrong").status_code == 403


def test_a_network_of_ipv6_counts_as_one_address(house: House) -> None:
    answers = [Local(house, f"login{n}", address=f"2001:db8:1:2::{n:x}").give_password("wrong").status_code for n in range(22)]
    assert answers == [403] * 20 + [429] * 2
    assert Local(house, "login99", address="2001:db8:1:3::1").give_password("wrong").status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP"])
def test_an_address_in_a_header_counts_for_nothing(house: House, header: str) -> None:
    stranger = Local(house, "x", address="198.51.100.7")
    answers = []
    for n in range(22):
        stranger.get(LOGIN, follow_redirects=True)
        fields = {"login": f"login{n}", "password": "wrong"}
        answers.append(stranger.post(LOGIN, fields, headers={header: f"203.0.113.{n}"}).status_code)
    assert answers == [403] * 20 + [429] * 2


def test_an_office_behind_one_address_signs_in_as_often_as_it_likes(house: House) -> None:
    ines = enrolled(house)
    ines.address = "198.51.100.7"
    for _ in range(25):
        assert ines.other_browser().sign_in().status_code == 200


def test_guessing_at_the_code_of_a_link_is_throttled(house: House) -> None:
    account = proposed(house)
    link, code = invited(house, account)
    person = Local(house, "ines", account)
    assert [person.enrol(link, "0000-0000-0000-0000").status_code for _ in range(6)] == [422] * 5 + [429]
    house.clock.advance(timedelta(seconds=30))
    assert person.enrol(link, code).status_code == 200


def test_what_is_a_day_old_is_forgotten(house: House) -> None:
    ines = enrolled(house)
    for _ in range(5):
        ines.give_password("wrong")
    house.clock.advance(timedelta(hours=25))
    with house.passage.bookkeeping() as uow:
        uow.throttle.forget(uow.at)
    assert house.sql("select count(*) from throttle") == [(0,)]


def test_a_pause_has_an_end_after_any_number_of_attempts() -> None:
    assert Limit(free=5).pause(4) == timedelta(0)
    assert Limit(free=5).pause(10**9) == timedelta(minutes=15)


# --- four processes --------------------------------------------------------------------------------------------------------------------


class Worker:
    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.local.knocking"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, *command: object) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def workers() -> Iterator[list[Worker]]:
    """Four, once in a module: they open one house after the other."""
    started = [Worker() for _ in range(4)]
    yield started
    for worker in started:
        worker.end()


@contextmanager
def serving(house: House, workers: list[Worker]) -> Iterator[ThreadPoolExecutor]:
    """All of them have the house open; and a thread to speak to each."""
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda worker: worker.say("open", str(house.folder / "config.toml")), workers)) == [200] * 4
        yield pool


def test_four_processes_together_check_as_many_passwords_as_the_throttle_allows(house: House, workers: list[Worker]) -> None:
    enrolled(house)

    def hammer(worker: Worker, number: int) -> list[int]:
        return [worker.say("post", LOGIN, {"login": "ines", "password": f"wrong {n}"}, f"198.51.{number}.{n}") for n in range(8)]

    with serving(house, workers) as pool:
        for worker in workers:
            assert worker.say("get", LOGIN) == 200
        for allowed in (5, 1, 1):
            before = checked(house)
            answers = Counter(status for answer in pool.map(hammer, workers, range(4)) for status in answer)
            assert answers == {403: allowed, 429: 32 - allowed}
            assert checked(house) - before == allowed
            house.sql("update throttle set until = 0")  # the time of waiting is over


def test_one_code_shown_to_four_processes_at_one_moment_signs_in_once(house: House, workers: list[Worker]) -> None:
    ines = enrolled(house)
    house.sql("update throttle set until = 0")
    with serving(house, workers) as pool:
        for worker in workers:
            assert worker.say("get", LOGIN) == 200
            assert worker.say("post", LOGIN, {"login": "ines", "password": ines.password}, "127.0.0.1") == 302
        code = pyotp.TOTP(ines.secret).at(datetime.now(UTC) + timedelta(seconds=30))  # the next: that of now may have enrolled
        answers = sorted(pool.map(lambda worker: worker.say("post", CODE, {"code": code}, "127.0.0.1"), workers))
    assert answers[0] == 302
    assert set(answers[1:]) <= {403, 429}  # whoever came after two that failed is asked to wait
    assert Counter(house.events())["session.signed_in", "done", ""] == 4  # the staff who enrolled her, and she
