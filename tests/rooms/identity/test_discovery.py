"""The provider's description and keys: what is not taken, how long they are kept, how often they are asked for."""

import json
import warnings
from collections.abc import Callable
from datetime import timedelta

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import OctKey, RSAKey

from portal.identity.claims import Declined, KeyUnknown, ProviderDown, ProviderUnsound, SignInRefused, TokenRefused
from portal.identity.oidc import Provider
from portal.kernel.clock import SetClock
from portal.kernel.errors import Misconfigured, Unavailable
from tests.rooms.identity.conftest import CALLBACK, Attempt, section
from tests.rooms.identity.forger import CONFIGURATION, KEYS, TOKEN, Edit, Forger, fresh_key

DESCRIPTIONS: dict[str, Edit] = {
    "another issuer": lambda d: d.update(issuer="https://elsewhere.example"),
    "an issuer with a slash": lambda d: d.update(issuer=d["issuer"] + "/"),
    "no issuer": lambda d: d.pop("issuer"),
    "no authorization endpoint": lambda d: d.pop("authorization_endpoint"),
    "an authorization endpoint elsewhere": lambda d: d.update(authorization_endpoint="https://elsewhere.example/authorize"),
    "a token endpoint elsewhere": lambda d: d.update(token_endpoint="https://elsewhere.example/token"),
    "a token endpoint at another port": lambda d: d.update(token_endpoint="http://127.0.0.1:9/token"),
    "keys in clear": lambda d: d.update(jwks_uri="http://elsewhere.example/keys"),
    "keys in a file": lambda d: d.update(jwks_uri="file:///etc/passwd"),
    "keys behind a password": lambda d: d.update(jwks_uri=d["issuer"].replace("//", "//user:word@") + "/keys"),
    "keys at no port": lambda d: d.update(jwks_uri="http://127.0.0.1:x/keys"),
    "keys as a number": lambda d: d.update(jwks_uri=7),
    "an end of session elsewhere": lambda d: d.update(end_session_endpoint="https://elsewhere.example/end"),
    "only plain PKCE": lambda d: d.update(code_challenge_methods_supported=["plain"]),
}


@pytest.mark.parametrize("fault", DESCRIPTIONS)
def test_a_description_with_one_wrong_entry_is_refused(attempt: Attempt, fault: str) -> None:
    attempt.forger.description = DESCRIPTIONS[fault]
    with pytest.raises(ProviderUnsound) as refused:
        attempt.begin()
    assert (refused.value.code, refused.value.status) == ("sso_provider", 403)
    assert attempt.forger.asked == {CONFIGURATION: 1}


@pytest.mark.parametrize("path", [CONFIGURATION, KEYS, TOKEN])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(attempt: Attempt, path: str, status: int) -> None:
    attempt.forger.status[path] = status
    with pytest.raises(ProviderUnsound):
        attempt.sign_in()
    assert not any("elsewhere" in asked for asked in attempt.forger.asked)


@pytest.mark.parametrize("path", [CONFIGURATION, KEYS, TOKEN])
@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"<html>", b"[" * 100_000, b"\xff\xfe"])
def test_an_answer_that_is_not_a_json_object_is_refused(attempt: Attempt, path: str, body: bytes) -> None:
    attempt.forger.raw[path] = body
    with pytest.raises(ProviderUnsound):
        attempt.sign_in()


@pytest.mark.parametrize("path", [CONFIGURATION, KEYS, TOKEN])
def test_an_oversized_answer_is_refused(attempt: Attempt, path: str) -> None:
    _, flow = attempt.begin() if path != CONFIGURATION else ("", None)
    whole = json.dumps(attempt.forger.reply(path)).encode()
    attempt.forger.raw[path] = whole + b" " * (256 * 1024 + 1 - len(whole))
    with pytest.raises(ProviderUnsound) as refused:
        attempt.answered(flow) if flow else attempt.begin()
    assert "more than" in refused.value.detail


@pytest.mark.parametrize("path", [CONFIGURATION, KEYS, TOKEN])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_overloaded_provider_is_down_not_wrong(attempt: Attempt, path: str, status: int) -> None:
    attempt.forger.status[path] = status
    with pytest.raises(ProviderDown) as down:
        attempt.sign_in()
    assert (down.value.code, down.value.status) == ("provider_down", 503)
    assert isinstance(down.value, Unavailable)


@pytest.mark.parametrize("path", [CONFIGURATION, KEYS])
def test_a_missing_page_of_the_provider_is_a_matter_for_administrators(attempt: Attempt, path: str) -> None:
    attempt.forger.status[path] = 404
    with pytest.raises(ProviderUnsound) as refused:
        attempt.sign_in()
    assert "404" in refused.value.detail


@pytest.mark.parametrize("path", [CONFIGURATION, KEYS, TOKEN])
def test_a_provider_that_does_not_answer_in_time_is_down(portal_before: Callable[..., Attempt], forger: Forger, path: str) -> None:
    attempt = portal_before(seconds=0.15)
    forger.pause[path] = 0.5
    with pytest.raises(ProviderDown):
        attempt.sign_in()


def test_a_provider_that_drips_byte_by_byte_is_down(portal_before: Callable[..., Attempt], forger: Forger) -> None:
    attempt = portal_before(seconds=0.25)
    forger.raw[CONFIGURATION] = b" " * 20  # two seconds; in the end it would be unsound
    forger.pause[CONFIGURATION] = 0.1
    with pytest.raises(ProviderDown):
        attempt.begin()


def test_a_provider_that_is_not_there_is_down(clock: SetClock) -> None:
    with pytest.raises(ProviderDown):
        Provider(section("http://127.0.0.1:1"), "a-secret", CALLBACK, clock).begin()


def test_a_provider_that_is_down_is_left_alone_for_a_moment(attempt: Attempt, clock: SetClock) -> None:
    attempt.forger.status[CONFIGURATION] = 503
    for _ in range(3):
        with pytest.raises(ProviderDown):
            attempt.begin()
    assert attempt.forger.asked[CONFIGURATION] == 1
    attempt.forger.status.clear()
    clock.advance(timedelta(seconds=5))
    attempt.begin()


def test_the_description_is_kept_for_an_hour_and_the_keys_too(attempt: Attempt, clock: SetClock) -> None:
    attempt.sign_in()
    clock.advance(timedelta(minutes=59))
    attempt.sign_in()
    assert (attempt.forger.asked[CONFIGURATION], attempt.forger.asked[KEYS]) == (1, 1)
    clock.advance(timedelta(minutes=1))
    attempt.sign_in()
    assert (attempt.forger.asked[CONFIGURATION], attempt.forger.asked[KEYS]) == (2, 2)


def test_a_clock_set_back_does_not_keep_a_description_for_ever(attempt: Attempt, clock: SetClock) -> None:
    attempt.begin()
    clock.advance(timedelta(days=-1))
    attempt.begin()
    assert attempt.forger.asked[CONFIGURATION] == 2


def test_a_withdrawn_key_opens_nothing_after_an_hour(attempt: Attempt, clock: SetClock) -> None:
    attempt.sign_in()
    attempt.forger.published = [fresh_key("other")]
    clock.advance(timedelta(hours=1))
    with pytest.raises(KeyUnknown):
        attempt.sign_in()


def test_a_new_key_is_learnt_but_not_twice_a_minute(attempt: Attempt, clock: SetClock) -> None:
    attempt.sign_in()
    attempt.forger.rotate("second")
    with pytest.raises(KeyUnknown) as refused:
        attempt.sign_in()
    assert refused.value.code == "sso_token"
    clock.advance(timedelta(minutes=1))
    assert attempt.sign_in().subject == "person-1"
    assert attempt.forger.asked[KEYS] == 2


def test_invented_key_names_do_not_make_the_portal_hammer_the_provider(attempt: Attempt, clock: SetClock) -> None:
    attempt.sign_in()
    clock.advance(timedelta(minutes=1))
    attempt.forger.header = lambda h: h.update(kid="invented")
    for _ in range(5):
        with pytest.raises(KeyUnknown):
            attempt.sign_in()
    assert attempt.forger.asked[KEYS] == 2


def test_a_failed_look_for_newer_keys_counts_as_one(attempt: Attempt, clock: SetClock) -> None:
    attempt.sign_in()
    attempt.forger.rotate("second")
    attempt.forger.raw[KEYS] = b"{}"
    clock.advance(timedelta(minutes=1))
    for refusal in (ProviderUnsound, KeyUnknown):
        with pytest.raises(refusal):
            attempt.sign_in()
    assert attempt.forger.asked[KEYS] == 2


def test_keys_we_do_not_understand_are_passed_over(attempt: Attempt) -> None:
    odd = [{"kty": "new"}, {"kty": "EC", "crv": "P-256", "x": "!"}, 7, {"kty": "RSA"}, {"kty": "oct", "k": "c2VjcmV0"}]
    attempt.forger.published = [*odd, *attempt.forger.published]
    assert attempt.sign_in().subject == "person-1"


with warnings.catch_warnings():
    warnings.simplefilter("ignore", SecurityWarning)
    SHORT_KEY = RSAKey.generate_key(1024, parameters={"kid": "first"})


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    "key",
    [
        SHORT_KEY,
        OctKey.generate_key(256, parameters={"kid": "first"}).as_dict(private=True),
        fresh_key("first").as_dict(private=False) | {"use": "enc"},
    ],
    ids=["too short", "shared secret", "for encryption"],
)
def test_a_set_without_a_key_worth_trusting_is_refused(attempt: Attempt, key: object) -> None:
    attempt.forger.published = [key]
    with pytest.raises(ProviderUnsound):
        attempt.sign_in()


def test_a_failed_exchange_is_refused_whatever_else_it_says(attempt: Attempt) -> None:
    attempt.forger.status[TOKEN] = 400  # with a perfect ID token in it
    with pytest.raises(Declined) as refused:
        attempt.sign_in()
    assert "400" in refused.value.detail


@pytest.mark.parametrize("value", ["soon", [], {}, 1e400])
def test_a_token_answer_that_trips_the_library_is_refused(attempt: Attempt, value: object) -> None:
    attempt.forger.answer = lambda a: a.update(expires_in=value, error=None) if value else a.update(error={"a": 1})
    with pytest.raises(SignInRefused):
        attempt.sign_in()


def test_no_proxy_of_the_environment_sees_a_code(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert attempt.sign_in().subject == "person-1"


def test_nobody_is_sent_to_a_provider_that_went_down_a_moment_ago(attempt: Attempt) -> None:
    attempt.sign_in()
    attempt.forger.status[CONFIGURATION] = 503
    with pytest.raises(ProviderDown):
        attempt.portal.end_session_url("t", "http://localhost:8000/", "s")


def test_a_provider_without_an_end_of_session_has_no_address_for_it(attempt: Attempt) -> None:
    attempt.forger.description = lambda d: d.pop("end_session_endpoint")
    assert attempt.portal.end_session_url("t", "http://localhost:8000/", "s") is None


def test_scopes_the_provider_does_not_know_are_not_asked_for(attempt: Attempt) -> None:
    attempt.forger.description = lambda d: d.update(scopes_supported=["openid", "email", "groups", 7])
    url, _ = attempt.begin()
    assert "scope=openid+groups&" in url


UNSAFE: dict[str, dict[str, object]] = {
    "no signature": {"algorithms": ("ES256", "none")},
    "a shared secret": {"algorithms": ("HS256",)},
    "no algorithm": {"algorithms": ()},
    "an unknown algorithm": {"algorithms": ("ES257",)},
    "an issuer in clear": {"issuer": "http://idp.example"},
    "an issuer with a question": {"issuer": "https://idp.example/?a"},
    "an issuer with a password": {"issuer": "https://me:word@idp.example"},
    "no client": {"client_id": ""},
}


@pytest.mark.parametrize("fault", UNSAFE)
def test_an_unsafe_setting_stops_the_start(fault: str, clock: SetClock) -> None:
    changes = {"issuer": "https://idp.example", **UNSAFE[fault]}
    with pytest.raises(Misconfigured) as stopped:
        Provider(section(**changes), "a-secret", CALLBACK, clock)  # type: ignore[arg-type]
    assert "identity." in stopped.value.detail


@pytest.mark.parametrize(("secret", "callback"), [("", CALLBACK), ("a-secret", "http://portal.example/sign-in/callback")])
def test_an_empty_secret_or_a_callback_in_clear_stops_the_start(secret: str, callback: str, clock: SetClock) -> None:
    with pytest.raises(Misconfigured):
        Provider(section("https://idp.example"), secret, callback, clock)


def test_a_token_with_no_key_name_is_taken_only_while_there_is_one_key(attempt: Attempt) -> None:
    attempt.forger.header = lambda h: h.pop("kid")
    assert attempt.sign_in().subject == "person-1"


def test_a_token_with_no_key_name_is_refused_where_there_are_two_keys(attempt: Attempt) -> None:
    attempt.forger.header = lambda h: h.pop("kid")
    attempt.forger.published.append(fresh_key("second"))
    with pytest.raises(TokenRefused):
        attempt.sign_in()
