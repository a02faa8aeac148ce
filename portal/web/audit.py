"""The log, for auditors."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.facts import BodyTarget
from portal.cases.read_log import EVENTS, OUTCOMES, read_log
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit

bp = GuardedBlueprint("audit", __name__)
FILTERS = ("event", "outcome", "actor", "document", "since", "until")


@bp.get("/audit", guard=Guard(action=Action.AUDIT_READ, event=Event.AUDIT_READ, locate=facts.own_body))
def index(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    filters = {name: request.args.get(name, "").strip()[:200] for name in FILTERS}
    view = read_log(uow, permit, body, filters=filters, before=request.args.get("before", ""))
    set_filters: dict[str, Any] = {name: value for name, value in filters.items() if value}
    return render_template(
        "audit.html",
        nav="audit",
        integrity={
            "size": view.size,
            "root_short": view.root_short,
            "signed_at": view.signed_at,
            "pending": view.pending,
            "state": view.state,
            "href": url_for("integrity.index"),
        },
        filters=filters,
        events=EVENTS,
        outcomes=OUTCOMES,
        rows=view.rows,
        older=url_for("audit.index", before=view.older, **set_filters) if view.older else None,
        total=view.total,
    )
