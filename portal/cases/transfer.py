"""Record that something of a share went to its recipient by other means: pouch, registered post, meeting, oral briefing.

It goes under the decision that two officers made of the share: to the same body, under the same terms, the same rendition. The rules
decide as of a download: a share that is closed goes no other way either, and of one for viewing only nothing stays there.
What went before the closing, and was not recorded then, is written down afterwards: who has seen it has to be known in the end.
A record cannot be changed. A wrong one is struck, with a reason, and stays to be read as struck.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar
from uuid import UUID

from portal.cases import facts
from portal.cases.facts import Located
from portal.cases.plain_text import demand_plain
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import pages_words
from portal.confidentiality.rules import parse_pages
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale, Tampered
from portal.kernel.ids import NOBODY, new_id
from portal.kernel.permit import Permit, ResourceType, Subject
from portal.sharing.models import Proposal, Share
from portal.sharing.statements import share_bytes
from portal.sharing.terms import Terms
from portal.sharing.transfers import (
    GOES,
    Handover,
    Means,
    PreparedCopy,
    Step,
    Transfer,
    TransferStep,
    Went,
    copy_bytes,
    step_bytes,
    transfer_bytes,
)

#: How much an officer may type, and how much is recorded of one share, so that a page of it stays one page.
MOST_TO_WHOM, MOST_NOTE, MOST_PAGES, MOST_COPIES, MOST_TRANSFERS = 200, 500, 200, 99, 200


#: How something may have gone, as a form offers it.
MEANS = [(means.value, means.words) for means in Means]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferForm:
    """As it was typed. `number`: the prepared copy that went; `pages`: which ones, empty for all."""

    means: str
    went: str
    day: str
    to_whom: str
    number: str
    copies: str
    pages: str
    note: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """A share as its originator sees it, to hand something of it over; and, to strike it, what was handed over.

    The permit is about the proposal that the share came of.
    """

    share: Share
    proposal: Proposal
    transfer: Transfer | None = None
    resource_type: ClassVar[ResourceType] = ResourceType.PROPOSAL

    @property
    def resource_id(self) -> str:
        return self.proposal.resource_id


# ---- where
def hand_over(
    uow: UnitOfWork,
    subject: Subject | None,
    *,
    document_id: UUID,
    share_id: UUID,
    went: str = Went.FILE.value,
    day: str | None = None,
    **where: object,
) -> Located:
    """A share of this document, as its originator hands something of it over. Whatever is not said to be only shown or told stays there.

    `day`: on which it went, as it was typed, where that is only written down; None where something is taken out now.
    """
    assert subject is not None
    share = uow.shares.get(share_id)
    located = facts.proposal(uow, subject, proposal_id=share.proposal_id if share is not None else NOBODY)
    closed = uow.shares.closed(share_id)
    if share is None or located.target is None or share.document_id != document_id:
        return Located(replace(located.facts, present=False), None)
    live = not closed
    if share.originator == subject.body:
        uow.holder.check(share.originator, "share", share_bytes(share), share.mac)
        terms = Terms.from_text(share.terms)
        live = live and not terms.is_over(uow.at) and not terms.is_embargoed(uow.at)
    past = day is not None and not live and _went_before(day, last_day(uow, share))
    attributes = {**located.facts.attributes, "live": live, "leaves": went != Went.SHOWN.value, "past": past}
    return Located(replace(located.facts, attributes=attributes), HandOver(share, located.target))


def handed_over(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, transfer_id: UUID, **where: object) -> Located:
    """What was handed over of this document, as its originator sees it."""
    assert subject is not None
    row = uow.transfers.get(transfer_id)
    located = hand_over(uow, subject, document_id=document_id, share_id=row.share_id if row is not None else NOBODY)
    if row is None or located.target is None:
        return Located(replace(located.facts, present=False), None)
    if located.target.share.originator == subject.body:
        checked(uow, [row])
    return Located(located.facts, replace(located.target, transfer=row))


def last_day(uow: UnitOfWork, share: Share) -> date | None:
    """The last day (UTC) on which something of it may have gone: of its closing, or its last; today while it is open, None before it is."""
    closure, terms = uow.shares.closure(share.id), Terms.from_text(share.terms)
    today = uow.at.date()
    if terms.is_embargoed(uow.at):
        return None
    ends = [today] if closure is None else [today, closure.closed_at.date()]
    return min(ends if terms.until is None else [*ends, terms.until])


def _went_before(day: str, last: date | None) -> bool:
    """A day that cannot be read claims nothing: the form is given back with that fault."""
    try:
        return last is not None and date.fromisoformat(day) <= last
    except ValueError:
        return last is not None


# ---- rows
def checked(uow: UnitOfWork, rows: Iterable[Transfer]) -> list[Transfer]:
    """The same transfers, if the rows are as the portal wrote them."""
    found = list(rows)
    for row in found:
        uow.holder.check(row.originator, "transfer", transfer_bytes(row), row.mac)
    return found


def steps_of(uow: UnitOfWork, row: Transfer) -> dict[Step, TransferStep]:
    """What became of it, each step checked."""
    found = uow.transfers.steps(row.id)
    for step in found:
        uow.holder.check(row.originator, "transfer-step", step_bytes(step), step.mac)
    return {step.step: step for step in found}


def copies_of(uow: UnitOfWork, share: Share) -> list[PreparedCopy]:
    """The copies that were prepared of this share, newest first, each row checked."""
    found = list(uow.transfers.copies(share.id))
    for row in found:
        uow.holder.check(row.originator, "prepared-copy", copy_bytes(row), row.mac)
    return found


# ---- the originator's acts
def record_transfer(uow: UnitOfWork, permit: Permit, target: HandOver, form: TransferForm) -> Transfer:
    """Record that it went. Raises `Invalid` with every fault, `Stale` if so much was recorded that no more is taken."""
    permit.must_cover(Action.TRANSFER_RECORD, target)
    assert permit.subject is not None
    share, faults = target.share, dict[str, str]()
    means, went = _means(form, faults)
    day = handed_on(form.day, share, last_day(uow, share) or date.min, faults)
    copy = _copy(uow, share, went, form.number, faults)
    copies, pages = _amount(share, went, form, faults)
    if not 2 <= len(form.to_whom) <= MOST_TO_WHOM:
        faults["to_whom"] = f"Say to whom it went: a name or an office, in 2 to {MOST_TO_WHOM} characters."
    if len(form.note) > MOST_NOTE:
        faults["note"] = f"Use at most {MOST_NOTE} characters."
    demand_plain(faults, to_whom=form.to_whom, note=form.note)
    if faults:
        raise Invalid(faults)
    assert means is not None
    assert went is not None
    assert day is not None
    document = held_share(uow, permit, share)
    if uow.transfers.count(share.id) >= MOST_TRANSFERS:
        raise Stale("too much was handed over", public="So much was recorded here that no more is taken. Share it anew.")
    row, handover = new_id(), Handover(form.to_whom, form.note)
    transfer = Transfer(
        id=row,
        share_id=share.id,
        document_id=document.id,
        originator=share.originator,
        recipient=share.recipient,
        means_word=means.value,
        went_word=went.value,
        day_word=day.isoformat(),
        pages=pages,
        copies=copies,
        number=None if copy is None else copy.number,
        digest=None if copy is None else copy.digest,
        for_originator=uow.seal(share.originator, "transfer", "for_originator", row, handover.to_text()),
        for_recipient=uow.seal(share.recipient, "transfer", "for_recipient", row, handover.to_whom),
        recorded_by=permit.subject.id,
        recorded_at=uow.at,
    )
    transfer.mac = uow.holder.mac(share.originator, "transfer", transfer_bytes(transfer))
    uow.transfers.add(transfer)
    note_transfer(uow, transfer)
    uow.notes.detail |= {"means": means.value, "went": went.value, "day": transfer.day_word, "copies": copies}
    uow.notes.detail |= {} if copy is None else {"copy": copy.number, "sha256": copy.digest.hex()}
    return transfer


def strike_transfer(uow: UnitOfWork, permit: Permit, target: HandOver, *, reason: str) -> None:
    """Strike what was recorded wrongly; it stays to be read as struck. Raises `Invalid`, `Stale` once the recipient answered for it."""
    permit.must_cover(Action.TRANSFER_STRIKE, target)
    assert target.transfer is not None
    faults: dict[str, str] = {}
    if not 3 <= len(reason) <= MOST_NOTE:
        faults["reason"] = f"Say what is wrong about it, in 3 to {MOST_NOTE} characters. Only your own body reads it."
    demand_plain(faults, reason=reason)
    if faults:
        raise Invalid(faults)
    held_share(uow, permit, target.share)
    if steps_of(uow, target.transfer):
        raise Stale(f"transfer {target.transfer.id} was answered or struck", public="Its recipient has confirmed it, or it was struck.")
    sealed = uow.seal(target.share.originator, "transfer_step", "reason", target.transfer.id, reason)
    enter_step(uow, permit, target.transfer, TransferStep(step_word=Step.STRUCK.value, what="", reason=sealed))
    uow.notes.private |= {"reason": reason}


def enter_step(uow: UnitOfWork, permit: Permit, transfer: Transfer, step: TransferStep) -> None:
    """Add what became of it, by this person, now; and what the log says of it."""
    assert permit.subject is not None
    step.transfer_id, step.originator = transfer.id, transfer.originator
    step.done_by, step.done_at = permit.subject.id, uow.at
    step.mac = uow.holder.mac(transfer.originator, "transfer-step", step_bytes(step))
    uow.transfers.add(step)
    note_transfer(uow, transfer)


def note_transfer(uow: UnitOfWork, transfer: Transfer) -> None:
    uow.notes.share, uow.notes.document = transfer.share_id, transfer.document_id
    uow.notes.bodies |= {transfer.originator, transfer.recipient}
    uow.notes.detail["transfer"] = str(transfer.id)


def held_share(uow: UnitOfWork, permit: Permit, share: Share) -> Document:
    """The document of this share, locked."""
    found = uow.documents.get(share.document_id)
    if found is None:
        raise Tampered(f"share {share.id} hangs on rows that are gone")
    return uow.held_for(permit, found)


def forget_handovers(uow: UnitOfWork, document: Document) -> None:
    """With the shredding of a document: what was typed about what went of it is gone for both bodies."""
    for row in uow.transfers.of_document(document.id):
        row.for_originator = uow.seal(row.originator, "transfer", "for_originator", row.id, "")
        row.for_recipient = uow.seal(row.recipient, "transfer", "for_recipient", row.id, "")
        for step in uow.transfers.steps(row.id):
            if step.reason is not None:
                step.reason = uow.seal(row.originator, "transfer_step", "reason", row.id, "")


# ---- what was typed
def _means(form: TransferForm, faults: dict[str, str]) -> tuple[Means | None, Went | None]:
    means = Means(form.means) if form.means in set(Means) else None
    went = Went(form.went) if form.went in set(Went) else None
    if means is None:
        faults["means"] = "Choose how it went."
    if went is None:
        faults["went"] = "Choose what went."
    elif means is not None and went not in GOES[means]:
        faults["went"] = "In an oral briefing nothing is handed over." if means is Means.ORAL else "That way a file or paper goes."
    return means, went


def handed_on(text: str, share: Share, last: date, faults: dict[str, str]) -> date | None:
    """The day on which it was handed over: from its approval, or the end of its embargo, until today, or its closing (UTC)."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        faults["day"] = "Give the day on which it was handed over."
        return None
    first = max(share.approved_at.date(), Terms.from_text(share.terms).opens or date.min)
    if day > last:
        faults["day"] = "Give a day that is not in the future. It is recorded once it went."
    elif day < first:
        faults["day"] = f"It may go by other means from {first.day} {first:%b %Y}, not before."
    return day


def _copy(uow: UnitOfWork, share: Share, went: Went | None, number: str, faults: dict[str, str]) -> PreparedCopy | None:
    """The prepared copy that went; a file is always one of them, paper may be."""
    if went is not Went.FILE and not (went is Went.PAPER and number):
        return None
    found = next((row for row in copies_of(uow, share) if row.number == number), None)
    if found is None:
        faults["number"] = "Choose which copy went. A file is prepared here first, so that its SHA-256 is known."
    return found


def _amount(share: Share, went: Went | None, form: TransferForm, faults: dict[str, str]) -> tuple[int, str]:
    """How many copies stay there, and which pages went, empty for all."""
    copies = 0
    if went is not None and went.leaves:
        copies = int(form.copies) if form.copies.isascii() and form.copies.isdecimal() and len(form.copies) < 4 else 0
        if not 1 <= copies <= MOST_COPIES:
            faults["copies"] = f"Say how many copies stay there, 1 to {MOST_COPIES}."
    if not form.pages or went is Went.FILE:
        return copies, ""
    try:
        pages = pages_words(parse_pages(form.pages, last=share.pages))
    except Invalid:
        pages = " " * (MOST_PAGES + 1)
    if len(pages) > MOST_PAGES:
        faults["pages"] = f"Give pages among 1 to {share.pages}, for example: 2, 4-6. Empty: all of them."
    return copies, pages
