"""The entrance: health, static files, signing in and out. All but signing out are open doors; their set is a literal in a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask import g, redirect, render_template, request, send_from_directory, session, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.confirm import confirm
from portal.cases.facts import BodyTarget
from portal.cases.send_log import receivers_fail
from portal.cases.sign_in import (
    CameBack,
    SignInRefused,
    admit,
    end_refused,
    finish_sign_in,
    flows_in,
    log_is_healthy,
    start_sign_in,
    ways_in,
    with_flow,
)
from portal.cases.sign_out import Leaving, end_session
from portal.cases.uow import Parts, UnitOfWork
from portal.gateway import resume
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.gateway.safety import CLEARED
from portal.gateway.sessions import end, issue, row_id
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit

bp = GuardedBlueprint("entrance", __name__)
STATIC = Path(__file__).parent / "static"


@bp.get("/health", guard=Guard(action=Action.HEALTH_READ, event=Event.HEALTH_READ, locate=facts.nowhere))
def health(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> ResponseReturnValue:
    """200 if documents can be served: the database answers and the log keeps up. No figures: they are for auditors.

    A receiver that does not take the log is told, and takes nothing away.
    """
    healthy = log_is_healthy(uow)
    said = "not available\n" if not healthy else "ok; the log is not sent on\n" if receivers_fail(uow) else "ok\n"
    return said, (200 if healthy else 503), {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/static/<path:name>", guard=Guard(action=Action.ASSET_READ, event=Event.ASSET_READ, locate=facts.nowhere))
def static(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> ResponseReturnValue:
    assert request.view_args is not None
    response = send_from_directory(STATIC, request.view_args["name"], max_age=86400)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@bp.get("/sign-in", guard=Guard(action=Action.SESSION_BEGIN, event=Event.SIGN_IN_OFFERED, locate=facts.nowhere))
def sign_in(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> ResponseReturnValue:
    if g.subject is not None:
        return redirect(url_for("home.home"))
    notice = ("info", _farewell()) if request.args.get("out") else None
    ways = [{"label": way.label, "url": url_for("entrance.start", provider=way.name)} for way in ways_in(uow.parts)]
    local = url_for("local_sign_in.password") if uow.parts.config.local.enabled else ""
    return render_template("sign_in.html", ways=ways, local_url=local, notice=notice)


def _farewell() -> str:
    """What to say to somebody who signed out. Only who was sent to the provider from here, and is back, is told that they left it."""
    leaving = Leaving.kept(session.get("leaving"))
    if leaving is None or not leaving.was_left(request.args.get("state", "")):
        return "You are signed out."
    session.pop("leaving")
    return "You are signed out, here and at your organisation’s sign-in service."


@dataclass(frozen=True, slots=True)
class Started:
    url: str
    flow: str


@contextmanager
def _start(parts: Parts, provider: str) -> Iterator[Started]:
    yield Started(*start_sign_in(parts, provider))


def _named(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> str:
    """The provider that the address names."""
    assert request.view_args is not None
    return str(request.view_args["provider"])


# Near: a provider that still knows the person asks them nothing, so that another site's link would open a session by itself.
START = Guard(action=Action.SESSION_BEGIN, event=Event.SIGN_IN_STARTED, locate=facts.nowhere, carry=Carry(_named, _start), near=True)


@bp.get("/sign-in/<provider>/start", guard=START)
def start(uow: UnitOfWork, permit: Permit, target: BodyTarget, started: Started) -> ResponseReturnValue:
    session["flows"] = with_flow(flows_in(session), started.flow)
    return redirect(started.url)


class NotWaitedFor(SignInRefused):
    """The browser was sent here again, or late. Whoever is signed in stays so, hence no word of not being signed in."""

    heading = "This sign-in is over"
    public = (
        "No sign-in waits for this answer in this browser: it was answered already, begun elsewhere, or begun too long ago. "
        "If you are not signed in, start again from the sign-in page."
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from the provider, and which of the browser's flows it answers. That one is used once, whatever becomes of it."""

    provider: str
    flow: str
    params: dict[str, str]


def _answer(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> Answer:
    flows = flows_in(session)
    flow = flows.pop(request.args.get("state", ""), "")
    if not flow or row_id() is None:
        raise NotWaitedFor("the answer is to no sign-in under way in this browser")
    session["flows"] = flows
    return Answer(_named(uow, permit, target), flow, request.args.to_dict())


CALLBACK = Guard(
    action=Action.SESSION_BEGIN, event=Event.SIGNED_IN, locate=facts.nowhere, carry=Carry(_answer, finish_sign_in), drops=end_refused
)


@bp.get("/sign-in/<provider>/callback", guard=CALLBACK)
def callback(uow: UnitOfWork, permit: Permit, target: BodyTarget, back: CameBack) -> ResponseReturnValue:
    begun: UUID | None = row_id()
    assert begun is not None
    provider, others = _named(uow, permit, target), {"flows": flows_in(session)}
    if back.confirms:
        issue(confirm(uow, permit.subject, provider, back.claims, resume.kept() | others))
        return redirect(url_for("confirm.go_on", about=back.about))
    issue(admit(uow, begun, provider, back.claims, others))
    before, now = g.subject, uow.notes.actor
    if before is not None and now is not None and before.id != now.id:
        return redirect(url_for("sessions.index", instead=1))
    return redirect(url_for("home.home"))


@bp.post("/sign-out", guard=Guard(action=Action.SESSION_END, event=Event.SIGNED_OUT, locate=facts.own_body))
def sign_out(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    assert permit.subject is not None
    leaving = end_session(uow, permit.subject)
    if leaving is None:
        end()
        answer = redirect(url_for("entrance.sign_in", out=1))
    else:
        issue(leaving)
        answer = redirect(url_for("leaving.provider"))
    answer.headers["Clear-Site-Data"] = CLEARED
    return answer
