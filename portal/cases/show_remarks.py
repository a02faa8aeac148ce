"""Remarks on shares as their two bodies read them: beside the page, on the page of a share, at the originator's on the document's page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portal.cases.document_shares import CLOSED, terms_words
from portal.cases.facts import BodyTarget
from portal.cases.names import body_short, day, person_name
from portal.cases.remark import checked, question
from portal.cases.show_keeping import may_do
from portal.cases.standing import level_of
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Tampered
from portal.kernel.permit import Permit
from portal.sharing.models import Reason, Share
from portal.sharing.remarks import Kind, Remark, Words

#: How many questions home looks through.
WAITING = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkView:
    """`lines`: the text, line by line. `waits`: a question that nobody has answered. `why_not`: why this person cannot answer it."""

    id: UUID
    kind: str
    page: int
    passage: str
    lines: list[str]
    by: str
    at: datetime
    answers: list["RemarkView"] = field(default_factory=list)
    waits: bool = False
    may_answer: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRemarks:
    """What was said of one share. `closed`: why, for its originator alone; a recipient reads nothing of what is closed."""

    share_id: UUID
    title: str
    symbol: str
    level: int
    pages: int
    from_short: str
    recipient_short: str
    terms_words: str
    remarks: list[RemarkView]
    closed: str = ""

    @property
    def waiting(self) -> int:
        return sum(row.waits for row in self.remarks)

    def on_page(self, number: int) -> list[RemarkView]:
        return [row for row in self.remarks if row.page == number]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRemarks:
    document_id: UUID
    title: str
    symbol: str
    level: int
    originator_short: str
    shares: list[SharedRemarks]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkCount:
    """How much was said of one share, without a word of it. `waiting`: questions that can still be answered."""

    recipient_short: str
    comments: int
    questions: int
    waiting: int
    last: datetime
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """Questions about one document that wait for this person's answer."""

    document_id: UUID
    title: str
    symbol: str
    level: int
    questions: int
    askers: list[str]


# ---- the recipient
def share_remarks(uow: UnitOfWork, permit: Permit, share: Share) -> SharedRemarks:
    """Everything that was said of a share, for a reviewer of its recipient."""
    permit.must_cover(Action.SHARE_REMARK, share)
    return _of_share(uow, permit, share)


def remarks_beside(uow: UnitOfWork, permit: Permit, share: Share) -> SharedRemarks:
    """The same, for the page that such a reviewer reads."""
    permit.must_cover(Action.SHARE_READ, share)
    return _of_share(uow, permit, share)


def _of_share(uow: UnitOfWork, permit: Permit, share: Share) -> SharedRemarks:
    uow.notes.share = share.id
    title = uow.words(permit, "share", "title", share.id, share.title)
    return _shared(uow, permit, share, title, uow.remarks.of_share(share.id))


def talk_words(uow: UnitOfWork, share: Share) -> str:
    """Where its questions stand, for the lists of its recipient, who may read it now: nothing, asked, or answered."""
    rows = checked(uow, uow.remarks.of_share(share.id))
    answers = {row.answers: row for row in rows if row.kind is Kind.ANSWER}
    asked = [row for row in rows if row.kind is Kind.QUESTION]
    if not asked:
        return ""
    open_ones = [row for row in asked if row.id not in answers]
    if len(open_ones) == len(asked):
        return f"asked {day(asked[-1].made_at)}"
    return f"answered {day(max(row.made_at for row in answers.values()))}"


# ---- the originator
def document_remarks(uow: UnitOfWork, permit: Permit, document: Document) -> DocumentRemarks:
    """What recipients said and asked of a document, share by share, the newest share first."""
    permit.must_cover(Action.REMARK_READ, document)
    title = uow.words(permit, "document", "title", document.id, document.title)
    said = _by_share(uow, document)
    return DocumentRemarks(
        document_id=document.id,
        title=title,
        symbol=document.symbol,
        level=document.level_number,
        originator_short=body_short(uow, document.originator),
        shares=[_shared(uow, permit, share, title, rows) for share, rows in said],
    )


def remark_counts(uow: UnitOfWork, permit: Permit, document: Document) -> list[RemarkCount]:
    """For the document's page, and a person who may read them: how much was said of each share."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    found = []
    for share, rows in _by_share(uow, document):
        answered = {row.answers for row in rows}
        asked = [row for row in rows if row.kind is Kind.QUESTION]
        closed = uow.shares.closed(share.id)
        found.append(
            RemarkCount(
                recipient_short=body_short(uow, share.recipient),
                comments=sum(row.kind is Kind.COMMENT for row in rows),
                questions=len(asked),
                waiting=0 if closed else sum(row.id not in answered for row in asked),
                last=rows[-1].made_at,
                closed=closed,
            )
        )
    return found


def _by_share(uow: UnitOfWork, document: Document) -> list[tuple[Share, list[Remark]]]:
    """The shares of which something was said. Raises `Tampered` for a remark on a share that the document does not have."""
    rows, shares = checked(uow, uow.remarks.of_document(document.id)), uow.shares.of_document(document.id)
    if not {row.share_id for row in rows} <= {share.id for share in shares}:
        raise Tampered(f"a remark on document {document.id} hangs on a share that is gone")
    found = ((share, [row for row in rows if row.share_id == share.id]) for share in shares)
    return [(share, said) for share, said in found if said]


def waiting_questions(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[QuestionRow]:
    """What this person may answer at this moment, document by document, the oldest question first."""
    permit.must_cover(Action.HOME_READ, body)
    asked: dict[UUID, list[Remark]] = {}
    may: dict[UUID, bool] = {}
    for row in uow.remarks.unanswered(body.code, limit=WAITING):
        try:
            checked(uow, [row])
            if row.share_id not in may:
                may[row.share_id] = _may_answer(uow, permit, row)[0]
        except Tampered:  # its own page raises the alarm
            continue
        if may[row.share_id]:
            asked.setdefault(row.document_id, []).append(row)
    return [_question_row(uow, permit, document_id, rows) for document_id, rows in asked.items()]


def _question_row(uow: UnitOfWork, permit: Permit, document_id: UUID, rows: Sequence[Remark]) -> QuestionRow:
    document = uow.documents.get(document_id)
    assert document is not None
    uow.shown[document.id] = document.epoch
    shares = [share for row in rows if (share := uow.shares.get(row.share_id)) is not None]
    return QuestionRow(
        document_id=document.id,
        title=uow.words(permit, "document", "title", document.id, document.title),
        symbol=document.symbol,
        level=document.level_number,
        questions=len(rows),
        askers=list(dict.fromkeys(body_short(uow, share.recipient) for share in shares)),
    )


# ---- both
def _shared(uow: UnitOfWork, permit: Permit, share: Share, title: str, rows: Sequence[Remark]) -> SharedRemarks:
    closure = uow.shares.closure(share.id) if permit.body == share.originator else None
    return SharedRemarks(
        share_id=share.id,
        title=title,
        symbol=share.symbol,
        level=level_of(uow, share),
        pages=share.pages,
        from_short=body_short(uow, share.originator),
        recipient_short=body_short(uow, share.recipient),
        terms_words=terms_words(share.terms, share.draft),
        remarks=_threads(uow, permit, checked(uow, rows)),
        closed="" if closure is None else CLOSED[Reason(closure.reason)][1],
    )


def _threads(uow: UnitOfWork, permit: Permit, rows: Sequence[Remark]) -> list[RemarkView]:
    """Comments and questions of one share, page by page, each question with its answers."""
    first = sorted((row for row in rows if row.kind is not Kind.ANSWER), key=lambda row: (row.page, row.made_at, row.id))
    asked = next((row for row in first if row.kind is Kind.QUESTION), None)
    may_answer = (False, "") if asked is None or permit.body != asked.originator else _may_answer(uow, permit, asked)
    answers: dict[UUID | None, list[RemarkView]] = {}
    for row in rows:
        if row.kind is Kind.ANSWER:
            answers.setdefault(row.answers, []).append(_view(uow, permit, row))
    return [_view(uow, permit, row, answers.get(row.id, []), may_answer if row.kind is Kind.QUESTION else (False, "")) for row in first]


def _may_answer(uow: UnitOfWork, permit: Permit, asked: Remark) -> tuple[bool, str]:
    """May this person, and if not, why: the same for every question about one share."""
    return may_do(uow, permit, Action.SHARE_ANSWER, question(uow, permit.subject, document_id=asked.document_id, remark_id=asked.id))


def _view(
    uow: UnitOfWork, permit: Permit, row: Remark, answers: Sequence[RemarkView] = (), may_answer: tuple[bool, str] = (False, "")
) -> RemarkView:
    mine = permit.body == row.originator
    column, sealed = ("for_originator", row.for_originator) if mine else ("for_recipient", row.for_recipient)
    words = Words.from_text(uow.words(permit, "remark", column, row.id, sealed))
    return RemarkView(
        id=row.id,
        kind=row.kind.value,
        page=row.page,
        passage=words.passage,
        lines=words.text.split("\n"),
        by=person_name(uow, permit, row.made_by),
        at=row.made_at,
        answers=list(answers),
        waits=row.kind is Kind.QUESTION and not answers,
        may_answer=may_answer[0],
        why_not=may_answer[1],
    )
