"""Sign-in through the provider of a person's organisation: OpenID Connect, code flow, PKCE S256, nonce.

Authlib builds the request and exchanges the code; what it leaves to its caller is done here, in `discovery` and in `claims`. A flow is
used once: the caller takes it out of the session before `finish`, whatever comes of it. This room makes no redirect and sets no cookie.
"""

import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from authlib.common.urls import add_params_to_uri
from authlib.integrations.requests_client import OAuth2Session

from portal.identity.claims import (
    LEEWAY,
    SIGNATURES,
    Claims,
    Declined,
    Expected,
    FlowExpired,
    IssuerMixed,
    KeyUnknown,
    NotConfirmed,
    ProviderUnsound,
    SignInRefused,
    StateMismatched,
    TokenRefused,
    TooLongAgo,
    read_id_token,
)
from portal.identity.discovery import SECONDS, Discovery, Metadata, is_safe, make_strict
from portal.identity.logout_token import ExpectedLogout, LogoutRefused, Notice, read_logout_token
from portal.identity.proof import proof_of
from portal.kernel.clock import Clock
from portal.kernel.config import ProviderEntry
from portal.kernel.errors import Misconfigured, PortalError

__all__ = ["Claims", "Flow", "Provider", "SignInRefused"]

#: How long a person may take at the provider's page.
FLOW_LIFE = timedelta(minutes=10)
#: Asked for when the provider knows them; `openid` always.
SCOPES = ("profile", "groups")


@dataclass(frozen=True, slots=True)
class Flow:
    """A sign-in under way: what only this browser's session knows. Secret, and good for one answer."""

    provider: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    started_at: datetime
    #: Somebody who is signed in confirms with a second factor that it is them, and goes on with what the caller calls so.
    confirms: bool = False
    about: str = ""

    def to_json(self) -> str:
        return json.dumps(
            {
                "provider": self.provider,
                "state": self.state,
                "nonce": self.nonce,
                "code_verifier": self.code_verifier,
                "started_at": self.started_at.astimezone(UTC).isoformat(),
                "confirms": self.confirms,
                "about": self.about,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Flow":
        """The flow that `to_json` wrote; raises `StateMismatched` for anything else."""
        try:
            raw = json.loads(text)
            provider, about = raw["provider"], raw["about"]
            words = state, nonce, code_verifier = raw["state"], raw["nonce"], raw["code_verifier"]
            started_at, confirms = datetime.fromisoformat(raw["started_at"]), raw["confirms"]
        except (ValueError, TypeError, KeyError) as error:
            raise StateMismatched("the stored flow cannot be read") from error
        if (
            started_at.tzinfo is None
            or not isinstance(provider, str)
            or not isinstance(about, str)
            or not isinstance(confirms, bool)
            or not all(isinstance(word, str) and len(word) >= 43 for word in words)
        ):
            raise StateMismatched("the stored flow is not one of ours")
        return cls(provider, state, nonce, code_verifier, started_at, confirms, about)


class Provider:
    """A provider this portal trusts. Shared by threads; remembers its description and keys."""

    def __init__(self, config: ProviderEntry, credential: str, redirect_uri: str, clock: Clock, *, seconds: float = SECONDS) -> None:
        """Raises `Misconfigured` for a setting under which sign-in would not be safe.

        `credential` is the client's secret, or its key as PEM; `seconds` the time between two bytes.
        """
        _must_be_safe(config, credential, redirect_uri)
        self._proof = proof_of(config, credential, clock)
        self._config = config
        self._credential = credential
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._seconds = seconds
        self._discovery = Discovery(config.issuer, clock, seconds)

    def begin(self, *, confirms: bool = False, about: str = "") -> tuple[str, Flow]:
        """The provider's address to send the browser to, and the flow to keep; raises `ProviderDown` or `ProviderUnsound`.

        `confirms`: ask for a second factor now, whoever is signed in there. `acr_values` alone does not make a provider ask again; `prompt`
        and `max_age` do, and `max_age` makes it say when it asked (OpenID Connect Core, section 3.1.2.1).
        """
        metadata = self._discovery.metadata()
        state, nonce, code_verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        flow = Flow(self._config.name, state, nonce, code_verifier, self._clock.now(), confirms, about)
        asked = {"prompt": "login", "max_age": "0", "acr_values": " ".join(self._config.step_up_acr)} if confirms else self._recent()
        with self._client(metadata) as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint, state=flow.state, code_verifier=flow.code_verifier, nonce=flow.nonce, **asked
            )
            if metadata.pushed_request_endpoint:
                url = self._pushed(client, metadata, metadata.pushed_request_endpoint, url)
        return str(url), flow

    def finish(self, flow: Flow, params: Mapping[str, str]) -> Claims:
        """Who signed in, from the parameters the browser brought back.

        Raises `SignInRefused` (its `code` says at which check) or `ProviderDown`.
        """
        self._must_answer(flow, params)
        metadata = self._discovery.metadata()
        self._must_come_from_our_issuer(metadata, params)
        if "error" in params:
            raise Declined(f"the provider answered {_error_word(params['error'])}")
        code = params.get("code")
        if not code:
            raise ProviderUnsound("the provider's answer has neither a code nor an error")
        token = self._exchange(metadata, code, flow.code_verifier)
        expected = Expected(
            issuer=self._config.issuer,
            client_id=self._config.client_id,
            algorithms=self._config.algorithms,
            groups_claim=self._config.groups_claim,
            nonce=flow.nonce,
            now=self._clock.now(),
        )
        try:
            claims = read_id_token(token, self._discovery.keys(), expected)
        except KeyUnknown:
            claims = read_id_token(token, self._discovery.newer_keys(), expected)
        if flow.confirms:
            self._must_confirm(flow, claims)
        else:
            self._must_be_recent(flow, claims)
        return claims

    def end_session_url(self, id_token: str, post_logout_uri: str, state: str) -> str | None:
        """Where to send the browser to end the provider's session too (RP-Initiated Logout 1.0), or None if there is no such place.

        It is asked for now, so that nobody is sent to a provider that is down. Raises `ProviderDown` or `ProviderUnsound`: signing out of
        the portal comes first, and must not depend on it.
        """
        endpoint = self._discovery.metadata_of_now().end_session_endpoint
        if endpoint is None:
            return None
        words = {
            "id_token_hint": id_token,
            "client_id": self._config.client_id,
            "post_logout_redirect_uri": post_logout_uri,
            "state": state,
        }
        return str(add_params_to_uri(endpoint, list(words.items())))

    def read_logout(self, token: str) -> Notice:
        """Whose sessions are over, as this provider says. Raises `LogoutRefused`, or `ProviderDown` if its keys are out of reach.

        Keys are asked for again at most once a minute, together with those for sign-ins: invented key names are no hammer.
        """
        expected = ExpectedLogout(
            issuer=self._config.issuer, client_id=self._config.client_id, algorithms=self._config.algorithms, now=self._clock.now()
        )
        try:
            try:
                return read_logout_token(token, self._discovery.keys(), expected)
            except KeyUnknown:
                return read_logout_token(token, self._discovery.newer_keys(), expected)
        except SignInRefused as error:
            raise LogoutRefused(error.detail) from None

    def _must_answer(self, flow: Flow, params: Mapping[str, str]) -> None:
        """Also errors must carry the state: without it, anybody could end somebody's sign-in, or word its failure."""
        given = params.get("state", "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(flow.state.encode(), given):
            raise StateMismatched("the answer's state is not the one of this browser")
        if flow.provider != self._config.name:
            raise IssuerMixed("the answer came to another provider's way back")
        age = self._clock.now() - flow.started_at
        if not -timedelta(seconds=LEEWAY) <= age <= FLOW_LIFE:
            raise FlowExpired("the sign-in was begun more than ten minutes ago, or the clock was set back")

    def _must_come_from_our_issuer(self, metadata: Metadata, params: Mapping[str, str]) -> None:
        """RFC 9207, section 2.4: required when advertised, checked whenever present."""
        given = params.get("iss")
        if given is None and metadata.names_issuer:
            raise IssuerMixed("the answer does not name its issuer, although the provider says it always does")
        if given is not None and given != self._config.issuer:
            raise IssuerMixed("the answer names another issuer")

    def _pushed(self, client: Any, metadata: Metadata, endpoint: str, url: str) -> str:
        """Hand the request to the provider directly (RFC 9126): the browser only carries its number, and nobody can read or change it."""
        request = dict(parse_qsl(urlsplit(url).query))
        answer = client.post(endpoint, data=request, auth=client.client_auth(self._proof), withhold_token=True)
        try:
            said = json.loads(answer.content)
            number, word = said.get("request_uri"), _error_word(said.get("error"))
        except (ValueError, AttributeError, RecursionError):
            number, word = None, "without a reason"
        if answer.status_code != 201:
            raise ProviderUnsound(f"the provider did not take the pushed request: {answer.status_code}, {word}")
        if not isinstance(number, str) or not number:
            raise ProviderUnsound("the provider took the pushed request, and gave it no number")
        return str(add_params_to_uri(metadata.authorization_endpoint, [("client_id", self._config.client_id), ("request_uri", number)]))

    def _recent(self) -> dict[str, str]:
        """Ask to sign in anew whoever did so longer ago than the configuration takes (OpenID Connect Core, section 3.1.2.1)."""
        hours = self._config.sign_in_max_hours
        return {"max_age": str(hours * 3600)} if hours else {}

    def _must_be_recent(self, flow: Flow, claims: Claims) -> None:
        """Section 3.1.3.7 (13): whether the provider asked is checked, by when the question was put to it."""
        longest = timedelta(hours=self._config.sign_in_max_hours)
        if longest and (claims.authenticated_at is None or flow.started_at - claims.authenticated_at > longest + timedelta(seconds=LEEWAY)):
            raise TooLongAgo("the ID token's auth_time is missing, or longer ago than sign_in_max_hours")

    def _must_confirm(self, flow: Flow, claims: Claims) -> None:
        """OpenID Connect Core, sections 2 and 3.1.3.7 (12, 13): a request for `acr_values` binds nobody, so what came is checked.

        `auth_time` counts whole seconds, and there is no leeway: a provider whose clock is behind confirms nothing.
        """
        if claims.acr not in self._config.step_up_acr:
            raise NotConfirmed("the ID token's acr is none of step_up_acr")
        if claims.authenticated_at is None:
            raise NotConfirmed("the ID token has no auth_time")
        if claims.authenticated_at < flow.started_at.replace(microsecond=0):
            raise NotConfirmed("the ID token's auth_time is before the question was asked")

    def _exchange(self, metadata: Metadata, code: str, code_verifier: str) -> str:
        """The ID token for a code (RFC 6749, section 4.1.3). Access and refresh tokens are thrown away: nothing here needs them."""
        with self._client(metadata) as client:
            client.register_compliance_hook("access_token_response", _must_be_granted)
            try:
                answer = client.fetch_token(
                    metadata.token_endpoint, grant_type="authorization_code", code=code, code_verifier=code_verifier
                )
                token = answer.get("id_token")
            except PortalError:
                raise
            except Exception as error:  # hostile input: whatever it makes the library raise is a refusal
                raise ProviderUnsound(f"the provider's token answer cannot be read: {type(error).__name__}") from None
        if not isinstance(token, str) or not token:
            raise TokenRefused("the provider sent no ID token; is the scope `openid` allowed for this client?")
        return token

    def _client(self, metadata: Metadata) -> Any:
        client = OAuth2Session(
            client_id=self._config.client_id,
            client_secret=self._credential,
            token_endpoint_auth_method=self._proof,
            scope=" ".join(("openid", *(scope for scope in SCOPES if scope in metadata.scopes))),
            redirect_uri=self._redirect_uri,
            # Hazard: Authlib sends no PKCE at all, and says nothing, if this word is anything else.
            code_challenge_method="S256",
        )
        make_strict(client, self._seconds)
        return client


def _must_be_granted(answer: requests.Response) -> requests.Response:
    """Authlib takes any JSON object without an `error`, whatever its status."""
    if answer.status_code == 200:
        return answer
    try:
        word = _error_word(answer.json().get("error"))
    except (ValueError, AttributeError, RecursionError):
        word = "without a reason"
    raise Declined(f"the provider did not exchange the code: {answer.status_code}, {word}")


def _error_word(word: Any) -> str:
    """An error code of RFC 6749, fit for the log; anything else is not repeated."""
    return word if isinstance(word, str) and re.fullmatch(r"[a-z_]{1,60}", word) else "an error that is not a word"


def _must_be_safe(config: ProviderEntry, credential: str, redirect_uri: str) -> None:
    # Hazard: joserfc takes an empty list of algorithms as "those I recommend", and HS256 is among these.
    unsafe = sorted(set(config.algorithms) - SIGNATURES)
    if unsafe or not config.algorithms:
        known = ", ".join(sorted(SIGNATURES))
        raise Misconfigured(f"identity.provider {config.name!r}: algorithms: {', '.join(unsafe) or 'empty'}; name one or more of {known}")
    if not is_safe(config.issuer) or "?" in config.issuer:
        raise Misconfigured(f"identity.provider {config.name!r}: issuer must be an https address without query (http only on this machine)")
    if not is_safe(redirect_uri):
        raise Misconfigured("portal.public_url must be an https address (http only on this machine)")
    if not credential or not config.client_id:
        raise Misconfigured(f"identity.provider {config.name!r}: client_id or the client's secret is empty; take both from the provider")
