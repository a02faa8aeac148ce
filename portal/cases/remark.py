"""A reviewer of the recipient comments on a share or asks about it; an officer of its originator answers a question.

The words cross at once: nobody decides about them. What a page shows is told by the page; who wrote, to the other body, by the body alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from portal.cases import facts
from portal.cases.facts import Located
from portal.cases.plain_text import is_plain
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale, Tampered
from portal.kernel.ids import NOBODY, new_id
from portal.kernel.permit import Permit, ResourceType, Subject
from portal.sharing.models import Proposal, Share
from portal.sharing.remarks import Kind, Remark, Words, remark_bytes
from portal.sharing.statements import share_bytes
from portal.sharing.terms import Terms

#: How long the text may be, and the name of a passage; and how much is said of one share, so that a page of it stays one page.
MOST_TEXT, MOST_PASSAGE, MOST_REMARKS = 4_000, 60, 500
ODD = "Take out control characters and marks that change the direction of text; type it anew if need be."


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkForm:
    kind: str
    page: str
    passage: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its share; the permit to answer it is about the proposal that the share came of."""

    remark: Remark
    share: Share
    proposal: Proposal
    resource_type: ClassVar[ResourceType] = ResourceType.PROPOSAL

    @property
    def resource_id(self) -> str:
        return self.proposal.resource_id


def checked(uow: UnitOfWork, rows: Iterable[Remark]) -> list[Remark]:
    """The same remarks, if the rows are as the portal wrote them."""
    found = list(rows)
    for row in found:
        uow.holder.check(row.originator, "remark", remark_bytes(row), row.mac)
    return found


def question(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, remark_id: UUID, **where: object) -> Located:
    """A question about this document, as its originator sees it: the proposal, which is `live` as long as this very share is open."""
    assert subject is not None
    row = uow.remarks.get(remark_id)
    share = uow.shares.get(row.share_id if row is not None else NOBODY)
    located = facts.proposal(uow, subject, proposal_id=share.proposal_id if share is not None else NOBODY)
    closed = uow.shares.closed(share.id if share is not None else NOBODY)
    if row is None or share is None or located.target is None or row.kind is not Kind.QUESTION or row.document_id != document_id:
        return Located(replace(located.facts, present=False), None)
    live = not closed
    if share.originator == subject.body:
        checked(uow, [row])
        uow.holder.check(share.originator, "share", share_bytes(share), share.mac)
        live = live and not Terms.from_text(share.terms).is_over(uow.at)
    attributes = {**located.facts.attributes, "live": live}
    return Located(replace(located.facts, attributes=attributes), Question(row, share, located.target))


def remark_on_share(uow: UnitOfWork, permit: Permit, share: Share, form: RemarkForm) -> Remark:
    """Comment, or ask. Raises `Invalid` with every fault, `Stale` if so much was said that no more is taken."""
    permit.must_cover(Action.SHARE_REMARK, share)
    faults: dict[str, str] = {}
    if form.kind not in {Kind.COMMENT.value, Kind.QUESTION.value}:
        faults["kind"] = "Choose whether it is a comment or a question."
    page = int(form.page) if form.page.isascii() and form.page.isdecimal() and len(form.page) < 6 else 0
    if not 1 <= page <= share.pages:
        faults["page"] = "It has one page: give 1." if share.pages == 1 else f"Give one of its pages, 1 to {share.pages}."
    if len(form.passage) > MOST_PASSAGE:
        faults["passage"] = f"Use at most {MOST_PASSAGE} characters, for example “§16 (e)”."
    elif not is_plain(form.passage):
        faults["passage"] = ODD
    text = _plain(form.text, faults)
    if faults:
        raise Invalid(faults)
    document = _lock(uow, permit, share)
    return _enter(uow, permit, document, share, Kind(form.kind), page, Words(text, form.passage))


def answer_question(uow: UnitOfWork, permit: Permit, target: Question, *, text: str) -> Remark:
    """Answer a question of the recipient; what was answered may be added to. Raises `Invalid`."""
    permit.must_cover(Action.SHARE_ANSWER, target)
    faults: dict[str, str] = {}
    text = _plain(text, faults)
    if faults:
        raise Invalid(faults)
    document = _lock(uow, permit, target.share)
    return _enter(uow, permit, document, target.share, Kind.ANSWER, target.remark.page, Words(text), answers=target.remark.id)


def forget_heard(uow: UnitOfWork, share: Share) -> None:
    """With the closing of a share: what was said of it is gone for its recipient. Its originator keeps it."""
    for row in uow.remarks.of_share(share.id):
        row.for_recipient = uow.seal(share.recipient, "remark", "for_recipient", row.id, "")


def forget_said(uow: UnitOfWork, document: Document) -> None:
    """With the shredding of a document, whose shares are closed by then: it is gone for its originator, too."""
    for row in uow.remarks.of_document(document.id):
        row.for_originator = uow.seal(document.originator, "remark", "for_originator", row.id, "")


def _plain(text: str, faults: dict[str, str]) -> str:
    """Lines of plain text, as they were typed."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\t", " ").split("\n")]
    text = "\n".join(lines).strip()
    if not text:
        faults["text"] = "Write something."
    elif len(text) > MOST_TEXT:
        faults["text"] = f"Use at most {MOST_TEXT:,} characters. These are {len(text):,}."
    elif not all(map(is_plain, lines)):
        faults["text"] = ODD
    return text


def _lock(uow: UnitOfWork, permit: Permit, share: Share) -> Document:
    found = uow.documents.get(share.document_id)
    if found is None:
        raise Tampered(f"share {share.id} hangs on rows that are gone")
    document = uow.held_for(permit, found)
    if uow.remarks.count(share.id) >= MOST_REMARKS:
        raise Stale("too much was said", public="So much has been said here that no more is taken. Speak to each other by other means.")
    return document


def _enter(
    uow: UnitOfWork, permit: Permit, document: Document, share: Share, kind: Kind, page: int, words: Words, *, answers: UUID | None = None
) -> Remark:
    assert permit.subject is not None
    row, text = new_id(), words.to_text()
    remark = Remark(
        id=row,
        share_id=share.id,
        document_id=document.id,
        originator=share.originator,
        kind_word=kind.value,
        answers=answers,
        page=page,
        for_originator=uow.seal(share.originator, "remark", "for_originator", row, text),
        for_recipient=uow.seal(share.recipient, "remark", "for_recipient", row, text),
        made_by=permit.subject.id,
        made_at=uow.at,
    )
    remark.mac = uow.holder.mac(share.originator, "remark", remark_bytes(remark))
    uow.remarks.add(remark)
    uow.notes.share = share.id
    uow.notes.document = document.id
    uow.notes.bodies |= {share.originator, share.recipient}
    uow.notes.detail |= {"remark": str(row), "kind": kind.value, "page": page} | ({} if answers is None else {"answers": str(answers)})
    return remark
