"""From the provider's groups to one body, roles and a clearance. Pure; asked again at each sign-in.

A person belongs to exactly one body. Whoever oversees (auditor, security administrator) holds no role that sees content. A group the
configuration does not name means nothing.
"""

from collections.abc import Set
from dataclasses import dataclass

from portal.identity.claims import NotOfUs
from portal.kernel.config import ProviderEntry
from portal.kernel.vocabulary import CONTENT_ROLES, OVERSIGHT_ROLES, Level, Role


class NoRole(NotOfUs):
    code = "no_role"
    public = (
        "Your account has no role in the portal. Ask the security administrator of your body "
        "to have you put into one of its groups, then sign in again."
    )


class TwoBodies(NotOfUs):
    code = "two_bodies"


class ConflictingRoles(NotOfUs):
    code = "conflicting_roles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What a person is here, as their groups say today."""

    body: str
    roles: frozenset[Role]
    clearance: Level


def membership(groups: Set[str], provider: ProviderEntry) -> Membership:
    """What `groups` make of a person whom this provider asserts; the clearance is the highest among them.

    Raises `NoRole`, `TwoBodies` or `ConflictingRoles`, each with a sentence that says who must change what.
    """
    mapped = [entry for entry in provider.group if entry.name in groups and entry.body in provider.bodies]
    if not mapped:
        raise NoRole("none of the person's groups is named in the configuration")
    bodies = sorted({entry.body for entry in mapped})
    named = ", ".join(sorted({entry.name for entry in mapped}))
    if len(bodies) > 1:
        raise TwoBodies(
            f"the groups {named} belong to {', '.join(bodies)}",
            public=f"Your account is in groups of two bodies ({' and '.join(bodies)}), and a person belongs to one. "
            "Ask your organisation's sign-in service to take you out of the groups of the other body, then sign in again.",
        )
    roles = frozenset(entry.role for entry in mapped)
    if pair := excluding(roles):
        raise ConflictingRoles(
            f"the groups {named} give {pair[0]} together with {pair[1]}",
            public=f"Your account is both {pair[0].words.lower()} and {pair[1].words.lower()}, and nobody may be both. "
            "Ask your organisation's sign-in service to take you out of one of the two groups, then sign in again.",
        )
    return Membership(body=bodies[0], roles=roles, clearance=max(entry.clearance for entry in mapped))


def excluding(roles: Set[Role]) -> tuple[Role, Role] | None:
    """A role that oversees and one that sees content, if these roles hold both; whoever holds one never holds the other."""
    overseeing, content = sorted(roles & OVERSIGHT_ROLES), sorted(roles & CONTENT_ROLES)
    return (overseeing[0], content[0]) if overseeing and content else None


def demand_separate(roles: Set[Role], *, as_deputy: Set[Role], elsewhere: Set[Role]) -> None:
    """Raise `ConflictingRoles` if an account's roles exclude what its human holds besides: as a deputy, or with other accounts."""
    if pair := excluding(roles | as_deputy):
        raise ConflictingRoles(
            f"as a deputy the person would join {pair[0]} with {pair[1]}",
            public=f"As a deputy you would be both {pair[0].words.lower()} and {pair[1].words.lower()}, and nobody may be both. "
            "Ask a security administrator of your body to end what you do as a deputy, then sign in again.",
        )
    if pair := excluding(roles | as_deputy | elsewhere):
        raise ConflictingRoles(
            f"with another account the person would join {pair[0]} with {pair[1]}",
            public=f"With your other account you would be both {pair[0].words.lower()} and {pair[1].words.lower()}, and nobody may be "
            "both. Ask a security administrator of your body to close one of the two accounts, then sign in again.",
        )
