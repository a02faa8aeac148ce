"""Local accounts of one's own body: proposed by a security administrator, given roles by two officers."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import account_facts
from portal.cases.account_facts import AccountTarget, GrantTarget
from portal.cases.facts import BodyTarget
from portal.cases.grant_roles import GrantForm, confirm_grant, propose_grant, withdraw_grant
from portal.cases.propose_account import AccountForm, propose_account
from portal.cases.show_accounts import AccountRow, show_accounts
from portal.cases.show_home import may
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Level, Role
from portal.web.forms import entered, faults, typed

bp = GuardedBlueprint("accounts", __name__)

#: Who proposes and confirms roles. Decided by the policy at each act; here only what is offered.
OFFICERS = frozenset({Role.CONFIDENTIALITY_OFFICER, Role.RELEASING_OFFICER})
LIST = Guard(action=Action.ACCOUNT_LIST, event=Event.ACCOUNTS_LISTED, locate=account_facts.accounts_of_body)


@bp.get("/accounts", guard=LIST)
def index(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    assert permit.subject is not None
    officer = bool(permit.subject.roles & OFFICERS)
    refused = str((request.view_args or {}).get("account_id", ""))  # whose form it was, if this page is shown again
    return render_template(
        "accounts.html",
        nav="accounts",
        rows=[_row(row, officer, refused) for row in show_accounts(uow, permit, body)],
        propose_url=url_for("accounts.propose") if may(uow, permit, Action.ACCOUNT_PROPOSE) else None,
        values=entered("name", "login") if not refused else {},
        faults=faults() if not refused else {},
        roles=[(role.value, role.words) for role in Role],
        levels=[(str(int(level)), level.words) for level in Level if level <= permit.subject.clearance],
    )


def _row(row: AccountRow, officer: bool, refused: str) -> dict[str, Any]:
    mine = refused == str(row.id)
    waiting = row.waiting
    return {
        "row": row,
        "waiting": waiting,
        "grant_url": url_for("accounts.grant", account_id=row.id) if officer and not (row.myself or row.closed or waiting) else None,
        "confirm_url": _answer("accounts.confirm", row) if officer and waiting and not (waiting.mine or row.myself or row.closed) else None,
        "withdraw_url": _answer("accounts.withdraw", row) if officer and waiting else None,
        "faults": faults() if mine else {},
        "chosen": request.form.getlist("roles") if mine else [role.value for role in row.roles],
        "clearance": typed("clearance") if mine else str(int(row.clearance)) if row.roles else "",
        "enrol": typed("enrol") == "yes" if mine else row.status[1] != "Enrolled",
    }


def _answer(endpoint: str, row: AccountRow) -> str:
    assert row.waiting is not None
    return url_for(endpoint, account_id=row.id, grant_id=row.waiting.id)


PROPOSE = Guard(action=Action.ACCOUNT_PROPOSE, event=Event.ACCOUNT_PROPOSED, locate=account_facts.accounts_of_body, again="accounts.index")


@bp.post("/accounts", guard=PROPOSE)
def propose(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    propose_account(uow, permit, body, AccountForm(name=typed("name"), login=typed("login")))
    return redirect(url_for("accounts.index"))


GRANT = Guard(action=Action.ACCOUNT_GRANT, event=Event.GRANT_PROPOSED, locate=account_facts.account, again="accounts.index")


@bp.post("/accounts/<uuid:account_id>/grants", guard=GRANT)
def grant(uow: UnitOfWork, permit: Permit, target: AccountTarget) -> ResponseReturnValue:
    form = GrantForm(roles=request.form.getlist("roles"), clearance=typed("clearance"), enrol=typed("enrol") == "yes")
    code = propose_grant(uow, permit, target, form)
    return render_template("hand_over.html", nav="accounts", code=code, link="") if code else redirect(url_for("accounts.index"))


CONFIRM = Guard(action=Action.ACCOUNT_CONFIRM, event=Event.GRANT_CONFIRMED, locate=account_facts.grant, resumes="Confirm as second officer")


@bp.post("/accounts/<uuid:account_id>/grants/<uuid:grant_id>/confirm", guard=CONFIRM)
def confirm(uow: UnitOfWork, permit: Permit, target: GrantTarget) -> ResponseReturnValue:
    token = confirm_grant(uow, permit, target)
    if not token:
        return redirect(url_for("accounts.index"))
    link = uow.parts.config.portal.public_url.rstrip("/") + url_for("enrolment.show", account_id=target.account.id, token=token)
    return render_template("hand_over.html", nav="accounts", code="", link=link)


WITHDRAW = Guard(action=Action.ACCOUNT_WITHDRAW, event=Event.GRANT_WITHDRAWN, locate=account_facts.grant)


@bp.post("/accounts/<uuid:account_id>/grants/<uuid:grant_id>/withdraw", guard=WITHDRAW)
def withdraw(uow: UnitOfWork, permit: Permit, target: GrantTarget) -> ResponseReturnValue:
    withdraw_grant(uow, permit, target)
    return redirect(url_for("accounts.index"))
