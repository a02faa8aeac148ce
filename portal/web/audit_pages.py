"""Pages beside the search of the log: who saw what, what stands out; and the filters that an auditor keeps."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts, show_seen, show_unusual
from portal.cases.facts import BodyTarget
from portal.cases.keep_filter import keep_filter, remove_filter
from portal.cases.log_filter import chosen
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import number_asked, typed
from portal.web.lists import narrowed

bp = GuardedBlueprint("audit_pages", __name__)
READ = Guard(action=Action.AUDIT_READ, event=Event.AUDIT_READ, locate=facts.own_body)


@bp.get("/audit/seen", guard=READ)
def seen(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    given = narrowed(*show_seen.NARROWED_BY)
    persons, things = number_asked("persons") or 0, number_asked("things") or 0
    view = show_seen.show_seen(uow, permit, body, given=given, persons=persons, things=things)
    where: dict[str, Any] = dict(given)
    return render_template(
        "audit_seen.html",
        nav="audit",
        filters=view.shown | {"since": view.since, "until": view.until},
        any_filter=bool(given),
        states=[state.name for state in uow.parts.member_states.all()],
        columns=[_named(one) for one in view.columns],
        rows=[
            {
                **_named(person),
                "cells": [
                    cell and {"pages": cell.pages, "copies": cell.copies, "refusals": cell.refusals, "href": _search(cell.narrows)}
                    for cell in cells
                ],
            }
            for person, cells in view.rows
        ],
        first=not persons and not things,
        more_persons=url_for("audit_pages.seen", persons=view.persons, things=things, **where) if view.persons else None,
        more_things=url_for("audit_pages.seen", persons=0, things=view.things, **where) if view.things else None,
        damaged=view.damaged,
    )


@bp.get("/audit/unusual", guard=READ)
def unusual(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    given = narrowed(*show_unusual.NARROWED_BY)
    view = show_unusual.show_unusual(uow, permit, body, given=given)
    return render_template(
        "audit_unusual.html",
        nav="audit",
        filters=view.shown | {"since": view.since, "until": view.until},
        any_filter=bool(given),
        sections=[
            {
                "heading": heading,
                "sought": sought,
                "rows": [
                    {
                        "what": row.what,
                        "who": _named(row.who),
                        "first": row.first,
                        "last": row.last,
                        "limit": row.limit,
                        "href": _search(row.narrows),
                    }
                    for row in rows
                ],
            }
            for heading, sought, rows in view.sections
        ],
        cut=view.cut,
        damaged=view.damaged,
    )


KEEP = Guard(action=Action.AUDIT_KEEP_FILTER, event=Event.FILTER_KEPT, locate=facts.own_body, again="audit.index")
REMOVE = Guard(action=Action.AUDIT_KEEP_FILTER, event=Event.FILTER_REMOVED, locate=facts.own_body)


@bp.post("/audit/filters", guard=KEEP)
def keep(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    given: dict[str, Any] = dict(chosen(request.form))
    keep_filter(uow, permit, body, name=typed("name"), given=given)
    return redirect(url_for("audit.index", **given))


@bp.post("/audit/filters/<uuid:filter_id>/remove", guard=REMOVE)
def remove(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    assert request.view_args is not None
    remove_filter(uow, permit, body, request.view_args["filter_id"])
    return redirect(url_for("audit.index"))


def _named(one: show_seen.Named) -> dict[str, Any]:
    return {"words": one.words, "beside": one.beside, "href": _search(one.narrows)}


def _search(narrows: dict[str, str]) -> str:
    where: dict[str, Any] = dict(narrows)
    return url_for("audit.index", **where)
