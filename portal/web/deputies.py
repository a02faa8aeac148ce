"""Deputies of the administrator's own body, and accounts that are one human's. The list of both is the page of people."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.close_person import PersonTarget
from portal.cases.link_accounts import link_accounts
from portal.cases.name_deputy import DeputyForm, DeputyTarget, end_deputy, name_deputy, propose_deputy
from portal.cases.show_deputies import DeputyRow, offer_deputy, offer_link
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import entered, faults, typed

bp = GuardedBlueprint("deputies", __name__)


@bp.get("/people/<uuid:person_id>/deputies", guard=Guard(action=Action.DEPUTY_PROPOSE, event=Event.FORM_OPENED, locate=facts.person))
def offer(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    return render_template(
        "deputy.html",
        nav="people",
        offer=offer_deputy(uow, permit, person),
        propose_url=url_for("deputies.propose", person_id=person.id),
        values=entered("role", "begins", "until", "reason"),
        faults=faults(),
    )


PROPOSE = Guard(action=Action.DEPUTY_PROPOSE, event=Event.DEPUTY_PROPOSED, locate=facts.person, again="deputies.offer")


@bp.post("/people/<uuid:person_id>/deputies", guard=PROPOSE)
def propose(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    form = DeputyForm(role=typed("role"), begins=typed("begins"), until=typed("until"), reason=typed("reason"))
    propose_deputy(uow, permit, person, form)
    return _back()


NAME = Guard(action=Action.DEPUTY_NAME, event=Event.DEPUTY_NAMED, locate=facts.deputy, resumes="Name the deputy")


@bp.post("/deputies/<uuid:deputy_id>/name", guard=NAME)
def name(uow: UnitOfWork, permit: Permit, deputy: DeputyTarget) -> ResponseReturnValue:
    name_deputy(uow, permit, deputy)
    return _back()


@bp.post("/deputies/<uuid:deputy_id>/end", guard=Guard(action=Action.DEPUTY_END, event=Event.DEPUTY_ENDED, locate=facts.deputy))
def end(uow: UnitOfWork, permit: Permit, deputy: DeputyTarget) -> ResponseReturnValue:
    end_deputy(uow, permit, deputy)
    return _back()


@bp.get("/people/<uuid:person_id>/accounts", guard=Guard(action=Action.PERSON_LINK, event=Event.FORM_OPENED, locate=facts.person))
def accounts(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    return render_template(
        "one_human.html",
        nav="people",
        offer=offer_link(uow, permit, person),
        link_url=url_for("deputies.link", person_id=person.id),
        values=entered("other"),
        faults=faults(),
    )


LINK = Guard(action=Action.PERSON_LINK, event=Event.PERSON_LINKED, locate=facts.person, again="deputies.accounts")


@bp.post("/people/<uuid:person_id>/accounts", guard=LINK)
def link(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    link_accounts(uow, permit, person, other=typed("other"))
    return redirect(url_for("people.index"))


def deputies_context(rows: list[DeputyRow]) -> list[dict[str, Any]]:
    """The list of deputies, as the page of people shows it."""
    return [
        {
            "row": row,
            "name_url": url_for("deputies.name", deputy_id=row.id) if row.may_name else None,
            "end_url": None if row.state == "ended" else url_for("deputies.end", deputy_id=row.id),
        }
        for row in rows
    ]


def _back() -> ResponseReturnValue:
    return redirect(url_for("people.index", _anchor="deputies"))
