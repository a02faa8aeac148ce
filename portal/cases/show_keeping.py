"""Keeping and destroying, as the originator's staff sees it on the document's page, and what of it waits on the home page."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from portal.cases import facts, keeping_facts
from portal.cases.facts import BodyTarget, Located
from portal.cases.kept import Kept, kept_of
from portal.cases.names import body_short, person_name
from portal.cases.uow import UnitOfWork
from portal.documents.keeping import Act, KeepingAct
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Denied, StepUpNeeded, Tampered
from portal.kernel.permit import Permit
from portal.policy.decide import decide


@dataclass(frozen=True, slots=True, kw_only=True)
class ActView:
    """A hold, a proposal to shred, or a shredding: who and why. `answered_*` of a hold that was lifted."""

    id: UUID
    reason: str
    by: str
    at: datetime
    answered_by: str = ""
    answered_at: datetime | None = None
    may_answer: bool = False
    why_not: str = ""
    may_withdraw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedThing:
    """What shredding destroys: the file of a version, or (with an `audience`) what was prepared from it for another body."""

    name: str
    size: int
    pages: int
    at: datetime
    audience: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingView:
    """`unknown`: the floors know of a hold or of a shredding that this database does not."""

    held: bool
    shredded: bool
    unknown: bool
    holds: list[ActView]
    lifted: list[ActView]
    proposal: ActView | None
    shredding: ActView | None
    destroys: list[SealedThing]
    closes: list[str]
    may_hold: bool
    may_propose: bool
    why_not_propose: str


def keeping_of(uow: UnitOfWork, permit: Permit, document: Document) -> KeepingView:
    """For a case that has checked that the person may read the document."""
    kept = kept_of(uow, document.id, document)
    asked = facts.document(uow, permit.subject, document_id=document.id)
    may_propose, why_not = may_do(uow, permit, Action.DOCUMENT_PROPOSE_SHREDDING, asked)
    proposal = kept.proposal
    return KeepingView(
        held=kept.held,
        shredded=kept.shredded,
        unknown=(kept.held and not kept.holds) or (kept.shredded and kept.shredding is None),
        holds=[_hold(uow, permit, document, row) for row in kept.holds],
        lifted=[_lifted(uow, permit, kept, row) for row in kept.acts if row.act is Act.HELD and kept.answer(row) is not None],
        proposal=None if proposal is None or kept.shredded else _proposal(uow, permit, document, proposal),
        shredding=None if kept.shredding is None else _shredding(uow, permit, kept, kept.shredding),
        destroys=_destroys(uow, permit, document) if may_propose or (proposal is not None and not kept.shredded) else [],
        closes=[body_short(uow, share.recipient) for share in uow.shares.of_document(document.id) if not uow.shares.closed(share.id)],
        may_hold=may_do(uow, permit, Action.DOCUMENT_HOLD, asked)[0],
        may_propose=may_propose and proposal is None,
        why_not_propose=why_not,
    )


def _hold(uow: UnitOfWork, permit: Permit, document: Document, row: KeepingAct) -> ActView:
    located = keeping_facts.hold(uow, permit.subject, document_id=document.id, hold_id=row.id)
    may, why_not = may_do(uow, permit, Action.DOCUMENT_LIFT_HOLD, located)
    return replace(_view(uow, permit, row), may_answer=may, why_not=why_not)


def _lifted(uow: UnitOfWork, permit: Permit, kept: Kept, row: KeepingAct) -> ActView:
    answer = kept.answer(row)
    assert answer is not None
    return replace(_view(uow, permit, row), answered_by=person_name(uow, permit, answer.done_by), answered_at=answer.done_at)


def _proposal(uow: UnitOfWork, permit: Permit, document: Document, row: KeepingAct) -> ActView:
    located = keeping_facts.shredding(uow, permit.subject, document_id=document.id, shredding_id=row.id)
    may, why_not = may_do(uow, permit, Action.DOCUMENT_SHRED, located)
    may_withdraw, _ = may_do(uow, permit, Action.DOCUMENT_WITHDRAW_SHREDDING, located)
    return replace(_view(uow, permit, row), may_answer=may, why_not=why_not, may_withdraw=may_withdraw)


def _shredding(uow: UnitOfWork, permit: Permit, kept: Kept, row: KeepingAct) -> ActView:
    """The proposal's person and reason, answered by the second person."""
    proposal = next((act for act in kept.acts if act.id == row.about), None)
    if proposal is None:
        raise Tampered(f"shredding {row.id} answers no proposal")
    return replace(_view(uow, permit, proposal), answered_by=person_name(uow, permit, row.done_by), answered_at=row.done_at)


def _view(uow: UnitOfWork, permit: Permit, row: KeepingAct) -> ActView:
    reason = "" if row.reason is None else uow.words(permit, "keeping", "reason", row.id, row.reason)
    return ActView(id=row.id, reason=reason, by=person_name(uow, permit, row.done_by), at=row.done_at)


def _destroys(uow: UnitOfWork, permit: Permit, document: Document) -> list[SealedThing]:
    """The same objects as `shred_document.objects_of`, in words."""
    things = [
        SealedThing(
            name=uow.words(permit, "version", "file_name", version.id, version.file_name),
            size=sum(uow.objects.get(object_id).size for object_id in version.objects),
            pages=version.pages,
            at=version.deposited_at,
        )
        for version in uow.documents.versions(document.id)
    ]
    for row in uow.renditions.of_document(document.id):
        size = sum(uow.objects.get(object_id).size for object_id in (row.pdf_object_id, row.pack_object_id))
        audience = body_short(uow, row.audience)
        things.append(SealedThing(name="", size=size, pages=row.pages, at=row.built_at, audience=audience))
    return things


def may_do(uow: UnitOfWork, permit: Permit, action: Action, located: Located) -> tuple[bool, str]:
    """May this person, and if not, why; or what it takes first. For pages that show it beside what it is about."""
    try:
        decide(uow.parts.policies, permit.subject, action, located.facts, uow.context(permit.subject))
    except StepUpNeeded as error:
        return True, error.beforehand
    except Denied as error:
        return False, error.public
    return True, ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """A proposal to shred that this person may confirm."""

    document_id: UUID
    title: str
    symbol: str
    level: int
    proposed_by: str


def waiting_shreddings(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[WaitingRow]:
    """What of the person's own body waits for them as the second person of a shredding."""
    permit.must_cover(Action.HOME_READ, body)
    rows = []
    for act in uow.keeping.waiting(body.code):
        document = uow.documents.get(act.document_id)
        try:
            located = keeping_facts.shredding(uow, permit.subject, document_id=act.document_id, shredding_id=act.id)
        except Tampered:  # its own page raises the alarm
            continue
        if document is None or not may_do(uow, permit, Action.DOCUMENT_SHRED, located)[0]:
            continue
        uow.shown[document.id] = document.epoch
        rows.append(
            WaitingRow(
                document_id=document.id,
                title=uow.words(permit, "document", "title", document.id, document.title),
                symbol=document.symbol,
                level=document.level_number,
                proposed_by=person_name(uow, permit, act.done_by),
            )
        )
    return rows
