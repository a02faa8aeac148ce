"""Signing in with a local account: one page for name and password, one for the code. Strangers come here, so forms are checked here."""

from uuid import UUID

from flask import g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.cases import account_facts
from portal.cases.facts import BodyTarget
from portal.cases.sign_in import end_refused
from portal.cases.sign_in_local import (
    BeginAgain,
    Half,
    Typed,
    check_password,
    confirm_local,
    count_code,
    count_confirmation,
    count_password,
    demand_half,
    finish_local,
    half_way,
)
from portal.cases.uow import UnitOfWork
from portal.gateway import resume
from portal.gateway.carry import as_gathered
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.gateway.safety import refuse_forged
from portal.gateway.sessions import issue, row_id
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import entered, faults, typed

bp = GuardedBlueprint("local_sign_in", __name__)

OFFER = Guard(action=Action.SESSION_BEGIN, event=Event.SIGN_IN_OFFERED, locate=account_facts.doorstep)


@bp.get("/sign-in/local", guard=OFFER)
def password(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> ResponseReturnValue:
    if g.subject is not None:
        return redirect(url_for("home.home"))
    if row_id() is None:  # a session first: the form carries its token
        return begun("local_sign_in.password")
    return render_template("sign_in_local.html", values=entered("login"), faults=faults())


def begun(endpoint: str, **where: object) -> ResponseReturnValue:
    """Begin a session and come back. Raises `BeginAgain` for a browser that keeps none."""
    if request.args.get("begun"):
        raise BeginAgain("no cookie came back", public="Your browser keeps no cookies for the portal. Allow them, then begin again.")
    session["local"] = ""
    return redirect(url_for(endpoint, begun=1, **where))  # type: ignore[arg-type]


def _typed() -> Typed:
    return Typed(login=typed("login"), password=request.form.get("password", ""), address=request.remote_addr or "")


def _password(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> object:
    refuse_forged()
    return count_password(uow, _typed())


CHECK = Guard(
    action=Action.SESSION_BEGIN,
    event=Event.PASSWORD_CHECKED,
    locate=account_facts.doorstep,
    again="local_sign_in.password",
    carry=Carry(_password, check_password, counts=True),
)


@bp.post("/sign-in/local", guard=CHECK)
def check(uow: UnitOfWork, permit: Permit, target: BodyTarget, account: UUID) -> ResponseReturnValue:
    session["local"] = half_way(uow, _typed(), account).to_json()
    return redirect(url_for("local_sign_in.code"))


@bp.get("/sign-in/local/code", guard=OFFER)
def code(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> ResponseReturnValue:
    if g.subject is not None:
        return redirect(url_for("home.home"))
    demand_half(uow, session.get("local", ""))
    return render_template("sign_in_code.html", faults=faults())


def _code(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> Half:
    refuse_forged()
    return count_code(uow, session.get("local", ""), request.remote_addr or "")


FINISH = Guard(
    action=Action.SESSION_BEGIN,
    event=Event.SIGNED_IN,
    locate=account_facts.doorstep,
    again="local_sign_in.code",
    carry=Carry(_code, as_gathered, counts=True),
    drops=end_refused,
)


@bp.post("/sign-in/local/code", guard=FINISH)
def finish(uow: UnitOfWork, permit: Permit, target: BodyTarget, half: Half) -> ResponseReturnValue:
    opened = row_id()
    assert opened is not None
    issue(finish_local(uow, opened, half, code=typed("code"), address=request.remote_addr or ""))
    return redirect(url_for("home.home"))


@bp.get("/confirm/local", guard=Guard(action=Action.SESSION_CONFIRM, event=Event.FORM_OPENED, locate=account_facts.own_code))
def confirm(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    return render_template("confirm_local.html", about=request.values.get("about", ""), faults=faults())


def _confirmation(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> Half:
    assert permit.subject is not None
    return count_confirmation(uow, permit.subject, request.remote_addr or "")


CONFIRM = Guard(
    action=Action.SESSION_CONFIRM,
    event=Event.SESSION_CONFIRMED,
    locate=account_facts.own_code,
    again="local_sign_in.confirm",
    carry=Carry(_confirmation, as_gathered, counts=True),
    drops=end_refused,
)


@bp.post("/confirm/local", guard=CONFIRM)
def confirmed(uow: UnitOfWork, permit: Permit, body: BodyTarget, half: Half) -> ResponseReturnValue:
    assert permit.subject is not None
    issue(confirm_local(uow, permit.subject, half, resume.kept(), code=typed("code"), address=request.remote_addr or ""))
    return redirect(url_for("confirm.go_on", about=typed("about")))
