"""Each way a logout token can be wrong, one at a time. The detail names the check, so that no check hides behind another."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from portal.identity.claims import ProviderDown, TokenRefused
from portal.identity.discovery import Discovery
from portal.identity.logout_token import LOGOUT, LogoutRefused, Notice
from portal.kernel.clock import SetClock
from tests.rooms.identity.conftest import Attempt
from tests.rooms.identity.forger import CLIENT, CONFIGURATION, KEYS, Edit, Forger, fresh_key, unchanged

NOW = int(SetClock().now().timestamp())


def logout_token(forger: Forger, edit: Edit = unchanged, header: Edit = unchanged, key: Any = None, algorithm: str = "ES256") -> str:
    """A good logout token of this provider, edited so."""
    claims: dict[str, Any] = {
        "iss": forger.issuer,
        "aud": CLIENT,
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "token-1",
        "sub": "person-1",
        "sid": "session-1",
        "events": {LOGOUT: {}},
    }
    edit(claims)
    head = {"typ": "logout+jwt", "alg": algorithm, "kid": forger.signing.kid}
    header(head)
    return jws.serialize_compact(head, json.dumps(claims), key or forger.signing, algorithms=[algorithm])


FAULTS: dict[str, tuple[Edit, str]] = {
    "issuer": (lambda c: c.update(iss="https://elsewhere.example"), "iss"),
    "issuer with a slash": (lambda c: c.update(iss=c["iss"] + "/"), "iss"),
    "no issuer": (lambda c: c.pop("iss"), "iss"),
    "audience": (lambda c: c.update(aud="somebody"), "aud"),
    "no audience": (lambda c: c.pop("aud"), "aud"),
    "an extra audience": (lambda c: c.update(aud=[CLIENT, "somebody"]), "aud"),
    "an empty audience": (lambda c: c.update(aud=[]), "aud"),
    "issued in the future": (lambda c: c.update(iat=NOW + 31), "iat"),
    "no time of issue": (lambda c: c.pop("iat"), "iat"),
    "true for a time": (lambda c: c.update(iat=True), "iat"),
    "past": (lambda c: c.update(iat=NOW - 60, exp=NOW - 30), "exp"),
    "no end": (lambda c: c.pop("exp"), "exp"),
    "an end that is not a number": (lambda c: c.update(exp=math.nan), "exp"),
    "an end that never comes": (lambda c: c.update(exp=math.inf), "exp"),
    "an end beyond all calendars": (lambda c: c.update(exp=1e300, iat=1e300), "iat"),
    "an end that no float holds": (lambda c: c.update(exp=10**400), "exp"),
    "an end beyond all calendars, as a number": (lambda c: c.update(exp=1e12, iat=1e12), "iat"),
    "a word for an end": (lambda c: c.update(exp="soon"), "exp"),
    "a long life": (lambda c: c.update(exp=NOW + 3601), "lives longer"),
    "an end before its beginning": (lambda c: c.update(iat=NOW + 20, exp=NOW + 10), "ends before"),
    "no identifier": (lambda c: c.pop("jti"), "jti"),
    "an empty identifier": (lambda c: c.update(jti=""), "jti"),
    "a number for an identifier": (lambda c: c.update(jti=7), "jti"),
    "neither person nor session": (lambda c: [c.pop("sub"), c.pop("sid")], "neither"),
    "a list for a person": (lambda c: c.update(sub=["person-1"]), "sub"),
    "an empty person beside a session": (lambda c: c.update(sub=" "), "sub"),
    "a long person": (lambda c: c.update(sub="x" * 256), "sub"),
    "a session with a line break": (lambda c: c.update(sid="a\nb"), "sid"),
    "a nonce": (lambda c: c.update(nonce="x" * 43), "nonce"),
    "an empty nonce": (lambda c: c.update(nonce=None), "nonce"),
    "no events": (lambda c: c.pop("events"), "events"),
    "events as text": (lambda c: c.update(events=LOGOUT), "events"),
    "events as a list": (lambda c: c.update(events=[LOGOUT]), "events"),
    "another event": (lambda c: c.update(events={"http://schemas.openid.net/event/other": {}}), "events"),
    "true for the event": (lambda c: c.update(events={LOGOUT: True}), "events"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_logout_token_with_one_wrong_claim_is_refused(attempt: Attempt, fault: str) -> None:
    edit, word = FAULTS[fault]
    token = logout_token(attempt.forger, edit)
    with pytest.raises(LogoutRefused) as refused:
        attempt.portal.read_logout(token)
    assert (refused.value.code, refused.value.status) == ("logout_token", 400)
    assert word in refused.value.detail
    assert not any(part and part in refused.value.detail for part in token.split("."))


GOOD: dict[str, tuple[Edit, Edit]] = {
    "nothing": (unchanged, unchanged),
    "a list of one audience": (lambda c: c.update(aud=[CLIENT]), unchanged),
    "issued 30 seconds ahead": (lambda c: c.update(iat=NOW + 30), unchanged),
    "an end 29 seconds ago": (lambda c: c.update(iat=NOW - 149, exp=NOW - 29), unchanged),
    "a second event": (lambda c: c["events"].update(other={}), unchanged),
    "claims we do not know": (lambda c: c.update(trace="x"), unchanged),
    "the plain type": (unchanged, lambda h: h.update(typ="JWT")),
    "the long type": (unchanged, lambda h: h.update(typ="application/logout+jwt")),
    "no type": (unchanged, lambda h: h.pop("typ")),
}


@pytest.mark.parametrize("change", GOOD)
def test_a_logout_token_that_only_looks_unusual_is_taken(attempt: Attempt, change: str) -> None:
    notice = attempt.portal.read_logout(logout_token(attempt.forger, *GOOD[change]))
    assert (notice.issuer, notice.subject, notice.provider_session) == (attempt.forger.issuer, "person-1", "session-1")


@pytest.mark.parametrize("left", ["sub", "sid"])
def test_a_person_or_a_session_alone_is_enough(attempt: Attempt, left: str) -> None:
    other = {"sub": "sid", "sid": "sub"}[left]
    notice = attempt.portal.read_logout(logout_token(attempt.forger, lambda c: c.pop(other)))
    assert (notice.subject, notice.provider_session) == {"sub": ("person-1", None), "sid": (None, "session-1")}[left]
    assert notice.expires_at == datetime.fromtimestamp(NOW + 120, UTC)


@pytest.mark.parametrize("kind", ["at+jwt", "secevent+jwt", "dpop+jwt", ""])
def test_a_token_of_another_type_is_refused(attempt: Attempt, kind: str) -> None:
    with pytest.raises(LogoutRefused, match="type"):
        attempt.portal.read_logout(logout_token(attempt.forger, header=lambda h: h.update(typ=kind)))


def test_an_id_token_ends_nobodys_session(attempt: Attempt) -> None:
    attempt.sign_in()
    with pytest.raises(LogoutRefused):
        attempt.portal.read_logout(attempt.forger.token)


def test_a_logout_token_signs_nobody_in(attempt: Attempt) -> None:
    good = logout_token(attempt.forger, lambda c: c.update(name="Ada", groups=["cted-uploaders"], nonce=attempt.forger.nonce))
    attempt.forger.encode = lambda header, claims: good
    with pytest.raises(TokenRefused):
        attempt.sign_in()


def test_a_signature_that_is_not_the_providers_is_refused(attempt: Attempt) -> None:
    with pytest.raises(LogoutRefused, match="BadSignature"):
        attempt.portal.read_logout(logout_token(attempt.forger, key=fresh_key("first")))


def test_an_algorithm_that_is_not_ours_is_refused_even_from_the_provider(attempt: Attempt) -> None:
    key = ECKey.generate_key("P-384", parameters={"kid": "first", "use": "sig"})
    attempt.forger.published = [key]
    with pytest.raises(LogoutRefused, match="UnsupportedAlgorithm"):
        attempt.portal.read_logout(logout_token(attempt.forger, key=key, algorithm="ES384"))


def test_a_shared_secret_signs_nothing(attempt: Attempt) -> None:
    shared = OctKey.import_key(b"what somebody else knows, too 012")
    with pytest.raises(LogoutRefused, match="UnsupportedAlgorithm"):
        attempt.portal.read_logout(logout_token(attempt.forger, key=shared, algorithm="HS256"))


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "\x00", "é" * 100])
def test_what_is_no_token_is_refused(attempt: Attempt, token: str) -> None:
    with pytest.raises(LogoutRefused):
        attempt.portal.read_logout(token)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_claim_of_any_kind_is_taken_or_refused_and_nothing_else(attempt: Attempt, data: st.DataObject) -> None:
    values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda v: st.lists(v, max_size=2))
    name = data.draw(st.sampled_from(["iss", "aud", "iat", "exp", "jti", "sub", "sid", "events", "nonce"]))
    value = data.draw(values)
    try:
        notice = attempt.portal.read_logout(logout_token(attempt.forger, lambda c: c.update({name: value})))
    except LogoutRefused:
        return
    assert isinstance(notice, Notice)


def test_a_new_key_is_asked_for_once_a_minute_and_bad_tokens_share_that_with_sign_ins(attempt: Attempt, clock: SetClock) -> None:
    attempt.sign_in()
    clock.advance(timedelta(seconds=61))
    invented = fresh_key("invented")
    for _ in range(5):
        with pytest.raises(LogoutRefused):
            attempt.portal.read_logout(logout_token(attempt.forger, header=lambda h: h.update(kid="invented"), key=invented))
    assert attempt.forger.asked[KEYS] == 2
    attempt.forger.rotate("second")
    with pytest.raises(TokenRefused):
        attempt.sign_in()
    assert attempt.forger.asked[KEYS] == 2
    clock.advance(timedelta(seconds=61))
    attempt.portal.read_logout(logout_token(attempt.forger, lambda c: c.update(iat=NOW + 120, exp=NOW + 240)))
    assert attempt.forger.asked[KEYS] == 3


def test_a_provider_whose_keys_are_out_of_reach_is_down_and_the_token_is_not_judged(portal_before: Callable[..., Attempt]) -> None:
    attempt = portal_before()
    attempt.forger.status[CONFIGURATION] = 503
    with pytest.raises(ProviderDown):
        attempt.portal.read_logout(logout_token(attempt.forger))


def test_a_provider_that_does_not_describe_itself_soundly_ends_nobodys_session(attempt: Attempt) -> None:
    attempt.forger.description = lambda d: d.update(issuer="https://elsewhere.example")
    with pytest.raises(LogoutRefused):
        attempt.portal.read_logout(logout_token(attempt.forger))


def test_the_way_out_is_asked_for_each_time(forger: Forger, clock: SetClock) -> None:
    discovery = Discovery(forger.issuer, clock)
    discovery.metadata()
    discovery.metadata_of_now()
    assert forger.asked[CONFIGURATION] == 2
