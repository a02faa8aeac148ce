"""The relying party against the certified provider, room by room: requests pushed, a secret or a key, keys that change."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from portal.identity.claims import Declined, KeyUnknown, ProviderUnsound
from portal.identity.oidc import Provider
from portal.identity.proof import KeyProof
from portal.kernel.clock import Clock, SetClock, SystemClock
from portal.kernel.errors import Misconfigured
from tests.common.certified import KEY_CLIENT, NAME, PASSWORD, SECRET_CLIENT, Certified
from tests.common.house import PORTAL
from tests.rooms.identity.conftest import Attempt, section
from tests.rooms.identity.forger import TOKEN, Forger
from tools.tour.stage import ROOT

CALLBACK = f"{PORTAL}/sign-in/{NAME}/callback"
PUSH = "/push"


def relying(
    certified: Certified, client: str = SECRET_CLIENT, clock: Clock | None = None, credential: str = "", **changes: object
) -> Provider:
    proof = {"client_key_file": Path("unused"), "client_secret_file": None} if client == KEY_CLIENT else {}
    own = certified.key.as_pem(private=True).decode() if client == KEY_CLIENT else certified.secret
    entry = section(certified.issuer, name=NAME, client_id=client, **proof, **changes)
    return Provider(entry, credential or own, CALLBACK, clock or SystemClock())


@pytest.mark.parametrize("client", [SECRET_CLIENT, KEY_CLIENT])
def test_a_person_signs_in_whether_the_portal_has_a_secret_or_a_key(certified: Certified, client: str) -> None:
    portal = relying(certified, client)
    url, flow = portal.begin()
    claims = portal.finish(flow, certified.visit(url, "ines"))
    assert (claims.issuer, claims.subject, claims.name) == (certified.issuer, "ines", "Ines Okafor")
    assert claims.groups == {"oct-reviewers"}
    assert claims.acr == PASSWORD
    assert claims.provider_session
    assert claims.authenticated_at is not None
    assert abs(datetime.now(UTC) - claims.authenticated_at) < timedelta(minutes=1)


def test_a_secret_of_any_signs_arrives_as_it_is(certified: Certified) -> None:
    """RFC 6749, section 2.3.1: the provider decodes it, and compares."""
    assert set("+%: &=") <= set(certified.secret)
    portal = relying(certified)
    url, flow = portal.begin()
    assert portal.finish(flow, certified.visit(url, "ines")).subject == "ines"


def test_the_provider_says_when_somebody_signed_in_if_that_is_limited(certified: Certified) -> None:
    portal = relying(certified, sign_in_max_hours=1)
    url, flow = portal.begin()
    assert portal.finish(flow, certified.visit(url, "ines")).authenticated_at is not None


@pytest.mark.parametrize("client", [SECRET_CLIENT, KEY_CLIENT])
def test_the_browser_carries_only_the_number_of_the_request(certified: Certified, client: str) -> None:
    url, flow = relying(certified, client).begin()
    query = parse_qs(urlsplit(url).query)
    assert set(query) == {"client_id", "request_uri"}
    assert not any(secret in url for secret in (flow.state, flow.nonce, flow.code_verifier))


def test_a_pushed_request_is_good_for_one_sign_in(certified: Certified) -> None:
    url, _ = relying(certified).begin()
    certified.visit(url, "ines")
    assert certified.visit(url, "ines")["error"] == "invalid_request_uri"


@pytest.mark.parametrize("client", [SECRET_CLIENT, KEY_CLIENT])
def test_a_portal_with_another_secret_or_key_does_not_even_begin(certified: Certified, client: str) -> None:
    wrong = ECKey.generate_key("P-256").as_pem(private=True).decode() if client == KEY_CLIENT else "another secret"
    with pytest.raises(ProviderUnsound) as refused:
        relying(certified, client, credential=wrong).begin()
    assert "401, invalid_client" in refused.value.detail


def test_a_code_is_worth_nothing_to_a_client_with_another_key(certified: Certified) -> None:
    url, flow = relying(certified, KEY_CLIENT).begin()
    params = certified.visit(url, "ines")
    thief = relying(certified, KEY_CLIENT, credential=ECKey.generate_key("P-256").as_pem(private=True).decode())
    with pytest.raises(Declined) as refused:
        thief.finish(flow, params)
    assert "invalid_client" in refused.value.detail


@pytest.mark.parametrize("change", ["code_verifier", "code"])
def test_a_code_goes_with_its_own_verifier(certified: Certified, change: str) -> None:
    portal = relying(certified)
    (url, flow), (_, other) = portal.begin(), portal.begin()
    params = certified.visit(url, "ines")
    if change == "code":
        params = params | {"code": "x" * 43}
    else:
        flow = replace(flow, code_verifier=other.code_verifier)
    with pytest.raises(Declined) as refused:
        portal.finish(flow, params)
    assert "invalid_grant" in refused.value.detail


# ---- keys that change


@pytest.mark.parametrize("keep", [True, False])
def test_a_new_key_is_taken_once_the_last_look_is_a_minute_old(certified: Certified, keep: bool) -> None:
    clock = SetClock(datetime.now(UTC))
    portal = relying(certified, clock=clock)

    def sign_in() -> str:
        url, flow = portal.begin()
        return portal.finish(flow, certified.visit(url, "ines")).subject

    assert sign_in() == "ines"
    certified.door("rotate", keep=keep)
    with pytest.raises(KeyUnknown):
        sign_in()
    portal._discovery._keys_asked_at = clock.now() - timedelta(minutes=1)  # the provider's clock does not go along with ours
    assert sign_in() == "ines"


# ---- what a key must be, what is signed with it, and providers that push wrongly

KEYS: dict[str, Callable[[], str]] = {
    "a public key": lambda: ECKey.generate_key("P-256").as_pem(private=False).decode(),
    "another curve": lambda: ECKey.generate_key("P-384").as_pem(private=True).decode(),
    "no key": lambda: "a secret that is no key",
    "nothing": lambda: "",
}


@pytest.mark.parametrize("fault", KEYS)
def test_anything_but_a_private_key_on_p_256_stops_the_start(fault: str) -> None:
    with pytest.raises(Misconfigured) as stopped:
        Provider(section("https://idp.example", client_key_file=Path("unused")), KEYS[fault](), CALLBACK, SystemClock())
    assert "identity.provider 'un'" in stopped.value.detail


def test_the_manual_makes_a_key_that_the_portal_takes_and_prints_its_public_half(tmp_path: Path) -> None:
    manual = (ROOT / "docs" / "sign-in.md").read_text()
    script = re.search(r"<<'END'\n(.*?)^END$", manual, re.DOTALL | re.MULTILINE)
    assert script is not None
    made = subprocess.run([sys.executable, "-", str(tmp_path / "key.pem")], input=script[1], capture_output=True, text=True, check=True)
    (public,) = json.loads(made.stdout)["keys"]
    proof = KeyProof(section("https://idp.example"), (tmp_path / "key.pem").read_text(), SystemClock())
    assert "d" not in public
    assert public["kid"] == proof._key.kid


@pytest.fixture
def key() -> ECKey:
    return ECKey.generate_key("P-256")


@pytest.fixture
def keyed(forger: Forger, clock: SetClock, key: ECKey) -> Attempt:
    """A portal with a key, in front of the forger, who takes pushed requests."""
    forger.description = lambda d: d.update(pushed_authorization_request_endpoint=d["issuer"] + PUSH)
    forger.raw[PUSH], forger.status[PUSH] = b'{"request_uri": "urn:a-number"}', 201
    entry = section(forger.issuer, client_key_file=Path("unused"))
    return Attempt(Provider(entry, key.as_pem(private=True).decode(), CALLBACK, clock), forger)


def test_each_assertion_is_for_the_issuer_alone_for_a_minute_and_never_the_same(keyed: Attempt, key: ECKey, clock: SetClock) -> None:
    keyed.sign_in()
    assert keyed.forger.asked[TOKEN] == 1
    tokens = [jwt.decode(form["client_assertion"][0], key, algorithms=["ES256"]) for form in keyed.forger.forms]
    assert len(tokens) == 2
    for token in tokens:
        assert (token.claims["iss"], token.claims["sub"], token.claims["aud"]) == ("portal", "portal", keyed.forger.issuer)
        assert token.claims["exp"] - token.claims["iat"] == 60
        assert token.claims["iat"] == int(clock.now().timestamp())
        assert token.header["kid"] == key.thumbprint()
    assert len({token.claims["jti"] for token in tokens}) == 2


def test_what_is_pushed_is_the_whole_request(keyed: Attempt) -> None:
    url, flow = keyed.begin()
    (form,) = keyed.forger.forms
    assert (form["state"], form["nonce"], form["client_id"]) == ([flow.state], [flow.nonce], ["portal"])
    assert form["code_challenge_method"] == ["S256"]
    assert form["redirect_uri"] == [CALLBACK]
    assert url == f"{keyed.forger.issuer}/authorize?client_id=portal&request_uri=urn%3Aa-number"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"request_uri": "urn:a"}'),
        (400, b'{"error": "invalid_request"}'),
        (400, b"x"),
        (201, b"{}"),
        (201, b"[]"),
        (201, b'{"request_uri": 7}'),
    ],
)
def test_a_provider_that_does_not_take_the_request_as_it_must_is_a_matter_for_administrators(
    keyed: Attempt, status: int, body: bytes
) -> None:
    keyed.forger.raw[PUSH], keyed.forger.status[PUSH] = body, status
    with pytest.raises(ProviderUnsound):
        keyed.begin()


def test_a_request_is_pushed_to_the_issuers_own_address_only(keyed: Attempt) -> None:
    keyed.forger.description = lambda d: d.update(pushed_authorization_request_endpoint="https://elsewhere.example/push")
    with pytest.raises(ProviderUnsound):
        keyed.begin()
