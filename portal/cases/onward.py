"""Where a request to pass a share on stands, and whether the share that something came of is still open.

What was passed on rests on the share that was asked about: while that one is closed or over, nobody reads what came of it, whatever its
own rows say.
"""

from enum import StrEnum
from uuid import UUID

from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.errors import Tampered
from portal.kernel.ids import NOBODY
from portal.sharing.models import Verdict
from portal.sharing.onward import Onward, onward_bytes
from portal.sharing.statements import share_bytes
from portal.sharing.terms import Terms


class Stage(StrEnum):
    """`FORWARDED`: proposed, and waiting for a second officer. The asking body reads "asked" until then, and never a reason."""

    ASKED = "asked"
    FORWARDED = "forwarded"
    AGREED = "agreed"
    NOT_AGREED = "not agreed"

    @property
    def words_for_asker(self) -> str:
        return "asked" if self is Stage.FORWARDED else self.value


def stage_of(uow: UnitOfWork, onward_id: UUID, document: Document | None) -> Stage:
    """A proposal that was overtaken (the document moved before anybody decided) answers nothing: the request waits again."""
    declined, proposals = uow.onward.declined(onward_id), uow.onward.proposals(onward_id)
    if declined is not None:
        return Stage.NOT_AGREED
    for proposal in proposals:
        decision = uow.proposals.decision(proposal.id)
        if decision is not None:
            return Stage.AGREED if decision.verdict is Verdict.APPROVED else Stage.NOT_AGREED
        if document is not None and proposal.epoch == document.epoch:
            return Stage.FORWARDED
    return Stage.ASKED


def checked(uow: UnitOfWork, row: Onward) -> Onward:
    """The same request, if the row is as the portal wrote it."""
    uow.holder.check(row.originator, "onward", onward_bytes(row), row.mac)
    return row


def source_open(uow: UnitOfWork, onward_id: UUID | None, *, mine: bool) -> bool:
    """Is the share that this came of open to its own recipient? True for what came of none.

    The same statements for every id; rows are checked only for a party to it (`mine`).
    """
    row = uow.onward.get(onward_id or NOBODY)
    source = uow.shares.get(row.share_id if row is not None else NOBODY)
    closed = uow.shares.closed(source.id if source is not None else NOBODY)
    if onward_id is None:
        return True
    if not mine:
        return False
    if row is None or source is None:
        raise Tampered(f"what came of the request {onward_id} hangs on rows that are gone")
    checked(uow, row)
    uow.holder.check(source.originator, "share", share_bytes(source), source.mac)
    return not closed and not Terms.from_text(source.terms).is_over(uow.at)
