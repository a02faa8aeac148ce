"""Confirming that it is you, where one signed in. From there one comes back (`entrance`, `local_sign_in`), on to what was begun."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.confirm import LOCAL, start_confirmation
from portal.cases.facts import BodyTarget
from portal.cases.sign_in import flows_in, with_flow
from portal.cases.uow import Parts, UnitOfWork
from portal.gateway import resume
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit

bp = GuardedBlueprint("confirm", __name__)


def _way(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> tuple[str, str]:
    """The service that let this person in, as their sealed session says, and what they go on with."""
    about = request.args.get("about", "")
    return str(session.get("provider", "")), about if resume.find(about) else ""


@contextmanager
def _start(parts: Parts, way: tuple[str, str]) -> Iterator[tuple[str, str]]:
    provider, about = way
    yield (url_for("local_sign_in.confirm", about=about), "") if provider == LOCAL else start_confirmation(parts, provider, about)


START = Guard(action=Action.SESSION_CONFIRM, event=Event.CONFIRMATION_STARTED, locate=facts.own_body, carry=Carry(_way, _start), near=True)


@bp.get("/confirm/start", guard=START)
def start(uow: UnitOfWork, permit: Permit, body: BodyTarget, started: tuple[str, str]) -> ResponseReturnValue:
    """A link, not a form: `form-action` also binds where a form's answer redirects to, and that is another origin."""
    url, flow = started
    if flow:  # none where a code of one's own is shown
        session["flows"] = with_flow(flows_in(session), flow)
    return redirect(url)


@bp.get("/confirm/continue", guard=Guard(action=Action.SESSION_CONFIRM, event=Event.FORM_OPENED, locate=facts.own_body))
def go_on(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    """Where the person was: a page is opened, a form is shown to be sent."""
    intent = resume.find(request.args.get("about", ""))
    if intent is None:
        return redirect(url_for("home.home"))
    if not intent.what:
        return redirect(intent.url)
    return render_template("confirmed.html", intent=intent)
