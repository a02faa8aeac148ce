"""Enrolling a local account: the page behind a one-time link. Looking at it uses nothing up, so that no scanner of mail spoils it."""

from uuid import UUID

from flask import render_template, request, session
from flask.typing import ResponseReturnValue

from portal.cases import account_facts
from portal.cases.enrol_account import Enrolling, count_enrolment, enrol_account, hash_password, new_secret, show_invitation
from portal.cases.facts import BodyTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.gateway.safety import refuse_forged
from portal.gateway.sessions import row_id
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import faults, typed
from portal.web.local_sign_in import begun

bp = GuardedBlueprint("enrolment", __name__)

SHOW = Guard(action=Action.SESSION_BEGIN, event=Event.SIGN_IN_OFFERED, locate=account_facts.doorstep)


@bp.get("/enrol/<uuid:account_id>/<token>", guard=SHOW)
def show(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> ResponseReturnValue:
    account, token = _link()
    secret = session.get("secret", "")
    invitation = show_invitation(uow, account, token, secret or new_secret())
    if row_id() is None:
        session["secret"] = invitation.secret
        return begun("enrolment.show", account_id=account, token=token)
    session["secret"] = invitation.secret
    return render_template("enrol.html", invitation=invitation, faults=faults())


def _link() -> tuple[UUID, str]:
    assert request.view_args is not None
    return request.view_args["account_id"], request.view_args["token"]


def _typed(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> Enrolling:
    refuse_forged()
    enrolling = Enrolling(
        handed_over=typed("handed_over"),
        password=request.form.get("password", ""),
        again=request.form.get("again", ""),
        first_code=typed("first_code"),
        secret=session.get("secret", ""),
        address=request.remote_addr or "",
    )
    return count_enrolment(uow, *_link(), enrolling)


ENROL = Guard(
    action=Action.SESSION_BEGIN,
    event=Event.ACCOUNT_ENROLLED,
    locate=account_facts.doorstep,
    again="enrolment.show",
    carry=Carry(_typed, hash_password, counts=True),
)


@bp.post("/enrol/<uuid:account_id>/<token>", guard=ENROL)
def enrol(uow: UnitOfWork, permit: Permit, target: BodyTarget, worked: tuple[Enrolling, str]) -> ResponseReturnValue:
    opened = row_id()
    assert opened is not None
    codes = enrol_account(uow, opened, *_link(), *worked)
    session.pop("secret", None)
    return render_template("recovery_codes.html", codes=codes, first=True)
