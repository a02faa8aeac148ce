"""Place a legal hold, and lift it. Placing takes one officer: while a hold lies on a document the policy lets nobody shred it."""

from portal.cases.kept import HoldTarget, document_of, enter_act, remember_holds
from portal.cases.plain_text import demand_plain
from portal.cases.separation import one_human
from portal.cases.uow import UnitOfWork
from portal.documents.keeping import Act
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.permit import Duty, Permit


def place_hold(uow: UnitOfWork, permit: Permit, document: Document, *, reason: str) -> None:
    """Hold the document from now on. Several holds may lie on one document. Raises `Invalid`."""
    permit.must_cover(Action.DOCUMENT_HOLD, document)
    assert permit.subject is not None
    demand_reason(reason, "Say why it must be kept, in 3 to 500 characters. Only your own body reads it.")
    document = uow.held_for(permit, document)
    hold = enter_act(uow, document, Act.HELD, by=permit.subject.id, reason=reason)
    remember_holds(uow, document)
    uow.notes.detail |= {"hold": str(hold.id)}
    uow.notes.private |= {"reason": reason}


def lift_hold(uow: UnitOfWork, permit: Permit, target: HoldTarget) -> None:
    """Lift one hold; the document stays held if another lies on it."""
    permit.must_cover(Action.DOCUMENT_LIFT_HOLD, target)
    assert permit.subject is not None
    document = uow.held_for(permit, document_of(uow, target))
    if not one_human(uow, target.act.done_by, permit.subject.id):
        uow.discharge(Duty.SECOND_PERSON)
    enter_act(uow, document, Act.LIFTED, by=permit.subject.id, about=target.act.id)
    uow.notes.detail |= {"hold": str(target.act.id)}


def demand_reason(reason: str, sentence: str) -> None:
    """Raise `Invalid` unless this can be kept as a reason."""
    faults: dict[str, str] = {}
    if not 3 <= len(reason) <= 500:
        faults["reason"] = sentence
    demand_plain(faults, reason=reason)
    if faults:
        raise Invalid(faults)
