"""Real sign-ins at the development provider, over HTTP, and the browser's answers that are not taken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from portal.identity.claims import Declined, FlowExpired, IssuerMixed, ProviderUnsound, StateMismatched
from portal.identity.oidc import Provider
from portal.identity.roles import ConflictingRoles, NoRole, membership
from portal.kernel.clock import SetClock
from portal.kernel.vocabulary import Level, Role
from tests.rooms.identity.conftest import CALLBACK, Attempt, DevIdp, click, section
from tests.rooms.identity.forger import Forger


def test_one_click_signs_a_person_in_with_everything_the_portal_needs(sso: Provider, devidp: DevIdp) -> None:
    url, flow = sso.begin()
    claims = sso.finish(flow, click(url, "ada"))
    assert (claims.issuer, claims.subject, claims.name) == (devidp.issuer, "person-ada", "Ada Lindqvist")
    assert claims.groups == {"cted-uploaders"}
    assert claims.provider_session is not None
    assert len(claims.provider_session) == 32
    assert claims.authenticated_at is not None
    assert abs(datetime.now(UTC) - claims.authenticated_at) < timedelta(minutes=1)
    assert claims.acr is None


def test_the_shipped_persons_become_what_their_buttons_say(sso: Provider, devidp: DevIdp) -> None:
    made = {}
    for login in ("uma", "chen", "omar", "greta"):
        url, flow = sso.begin()
        made[login] = membership(sso.finish(flow, click(url, login)).groups, section(devidp.issuer))
    assert (made["uma"].body, made["uma"].roles) == ("CTED", frozenset({Role.UPLOADER, Role.RELEASING_OFFICER}))
    assert made["uma"].clearance is Level.STRICTLY_CONFIDENTIAL
    assert (made["chen"].body, made["chen"].roles) == ("CTED", frozenset({Role.CONFIDENTIALITY_OFFICER}))
    assert (made["omar"].body, made["omar"].roles, made["omar"].clearance) == ("OCT", frozenset({Role.REVIEWER}), Level.CONFIDENTIAL)
    assert made["greta"].roles == {Role.SECURITY_ADMINISTRATOR}


@pytest.mark.parametrize(("login", "refusal"), [("tomas", NoRole), ("xenia", ConflictingRoles)])
def test_the_shipped_persons_without_a_place_are_turned_away(sso: Provider, devidp: DevIdp, login: str, refusal: type[Exception]) -> None:
    url, flow = sso.begin()
    groups = sso.finish(flow, click(url, login)).groups
    with pytest.raises(refusal):
        membership(groups, section(devidp.issuer))


def test_each_sign_in_has_its_own_secrets_and_its_own_session_at_the_provider(sso: Provider) -> None:
    (first_url, first), (second_url, second) = sso.begin(), sso.begin()
    assert len({first.state, first.nonce, first.code_verifier, second.state, second.nonce, second.code_verifier}) == 6
    sessions = {sso.finish(flow, click(url, "ada")).provider_session for url, flow in ((first_url, first), (second_url, second))}
    assert len(sessions) == 2


def test_the_request_carries_pkce_a_nonce_and_the_known_scopes_and_never_the_verifier(sso: Provider) -> None:
    url, flow = sso.begin()
    query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    assert query["code_challenge_method"] == "S256"
    assert query["nonce"] == flow.nonce
    assert query["state"] == flow.state
    assert query["redirect_uri"] == CALLBACK
    assert query["scope"].split() == ["openid", "profile", "groups"]
    assert flow.code_verifier not in url


def test_a_code_is_worth_nothing_without_the_verifier_of_its_own_flow(sso: Provider) -> None:
    url, flow = sso.begin()
    _, other = sso.begin()
    with pytest.raises(Declined) as refused:
        sso.finish(replace(flow, code_verifier=other.code_verifier), click(url, "ada"))
    assert refused.value.code == "sso_declined"
    assert "invalid_grant" in refused.value.detail


def test_a_code_opens_once(sso: Provider) -> None:
    url, flow = sso.begin()
    params = click(url, "ada")
    sso.finish(flow, params)
    with pytest.raises(Declined):
        sso.finish(flow, params)


def test_a_person_who_cancels_is_told_to_start_again(sso: Provider) -> None:
    url, flow = sso.begin()
    with pytest.raises(Declined) as refused:
        sso.finish(flow, click(url, ""))
    assert "access_denied" in refused.value.detail
    assert "Start again" in refused.value.public


def test_signing_out_leads_through_the_provider_and_back(sso: Provider) -> None:
    url, flow = sso.begin()
    claims = sso.finish(flow, click(url, "ada"))
    there = sso.end_session_url(claims.id_token, "http://localhost:8000/sign-in?out=1", "s-1")
    assert there is not None
    answer = requests.get(there, allow_redirects=False, timeout=10)
    assert answer.headers["Location"] == "http://localhost:8000/sign-in?out=1&state=s-1"


@pytest.mark.parametrize("state", [None, "", "another-state", "état"])
def test_an_answer_with_another_state_is_refused(attempt: Attempt, state: str | None) -> None:
    with pytest.raises(StateMismatched) as refused:
        attempt.sign_in(state=state)
    assert (refused.value.code, refused.value.status) == ("sso_state", 400)


def test_an_error_with_another_state_is_not_even_an_error(attempt: Attempt) -> None:
    with pytest.raises(StateMismatched):
        attempt.sign_in(state="another-state", code=None, error="access_denied")


def test_an_error_of_the_provider_is_told_without_repeating_its_words(attempt: Attempt) -> None:
    with pytest.raises(Declined) as refused:
        attempt.sign_in(code=None, error="<b>call 555</b>", error_description="call 555")
    assert "555" not in refused.value.detail + refused.value.public
    assert attempt.forger.asked["/token"] == 0


def test_an_answer_from_another_issuer_is_refused_even_where_none_is_promised(attempt: Attempt) -> None:
    attempt.forger.description = lambda d: d.pop("authorization_response_iss_parameter_supported")
    with pytest.raises(IssuerMixed) as refused:
        attempt.sign_in(iss="https://elsewhere.example")
    assert refused.value.code == "sso_issuer"
    assert attempt.sign_in(iss=None).subject == "person-1"


def test_an_answer_to_another_providers_flow_is_refused_before_anything_is_sent(attempt: Attempt) -> None:
    """Mix-up (RFC 9700, section 4.4), also where no issuer is promised: each provider has a way back of its own."""
    attempt.forger.description = lambda d: d.pop("authorization_response_iss_parameter_supported")
    _, flow = attempt.begin()
    with pytest.raises(IssuerMixed):
        attempt.answered(replace(flow, provider="neighbour"), iss=None)
    assert attempt.forger.asked["/token"] == 0


def test_an_answer_without_issuer_is_refused_where_the_provider_promises_one(attempt: Attempt) -> None:
    with pytest.raises(IssuerMixed):
        attempt.sign_in(iss=None)
    assert attempt.forger.asked["/token"] == 0


def test_an_error_without_issuer_is_refused_where_the_provider_promises_one(attempt: Attempt) -> None:
    with pytest.raises(IssuerMixed):
        attempt.sign_in(iss=None, code=None, error="access_denied")


def test_an_answer_with_neither_code_nor_error_is_refused(attempt: Attempt) -> None:
    with pytest.raises(ProviderUnsound):
        attempt.sign_in(code=None)


def test_ten_minutes_are_enough_and_one_second_more_is_too_much(attempt: Attempt, clock: SetClock) -> None:
    _, flow = attempt.begin()
    clock.advance(timedelta(minutes=10))
    assert attempt.answered(flow).subject == "person-1"
    clock.advance(timedelta(seconds=1))
    with pytest.raises(FlowExpired) as refused:
        attempt.answered(flow)
    assert (refused.value.code, refused.value.status) == ("sso_expired", 400)


def test_a_flow_from_the_future_is_refused(attempt: Attempt, clock: SetClock) -> None:
    _, flow = attempt.begin()
    clock.advance(timedelta(seconds=-31))
    with pytest.raises(FlowExpired):
        attempt.answered(flow)


def test_the_code_goes_out_with_secret_verifier_and_callback(attempt: Attempt, forger: Forger) -> None:
    _, flow = attempt.begin()
    attempt.answered(flow)
    form = forger.forms[-1]
    assert form["code_verifier"] == [flow.code_verifier]
    assert form["redirect_uri"] == [CALLBACK]
    assert "client_secret" not in form
