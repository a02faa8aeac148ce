"""The log, for auditors: the search, and the filters that they keep."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.facts import BodyTarget
from portal.cases.keep_filter import MOST_NAME, kept_filters
from portal.cases.log_filter import NAMES, chosen
from portal.cases.read_log import EVENTS, OUTCOMES, event_words, read_log
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.audit_chart import chart
from portal.web.forms import faults, typed

bp = GuardedBlueprint("audit", __name__)
CSV = ("Spreadsheet (CSV)", "A row for each event, as this page shows it. Nothing in a cell is run as a formula.")
JSONL = ("JSON Lines", "An event on each line, with a proof that it stands in the signed log. Checked without the portal.")
OCSF = ("OCSF 1.6", "For tools that watch many systems. Each event with its proof.")
CHECKPOINT = ("Checkpoint", "What the log signed last, with the signatures of its witnesses. Keep it: later ones must go on from it.")


@bp.get("/audit", guard=Guard(action=Action.AUDIT_READ, event=Event.AUDIT_READ, locate=facts.own_body))
def index(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    refused = faults()
    narrowed: dict[str, Any] = dict(chosen(request.form if refused else request.args))
    view = read_log(uow, permit, body, filters=narrowed, before=request.args.get("before", ""))
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
        filters=view.shown,
        any_filter=bool(narrowed),
        events=[(event, event_words(event)) for event in EVENTS],
        outcomes=OUTCOMES,
        states=[state.name for state in uow.parts.member_states.all()],
        acting=[(one.code, one.short) for one in uow.parts.config.body],
        rows=view.rows,
        older=url_for("audit.index", before=view.older, **narrowed) if view.older else None,
        total=view.total,
        taking=taking(view.total, narrowed),
        chart=chart(view.timeline, narrowed),
        keeping={
            "kept": [
                {
                    "name": one.name,
                    "href": _search(one.given) if one.readable else None,
                    "here": one.readable and one.given == narrowed,
                    "remove_url": url_for("audit_pages.remove", filter_id=one.id),
                }
                for one in kept_filters(uow, permit, body)
            ],
            "given": [(name, narrowed[name]) for name in NAMES if name in narrowed],
            "keep_url": url_for("audit_pages.keep"),
            "name": typed("name") if refused else "",
            "longest": MOST_NAME,
            "faults": refused,
        },
    )


def _search(given: dict[str, str]) -> str:
    where: dict[str, Any] = dict(given)
    return url_for("audit.index", **where)


def taking(total: int, filters: Mapping[str, Any]) -> list[dict[str, str]]:
    """The files that what was found can be taken along in, and the checkpoint that proves them."""
    forms = [("csv", *CSV), ("jsonl", *JSONL), ("ocsf", *OCSF)] if total else []
    found = [{"href": url_for(f"log_exports.{door}", **filters), "label": label, "told": told} for door, label, told in forms]
    return [*found, {"href": url_for("log_exports.checkpoint"), "label": CHECKPOINT[0], "told": CHECKPOINT[1]}]
