"""People of the administrator's own body."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.close_person import PersonTarget, close_person
from portal.cases.facts import BodyTarget
from portal.cases.list_people import list_people
from portal.cases.refused_files import SHOWN, list_refused
from portal.cases.show_deputies import list_deputies
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.deputies import deputies_context

bp = GuardedBlueprint("people", __name__)


@bp.get("/people", guard=Guard(action=Action.PERSON_LIST, event=Event.PERSONS_LISTED, locate=facts.own_body))
def index(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    rows = [
        {
            "name": row.name,
            "roles_words": row.roles_words,
            "clearance_words": row.clearance_words,
            "last_seen": row.last_seen,
            "closed": row.closed,
            "sessions_url": url_for("sessions.of_person", person_id=row.id),
            "close_url": None if row.closed or row.myself else url_for("people.close", person_id=row.id),
            "why_not": "You cannot close your own account." if row.myself else None,
            "same_as": row.same_as,
            "deputy_url": None if row.closed or row.mine else url_for("deputies.offer", person_id=row.id),
            "names_url": None if row.myself else url_for("erasing.show", person_id=row.id),
            "accounts_url": url_for("deputies.accounts", person_id=row.id),
        }
        for row in list_people(uow, permit, body)
    ]
    deputies = deputies_context(list_deputies(uow, permit, body))
    return render_template("people.html", nav="people", rows=rows, deputies=deputies, refused_url=url_for("people.refused"))


@bp.get("/people/refused-files", guard=Guard(action=Action.PERSON_LIST, event=Event.REFUSED_FILES_LISTED, locate=facts.own_body))
def refused(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    return render_template("refused.html", nav="people", rows=list_refused(uow, permit, body), shown=SHOWN)


@bp.post("/people/<uuid:person_id>/close", guard=Guard(action=Action.PERSON_CLOSE, event=Event.PERSON_CLOSED, locate=facts.person))
def close(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    close_person(uow, permit, person)
    return redirect(url_for("people.index"))
