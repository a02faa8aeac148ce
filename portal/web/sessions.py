"""Where somebody is signed in, and how that ends: a person's own page, and the security administrator's page of a person."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.close_person import PersonTarget
from portal.cases.end_sessions import end_other_sessions, end_own_session, end_session_of, end_sessions_of
from portal.cases.facts import BodyTarget
from portal.cases.show_sessions import own_reference, own_sessions, sessions_of
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit

bp = GuardedBlueprint("sessions", __name__)
END = Guard(action=Action.SESSION_END, event=Event.SESSION_ENDED, locate=facts.own_body)
END_OF = Guard(action=Action.PERSON_END_SESSIONS, event=Event.PERSON_SESSIONS_ENDED, locate=facts.person)


@bp.get("/sessions", guard=Guard(action=Action.SESSION_LIST, event=Event.SESSIONS_LISTED, locate=facts.own_body))
def index(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    rows = [
        {
            "this": row.this,
            "begun": row.begun,
            "last_used": row.last_used,
            "until": row.until,
            "service": row.service,
            "browser": row.browser,
            "end_url": url_for("sessions.end", session_id=row.id),
        }
        for row in own_sessions(uow, permit, body)
    ]
    limits = uow.parts.config.session
    return render_template(
        "sessions.html",
        rows=rows,
        reference=own_reference(permit, body),
        others_url=url_for("sessions.end_others") if len(rows) > 1 else None,
        instead="instead" in request.args,
        idle_minutes=limits.idle_minutes,
        absolute_hours=limits.absolute_hours,
    )


@bp.post("/sessions/<uuid:session_id>/end", guard=END)
def end(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    assert request.view_args is not None
    end_own_session(uow, permit, body, request.view_args["session_id"])
    return redirect(url_for("sessions.index"))


@bp.post("/sessions/end-others", guard=END)
def end_others(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    end_other_sessions(uow, permit, body)
    return redirect(url_for("sessions.index"))


OF_PERSON = Guard(action=Action.PERSON_READ_SESSIONS, event=Event.PERSON_SESSIONS_READ, locate=facts.person)


@bp.get("/people/<uuid:person_id>/sessions", guard=OF_PERSON)
def of_person(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    found = sessions_of(uow, permit, person)
    rows = [
        {
            "begun": row.begun,
            "last_used": row.last_used,
            "until": row.until,
            "end_url": url_for("sessions.end_of", person_id=person.id, session_id=row.id),
        }
        for row in found.rows
    ]
    all_url = url_for("sessions.end_all_of", person_id=person.id) if rows else None
    return render_template("person_sessions.html", nav="people", name=found.name, rows=rows, all_url=all_url)


@bp.post("/people/<uuid:person_id>/sessions/<uuid:session_id>/end", guard=END_OF)
def end_of(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    assert request.view_args is not None
    end_session_of(uow, permit, person, request.view_args["session_id"])
    return redirect(url_for("sessions.of_person", person_id=person.id))


@bp.post("/people/<uuid:person_id>/sessions/end", guard=END_OF)
def end_all_of(uow: UnitOfWork, permit: Permit, person: PersonTarget) -> ResponseReturnValue:
    end_sessions_of(uow, permit, person)
    return redirect(url_for("sessions.of_person", person_id=person.id))
