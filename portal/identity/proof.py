"""How the portal proves to a provider that it is the client: a shared secret, or a key of its own (RFC 7523, `private_key_jwt`).

With a key, nothing that the provider keeps and nothing that travels lets anybody else be the portal: the provider has the public half.
"""

import secrets
from base64 import b64encode
from typing import Any
from urllib.parse import quote_plus

from authlib.common.urls import add_params_to_qs
from joserfc import jwt
from joserfc.jwk import ECKey

from portal.kernel.clock import Clock
from portal.kernel.errors import Misconfigured
from portal.kernel.sections import ProviderEntry

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#: How long an assertion is good for, in seconds. The provider takes each only once (`jti`).
SECONDS = 60


class SecretProof:
    """The secret in the header (`client_secret_basic`). Authlib calls it to authenticate a request, as below.

    RFC 6749, section 2.3.1: name and secret are form-encoded first. Authlib's own method leaves that out, so that a provider that decodes
    them would read another secret wherever one holds `+`, `%` or `:`.
    """

    def __init__(self, config: ProviderEntry, secret: str) -> None:
        self._words = ":".join(quote_plus(word) for word in (config.client_id, secret))

    def __call__(self, _: Any, method: str, uri: str, headers: Any, body: str | None) -> tuple[Any, ...]:
        headers["Authorization"] = f"Basic {b64encode(self._words.encode()).decode()}"
        return uri, headers, body


class KeyProof:
    """Authlib calls it to authenticate a request; each call signs another assertion."""

    def __init__(self, config: ProviderEntry, pem: str, clock: Clock) -> None:
        """Raises `Misconfigured` unless `pem` is a private EC key on P-256."""
        self._client_id = config.client_id
        self._issuer = config.issuer
        self._clock = clock
        self._key = _signing_key(config, pem)

    def __call__(self, _: Any, method: str, uri: str, headers: Any, body: str | None) -> tuple[Any, ...]:
        words = [("client_assertion_type", ASSERTION), ("client_assertion", self._assertion())]
        return uri, headers, add_params_to_qs(body or "", words)

    def _assertion(self) -> str:
        """For the issuer alone: one that named an address of it could be passed on by whoever hands out false addresses."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": self._issuer,
            "jti": secrets.token_urlsafe(32),
            "iat": now,
            "exp": now + SECONDS,
        }
        return jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key)


def proof_of(config: ProviderEntry, credential: str, clock: Clock) -> SecretProof | KeyProof:
    """What Authlib calls to authenticate the portal there. `credential`: the text of the file."""
    return KeyProof(config, credential, clock) if config.client_key_file else SecretProof(config, credential)


def _signing_key(config: ProviderEntry, pem: str) -> ECKey:
    try:
        key = ECKey.import_key(pem)
    except ValueError:
        key = None
    if key is None or not key.is_private or key.curve_name != "P-256":
        raise Misconfigured(
            f"identity.provider {config.name!r}: client_key_file must hold a private EC key on P-256, as PEM (docs/sign-in.md makes one)"
        )
    key.ensure_kid()
    return key
