"""A confirmation: the provider is asked for a second factor now, and what it answers is taken at no more than its word."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.identity.claims import FlowExpired, NotConfirmed, StateMismatched, TooLongAgo
from portal.identity.oidc import Claims, Flow, Provider
from portal.kernel.clock import SetClock, SystemClock
from tests.rooms.identity.conftest import CALLBACK, Attempt, DevIdp, click, section
from tests.rooms.identity.forger import Forger

STRONG = ("phishing-resistant", "second-factor")
#: Half a second past a full one: `auth_time` counts whole seconds.
ASKED = datetime(2026, 11, 24, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.fixture
def strong(portal_before: Callable[..., Attempt], clock: SetClock) -> Attempt:
    clock.at = ASKED
    return portal_before(step_up_acr=STRONG)


def confirmed(attempt: Attempt, **claims: Any) -> Claims:
    """Come back from a confirmation with these claims; None leaves one out."""
    _, flow = attempt.portal.begin(confirms=True)
    attempt.forger.nonce = flow.nonce
    attempt.forger.claims = lambda found: _edit(found, {"acr": "second-factor"} | claims)
    return attempt.answered(flow)


def _edit(found: dict[str, Any], changes: dict[str, Any]) -> None:
    found |= changes
    for name in [name for name, value in changes.items() if value is None]:
        del found[name]


def test_a_confirmation_asks_to_sign_in_again_with_a_second_factor(strong: Attempt) -> None:
    url, flow = strong.portal.begin(confirms=True)
    query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    assert (query["prompt"], query["max_age"], query["acr_values"]) == ("login", "0", "phishing-resistant second-factor")
    assert Flow.from_json(flow.to_json()).confirms


def test_a_plain_sign_in_asks_for_nothing_of_that(strong: Attempt) -> None:
    url, flow = strong.portal.begin()
    assert not {"prompt", "max_age", "acr_values"} & parse_qs(urlsplit(url).query).keys()
    assert not Flow.from_json(flow.to_json()).confirms


@pytest.mark.parametrize("acr", STRONG)
def test_a_second_factor_of_the_very_second_confirms(strong: Attempt, acr: str) -> None:
    at = int(ASKED.timestamp())
    assert confirmed(strong, auth_time=at, acr=acr).authenticated_at == ASKED.replace(microsecond=0)


def test_a_second_factor_of_one_second_earlier_confirms_nothing(strong: Attempt) -> None:
    with pytest.raises(NotConfirmed, match="before the question"):
        confirmed(strong, auth_time=int(ASKED.timestamp()) - 1)


def test_an_answer_that_does_not_say_when_confirms_nothing(strong: Attempt) -> None:
    with pytest.raises(NotConfirmed, match="no auth_time"):
        confirmed(strong, auth_time=None)


@pytest.mark.parametrize("acr", [None, "password", "0", "Second-Factor", "phishing-resistant second-factor"])
def test_an_answer_that_names_no_second_factor_confirms_nothing(strong: Attempt, acr: str | None) -> None:
    with pytest.raises(NotConfirmed, match="acr"):
        confirmed(strong, acr=acr)


def test_a_provider_for_which_no_second_factor_is_known_confirms_nothing(portal_before: Callable[..., Attempt], clock: SetClock) -> None:
    clock.at = ASKED
    for acr in (None, ""):
        with pytest.raises(Exception, match="acr"):
            confirmed(portal_before(), acr=acr)


def test_a_plain_sign_in_is_not_refused_for_what_only_a_confirmation_needs(strong: Attempt) -> None:
    strong.forger.claims = lambda found: _edit(found, {"auth_time": None})
    assert strong.sign_in().authenticated_at is None


@pytest.mark.parametrize(("hours", "seconds", "taken"), [(2, 0, True), (2, 30, True), (2, 31, False), (0, 999_999, True)])
def test_a_sign_in_at_the_provider_is_taken_for_as_long_as_the_configuration_says(
    portal_before: Callable[..., Attempt], clock: SetClock, hours: int, seconds: int, taken: bool
) -> None:
    """ASVS 7.6.1. Two clocks may be half a minute apart."""
    clock.at = ASKED.replace(microsecond=0)
    attempt = portal_before(sign_in_max_hours=hours)
    attempt.forger.claims = lambda found: _edit(found, {"auth_time": int(ASKED.timestamp()) - hours * 3600 - seconds})
    if taken:
        assert attempt.sign_in().authenticated_at is not None
    else:
        with pytest.raises(TooLongAgo):
            attempt.sign_in()


def test_whoever_signed_in_too_long_ago_is_asked_anew_and_an_answer_that_does_not_say_when_is_refused(
    portal_before: Callable[..., Attempt],
) -> None:
    attempt = portal_before(sign_in_max_hours=2, step_up_acr=STRONG)
    asked = [parse_qs(urlsplit(attempt.portal.begin(confirms=confirms)[0]).query)["max_age"] for confirms in (False, True)]
    assert asked == [["7200"], ["0"]]
    attempt.forger.claims = lambda found: _edit(found, {"auth_time": None})
    with pytest.raises(TooLongAgo):
        attempt.sign_in()


def test_a_confirmation_is_over_after_ten_minutes_and_when_the_clock_is_set_back(strong: Attempt, clock: SetClock) -> None:
    for away in (timedelta(minutes=10, seconds=1), -timedelta(seconds=31)):
        clock.at = ASKED
        _, flow = strong.portal.begin(confirms=True)
        clock.at = ASKED + away
        with pytest.raises(FlowExpired):
            strong.answered(flow)


def test_the_answer_to_an_earlier_confirmation_is_not_the_answer_to_this_one(strong: Attempt, forger: Forger) -> None:
    _, earlier = strong.portal.begin(confirms=True)
    _, now = strong.portal.begin(confirms=True)
    with pytest.raises(StateMismatched):
        strong.answered(now, state=earlier.state)


def test_the_development_provider_says_that_a_second_factor_was_used_when_asked_for_it(devidp: DevIdp) -> None:
    portal = Provider(section(devidp.issuer, step_up_acr=("second-factor",)), devidp.secret, CALLBACK, SystemClock())
    url, flow = portal.begin(confirms=True)
    claims = portal.finish(flow, click(url, "ada"))
    assert claims.acr == "second-factor"
    assert claims.authenticated_at is not None
    assert claims.authenticated_at >= flow.started_at.replace(microsecond=0)
