"""Lists of shares: what a recipient received, and what waits for a second officer at the originator's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, case, join, literal

from portal.cases import facts
from portal.cases.ask_onward import AskedView, asked_of, further_bodies
from portal.cases.document_shares import proposal_status, terms_words, withheld_words
from portal.cases.facts import BodyTarget
from portal.cases.listing import NOTHING, Choice, Facet, Listing, Page, Selection, Titles, Total
from portal.cases.names import body_short, person_name
from portal.cases.newer import Released, readable, released_beside
from portal.cases.open_share import rendition_of_share
from portal.cases.show_remarks import talk_words
from portal.cases.uow import Notes, UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Denied, StepUpNeeded, Tampered
from portal.kernel.permit import Permit
from portal.policy.decide import decide
from portal.sharing.models import Answer, Decision, Proposal, Share
from portal.sharing.terms import Terms

#: What doors call it.
ShareTarget = Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRow:
    """A share as its recipient may know it. When it is not available: symbol and nothing else.

    `file_size` is in bytes, and None where the file itself may not leave. `beside`: what else of its document this person may read.
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
    may_ask_onward: bool = False
    asked: list[AskedView] = field(default_factory=list)
    eyes_only: bool = False
    beside: Released = field(default_factory=Released)
    #: Where its questions stand, in words.
    talk: str = ""


#: Which rows a recipient can choose: the mark on a row, in words.
AVAILABLE = {"yes": "Available", "no": "No longer available"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A page of what was received, and what it can be narrowed by."""

    page: Page[ReceivedRow]
    total: Total
    choices: list[Choice]


def received_by(uow: UnitOfWork, permit: Permit, body: BodyTarget, chosen: Mapping[str, str] = NOTHING) -> Selection[Share, ReceivedRow]:
    """What this person may know of that was shared with their body, newest first.

    Whether it is available is what the policy says of reading it, as SQL: neither the options, nor a search in titles, tell a suspended
    share from one whose time is over, or of either more than its symbol.
    """
    permit.must_cover(Action.RECEIVED_LIST, body)
    assert permit.subject is not None
    may_read = readable(uow, permit)
    available = case((may_read, literal("yes", String)), else_=literal("no", String))
    words = (chosen.get("title") or "").casefold()

    def show(share: Share) -> ReceivedRow:
        row = received_row(uow, permit, share)
        if not row.available and (words or chosen.get("available") == "yes"):
            raise Tampered(f"share {share.id} was found by what its recipient may not read")
        return row

    listing = Listing(
        model=Share,
        columns=facts.share_listing(uow.at, permit.subject),
        action=Action.SHARE_KNOW,
        locate=lambda share: facts.share(uow, permit.subject, share_id=share.id),
        show=show,
        about=lambda share: Notes(share=share.id),
        order=(Share.approved_at, Share.id),
        symbol=Share.symbol,
        titles=Titles(table="share", column=Share.title, open_to=may_read),
        facets={
            "originator": Facet(label="From", column=Share.originator, read=str, words=lambda code: body_short(uow, code)),
            "available": Facet(label="Status", column=available, read=_availability, words=lambda word: AVAILABLE[word]),
        },
    )
    return Selection(uow, permit, listing, chosen)


def _availability(text: str) -> str:
    if text not in AVAILABLE:
        raise ValueError(text)
    return text


def list_received(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, before: str = "", chosen: Mapping[str, str] = NOTHING) -> Received:
    permit.must_cover(Action.RECEIVED_LIST, body)
    received = received_by(uow, permit, body, chosen)
    return Received(page=received.page(before), total=received.total(), choices=received.choices())


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
        level=document.level_number if available and document is not None else None,
        from_short=body_short(uow, share.originator),
        received_at=share.approved_at if available else None,
        terms_words=terms_words(share.terms, share.draft) if available else None,
        may_acknowledge=available and acknowledged is None and allowed(Action.SHARE_ACKNOWLEDGE),
        may_download=available and allowed(Action.SHARE_DOWNLOAD),
        may_confirm=not available and confirmed is None and allowed(Action.SHARE_CONFIRM_RECALL),
        file_size=_file_size(uow, share) if available and allowed(Action.SHARE_FETCH) else None,
        acknowledged_at=acknowledged if available else None,
        confirmed_at=confirmed,
        may_ask_onward=available and bool(further_bodies(uow, share)) and allowed(Action.SHARE_ASK_ONWARD),
        asked=asked_of(uow, share) if available else [],
        eyes_only=available and bool(Terms.from_text(share.terms).eyes),
        beside=released_beside(uow, permit, share) if available else Released(),
        talk=talk_words(uow, share) if available else "",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    page: Page[ProposalRow]
    total: Total


def proposals_of(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> Selection[Proposal, ProposalRow]:
    """Proposals of the person's own body whose documents they may read: undecided first, then the newest."""
    permit.must_cover(Action.PROPOSAL_LIST, body)
    of_document = (Proposal.document_id == Document.id) & (Proposal.originator == Document.originator)
    listing = Listing(
        model=Proposal,
        columns=facts.document_listing(),
        action=Action.DOCUMENT_READ,
        locate=lambda proposal: facts.document(uow, permit.subject, document_id=proposal.document_id),
        show=lambda proposal: _proposal_row(uow, permit, proposal),
        about=lambda proposal: Notes(document=proposal.document_id),
        order=(case((Decision.proposal_id.is_(None), 1), else_=0), Proposal.proposed_at, Proposal.id),
        source=join(Proposal, Document, of_document).outerjoin(Decision, Decision.proposal_id == Proposal.id),
    )
    return Selection(uow, permit, listing, NOTHING)


def list_proposals(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, before: str = "") -> Proposals:
    permit.must_cover(Action.PROPOSAL_LIST, body)
    proposals = proposals_of(uow, permit, body)
    return Proposals(page=proposals.page(before), total=proposals.total())


def _proposal_row(uow: UnitOfWork, permit: Permit, proposal: Proposal) -> ProposalRow:
    assert permit.subject is not None
    document, rendition = uow.documents.get(proposal.document_id), uow.renditions.get(proposal.rendition_id)
    assert document is not None
    assert rendition is not None
    uow.shown[document.id] = document.epoch
    word = proposal_status(document, proposal, uow.proposals.decision(proposal.id))
    return ProposalRow(
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
