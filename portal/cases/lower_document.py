"""Lower the level of a document: one officer proposes it, another, who releases, agrees. Only ever lower.

Its keys stay bound to the level of its registration; what the rules and the pages read is the lower one, and the document's MAC covers
it. Requests, shares and what was prepared stay as they are. A document that is behind what closed it is not lowered: the request that
would forbid it may be what a restored database forgot.
"""

from portal.cases.hold_document import demand_reason
from portal.cases.kept import LoweringTarget, document_of, enter_act, kept_of
from portal.cases.separation import one_human
from portal.cases.standing import must_not_be_behind, seal_requests
from portal.cases.uow import Notes, UnitOfWork
from portal.documents.keeping import Act
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale
from portal.kernel.permit import Duty, Permit


def propose_lowering(uow: UnitOfWork, permit: Permit, document: Document, *, level: str, reason: str, notes: Notes | None = None) -> None:
    """Propose it; the level is as before. Raises `Invalid`, or `Stale` if a proposal waits.

    `notes`: those of an event beside the guard's, where it came of a review.
    """
    permit.must_cover(Action.DOCUMENT_PROPOSE_LOWERING, document)
    assert permit.subject is not None
    demand_reason(reason, "Say why, in 3 to 500 characters. Only your own body reads it.")
    document = uow.held_for(permit, document)
    if level not in {str(number) for number in range(document.level_number)}:
        raise Invalid({"level": "Choose a level below the present one."})
    _must_know_all(uow, document)
    if kept_of(uow, document.id, document).lowering is not None:
        raise Stale("a proposal waits", public="A proposal to lower the level of this document waits for a second officer already.")
    act = enter_act(uow, document, Act.LOWERING_PROPOSED, by=permit.subject.id, reason=reason, level=int(level))
    told = uow.notes if notes is None else notes
    told.detail |= {"lowering": str(act.id), "level": int(level)}
    told.private |= {"reason": reason}


def withdraw_lowering(uow: UnitOfWork, permit: Permit, target: LoweringTarget) -> None:
    """Take the proposal back, or refuse it: the level stays. One officer suffices."""
    permit.must_cover(Action.DOCUMENT_WITHDRAW_LOWERING, target)
    assert permit.subject is not None
    document = uow.held_for(permit, document_of(uow, target))
    enter_act(uow, document, Act.LOWERING_WITHDRAWN, by=permit.subject.id, about=target.act.id)
    uow.notes.detail |= {"lowering": str(target.act.id)}


def lower_document(uow: UnitOfWork, permit: Permit, target: LoweringTarget) -> None:
    """As the second person, lower the level to what was proposed. Raises `Stale` if it is not above that any more."""
    permit.must_cover(Action.DOCUMENT_LOWER, target)
    assert permit.subject is not None
    document = uow.held_for(permit, document_of(uow, target))
    level, before = target.act.level, document.level_number
    if level is None or not 0 <= level < before:
        raise Stale("no lower level", public="Its level is not above the proposed one any more. Withdraw the proposal.")
    _must_know_all(uow, document)
    if not one_human(uow, target.act.done_by, permit.subject.id):
        uow.discharge(Duty.SECOND_PERSON)
    enter_act(uow, document, Act.LOWERED, by=permit.subject.id, about=target.act.id, level=level)
    document.sealed_level = document.key_level
    document.level_number = level
    seal_requests(uow, document)
    uow.notes.detail |= {"lowering": str(target.act.id), "from": before, "level": level}


def _must_know_all(uow: UnitOfWork, document: Document) -> None:
    for body in uow.others(document.originator):
        must_not_be_behind(uow, document, body)
