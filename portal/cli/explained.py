"""`portal identity explain`: what a sign-in would make of somebody, and why, in lines for an administrator."""

from pathlib import Path

from portal.cases.explain_sign_in import Explained, explain
from portal.cases.plain_text import only_plain
from portal.kernel.config import Config

REFUSED = 3


def explain_identity(config: Config, claims: Path, provider: str) -> int:
    """0 if they would be signed in, 3 if they would be refused."""
    explained = explain(config, claims, provider=provider)
    for line in _lines(explained):
        print(only_plain(line))
    return REFUSED if explained.refused is not None else 0


def _lines(explained: Explained) -> list[str]:
    entry, claims = explained.provider, explained.claims
    judged = "the signature, for whom the token is and its time" if explained.token else "whether a provider vouches for these claims"
    lines = [
        f"Provider    {entry.name} ({entry.label})" + ("" if explained.issued else "; the claims do not name an issuer, a token must"),
        f"Not judged  {judged}: this is a dry run, and nothing is changed",
    ]
    if claims is not None:
        lines.append(f"Person      {claims.subject} of {claims.issuer}: {explained.known}")
        lines += [f"Group       {group}: {gives}" for group, gives in explained.groups] or ["Group       none"]
    if explained.member is not None:
        roles = ", ".join(sorted(role.words for role in explained.member.roles))
        lines.append(f"Would be signed in: {roles} of {explained.member.body}, cleared up to {explained.member.clearance.words}")
    if explained.deputy:
        lines.append(f"As a deputy, for the time named: {', '.join(sorted(role.words for role in explained.deputy))}")
    if explained.refused is not None:
        lines.append(f"Would be refused ({explained.refused.code}): {explained.refused.detail}")
        lines.append(f"The person would read: {explained.refused.public}")
        lines.append(f"To change it: {explained.change}")
    return lines
