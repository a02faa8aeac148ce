"""The shares of a document as the report of who has seen it tells of them: which is open, whether its closing was confirmed, and who passed
it on to whom.

For the originator alone. A share that nobody has opened is told of as well: its recipient may still open it, or was to confirm its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.cases.document_shares import CLOSED
from portal.cases.names import body_short
from portal.cases.onward import checked
from portal.cases.uow import UnitOfWork
from portal.kernel.errors import Tampered
from portal.sharing.models import Answer, Reason, Share


@dataclass(frozen=True, slots=True)
class PassedTo:
    """A body to which a share was passed on at its recipient's request, by a share of its own."""

    body_short: str
    share_short: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenShare:
    """One share. `word`: how it stands, in one word that gives no reason. `confirmed_at`: when its recipient confirmed that it is no longer
    used. `asked_by`: the body at whose request it was passed on, empty if the originator shared it of itself."""

    body_short: str
    short: str
    released_at: datetime
    open: bool
    word: str
    closed_at: datetime | None
    confirmed_at: datetime | None
    asked_by: str
    passed_to: tuple[PassedTo, ...]


def seen_shares(uow: UnitOfWork, shares: Sequence[Share]) -> tuple[dict[UUID, SeenShare], bool]:
    """Each share by its id, in the order given, and whether a request to pass one on was changed; who asked is then left open."""
    found: dict[UUID, SeenShare] = {}
    damaged = False
    for share in shares:
        try:
            asked_by = _asked_by(uow, share)
        except Tampered:
            asked_by, damaged = "", True
        found[share.id] = _share(uow, share, asked_by)
    return found, damaged


def _share(uow: UnitOfWork, share: Share, asked_by: str) -> SeenShare:
    closure = uow.shares.closure(share.id)
    confirmed = uow.shares.answered(share.id, Answer.RECALL_CONFIRMED)
    passed = uow.onward.came_of(share.id)
    return SeenShare(
        body_short=body_short(uow, share.recipient),
        short=str(share.id)[:8],
        released_at=share.approved_at,
        open=closure is None,
        word="Open" if closure is None else CLOSED[Reason(closure.reason)][0],
        closed_at=None if closure is None else closure.closed_at,
        confirmed_at=None if confirmed is None else confirmed.given_at,
        asked_by=asked_by,
        passed_to=tuple(PassedTo(body_short(uow, row.recipient), str(row.id)[:8], row.approved_at) for row in passed),
    )


def _asked_by(uow: UnitOfWork, share: Share) -> str:
    """Raises `Tampered` if the request that it came of is gone or was changed."""
    if share.onward_id is None:
        return ""
    onward = uow.onward.get(share.onward_id)
    if onward is None:
        raise Tampered(f"share {share.id} came of a request that is gone")
    return body_short(uow, checked(uow, onward).asker)
