"""Leaving at the provider: the browser's way there after signing out, and what a provider itself says of somebody who left. Open doors."""

from flask import make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.facts import BodyTarget
from portal.cases.sign_out import Exit, Leaving, leave_provider
from portal.cases.take_logout import LogoutNotice, Notice, read_logout, take_logout
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit

bp = GuardedBlueprint("leaving", __name__)


def _leaving(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> Leaving | None:
    return Leaving.kept(session.get("leaving"))


LEAVE = Guard(action=Action.SESSION_BEGIN, event=Event.PROVIDER_LEFT, locate=facts.nowhere, carry=Carry(_leaving, leave_provider))


@bp.get("/signed-out", guard=LEAVE)
def provider(uow: UnitOfWork, permit: Permit, target: BodyTarget, way: Exit) -> ResponseReturnValue:
    """Signed out here; the browser goes on to the provider by itself.

    Not by a redirect: it would follow a form, and browsers let no form lead where `form-action` does not (CSP Level 3).
    """
    response = make_response(render_template("signed_out.html", exit=way, back_url=url_for("entrance.sign_in")))
    if way.url:
        response.headers["Refresh"] = f"0; url={way.url}"
    return response


def _arrived(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> LogoutNotice:
    assert request.view_args is not None
    return LogoutNotice(str(request.view_args["provider"]), request.form.get("logout_token", ""))


NOTICE = Guard(
    action=Action.SESSION_END_BY_PROVIDER,
    event=Event.SESSION_ENDED_BY_PROVIDER,
    locate=facts.nowhere,
    carry=Carry(_arrived, read_logout),
)


@bp.post("/back-channel-logout/<provider>", guard=NOTICE)
def notice(uow: UnitOfWork, permit: Permit, target: BodyTarget, judged: Notice) -> ResponseReturnValue:
    """200 once the sessions are ended, 400 for a token that is not taken (Back-Channel Logout 1.0, section 2.8)."""
    assert request.view_args is not None
    take_logout(uow, permit, target, str(request.view_args["provider"]), judged)
    return "", 200, {"Content-Type": "text/plain; charset=utf-8"}
