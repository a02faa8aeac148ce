"""What a provider vouches for, how its ID token is judged, and the ways a sign-in can end without one.

OpenID Connect Core 1.0, section 3.1.3.7, with nothing optional left open: the algorithm is ours to choose, one issuer, one audience, our
nonce, and times within 30 seconds of our own clock. Whatever is not exactly so is refused. Details for the log name claims and rules,
never the token or a value from it.
"""

import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from portal.kernel.errors import PortalError, Unavailable

#: Signatures a provider may use: public-key ones only. `none` and the HMAC family let others forge.
SIGNATURES = frozenset({"ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512", "Ed25519", "EdDSA"})
#: How far the provider's clock may be from ours, in seconds.
LEEWAY = 30
#: Longest text taken from a claim, in characters (OpenID Connect Core, section 2, for `sub`; columns are as wide).
LONGEST = 255


class SignInRefused(PortalError):
    """Nobody was signed in."""

    status = 403
    code = "sso_refused"
    heading = "You were not signed in"
    public = "You were not signed in. Start again from the sign-in page; if it happens again, tell your security administrator."


class NotOfUs(SignInRefused):
    """Who it is stands beyond doubt, and they may not be in here now. `person`: their row, if they were here before."""

    countable = False
    person: UUID | None = None


class StateMismatched(SignInRefused):
    """The answer is not to a question this browser asked."""

    status = 400
    code = "sso_state"
    public = "This answer does not belong to a sign-in begun in this browser. Start again from the sign-in page."


class FlowExpired(SignInRefused):
    status = 400
    code = "sso_expired"
    public = "The sign-in took longer than ten minutes. Start again from the sign-in page."


class IssuerMixed(SignInRefused):
    """The answer came from another provider (RFC 9207)."""

    code = "sso_issuer"


class Declined(SignInRefused):
    """The provider itself said no."""

    code = "sso_declined"
    public = (
        "Your organisation's sign-in service did not complete the sign-in. Start again from the sign-in page; "
        "if it happens again, ask its service desk whether your account may use the portal."
    )


class TokenRefused(SignInRefused):
    """The ID token is missing, or is not exactly what it must be."""

    code = "sso_token"
    countable = False  # no stranger brings it about: a provider we trust sent it, or somebody who can stand between it and us
    public = (
        "Your organisation's sign-in service vouched for you in a way the portal cannot accept. "
        "Start again from the sign-in page; if it happens again, tell your security administrator."
    )


class KeyUnknown(TokenRefused):
    """Signed with a key the provider had not published when its keys were last read."""

    public = "Your organisation's sign-in service has a new key. Wait a minute, and start again from the sign-in page."


class NotConfirmed(SignInRefused):
    """The provider was asked for a second factor, used just now, and does not say that there was one."""

    code = "sso_not_confirmed"
    heading = "Nothing was confirmed"
    public = (
        "Your organisation's sign-in service does not say that you used a second factor just now. You are still signed in here. Go back "
        "and repeat the step; if it happens again, tell your security administrator."
    )


class TooLongAgo(SignInRefused):
    """The provider lets somebody go on who signed in there longer ago than the configuration takes, or does not say when they did."""

    code = "sso_too_long_ago"
    countable = False
    public = (
        "Your organisation's sign-in service did not ask you to sign in, and you did so too long ago. Sign out there, then start again "
        "from the sign-in page; if it happens again, tell your security administrator."
    )


class ProviderUnsound(SignInRefused):
    """The provider's description, keys or answers are not as they must be; a matter for administrators."""

    code = "sso_provider"
    public = (
        "Your organisation's sign-in service did not answer as the portal expects. "
        "Trying again will not help: tell your security administrator."
    )


class ProviderDown(Unavailable):
    code = "provider_down"
    heading = "Your sign-in service does not answer"
    public = "Your organisation's sign-in service does not answer at the moment. Try again in a few minutes."


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Who the provider says this is. The person is (`issuer`, `subject`), never the e-mail."""

    issuer: str
    subject: str
    name: str
    groups: frozenset[str]
    provider_session: str | None
    authenticated_at: datetime | None
    acr: str | None
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an ID token must say to be taken."""

    issuer: str
    client_id: str
    algorithms: tuple[str, ...]
    groups_claim: str
    nonce: str = field(repr=False)
    now: datetime


def read_id_token(token: str, keys: KeySet, expected: Expected) -> Claims:
    """Verify an ID token and return what it vouches for.

    Raises `KeyUnknown` if no key of the set fits (newer keys may), `TokenRefused` for everything else.
    """
    claims = _verified(token, keys, expected.algorithms)
    _must_be_for_us_and_now(claims, expected)
    return vouched_for(claims, issuer=expected.issuer, groups_claim=expected.groups_claim, now=expected.now, token=token)


def vouched_for(claims: Mapping[str, Any], *, issuer: str, groups_claim: str, now: datetime, token: str = "") -> Claims:
    """What these claims of `issuer` say of a person, each in the shape it must have; whether they are true was judged before, or is not.

    Raises `TokenRefused` for a claim that is missing or of another shape.
    """
    return Claims(
        issuer=issuer,
        subject=_text(claims, "sub"),
        name=_text(claims, "name"),
        groups=_groups(claims, groups_claim),
        provider_session=_optional_text(claims, "sid"),
        authenticated_at=_instant(claims, "auth_time", now),
        acr=_optional_text(claims, "acr"),
        id_token=token,
    )


def _verified(token: str, keys: KeySet, algorithms: tuple[str, ...]) -> Mapping[str, Any]:
    # Unknown header parameters are to be ignored (RFC 7515, section 4), so the header check is not strict; `crit` is always honoured.
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    try:
        decoded = jwt.decode(token, keys, registry=registry)
    except InvalidKeyIdError:
        raise KeyUnknown("the ID token is signed with a key that the provider does not publish") from None
    except Exception as error:  # hostile input: whatever it makes the library raise is a refusal
        raise TokenRefused(f"the ID token cannot be verified: {type(error).__name__}") from None
    # Other tokens of the same provider are signed with the same keys; only an ID token will do (RFC 8725, section 3.11).
    if str(decoded.header.get("typ", "JWT")).upper() != "JWT":
        raise TokenRefused("the token is of another type than an ID token")
    return decoded.claims


def _must_be_for_us_and_now(claims: Mapping[str, Any], expected: Expected) -> None:
    rules = JWTClaimsRegistry(
        now=int(expected.now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        rules.validate(dict(claims))
    except ClaimError as error:
        raise TokenRefused(f"the ID token's {error.claim}: {error.error}") from None
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if set(audience) != {expected.client_id}:
        raise TokenRefused("the ID token's aud names somebody else, or somebody else as well")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise TokenRefused("the ID token's azp names another client")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(_bytes(nonce), _bytes(expected.nonce)):
        raise TokenRefused("the ID token's nonce is not the one of this sign-in")


def _groups(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """The groups; a text is not taken as a list of one, because `in` would then match parts of words."""
    groups = claims.get(name)
    if groups is None:
        raise TokenRefused(f"the ID token has no claim {name!r}; configure the provider to put a person's groups there")
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise TokenRefused(f"the ID token's claim {name!r} is not a list of texts")
    return frozenset(groups)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = _optional_text(claims, name)
    if value is None:
        raise TokenRefused(f"the ID token has no claim {name!r}; configure the provider to send it")
    return value


def _optional_text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise TokenRefused(f"the ID token's claim {name!r} is not a text of 1 to {LONGEST} characters")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        raise TokenRefused(f"the ID token's claim {name!r} holds control characters")
    return value


def _instant(claims: Mapping[str, Any], name: str, now: datetime) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= now.timestamp() + LEEWAY:
        raise TokenRefused(f"the ID token's claim {name!r} is not a past time")
    return datetime.fromtimestamp(value, UTC)


def _bytes(text: str) -> bytes:
    """For `compare_digest`, which takes no text outside ASCII."""
    return text.encode("utf-8", "surrogatepass")
