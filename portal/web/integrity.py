"""How the log stands, and the check of the whole. Reading the page is an event; asking how far a check is, is none."""

from dataclasses import asdict

from flask import jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.check_log import begin_check
from portal.cases.facts import BodyTarget
from portal.cases.show_integrity import show_check, show_integrity
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit

bp = GuardedBlueprint("integrity", __name__)


@bp.get("/audit/integrity", guard=Guard(action=Action.AUDIT_READ, event=Event.INTEGRITY_READ, locate=facts.own_body))
def index(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    return render_template(
        "integrity.html",
        nav="audit",
        log=show_integrity(uow, permit, body),
        verify_url=url_for("integrity.verify"),
        progress_url=url_for("integrity.progress"),
        self_url=url_for("integrity.index"),
    )


@bp.get("/audit/integrity/progress", guard=Guard(action=Action.AUDIT_READ, event=Event.CHECK_ASKED, locate=facts.own_body))
def progress(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    check = show_check(uow, permit, body)
    return jsonify({} if check is None else {name: value for name, value in asdict(check).items() if name in {"state", "done", "size"}})


VERIFY = Guard(action=Action.AUDIT_VERIFY, event=Event.CHECK_BEGUN, locate=facts.own_body, resumes="Verify now")


@bp.post("/audit/integrity/verify", guard=VERIFY)
def verify(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    begin_check(uow, permit, body)
    return redirect(url_for("integrity.index"))
