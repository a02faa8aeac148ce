"""Ways an ID token can be wrong, one at a time. The detail names the check, so that no check hides behind another.

What a whole portal does with forged answers of a certified provider: tests/cases/test_forged_sign_ins.py. Here is what is finer.
"""

import base64
import json
import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from portal.identity.claims import Expected, TokenRefused, read_id_token
from portal.kernel.clock import SetClock
from tests.rooms.identity.conftest import Attempt
from tests.rooms.identity.forger import CLIENT, Edit, Forger, fresh_key

NOW = int(SetClock().now().timestamp())

FAULTS: dict[str, tuple[Edit, str]] = {
    "issuer with a slash": (lambda c: c.update(iss=c["iss"] + "/"), "iss"),
    "no issuer": (lambda c: c.pop("iss"), "iss"),
    "no audience": (lambda c: c.pop("aud"), "aud"),
    "an empty audience": (lambda c: c.update(aud=[]), "aud"),
    "a number for a nonce": (lambda c: c.update(nonce=7), "nonce"),
    "past": (lambda c: c.update(exp=NOW - 30), "exp"),
    "an end that is not a number": (lambda c: c.update(exp=math.nan), "exp"),
    "issued in the future": (lambda c: c.update(iat=NOW + 31), "iat"),
    "not yet valid": (lambda c: c.update(nbf=NOW + 31), "nbf"),
    "an empty subject": (lambda c: c.update(sub=" "), "sub"),
    "a long subject": (lambda c: c.update(sub="x" * 256), "sub"),
    "a subject with a line break": (lambda c: c.update(sub="a\nb"), "sub"),
    "half a character": (lambda c: c.update(name="\ud800"), "name"),
    "no name": (lambda c: c.pop("name"), "name"),
    "groups as numbers": (lambda c: c.update(groups=[1]), "groups"),
    "groups as a table": (lambda c: c.update(groups={"cted-uploaders": True}), "groups"),
    "signed in tomorrow": (lambda c: c.update(auth_time=NOW + 31), "auth_time"),
    "signed in at a time that no float holds": (lambda c: c.update(auth_time=10**400), "auth_time"),
    "signed in at some word": (lambda c: c.update(auth_time="noon"), "auth_time"),
    "signed in before time": (lambda c: c.update(auth_time=-1), "auth_time"),
    "a list for acr": (lambda c: c.update(acr=["mfa"]), "acr"),
    "a number for sid": (lambda c: c.update(sid=1), "sid"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_token_with_one_wrong_claim_is_refused(attempt: Attempt, fault: str) -> None:
    attempt.forger.claims, word = FAULTS[fault]
    with pytest.raises(TokenRefused) as refused:
        attempt.sign_in()
    assert (refused.value.code, refused.value.status) == ("sso_token", 403)
    assert word in refused.value.detail
    assert not any(part and part in refused.value.detail for part in attempt.forger.token.split("."))


GOOD: dict[str, Edit] = {
    "nothing": lambda c: None,
    "a list of one audience": lambda c: c.update(aud=[CLIENT]),
    "our own azp": lambda c: c.update(azp=CLIENT),
    "an end 29 seconds ago": lambda c: c.update(exp=NOW - 29),
    "issued 30 seconds ahead": lambda c: c.update(iat=NOW + 30, nbf=NOW + 30, auth_time=NOW + 30),
    "no session, time, e-mail": lambda c: [c.pop("sid"), c.pop("auth_time"), c.pop("email")],
    "an e-mail that is none": lambda c: c.update(email=7),
    "no groups at all": lambda c: c.update(groups=[]),
    "claims we do not know": lambda c: c.update(check_value="x", now="y", options={}),
}


@pytest.mark.parametrize("change", GOOD)
def test_a_token_that_only_looks_unusual_is_taken(attempt: Attempt, change: str) -> None:
    attempt.forger.claims = GOOD[change]
    assert attempt.sign_in().subject == "person-1"


def test_the_groups_claim_is_the_one_of_the_configuration(portal_before: Callable[..., Attempt]) -> None:
    attempt = portal_before(groups_claim="roles")
    attempt.forger.claims = lambda c: c.update(roles=["oct-reviewers"])
    assert attempt.sign_in().groups == {"oct-reviewers"}


def test_a_token_signed_with_another_key_under_the_same_name_is_refused(attempt: Attempt) -> None:
    attempt.forger.signing = fresh_key("first")
    with pytest.raises(TokenRefused) as refused:
        attempt.sign_in()
    assert "BadSignature" in refused.value.detail


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_good_signature_of_an_algorithm_we_did_not_choose_is_refused(portal_before: Callable[..., Attempt], forger: Forger) -> None:
    forger.signing = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
    forger.published, forger.algorithm = [forger.signing], "RS256"
    with pytest.raises(TokenRefused) as refused:
        portal_before(algorithms=("ES256",)).sign_in()
    assert "UnsupportedAlgorithm" in refused.value.detail
    assert portal_before(algorithms=("ES256", "RS256")).sign_in().subject == "person-1"


def test_a_critical_header_we_do_not_know_is_refused_and_any_other_ignored(attempt: Attempt, forger: Forger) -> None:
    forger.header = lambda h: h.update(x5u="https://elsewhere.example/key")
    assert attempt.sign_in().subject == "person-1"
    good = forger.encode

    def critical(header: dict[str, Any], claims: dict[str, Any]) -> str:
        _, payload, signature = good(header, claims).split(".")
        return f"{part({**header, 'crit': ['must'], 'must': 1})}.{payload}.{signature}"

    forger.encode = critical
    with pytest.raises(TokenRefused) as refused:
        attempt.sign_in()
    assert "UnsupportedHeader" in refused.value.detail


@pytest.mark.parametrize("token", [None, "", 7, "a.b", "a.b.c", "W10.W10.W10", ".." * 3, "x" * 200_000])
def test_an_answer_without_a_readable_id_token_is_refused(attempt: Attempt, token: object) -> None:
    attempt.forger.answer = lambda a: a.update(id_token=token)
    with pytest.raises(TokenRefused):
        attempt.sign_in()


def test_a_token_is_judged_by_the_injected_clock(attempt: Attempt, clock: SetClock) -> None:
    _, flow = attempt.begin()
    attempt.forger.claims = lambda c: c.update(exp=NOW + 60)
    assert attempt.answered(flow).subject == "person-1"
    clock.advance(timedelta(seconds=91))
    with pytest.raises(TokenRefused):
        attempt.answered(flow)


def test_neither_claims_nor_flow_show_their_secrets_when_printed(attempt: Attempt) -> None:
    _, flow = attempt.begin()
    claims = attempt.answered(flow)
    shown = repr(flow) + repr(claims)
    assert not any(secret in shown for secret in (claims.id_token, flow.state, flow.nonce, flow.code_verifier))


# ---- any flipped character, any shape of groups ----

KEY = ECKey.generate_key("P-256", parameters={"kid": "one"})
EXPECTED = Expected(
    issuer="https://idp.example", client_id=CLIENT, algorithms=("ES256",), groups_claim="groups", nonce="n" * 43, now=SetClock().now()
)


def token_with(groups: object) -> str:
    claims = {"iss": EXPECTED.issuer, "aud": CLIENT, "sub": "s", "name": "N", "exp": NOW + 60, "iat": NOW, "nonce": EXPECTED.nonce}
    return jwt.encode({"alg": "ES256", "kid": "one"}, {**claims, "groups": groups}, KEY)


TOKEN = token_with(["a"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABZabz059-_."))
def test_a_token_with_one_changed_character_says_the_same_or_nothing(place: int, character: str) -> None:
    forged = TOKEN[:place] + character + TOKEN[place + 1 :]
    whole = read_id_token(TOKEN, KeySet([KEY]), EXPECTED)
    try:
        read = read_id_token(forged, KeySet([KEY]), EXPECTED)
    except TokenRefused:
        return
    # The last character of a part holds bits that encode nothing.
    assert (read.subject, read.groups) == (whole.subject, whole.groups)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_only_a_list_of_texts_is_taken_as_groups(groups: Any) -> None:
    good = isinstance(groups, list) and all(isinstance(group, str) for group in groups)
    try:
        assert read_id_token(token_with(groups), KeySet([KEY]), EXPECTED).groups == frozenset(groups)
        assert good
    except TokenRefused:
        assert not good
