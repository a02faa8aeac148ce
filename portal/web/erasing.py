"""A person's names in the log: holding them, and erasing them, which takes two administrators."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.close_person import PersonTarget
from portal.cases.erase_person import erase_person, hold_person, lift_person_hold, propose_erasure, withdraw_erasure
from portal.cases.show_erasure import show_erasure
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import entered, faults, typed

bp = GuardedBlueprint("erasing", __name__)


@bp.get("/people/<uuid:person_id>/names", guard=Guard(action=Action.PERSON_CLOSE, event=Event.FORM_OPENED, locate=facts.person))
def show(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    names = ("hold", "lift", "propose", "withdraw", "erase")
    return render_template(
        "erasure.html",
        nav="people",
        view=show_erasure(uow, permit, person),
        urls={name: url_for(f"erasing.{name}", person_id=person.id) for name in names},
        values=entered("reason"),
        faults=faults(),
    )


def _back(person: PersonTarget) -> ResponseReturnValue:
    return redirect(url_for("erasing.show", person_id=person.id))


HOLD = Guard(action=Action.PERSON_CLOSE, event=Event.PERSON_HELD, locate=facts.person, again="erasing.show")
LIFT = Guard(action=Action.PERSON_ERASE, event=Event.PERSON_HOLD_LIFTED, locate=facts.person, again="erasing.show", resumes="Lift the hold")
PROPOSE = Guard(action=Action.PERSON_CLOSE, event=Event.ERASURE_PROPOSED, locate=facts.person, again="erasing.show")
WITHDRAW = Guard(action=Action.PERSON_CLOSE, event=Event.ERASURE_WITHDRAWN, locate=facts.person, again="erasing.show")
ERASE = Guard(action=Action.PERSON_ERASE, event=Event.PERSON_ERASED, locate=facts.person, again="erasing.show", resumes="Erase the names")


@bp.post("/people/<uuid:person_id>/names/hold", guard=HOLD)
def hold(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    hold_person(uow, permit, person, reason=typed("reason"))
    return _back(person)


@bp.post("/people/<uuid:person_id>/names/lift", guard=LIFT)
def lift(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    lift_person_hold(uow, permit, person)
    return _back(person)


@bp.post("/people/<uuid:person_id>/names/propose", guard=PROPOSE)
def propose(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    propose_erasure(uow, permit, person)
    return _back(person)


@bp.post("/people/<uuid:person_id>/names/withdraw", guard=WITHDRAW)
def withdraw(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    withdraw_erasure(uow, permit, person)
    return _back(person)


@bp.post("/people/<uuid:person_id>/names/erase", guard=ERASE)
def erase(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    erase_person(uow, permit, person)
    return _back(person)
