"""One's own local account: change the password, make recovery codes anew."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import account_facts
from portal.cases.account_facts import AccountTarget
from portal.cases.own_account import Change, change_password, check_change, count_change, renew_recovery_codes, show_own_account
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import faults, typed

bp = GuardedBlueprint("own_account", __name__)


@bp.get("/account", guard=Guard(action=Action.ACCOUNT_CHANGE, event=Event.ACCOUNT_READ, locate=account_facts.own_account))
def show(uow: UnitOfWork, permit: Permit, target: AccountTarget) -> ResponseReturnValue:
    view = show_own_account(uow, permit, target)
    codes = request.endpoint == "own_account.renew"  # whose faults these are, if this page is shown again
    return render_template(
        "account.html",
        view=view,
        changed=bool(request.args.get("changed")),
        password_faults={} if codes else faults(),
        codes_faults=faults() if codes else {},
    )


def _new_password(uow: UnitOfWork, permit: Permit, target: AccountTarget) -> Any:
    form = request.form
    change = Change(
        current=form.get("current", ""),
        code=typed("code"),
        new=form.get("password", ""),
        again=form.get("again", ""),
        address=request.remote_addr or "",
    )
    return count_change(uow, permit, target, change)


PASSWORD = Guard(
    action=Action.ACCOUNT_CHANGE,
    event=Event.PASSWORD_CHANGED,
    locate=account_facts.own_account,
    again="own_account.show",
    carry=Carry(_new_password, check_change, counts=True),
)


@bp.post("/account/password", guard=PASSWORD)
def password(uow: UnitOfWork, permit: Permit, target: AccountTarget, checked: tuple[Change, str]) -> ResponseReturnValue:
    change_password(uow, permit, target, *checked)
    return redirect(url_for("own_account.show", changed=1))


def _new_codes(uow: UnitOfWork, permit: Permit, target: AccountTarget) -> Any:
    change = Change(current=request.form.get("current", ""), code=typed("code"), address=request.remote_addr or "")
    return count_change(uow, permit, target, change)


CODES = Guard(
    action=Action.ACCOUNT_CHANGE,
    event=Event.RECOVERY_CODES_RENEWED,
    locate=account_facts.own_account,
    again="own_account.show",
    carry=Carry(_new_codes, check_change, counts=True),
)


@bp.post("/account/recovery-codes", guard=CODES)
def renew(uow: UnitOfWork, permit: Permit, target: AccountTarget, checked: tuple[Change, str]) -> ResponseReturnValue:
    return render_template("recovery_codes.html", codes=renew_recovery_codes(uow, permit, target, checked[0]), first=False)
