"""Explain what a sign-in would make of somebody, from the claims of their ID token: a dry run for the administrator who maps groups.

It asks the very functions of the sign-in (`identity.claims`, `identity.roles`), changes nothing and opens no sealed word. What makes a
token true (signature, audience, nonce, times) is not judged. Rows of the database are looked at as they are, without keys.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.cases.sign_in import AccountClosed
from portal.identity.claims import Claims, SignInRefused, TokenRefused, vouched_for
from portal.identity.deputies import Deputies
from portal.identity.models import Person
from portal.identity.people import People
from portal.identity.roles import ConflictingRoles, Membership, NoRole, TwoBodies, demand_separate, membership
from portal.kernel.clock import SystemClock
from portal.kernel.config import Config, ProviderEntry
from portal.kernel.database import looking, told
from portal.kernel.errors import Misconfigured, PortalError
from portal.kernel.vocabulary import Role

#: A file of claims longer than this is none.
MOST_BYTES = 1_000_000

CHANGES: Mapping[type[SignInRefused], str] = {
    TokenRefused: "have the provider send this claim as it must be, or correct its groups_claim or issuer in the configuration.",
    NoRole: "have the person put into one of the groups of this provider, or name their group in [[identity.provider.group]].",
    TwoBodies: "have the person taken out of the groups of one of the two bodies, at the provider.",
    ConflictingRoles: "take one of the two away: a group at the provider, what they do as a deputy, or another account of theirs.",
    AccountClosed: "nothing, if it was meant: an account that was closed here stays closed, whatever the provider says.",
}


class Unreadable(PortalError):
    """There are no claims in the file, or nobody knows whose they are."""

    code = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`known`: "known here", "new", or why nobody could look. `groups`: each with what it gives; empty if the claim cannot be read.

    Either `member` says what the person would be, or `refused` with `change` why they would not be signed in, and what to do about it.
    """

    provider: ProviderEntry
    token: bool
    issued: bool
    known: str
    groups: tuple[tuple[str, str], ...] = ()
    claims: Claims | None = None
    member: Membership | None = None
    deputy: frozenset[Role] = frozenset()
    refused: SignInRefused | None = None

    @property
    def change(self) -> str:
        return "" if self.refused is None else CHANGES[type(self.refused)]


def explain(config: Config, file: Path, *, provider: str = "") -> Explained:
    """What would come of these claims. Raises `Unreadable`, or `Misconfigured` for a provider that is not in the configuration."""
    raw, token = _claims_in(file)
    entry = _provider(config, raw, provider)
    at = SystemClock().now()
    groups: tuple[tuple[str, str], ...] = ()
    known, claims = "not looked for", None
    try:
        if raw.get("iss", entry.issuer) != entry.issuer:
            raise TokenRefused(f"the claim 'iss' is not the issuer of the provider {entry.name!r}")
        claims = vouched_for(raw, issuer=entry.issuer, groups_claim=entry.groups_claim, now=at)
        groups = tuple((group, _gives(config, entry, group)) for group in sorted(claims.groups))
        known, person, deputy, elsewhere = _looked_up(config, claims, at)
        member = membership(claims.groups, entry)
        if person is not None and person.closed_at is not None:
            raise AccountClosed("the account was closed here")
        as_deputy = frozenset(role for body, role in deputy if body == member.body)
        demand_separate(member.roles, as_deputy=as_deputy, elsewhere=elsewhere)
    except SignInRefused as error:
        return Explained(provider=entry, token=token, issued="iss" in raw, known=known, groups=groups, claims=claims, refused=error)
    return Explained(
        provider=entry, token=token, issued="iss" in raw, known=known, groups=groups, claims=claims, member=member, deputy=as_deputy
    )


def _looked_up(config: Config, claims: Claims, at: datetime) -> tuple[str, Person | None, frozenset[tuple[str, Role]], frozenset[Role]]:
    """Whether they are known, their row, what they are named as a deputy, and what their human holds with other accounts."""
    try:
        with looking(config.database.url) as session:
            person = People(session).seen_as(claims.issuer, claims.subject)
            if person is None:
                return "new", None, frozenset(), frozenset()
            others = [row for row in People(session).accounts_of(person) if row.id != person.id and row.closed_at is None]
            elsewhere = [row.roles | {role for _, role in _named(session, row, at)} for row in others]
            return "known here", person, _named(session, person, at), frozenset().union(*elsewhere)
    except DBAPIError as error:
        return f"the database cannot be asked ({told(error)}); taken as new", None, frozenset(), frozenset()


def _named(session: Session, person: Person, at: datetime) -> frozenset[tuple[str, Role]]:
    rows = Deputies(session).of_person(person.id)
    return frozenset((row.body, row.role) for row in rows if row.named_at is not None and row.is_open(at))


def _gives(config: Config, entry: ProviderEntry, group: str) -> str:
    """What a group makes of its members, as `membership` takes it."""
    mapped = [found for found in entry.group if found.name == group]
    if mapped:
        return "; ".join(f"{found.role.words} of {found.body}, cleared up to {found.clearance.words}" for found in mapped)
    other = next((there for there in config.identity.provider if any(found.name == group for found in there.group)), None)
    if other is None:
        return "means nothing here"
    return (
        f"means nothing here: it is a group of the provider {other.name!r}, and {entry.name!r} vouches for {', '.join(entry.bodies)} only"
    )


def _provider(config: Config, raw: Mapping[str, Any], name: str) -> ProviderEntry:
    known = ", ".join(entry.name for entry in config.identity.provider) or "none"
    if name:
        try:
            return config.identity.named(name)
        except KeyError:
            raise Misconfigured(f"there is no provider {name!r} in the configuration; known: {known}") from None
    for entry in config.identity.provider:
        if entry.issuer == raw.get("iss"):
            return entry
    raise Unreadable(f"the claims name no issuer (iss) of a provider in the configuration; name it with --provider: {known}")


def _claims_in(file: Path) -> tuple[Mapping[str, Any], bool]:
    """The claims of the file, and whether they came in a token."""
    try:
        with file.open("rb") as opened:
            text = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"{file} cannot be read: {error.strerror}") from error
    if len(text) > MOST_BYTES:
        raise Unreadable(f"{file} is too large to be an ID token or its claims")
    parts = text.strip().split(b".")
    token = len(parts) == 3 and not text.lstrip().startswith(b"{")
    try:
        raw = json.loads(base64.b64decode(parts[1] + b"=" * (-len(parts[1]) % 4), b"-_", validate=True) if token else text)
    except (ValueError, RecursionError, binascii.Error) as error:
        raise Unreadable(f"{file} holds neither a JSON object of claims nor an ID token") from error
    if not isinstance(raw, dict):
        raise Unreadable(f"{file} holds no JSON object of claims")
    return raw, token
