"""Which shares of a body a newer one supersedes: of a later version in the same language. Superseded is not closed (docs/decisions/0026).

A recipient is told of another share only by what this person may read of it at this moment: what is under an embargo, for other eyes, over,
closed or not released leaves no trace. Versions are told by their language and the day of their release, never by a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement

from portal.cases import facts
from portal.cases.uow import UnitOfWork
from portal.documents.models import Version
from portal.kernel.actions import Action
from portal.kernel.errors import Denied, StepUpNeeded
from portal.kernel.permit import Permit
from portal.policy.decide import decide
from portal.policy.listing import visible
from portal.sharing.models import Share
from portal.sharing.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Another share of the same document that this person may read now."""

    id: UUID
    language_words: str
    released_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """`language_words` of the share itself; `newer`: the one that supersedes it; `others`: the newest of each other language."""

    language_words: str = ""
    newer: Beside | None = None
    others: tuple[Beside, ...] = ()


def readable(uow: UnitOfWork, permit: Permit) -> ColumnElement[bool]:
    """The shares that this person may read now, as SQL. What only has to be confirmed may be read."""
    assert permit.subject is not None
    confirmed = replace(uow.context(permit.subject), confirmed=True)
    return visible(uow.parts.policies, permit.subject, Action.SHARE_READ, confirmed, facts.share_listing(uow.at, permit.subject))


def released_beside(uow: UnitOfWork, permit: Permit, share: Share) -> Released:
    """What else of its document this person may read. One statement, whatever else there is; then each is decided."""
    versions = {row.number: row for row in uow.documents.versions(share.document_id)}
    found = [row for row in uow.shares.among(share.document_id, share.recipient, readable(uow, permit)) if _may_read(uow, permit, row)]
    own = versions[share.version].language
    newest: dict[str, Share] = {}
    for row in sorted(found, key=lambda row: (row.version, row.approved_at)):
        newest[versions[row.version].language_word] = row
    newer = newest.pop(own.value, None)
    return Released(
        language_words=own.words,
        newer=None if newer is None or newer.version <= share.version else _beside(newer, versions[newer.version]),
        others=tuple(_beside(row, versions[row.version]) for _, row in sorted(newest.items())),
    )


def superseding(shares: Sequence[Share], versions: Sequence[Version], share: Share, at: datetime) -> Share | None:
    """Of these open shares the newest one that supersedes this one to its recipient, if that can be read already and still."""
    language = {row.number: row.language_word for row in versions}

    def supersedes(row: Share) -> bool:
        terms = Terms.from_text(row.terms)
        same = row.recipient == share.recipient and language[row.version] == language[share.version]
        return same and row.version > share.version and not terms.is_embargoed(at) and not terms.is_over(at)

    return max(filter(supersedes, shares), key=lambda row: row.version, default=None)


def _beside(share: Share, version: Version) -> Beside:
    opens = Terms.from_text(share.terms).opens_at
    released = share.approved_at if opens is None else max(opens, share.approved_at)  # when it was approved is not told before it opened
    return Beside(id=share.id, language_words=version.language.words, released_at=released)


def _may_read(uow: UnitOfWork, permit: Permit, share: Share) -> bool:
    located = facts.share(uow, permit.subject, share_id=share.id)
    try:
        decide(uow.parts.policies, permit.subject, Action.SHARE_READ, located.facts, uow.context(permit.subject))
    except StepUpNeeded:
        return True
    except Denied:
        return False
    return True
