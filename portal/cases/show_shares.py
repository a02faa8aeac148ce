"""Lists of shares: what a recipient received, and what waits for a second officer at the originator's."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.cases import facts
from portal.cases.document_shares import proposal_status, terms_words, withheld_words
from portal.cases.facts import BodyTarget
from portal.cases.names import body_short, person_name
from portal.cases.open_share import rendition_of_share
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.errors import Denied, StepUpNeeded, Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.policy.decide import decide
from portal.policy.listing import visible
from portal.sharing.models import Answer, Share

#: What doors call it.
ShareTarget = Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRow:
    """A share as its recipient may know it. When it is not available: symbol and nothing else.

    `file_size` is in bytes, and None where the file itself may not leave.
    """

    id: UUID
    available: bool
    title: str | None
    symbol: str
    level: int | None
    from_short: str
    received_at: datetime | None
    terms_words: str | None
    may_acknowledge: bool
    may_download: bool
    may_confirm: bool
    file_size: int | None
    acknowledged_at: datetime | None
    confirmed_at: datetime | None


def list_received(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[ReceivedRow]:
    permit.must_cover(Action.RECEIVED_LIST, body)
    assert permit.subject is not None
    where = visible(uow.parts.policies, permit.subject, Action.SHARE_KNOW, uow.context(permit.subject), facts.share_listing())
    rows = []
    for share in uow.shares.listed(where):
        try:
            if _allowed(uow, permit, Action.SHARE_KNOW, share):
                rows.append(received_row(uow, permit, share))
                continue
            alarm = "list_disagrees"
        except Tampered:
            alarm = "tampered"
        uow.also(Event.ALARM_RAISED, Notes(share=share.id, detail={"alarm": alarm}), originator=share.originator)
    return rows


def received_row(uow: UnitOfWork, permit: Permit, share: Share) -> ReceivedRow:
    def allowed(action: Action) -> bool:
        return _allowed(uow, permit, action, share)

    available = allowed(Action.SHARE_READ)
    acknowledged, confirmed = (_answered(uow, share, answer) for answer in (Answer.ACKNOWLEDGED, Answer.RECALL_CONFIRMED))
    document = uow.documents.get(share.document_id)
    if document is not None:
        uow.shown[document.id] = document.epoch
    return ReceivedRow(
        id=share.id,
        available=available,
        title=uow.words(permit, "share", "title", share.id, share.title) if available else None,
        symbol=share.symbol,
        level=share.level_number if available else None,
        from_short=body_short(uow, share.originator),
        received_at=share.approved_at if available else None,
        terms_words=terms_words(share.terms, share.draft) if available else None,
        may_acknowledge=available and acknowledged is None and allowed(Action.SHARE_ACKNOWLEDGE),
        may_download=available and allowed(Action.SHARE_DOWNLOAD),
        may_confirm=not available and confirmed is None and allowed(Action.SHARE_CONFIRM_RECALL),
        file_size=_file_size(uow, share) if available and allowed(Action.SHARE_FETCH) else None,
        acknowledged_at=acknowledged if available else None,
        confirmed_at=confirmed,
    )


def _file_size(uow: UnitOfWork, share: Share) -> int:
    return uow.objects.get(rendition_of_share(uow, share).pdf_object_id).size


def _answered(uow: UnitOfWork, share: Share, answer: Answer) -> datetime | None:
    given = uow.shares.answered(share.id, answer)
    return None if given is None else given.given_at


def know_share(uow: UnitOfWork, permit: Permit, share: Share) -> ReceivedRow:
    """One share, as far as its recipient may know it now."""
    permit.must_cover(Action.SHARE_KNOW, share)
    uow.notes.share = share.id
    return received_row(uow, permit, share)


def _allowed(uow: UnitOfWork, permit: Permit, action: Action, share: Share) -> bool:
    located = facts.share(uow, permit.subject, share_id=share.id)
    try:
        decide(uow.parts.policies, permit.subject, action, located.facts, uow.context(permit.subject))
    except StepUpNeeded:
        return True
    except Denied:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    id: UUID
    document_id: UUID
    title: str
    symbol: str
    level: int
    recipient_short: str
    proposed_by: str
    proposed_at: datetime
    withheld_words: str
    status: tuple[str, str]
    waits: bool
    mine: bool


def list_proposals(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[ProposalRow]:
    """Proposals of the person's own body whose documents they may read, undecided first."""
    permit.must_cover(Action.PROPOSAL_LIST, body)
    assert permit.subject is not None
    rows = []
    for proposal, decision in uow.proposals.of_body(body.code):
        document = uow.documents.get(proposal.document_id)
        rendition = uow.renditions.get(proposal.rendition_id)
        try:
            located = facts.document(uow, permit.subject, document_id=proposal.document_id)
            decide(uow.parts.policies, permit.subject, Action.DOCUMENT_READ, located.facts, uow.context(permit.subject))
        except Denied:
            continue
        except Tampered as error:
            alarm = Notes(document=proposal.document_id, detail={"alarm": error.code})
            uow.also(Event.ALARM_RAISED, alarm, originator=proposal.originator)
            continue
        assert document is not None
        uow.shown[document.id] = document.epoch
        assert rendition is not None
        word = proposal_status(document, proposal, decision)
        rows.append(
            ProposalRow(
                id=proposal.id,
                document_id=document.id,
                title=uow.words(permit, "document", "title", document.id, document.title),
                symbol=document.symbol,
                level=document.level_number,
                recipient_short=body_short(uow, proposal.recipient),
                proposed_by=person_name(uow, permit, proposal.proposed_by),
                proposed_at=proposal.proposed_at,
                withheld_words=withheld_words(uow, permit, rendition),
                status=word,
                waits=word[0] == "wait",
                mine=proposal.proposed_by == permit.subject.id,
            )
        )
    return rows
