"""What went by other means, as the two bodies of a share read it: on the document's page, in who has seen it, among what was received."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from portal.cases.answer_transfer import GONE, delivery
from portal.cases.document_shares import terms_words
from portal.cases.facts import BodyTarget, Located
from portal.cases.names import body_short, day, person_name
from portal.cases.show_keeping import may_do
from portal.cases.transfer import checked, copies_of, hand_over, handed_over, last_day, steps_of
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Tampered
from portal.kernel.permit import Permit
from portal.sharing.models import Share
from portal.sharing.terms import Terms
from portal.sharing.transfers import Handover, Step, Transfer, TransferStep, Went

#: How many transfers home looks through.
WAITING = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferView:
    """`digest`: the SHA-256 of what went, in hex, where it is known; `arrived`: of what arrived, if that differs. `struck`: why."""

    id: UUID
    means: str
    what: str
    leaves: bool
    day: date
    to_whom: str
    note: str
    digest: str
    status: tuple[str, str]
    arrived: str
    struck: str
    recorded_by: str
    recorded_at: datetime
    received_at: datetime | None
    may_strike: bool = False
    may_receive: bool = False
    may_return: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTransfers:
    """What went of one share. `out`: how many are still there of a share that was closed. `copies`: what was prepared, number and day.

    `may_record`, `may_prepare`: whether this person may record something, and take a copy out for it; `may_leave`: whether what is recorded
    may have stayed there; `said`: what it takes first, or why nothing stays there. `last_day`: of what is recorded, None for today.
    """

    share_id: UUID
    recipient_short: str
    terms_words: str
    closed: bool
    transfers: list[TransferView]
    out: int = 0
    first_day: date | None = None
    last_day: date | None = None
    pages: int = 0
    may_record: bool = False
    may_prepare: bool = False
    may_leave: bool = False
    said: str = ""
    copies: list[tuple[str, str]] = field(default_factory=list)
    eyes_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTransfer:
    """For who has seen it: one transfer, with the body that it went to."""

    recipient_short: str
    share_short: str
    view: TransferView


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedTransfers:
    """What went to the recipient of a share. Of one that is closed: its symbol, and how to answer for what is there."""

    share_id: UUID
    symbol: str
    from_short: str
    open: bool
    transfers: list[TransferView]

    @property
    def waiting(self) -> int:
        return sum(row.may_receive or row.may_return for row in self.transfers)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTransfer:
    """`title` is None of what is closed."""

    share_id: UUID
    title: str | None
    symbol: str
    level: int | None
    from_short: str
    means: str
    day: date
    to_return: bool


# ---- the originator
def document_transfers(uow: UnitOfWork, permit: Permit, document: Document) -> list[SharedTransfers]:
    """For the document's page, and a person who may see who saw it: every share of which something went, or may go."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    rows = _of_document(uow, document)
    shares = (
        _shared(uow, permit, share, [row for row in rows if row.share_id == share.id]) for share in uow.shares.of_document(document.id)
    )
    return [found for found in shares if found.transfers or found.may_record]


def seen_transfers(uow: UnitOfWork, permit: Permit, document: Document) -> list[SeenTransfer]:
    """Everything that went by other means, newest first, for who has seen it."""
    permit.must_cover(Action.DISCLOSURE_READ, document)
    rows = sorted(_of_document(uow, document), key=lambda row: (row.day, row.recorded_at), reverse=True)
    return [
        SeenTransfer(recipient_short=body_short(uow, row.recipient), share_short=str(row.share_id)[:8], view=_view(uow, permit, row))
        for row in rows
    ]


def _of_document(uow: UnitOfWork, document: Document) -> list[Transfer]:
    """Raises `Tampered` for one of a share that the document does not have."""
    rows, shares = checked(uow, uow.transfers.of_document(document.id)), uow.shares.of_document(document.id)
    if not {row.share_id for row in rows} <= {share.id for share in shares}:
        raise Tampered(f"a transfer of document {document.id} hangs on a share that is gone")
    return rows


def _shared(uow: UnitOfWork, permit: Permit, share: Share, rows: list[Transfer]) -> SharedTransfers:
    closed, terms = uow.shares.closed(share.id), Terms.from_text(share.terms)
    first, last = max(share.approved_at.date(), terms.opens or date.min), last_day(uow, share)

    def may(went: Went, day: date | None) -> tuple[bool, str]:
        typed = None if day is None else day.isoformat()
        found = hand_over(uow, permit.subject, document_id=share.document_id, share_id=share.id, went=went.value, day=typed)
        return may_do(uow, permit, Action.TRANSFER_RECORD, found)

    (may_tell, _), (may_leave, said), (may_prepare, _) = may(Went.SHOWN, first), may(Went.FILE, first), may(Went.FILE, None)
    views = [_view(uow, permit, row) for row in rows]
    return SharedTransfers(
        share_id=share.id,
        recipient_short=body_short(uow, share.recipient),
        terms_words=terms_words(share.terms, share.draft),
        closed=closed,
        transfers=views,
        out=sum(view.status == OUT for view in views),
        first_day=first,
        last_day=None if last == uow.at.date() else last,
        pages=share.pages,
        may_record=may_tell,
        may_prepare=may_prepare,
        may_leave=may_leave,
        said=said if may_tell else "",
        copies=[(row.number, day(row.prepared_at)) for row in copies_of(uow, share)] if may_leave else [],
        eyes_only=bool(terms.eyes),
    )


# ---- the recipient
def received_transfers(uow: UnitOfWork, permit: Permit, share: Share) -> ReceivedTransfers:
    """What went of a share to this person's body, as far as the rules let them answer for it."""
    permit.must_cover(Action.SHARE_KNOW, share)
    uow.notes.share = share.id
    return _received(uow, permit, share)


def transfers_beside(uow: UnitOfWork, permit: Permit, share: Share) -> ReceivedTransfers:
    """The same, for the page that such a person reads."""
    permit.must_cover(Action.SHARE_READ, share)
    return _received(uow, permit, share)


def _received(uow: UnitOfWork, permit: Permit, share: Share) -> ReceivedTransfers:
    closed = uow.shares.closed(share.id)
    act = Action.TRANSFER_RETURN if closed else Action.TRANSFER_RECEIVE
    rows = [row for row in checked(uow, uow.transfers.of_share(share.id)) if may_do(uow, permit, act, _delivery(uow, permit, row))[0]]
    return ReceivedTransfers(
        share_id=share.id,
        symbol=share.symbol,
        from_short=body_short(uow, share.originator),
        open=not closed,
        transfers=[view for view in (_view(uow, permit, row) for row in rows) if not closed or view.may_return or not view.struck],
    )


def waiting_transfers(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[WaitingTransfer]:
    """What this person may answer for at this moment, the oldest first."""
    permit.must_cover(Action.HOME_READ, body)
    found = []
    for row in uow.transfers.unsettled(body.code, limit=WAITING):
        closed = uow.shares.closed(row.share_id)
        try:
            checked(uow, [row])
            located = _delivery(uow, permit, row)
            may, _ = may_do(uow, permit, Action.TRANSFER_RETURN if closed else Action.TRANSFER_RECEIVE, located)
        except Tampered:  # its own page raises the alarm
            continue
        if may:
            found.append(_waiting(uow, permit, row, located.target.share, closed=closed))
    return found


def _waiting(uow: UnitOfWork, permit: Permit, row: Transfer, share: Share, *, closed: bool) -> WaitingTransfer:
    document = uow.documents.get(share.document_id)
    if document is not None:
        uow.shown[document.id] = document.epoch
    return WaitingTransfer(
        share_id=share.id,
        title=None if closed else uow.words(permit, "share", "title", share.id, share.title),
        symbol=share.symbol,
        level=None if closed else share.level_number,
        from_short=body_short(uow, share.originator),
        means=row.means.words,
        day=row.day,
        to_return=closed,
    )


def _delivery(uow: UnitOfWork, permit: Permit, row: Transfer) -> Located:
    return delivery(uow, permit.subject, share_id=row.share_id, transfer_id=row.id)


# ---- both
#: Of a share that was closed, and still there.
OUT = ("late", "Not returned yet")


def _view(uow: UnitOfWork, permit: Permit, row: Transfer) -> TransferView:
    steps, closed, mine = steps_of(uow, row), uow.shares.closed(row.share_id), permit.body == row.originator
    received, struck, returned = (steps.get(step) for step in (Step.RECEIVED, Step.STRUCK, Step.RETURNED))
    if mine:
        handover = Handover.from_text(uow.words(permit, "transfer", "for_originator", row.id, row.for_originator))
    else:
        handover = Handover(uow.words(permit, "transfer", "for_recipient", row.id, row.for_recipient))
    open_still = struck is None and returned is None
    strikes = may_do(uow, permit, Action.TRANSFER_STRIKE, _to_strike(uow, permit, row))[0] if mine and not steps else False
    return TransferView(
        id=row.id,
        means=row.means.words,
        what=what_words(row),
        leaves=row.went.leaves,
        day=row.day,
        to_whom=handover.to_whom,
        note=handover.note,
        digest="" if row.digest is None else row.digest.hex(),
        status=_status(row, steps, closed=closed),
        arrived=received.digest.hex() if received is not None and received.digest not in {None, row.digest} else "",
        struck="" if struck is None else _why_struck(uow, permit, row, struck, mine=mine),
        recorded_by=person_name(uow, permit, row.recorded_by),
        recorded_at=row.recorded_at,
        received_at=None if received is None else received.done_at,
        may_strike=strikes,
        may_receive=not mine and not closed and open_still and received is None,
        may_return=not mine and closed and open_still and row.went.leaves,
    )


def _to_strike(uow: UnitOfWork, permit: Permit, row: Transfer) -> Located:
    return handed_over(uow, permit.subject, document_id=row.document_id, transfer_id=row.id)


def what_words(row: Transfer) -> str:
    """What went, in words: "2 copies on paper, pages 2, 4-6"."""
    pages = f", pages {row.pages}" if row.pages else ""
    if not row.went.leaves:
        return f"Shown or told{pages}"
    copies = "1 copy" if row.copies == 1 else f"{row.copies} copies"
    how = "on paper" if row.went is Went.PAPER else "as a file"
    number = "" if row.number is None else f", of copy {row.number}"
    return f"{copies} {how}{number}{pages}"


def _why_struck(uow: UnitOfWork, permit: Permit, row: Transfer, struck: TransferStep, *, mine: bool) -> str:
    if not mine or struck.reason is None:
        return f"on {day(struck.done_at)}"
    reason = uow.words(permit, "transfer_step", "reason", row.id, struck.reason)
    return f"by {person_name(uow, permit, struck.done_by)} on {day(struck.done_at)}" + (f": {reason}" if reason else "")


def _status(row: Transfer, steps: dict[Step, TransferStep], *, closed: bool) -> tuple[str, str]:
    received, returned = steps.get(Step.RECEIVED), steps.get(Step.RETURNED)
    if Step.STRUCK in steps:
        return "done", "Struck: it did not go"
    if returned is not None and returned.day is not None:
        return "done", f"{GONE[returned.what]}, {day(returned.day)}"
    if closed and row.went.leaves:
        return OUT
    if received is None:
        return ("done", "Not confirmed; nothing of it stayed") if closed else ("wait", "Arrival not confirmed yet")
    if received.digest not in {None, row.digest}:
        return "late", "What arrived differs from what went"
    return "done", f"Arrived, {day(received.done_at)}"
