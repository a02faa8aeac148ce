"""A look at the identity provider from outside a sign-in: does it answer, is it the one that is trusted, what time is it there?"""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import requests

from portal.identity.claims import ProviderUnsound
from portal.identity.discovery import Discovery, make_strict
from portal.kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class Seen:
    """`algorithms` are those that the provider says it signs ID tokens with; `at` is its `Date`, None if it does not say."""

    keys: int
    algorithms: frozenset[str]
    at: datetime | None


def probe(issuer: str, clock: Clock) -> Seen:
    """Raises `ProviderDown` if it does not answer, `ProviderUnsound` if its description or its keys cannot be relied on."""
    discovery = Discovery(issuer, clock)
    discovery.metadata()
    keys = discovery.keys()
    with requests.Session() as session:
        make_strict(session)
        answer = session.get(issuer.rstrip("/") + "/.well-known/openid-configuration", headers={"Accept": "application/json"})
    try:
        named = json.loads(answer.content).get("id_token_signing_alg_values_supported", [])
    except (ValueError, AttributeError, RecursionError) as error:
        raise ProviderUnsound("the provider's description is not a JSON object") from error
    algorithms = frozenset(name for name in named if isinstance(name, str)) if isinstance(named, list) else frozenset[str]()
    return Seen(len(keys.keys), algorithms, _moment(answer.headers.get("Date", "")))


def _moment(said: str) -> datetime | None:
    try:
        return parsedate_to_datetime(said)
    except ValueError:
        return None
