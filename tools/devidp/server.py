"""The protocol: Authlib's OpenID Connect server with one client, codes in memory, and the options it leaves open closed.

PKCE with S256 and a nonce are required of every request. Codes live a minute and open once.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, InvalidRequestError, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask
from joserfc.jwk import ECKey

from tools.devidp.persons import Person

SCOPES = ("openid", "profile", "email", "groups")
#: What an ID token says (`acr`) of somebody who used a second factor. Here that is one more click.
SECOND_FACTOR = "second-factor"
CODE_SECONDS = 60
TOKEN_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):  # type: ignore[misc]
    """The portal, the only client."""

    client_id: str
    client_secret: str
    redirect_uri: str
    post_logout_uri: str  # compared to the letter (RP-Initiated Logout 1.0, section 3)

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(word for word in (scope or "").split() if word in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(client_secret.encode(), self.client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True, slots=True)
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """An authorisation code and what it stands for."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    person: Person
    session: str
    second_factor: bool
    issued_at: int

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.issued_at

    def get_acr(self) -> str | None:
        return SECOND_FACTOR if self.second_factor else None

    def get_amr(self) -> list[str]:
        return ["pwd", "otp"] if self.second_factor else ["pwd"]


def asks_for_second_factor(asked: Mapping[str, str]) -> bool:
    """Does a request ask for it, among others or alone (OpenID Connect Core, section 3.1.2.1)?"""
    return SECOND_FACTOR in asked.get("acr_values", "").split()


class Codes:
    """Codes in memory; each can be taken once."""

    def __init__(self) -> None:
        self._codes: dict[str, Code] = {}

    def put(self, code: Code) -> None:
        for old in list(self._codes.values()):
            if old.issued_at < time.time() - CODE_SECONDS:
                self._codes.pop(old.code, None)
        self._codes[code.code] = code

    def take(self, code: str) -> Code | None:
        """The code, which is gone with this, whatever comes of it."""
        found = self._codes.pop(code, None)
        return found if found and found.issued_at >= time.time() - CODE_SECONDS else None

    def has_nonce(self, nonce: str) -> bool:
        return any(code.nonce == nonce for code in list(self._codes.values()))


class RequiredChallenge(CodeChallenge):  # type: ignore[misc]
    """Authlib's `required` binds clients without a secret only, and without a method it takes `plain`."""

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with S256 is required.")
        super().validate_code_challenge(grant, redirect_uri)


def make_server(app: Flask, issuer: str, client: Client, key: ECKey) -> AuthorizationServer:
    """The authorisation server of one client. Its grant and its token are classes inside, because Authlib makes their instances."""
    codes = Codes()

    class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            codes.put(
                Code(
                    code=code,
                    client_id=request.client.client_id,
                    redirect_uri=request.payload.redirect_uri,
                    scope=request.scope,
                    nonce=data["nonce"],
                    code_challenge=data["code_challenge"],
                    code_challenge_method=data["code_challenge_method"],
                    person=request.user,
                    session=secrets.token_hex(16),
                    second_factor=data.get("second_factor") == "yes" or asks_for_second_factor(data),
                    issued_at=int(time.time()),
                )
            )

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            found = codes.take(code)
            return found if found and found.client_id == client.client_id else None

        def delete_authorization_code(self, authorization_code: Code) -> None:
            """Nothing to do: it was taken."""

        def authenticate_user(self, authorization_code: Code) -> Person:
            return authorization_code.person

    class IdToken(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return codes.has_nonce(nonce)

        def resolve_client_private_key(self, client: Client) -> ECKey:
            return key

        def get_client_algorithm(self, client: Client) -> str:
            return "ES256"

        def get_encode_header(self, client: Client) -> dict[str, Any]:
            return {"alg": "ES256", "kid": key.kid}

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            return {"iss": issuer, "aud": client.client_id, "exp": int(time.time()) + TOKEN_SECONDS}

        def get_authorization_code_claims(self, authorization_code: Code) -> dict[str, Any]:
            return {**super().get_authorization_code_claims(authorization_code), "sid": authorization_code.session}

        def generate_user_info(self, user: Person, scope: str) -> UserInfo:
            return UserInfo(sub=f"person-{user.login}", name=user.name, email=user.email, groups=list(user.groups))

    class Issuer(IssuerParameter):  # type: ignore[misc]
        def get_issuer(self) -> str:
            return issuer

    server = AuthorizationServer(
        app,
        query_client=lambda client_id: client if client_id == client.client_id else None,
        save_token=lambda token, request: None,  # nobody asks for the access token again
    )
    server.register_grant(CodeGrant, [IdToken(require_nonce=True), RequiredChallenge()])
    server.register_extension(Issuer())
    return server
