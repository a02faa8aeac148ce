"""Set a date of a document, and record a review of its level. Neither opens or closes anything."""

from dataclasses import dataclass
from datetime import date

from portal.cases import facts
from portal.cases.hold_document import demand_reason
from portal.cases.kept import enter_act
from portal.cases.lower_document import propose_lowering
from portal.cases.uow import Notes, UnitOfWork
from portal.documents.keeping import Act
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Due
from portal.policy.decide import decide


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewForm:
    """What came of a review: the level stays, or (`lower`) a lower one is proposed; and when it is reviewed next."""

    reason: str
    day: str
    lower: bool = False
    level: str = ""


def schedule_document(uow: UnitOfWork, permit: Permit, document: Document, *, due: str, day: str, reason: str) -> None:
    """Set one date, or (with no day) that there is none, whatever is configured. Raises `Invalid`."""
    permit.must_cover(Action.DOCUMENT_SCHEDULE, document)
    assert permit.subject is not None
    faults: dict[str, str] = {}
    which = next((one for one in Due if one.value == due), None)
    if which is None:
        faults["due"] = "Choose from the list."
    until = day_of(uow, day, faults) if day else None
    _demand(faults, reason, "Say why, in 3 to 500 characters. Only your own body reads it.")
    document = uow.held_for(permit, document)
    act = enter_act(uow, document, Act.SCHEDULED, by=permit.subject.id, reason=reason, due=which, day=until)
    uow.notes.detail |= {"schedule": str(act.id), "date": due, "day": "none" if until is None else until.isoformat()}
    uow.notes.private |= {"reason": reason}


def review_document(uow: UnitOfWork, permit: Permit, document: Document, form: ReviewForm) -> None:
    """Record a review; where its outcome is a lower level, propose that in the same transaction. Raises `Invalid`, `Denied`, `Stale`."""
    permit.must_cover(Action.DOCUMENT_REVIEW, document)
    assert permit.subject is not None
    faults: dict[str, str] = {}
    day = day_of(uow, form.day, faults)
    _demand(faults, form.reason, "Say what the review found, in 3 to 500 characters. Only your own body reads it.")
    document = uow.held_for(permit, document)
    act = enter_act(uow, document, Act.REVIEWED, by=permit.subject.id, reason=form.reason, due=Due.REVIEW, day=day)
    uow.notes.detail |= {"review": str(act.id), "outcome": "lower" if form.lower else "keep", "day": form.day}
    uow.notes.private |= {"reason": form.reason}
    if form.lower:
        asked = facts.document(uow, permit.subject, document_id=document.id).facts
        granted = decide(uow.parts.policies, permit.subject, Action.DOCUMENT_PROPOSE_LOWERING, asked, uow.context(permit.subject))
        also = Notes(document=document.id)
        propose_lowering(uow, granted, document, level=form.level, reason=form.reason, notes=also)
        uow.also(Event.LOWERING_PROPOSED, also, originator=document.originator)


def day_of(uow: UnitOfWork, text: str, faults: dict[str, str]) -> date | None:
    """A day that is still to come."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        faults["day"] = "Give the day, for example 2031-06-30."
        return None
    if day <= uow.at.date():
        faults["day"] = "This day is not to come any more. Give a later one."
    return day


def _demand(faults: dict[str, str], reason: str, sentence: str) -> None:
    try:
        demand_reason(reason, sentence)
    except Invalid as error:
        faults |= error.faults
    if faults:
        raise Invalid(faults)
