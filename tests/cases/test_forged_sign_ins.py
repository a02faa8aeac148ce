"""Acceptance: every forged answer of a sign-in is refused with exactly one event of the right code, and nobody is signed in.

The certified provider does everything else right: each forgery stands alone. Run with -s to see the table: what was forged, at which check
it was refused, with which status, and as which event.
"""

import logging
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.common.certified import NAME, SECRET_CLIENT, Certified, Visitor
from tests.common.house import House

#: What happens to the next ID token, at this second, and a word of the check that must refuse it.
TOKENS: dict[str, tuple[Callable[[int], dict[str, Any]], str]] = {
    "nonce of another sign-in": (lambda now: {"claims": {"nonce": "x" * 43}}, "nonce"),
    "no nonce": (lambda now: {"drop": ["nonce"]}, "nonce"),
    "for another client": (lambda now: {"claims": {"aud": "other"}}, "aud"),
    "for another client as well": (lambda now: {"claims": {"aud": [SECRET_CLIENT, "other"], "azp": SECRET_CLIENT}}, "aud"),
    "azp of another client": (lambda now: {"claims": {"azp": "other"}}, "azp"),
    "of another issuer": (lambda now: {"claims": {"iss": "https://elsewhere.example"}}, "iss"),
    "expired": (lambda now: {"claims": {"exp": now - 31, "iat": now - 331}}, "exp"),
    "without an end": (lambda now: {"drop": ["exp"]}, "exp"),
    "issued in an hour": (lambda now: {"claims": {"iat": now + 3600, "exp": now + 7200}}, "iat"),
    "a clock 40 seconds ahead": (lambda now: {"claims": {"iat": now + 40}}, "iat"),
    "no time of issue": (lambda now: {"drop": ["iat"]}, "iat"),
    "no subject": (lambda now: {"drop": ["sub"]}, "sub"),
    "a subject that is no text": (lambda now: {"claims": {"sub": ["ines"]}}, "sub"),
    "signed in tomorrow": (lambda now: {"claims": {"auth_time": now + 86_400}}, "auth_time"),
    "groups as one text": (lambda now: {"claims": {"groups": "oct-reviewers"}}, "groups"),
    "no groups": (lambda now: {"drop": ["groups"]}, "groups"),
    "signed by another key": (lambda now: {"sign": "other"}, "BadSignature"),
    "signed by a key nobody knows": (lambda now: {"sign": "other", "header": {"kid": "unknown"}}, "less than a minute ago"),
    "not signed": (lambda now: {"sign": "none"}, "UnsupportedAlgorithm"),
    "HMAC with the client's secret": (lambda now: {"sign": "secret"}, "UnsupportedAlgorithm"),
    "HMAC with the public key": (lambda now: {"sign": "public"}, "UnsupportedAlgorithm"),
    "of another type": (lambda now: {"header": {"typ": "at+jwt"}}, "type"),
    "no ID token": (lambda now: {"leave_out": True}, "no ID token"),
    "three words for a token": (lambda now: {"token": "a.b.c"}, "cannot be verified"),
}


def forged_token(changes: dict[str, Any]) -> Callable[[Visitor], TestResponse]:
    def come(visitor: Visitor) -> TestResponse:
        visitor.certified.door("tamper", **changes)
        return visitor.sign_in()

    return come


def replayed_token(visitor: Visitor) -> TestResponse:
    """An ID token of an earlier sign-in of the same person, at the same portal."""
    earlier = visitor.house.parts.providers[NAME]
    url, flow = earlier.begin()
    token = earlier.finish(flow, visitor.identify(url)).id_token
    return forged_token({"token": token})(visitor)


def logout_token(visitor: Visitor) -> TestResponse:
    return forged_token({"token": visitor.certified.door("logout", login="ines", session="one")})(visitor)


def changed(*leave_out: str, **changes: str) -> Callable[[Visitor], TestResponse]:
    """The browser brings back something else than the provider gave it."""
    return lambda visitor: visitor.come_back({key: value for key, value in (visitor.identify() | changes).items() if key not in leave_out})


def an_error(state: str | None) -> Callable[[Visitor], TestResponse]:
    def come(visitor: Visitor) -> TestResponse:
        good = visitor.identify()
        said = {"error": "access_denied", "error_description": "<b>call 555</b>", "iss": good["iss"], "state": state or good["state"]}
        return visitor.come_back(said)

    return come


def code_of_another_sign_in(visitor: Visitor) -> TestResponse:
    """Somebody lets a victim's browser swallow a code of their own."""
    code = Visitor(visitor.house, "karl", visitor.certified, visitor.address).identify()["code"]
    return visitor.come_back(visitor.identify() | {"code": code})


def used_code(visitor: Visitor) -> TestResponse:
    room = visitor.house.parts.providers[NAME]
    url, flow = room.begin()
    params = visitor.identify(url)
    room.finish(flow, params)
    return visitor.come_back(visitor.identify() | {"code": params["code"]})


def in_another_browser(visitor: Visitor) -> TestResponse:
    return Visitor(visitor.house, "ines", visitor.certified, visitor.address).come_back(visitor.identify())


def at_the_other_way_back(visitor: Visitor) -> TestResponse:
    return visitor.come_back(visitor.identify(), provider="demo")


def eleven_minutes_later(visitor: Visitor) -> TestResponse:
    params = visitor.identify()
    visitor.house.clock.advance(timedelta(minutes=11))
    return visitor.come_back(params)


#: What the browser brings back, the code and the status of the refusal, and a word of the check.
ANSWERS: dict[str, tuple[Callable[[Visitor], TestResponse], str, int, str]] = {
    "an ID token of an earlier sign-in": (replayed_token, "sso_token", 403, "nonce"),
    "a logout token for an ID token": (logout_token, "sso_token", 403, "type"),
    "iss of another provider": (changed(iss="https://elsewhere.example"), "sso_issuer", 403, "another issuer"),
    "iss with a slash": (changed(iss="http://127.0.0.1/"), "sso_issuer", 403, "another issuer"),
    "no iss": (changed("iss"), "sso_issuer", 403, "does not name its issuer"),
    "state of another browser": (changed(state="x" * 43), "sso_refused", 403, "No sign-in waits"),
    "no state": (changed("state"), "sso_refused", 403, "No sign-in waits"),
    "no code": (changed("code"), "sso_provider", 403, "neither a code nor an error"),
    "an invented code": (changed(code="x" * 43), "sso_declined", 403, "invalid_grant"),
    "a code of somebody else": (code_of_another_sign_in, "sso_declined", 403, "invalid_grant"),
    "a code that was used": (used_code, "sso_declined", 403, "invalid_grant"),
    "an error with another state": (an_error("x" * 43), "sso_refused", 403, "No sign-in waits"),
    "an error of the provider": (an_error(None), "sso_declined", 403, "access_denied"),
    "an answer in another browser": (in_another_browser, "sso_refused", 403, "No sign-in waits"),
    "an answer at another provider's way": (at_the_other_way_back, "sso_issuer", 403, "another provider"),
    "an answer after eleven minutes": (eleven_minutes_later, "sso_expired", 400, "ten minutes"),
}


@dataclass(frozen=True)
class Row:
    kind: str
    by: str
    status: int
    events: list[tuple[str, str, str]]
    signed_in: int
    expected: tuple[int, str, str]

    @property
    def holds(self) -> bool:
        status, code, word = self.expected
        one = self.events == [("session.signed_in", "failed", code)]
        return one and self.status == status and word in self.by and self.signed_in == 0

    def __str__(self) -> str:
        told = ", ".join(" ".join(event) for event in self.events)
        return f"{self.kind:36} | {self.by[:72]:72} | {self.status} | {told}"


def attempt(house: House, visitor: Visitor, act: Callable[[Visitor], TestResponse], caplog: pytest.LogCaptureFixture) -> tuple[Any, ...]:
    """(by which check, status, events of it, how many are signed in)."""
    caplog.clear()
    before = len(house.events())
    answer = act(visitor)
    events = [event for event in house.events()[before:] if event[0] != "session.started"]
    assert visitor.get("/").status_code == 401
    (signed_in,) = house.sql("select count(*) from session where person_id is not null")[0]
    told = [record.getMessage().partition(": ")[2] for record in caplog.records if record.name == "portal.sign_in"]
    words = " ".join(re.sub("<[^>]*>", " ", answer.text.partition("<h1>")[2]).split())
    return (told or [words])[-1], answer.status_code, events, signed_in


def kinds() -> Iterator[tuple[str, Callable[[Visitor], TestResponse], tuple[int, str, str]]]:
    for kind, (changes, word) in TOKENS.items():
        yield kind, lambda visitor, changes=changes: forged_token(changes(int(time.time())))(visitor), (403, "sso_token", word)
    for kind, (act, code, status, word) in ANSWERS.items():
        yield kind, act, (status, code, word)


def test_every_forgery_is_refused_with_exactly_one_event_and_nobody_is_signed_in(
    certified_house: House, certified: Certified, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portal.sign_in")
    rows = []
    for number, (kind, act, expected) in enumerate(kinds()):
        # From an address of its own: of one stranger's refusals only the first in a minute has an event, the others are summed.
        visitor = Visitor(certified_house, "ines", certified, f"127.0.2.{number}")
        rows.append(Row(kind, *attempt(certified_house, visitor, act, caplog), expected=expected))
    sys.stdout.write("\n".join(["", f"{'forged':36} | {'refused by':72} | status | event", *map(str, rows), ""]))
    assert len(TOKENS) >= 13
    assert [str(row) for row in rows if not row.holds] == []
    assert certified_house.sql("select count(*) from person") == [(0,)]


def test_the_same_person_comes_in_without_a_forgery(certified_house: House, certified: Certified) -> None:
    visitor = Visitor(certified_house, "ines", certified)
    assert visitor.sign_in().status_code == 302
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize("seconds", [-25, 25])
def test_a_clock_less_than_30_seconds_apart_is_borne(certified_house: House, certified: Certified, seconds: int) -> None:
    assert Visitor(certified_house, "ines", certified, ahead=timedelta(seconds=seconds)).sign_in().status_code == 302


def test_a_portal_whose_own_clock_is_35_seconds_slow_lets_nobody_in(certified_house: House, certified: Certified) -> None:
    assert Visitor(certified_house, "ines", certified, ahead=timedelta(seconds=-35)).sign_in().status_code == 403
    assert certified_house.events(outcome="failed") == [("session.signed_in", "failed", "sso_token")]


def test_a_sign_in_is_used_up_by_its_first_answer_whatever_that_was(certified_house: House, certified: Certified) -> None:
    visitor = Visitor(certified_house, "ines", certified)
    params = visitor.identify()
    assert visitor.come_back(params | {"iss": "https://elsewhere.example"}).status_code == 403
    assert visitor.come_back(params).status_code == 403
    assert visitor.get("/").status_code == 401


def test_each_forged_token_has_its_event_even_from_one_address(certified_house: House, certified: Certified) -> None:
    for _ in range(3):
        certified.door("tamper", sign="none")
        Visitor(certified_house, "ines", certified).sign_in()
    assert certified_house.events(outcome="failed") == [("session.signed_in", "failed", "sso_token")] * 3


def test_the_programs_log_names_the_check_for_administrators_and_strangers_cannot_fill_it(
    certified_house: House, certified: Certified, caplog: pytest.LogCaptureFixture
) -> None:
    changed(state="x" * 43)(Visitor(certified_house, "ines", certified))
    changed(code="x" * 43)(Visitor(certified_house, "ines", certified))
    assert caplog.messages == []
    forged_token({"claims": {"aud": "a-secret-place"}})(Visitor(certified_house, "ines", certified))
    assert caplog.messages == [f"sso_token, by {NAME}: the ID token's aud names somebody else, or somebody else as well"]


def test_what_a_provider_says_of_an_error_is_on_no_page(certified_house: House, certified: Certified) -> None:
    answer = an_error(None)(Visitor(certified_house, "ines", certified))
    assert "555" not in answer.text
    assert "Start again" in answer.text
