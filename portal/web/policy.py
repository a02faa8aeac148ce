"""The rules in force, and changes of them that security administrators of two bodies decide on."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts, policy_facts
from portal.cases.change_policy import approve_policy, withdraw_policy
from portal.cases.facts import BodyTarget
from portal.cases.policy_facts import PolicyChange
from portal.cases.show_policy import show_policy
from portal.cases.simulate import simulate
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit

bp = GuardedBlueprint("policy", __name__)


@bp.get("/policy", guard=Guard(action=Action.POLICY_READ, event=Event.POLICY_READ, locate=facts.own_body))
def index(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    view = show_policy(uow, permit, body)
    rows = [
        {
            "row": row,
            "approve_url": url_for("policy.approve", change_id=row.id) if row.answers and row.open and not row.ours else None,
            "withdraw_url": url_for("policy.withdraw", change_id=row.id) if row.answers and row.open else None,
        }
        for row in view.changes
    ]
    return render_template("policy.html", nav="policy", view=view, rows=rows, ask_url=url_for("policy.what_if"))


@bp.get("/policy/what-if", guard=Guard(action=Action.POLICY_WHAT_IF, event=Event.POLICY_READ, locate=facts.own_body))
def what_if(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    view = simulate(uow, permit, body, request.args.to_dict(flat=False))
    ids = {field.name: f"w-{field.name}" for field in (*(view.form.fields if view.form else ()), view.rules)}
    page = render_template("what_if.html", nav="policy", view=view, ids=ids, ask_url=url_for("policy.what_if"))
    return page, 422 if view.faults else 200


APPROVE = Guard(action=Action.POLICY_APPROVE, event=Event.POLICY_APPROVED, locate=policy_facts.change, resumes="Approve these rules")


@bp.post("/policy/changes/<uuid:change_id>/approve", guard=APPROVE)
def approve(uow: UnitOfWork, permit: Permit, target: PolicyChange) -> ResponseReturnValue:
    approve_policy(uow, permit, target)
    return redirect(url_for("policy.index"))


WITHDRAW = Guard(action=Action.POLICY_WITHDRAW, event=Event.POLICY_WITHDRAWN, locate=policy_facts.change)


@bp.post("/policy/changes/<uuid:change_id>/withdraw", guard=WITHDRAW)
def withdraw(uow: UnitOfWork, permit: Permit, target: PolicyChange) -> ResponseReturnValue:
    withdraw_policy(uow, permit, target)
    return redirect(url_for("policy.index"))
