"""What a provider sends when somebody's session ended there: its logout token, and how it is judged. Pure.

OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6, with nothing optional left open: our algorithms, one issuer, one audience, a
short life, an identifier, the one event, and no nonce, so that no ID token passes for one. Whatever is not exactly so is refused. Details
for the log name claims and rules, never the token or a value from it.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from portal.identity.claims import LEEWAY, LONGEST, KeyUnknown
from portal.kernel.errors import PortalError

#: The event that makes a token a logout token (section 2.4).
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
#: Types that a logout token may say it is (section 2.4; RFC 8725, section 3.11); none at all is taken, too.
TYPES = frozenset({"LOGOUT+JWT", "APPLICATION/LOGOUT+JWT", "JWT"})
#: The longest a logout token may live, in seconds: so long its identifier is remembered. Providers are to stay under two minutes.
LONGEST_LIFE = 3600
#: No time is later than this, in seconds since 1970; beyond, numbers are no dates.
LATEST = 1e11


class LogoutRefused(PortalError):
    """Nobody's session was ended (section 2.8)."""

    status = 400
    code = "logout_token"
    public = "This logout token was not accepted. Nobody was signed out."


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Whose sessions are over: those of one session at the provider, or, where none is named, all of the person."""

    issuer: str
    subject: str | None
    provider_session: str | None
    token_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLogout:
    """What a logout token must say to be taken."""

    issuer: str
    client_id: str
    algorithms: tuple[str, ...]
    now: datetime


def read_logout_token(token: str, keys: KeySet, expected: ExpectedLogout) -> Notice:
    """Verify a logout token and return whose sessions are over.

    Raises `KeyUnknown` if no key of the set fits (newer keys may), `LogoutRefused` for everything else.
    """
    claims = _verified(token, keys, expected.algorithms)
    _must_be_for_us(claims, expected)
    _must_be_a_logout(claims)
    expires_at = _must_be_of_now(claims, expected.now)
    subject, provider_session = _text(claims, "sub"), _text(claims, "sid")
    if subject is None and provider_session is None:
        raise LogoutRefused("the logout token names neither a sub nor a sid")
    token_id = _text(claims, "jti")
    if token_id is None:
        raise LogoutRefused("the logout token has no jti")
    return Notice(
        issuer=expected.issuer,
        subject=subject,
        provider_session=provider_session,
        token_id=token_id,
        expires_at=expires_at,
    )


def _verified(token: str, keys: KeySet, algorithms: tuple[str, ...]) -> Mapping[str, Any]:
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    try:
        decoded = jwt.decode(token, keys, registry=registry)
    except InvalidKeyIdError:
        raise KeyUnknown("the logout token is signed with a key that the provider does not publish") from None
    except Exception as error:  # hostile input: whatever it makes the library raise is a refusal
        raise LogoutRefused(f"the logout token cannot be verified: {type(error).__name__}") from None
    if str(decoded.header.get("typ", "JWT")).upper() not in TYPES:
        raise LogoutRefused("the token is of another type than a logout token")
    return decoded.claims


def _must_be_for_us(claims: Mapping[str, Any], expected: ExpectedLogout) -> None:
    if claims.get("iss") != expected.issuer:
        raise LogoutRefused("the logout token's iss is another provider")
    audience = claims.get("aud")
    if audience not in (expected.client_id, [expected.client_id]):
        raise LogoutRefused("the logout token's aud names somebody else, or somebody else as well")


def _must_be_a_logout(claims: Mapping[str, Any]) -> None:
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict):
        raise LogoutRefused("the logout token's events do not hold the one of a logout")
    if "nonce" in claims:
        raise LogoutRefused("the logout token has a nonce, as only ID tokens do")


def _must_be_of_now(claims: Mapping[str, Any], now: datetime) -> datetime:
    """When it ends. Between its two times, each with the leeway between two clocks, and no longer apart than we remember it."""
    at, issued, expires = now.timestamp(), _seconds(claims, "iat"), _seconds(claims, "exp")
    if issued > at + LEEWAY:
        raise LogoutRefused("the logout token's iat lies ahead")
    if expires <= at - LEEWAY:
        raise LogoutRefused("the logout token's exp is over")
    if not 0 <= expires - issued <= LONGEST_LIFE:
        raise LogoutRefused(f"the logout token lives longer than {LONGEST_LIFE} seconds, or ends before it begins")
    return datetime.fromtimestamp(expires, UTC)


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < LATEST:
        raise LogoutRefused(f"the logout token's {name} is missing, or not a time")
    return float(value)


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """A text fit for a column, or None if there is none."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise LogoutRefused(f"the logout token's {name} is not a text of 1 to {LONGEST} characters")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        raise LogoutRefused(f"the logout token's {name} holds control characters")
    return value
