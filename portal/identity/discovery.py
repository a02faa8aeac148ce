"""What the provider says about itself: its description (OpenID Connect Discovery 1.0) and its keys, fetched strictly and remembered.

* Only from the issuer's own origin, and only naming addresses there. No redirect is followed, no proxy or password file consulted.
* An answer has 5 seconds between bytes, 10 in all, and 256 KiB.
* The description and the keys are forgotten after an hour. A key we do not know makes us ask again, at most once a minute: tokens with
  invented key names must not turn the portal into a hammer. A provider that is down is left alone for 5 seconds, so that people who
  click again do not hold every thread of the server.
"""

import io
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from joserfc.jwk import JWKRegistry, Key, KeySet, RSAKey
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from portal.identity.claims import KeyUnknown, ProviderDown, ProviderUnsound
from portal.kernel.clock import Clock
from portal.kernel.config import LOOPBACK

#: Seconds to connect, and between two bytes.
SECONDS = 5.0
LARGEST = 256 * 1024
LIFE = timedelta(hours=1)
KEY_PAUSE = timedelta(minutes=1)
DOWN_PAUSE = timedelta(seconds=5)
SMALLEST_RSA = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The provider's description, as far as we use it."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    pushed_request_endpoint: str | None
    names_issuer: bool
    scopes: frozenset[str]


class StrictAdapter(HTTPAdapter):
    """Sends one request and reads one answer within limits.

    Raises `ProviderDown` if there is no answer or the provider is overloaded, `ProviderUnsound` for a redirect or too many bytes.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        super().__init__()
        self._seconds = seconds

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        where = urlsplit(request.url or "").path
        try:
            answer = super().send(request, stream=True, timeout=self._seconds, verify=verify, cert=cert, proxies=proxies)
            with answer:
                if 300 <= answer.status_code < 400:
                    raise ProviderUnsound(f"{where} answered with a redirect, which is never followed")
                if answer.status_code == 429 or answer.status_code >= 500:
                    raise ProviderDown(f"{where} answered {answer.status_code}")
                body = _bounded(answer, where, monotonic() + 2 * self._seconds)
        except (OSError, HTTPError) as error:  # what `requests` raises is an OSError
            raise ProviderDown(f"{where} did not answer: {type(error).__name__}") from error
        taken = requests.Response()
        taken.status_code, taken.url, taken.headers, taken.request = answer.status_code, answer.url, answer.headers, request
        taken.raw = io.BytesIO(body)
        return taken


def _bounded(answer: requests.Response, where: str, deadline: float) -> bytes:
    """The body, read as it arrives: reading fixed amounts would let a slow sender stretch each of them."""
    body = bytearray()
    while part := answer.raw.read1(16 * 1024, decode_content=True):
        body += part
        if len(body) > LARGEST:
            raise ProviderUnsound(f"{where} answered with more than {LARGEST} bytes")
        if monotonic() > deadline:
            raise ProviderDown(f"{where} answered too slowly")
    return bytes(body)


def make_strict(session: requests.Session, seconds: float = SECONDS) -> None:
    """Let a session of `requests` (Authlib's are) send only through `StrictAdapter`, with nothing from the environment."""
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"
    session.mount("https://", StrictAdapter(seconds))
    session.mount("http://", StrictAdapter(seconds))


def is_safe(url: str) -> bool:
    """https, or http on this machine; no user, no fragment."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    return secure and bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment


class Discovery:
    """The provider's description and keys. Shared by threads."""

    def __init__(self, issuer: str, clock: Clock, seconds: float = SECONDS) -> None:
        self._issuer = issuer
        self._clock = clock
        self._seconds = seconds
        self._lock = threading.RLock()
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._keys_asked_at: datetime | None = None
        self._down_at: datetime | None = None

    def metadata(self) -> Metadata:
        """The description, at most an hour old; raises `ProviderDown` or `ProviderUnsound`."""
        with self._lock:
            if self._metadata is None or not self._within(self._metadata[0], LIFE):
                return self.metadata_of_now()
            return self._metadata[1]

    def metadata_of_now(self) -> Metadata:
        """The description, asked for anew: whoever gets it knows that the provider answers. Raises `ProviderDown` or `ProviderUnsound`."""
        with self._lock:
            raw = self._fetch(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
            self._metadata = self._clock.now(), _described(raw, self._issuer)
            return self._metadata[1]

    def keys(self) -> KeySet:
        """The keys, at most an hour old; raises `ProviderDown` or `ProviderUnsound`."""
        with self._lock:
            if self._keys is None or not self._within(self._keys[0], LIFE):
                return self._fetch_keys()
            return self._keys[1]

    def newer_keys(self) -> KeySet:
        """Ask again for keys; raises `KeyUnknown` if they were asked for less than a minute ago."""
        with self._lock:
            if self._keys_asked_at is not None and self._within(self._keys_asked_at, KEY_PAUSE):
                raise KeyUnknown("the provider's keys were read less than a minute ago")
            return self._fetch_keys()

    def _fetch_keys(self) -> KeySet:
        where = self.metadata().jwks_uri
        self._keys_asked_at = self._clock.now()
        keys = _usable(self._fetch(where))
        self._keys = self._clock.now(), keys
        return keys

    def _within(self, since: datetime, limit: timedelta) -> bool:
        """A clock that was set back makes everything old, not young for ever."""
        return timedelta(0) <= self._clock.now() - since < limit

    def _fetch(self, url: str) -> Mapping[str, Any]:
        if self._down_at is not None and self._within(self._down_at, DOWN_PAUSE):
            raise ProviderDown("the provider did not answer a moment ago")
        with requests.Session() as session:
            make_strict(session, self._seconds)
            try:
                answer = session.get(url, headers={"Accept": "application/json"})
            except ProviderDown:
                self._down_at = self._clock.now()
                raise
        where = urlsplit(url).path
        if answer.status_code != 200:
            raise ProviderUnsound(f"{where} answered {answer.status_code}; is its issuer in the configuration right?")
        try:
            value = json.loads(answer.content)
        except (ValueError, RecursionError) as error:
            raise ProviderUnsound(f"{where} is not JSON") from error
        if not isinstance(value, dict):
            raise ProviderUnsound(f"{where} is not a JSON object")
        return value


def _described(raw: Mapping[str, Any], issuer: str) -> Metadata:
    """Judge a description; the comparison of issuers is OpenID Connect Discovery, section 4.3."""
    if raw.get("issuer") != issuer:
        raise ProviderUnsound(
            "the provider calls itself by another name than the issuer in the configuration; the two must be equal to the letter"
        )
    methods = raw.get("code_challenge_methods_supported", ["S256"])
    if not isinstance(methods, list) or "S256" not in methods:
        raise ProviderUnsound("the provider does not take PKCE with S256 (RFC 7636)")
    scopes = raw.get("scopes_supported", [])
    return Metadata(
        authorization_endpoint=_address(raw, "authorization_endpoint", issuer),
        token_endpoint=_address(raw, "token_endpoint", issuer),
        jwks_uri=_address(raw, "jwks_uri", issuer),
        end_session_endpoint=_optional_address(raw, "end_session_endpoint", issuer),
        pushed_request_endpoint=_optional_address(raw, "pushed_authorization_request_endpoint", issuer),
        names_issuer=raw.get("authorization_response_iss_parameter_supported") is True,
        scopes=frozenset(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else frozenset(),
    )


def _address(raw: Mapping[str, Any], name: str, issuer: str) -> str:
    """An address of the description; it must lie at the issuer's own origin, because the client secret and the browser go there."""
    url = raw.get(name)
    if not isinstance(url, str) or not is_safe(url) or _origin(url) != _origin(issuer):
        raise ProviderUnsound(f"the provider's {name} is missing, or not at the issuer's own scheme, host and port")
    return url


def _optional_address(raw: Mapping[str, Any], name: str, issuer: str) -> str | None:
    return _address(raw, name, issuer) if raw.get(name) else None


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _usable(raw: Mapping[str, Any]) -> KeySet:
    entries = raw.get("keys")
    if not isinstance(entries, list):
        raise ProviderUnsound("the provider's keys are not a JSON Web Key Set (RFC 7517)")
    keys = [key for key in map(_key, entries) if key is not None]
    if not keys:
        raise ProviderUnsound("the provider publishes no key that can verify a signature")
    return KeySet(keys)


def _key(entry: Any) -> Key | None:
    """A public signing key, or None for one we do not understand or do not trust (RFC 7517, section 5)."""
    if not isinstance(entry, dict) or entry.get("kty") not in {"EC", "RSA", "OKP"} or entry.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(entry)
    except Exception:  # malformed in whatever way: the set is judged by what remains
        return None
    if isinstance(key, RSAKey) and key.public_key.key_size < SMALLEST_RSA:
        return None
    return key
