"""What waits for a second officer."""

from dataclasses import replace
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.close_share import recall_share, recall_superseded
from portal.cases.decide_share import ProposalTarget, approve_share, decline_share
from portal.cases.facts import BodyTarget, Located
from portal.cases.show_onward import list_onward
from portal.cases.show_shares import list_proposals
from portal.cases.uow import UnitOfWork
from portal.cases.waiting_requests import list_liftings
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit, Subject
from portal.web.forms import typed
from portal.web.lists import list_context
from portal.web.onward_page import onward_row
from portal.web.rows import proposal_row

bp = GuardedBlueprint("approvals", __name__)


@bp.get("/approvals", guard=Guard(action=Action.PROPOSAL_LIST, event=Event.PROPOSALS_LISTED, locate=facts.own_body))
def index(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    proposals = list_proposals(uow, permit, body, before=request.args.get("before", ""))
    return render_template(
        "approvals.html",
        nav="approvals",
        rows=[proposal_row(row) for row in proposals.page.rows],
        asked=[onward_row(row) for row in list_onward(uow, permit, body)],
        liftings=[{"row": row, "href": _requests_of(row.document_id)} for row in list_liftings(uow, permit, body)],
        confirmed=uow.is_confirmed(permit.subject),
        **list_context("approvals", proposals.page, proposals.total, {}),
    )


def _requests_of(document_id: UUID) -> str:
    return url_for("documents.show", document_id=document_id, _anchor="requests")


APPROVE = Guard(action=Action.SHARE_APPROVE, event=Event.SHARE_APPROVED, locate=facts.proposal, resumes="Approve release")


@bp.post("/approvals/<uuid:proposal_id>/approve", guard=APPROVE)
def approve(uow: UnitOfWork, permit: Permit, proposal: ProposalTarget) -> ResponseReturnValue:
    approve_share(uow, permit, proposal)
    return redirect(url_for("documents.show", document_id=proposal.document_id))


@bp.post(
    "/approvals/<uuid:proposal_id>/decline", guard=Guard(action=Action.SHARE_DECLINE, event=Event.SHARE_DECLINED, locate=facts.proposal)
)
def decline(uow: UnitOfWork, permit: Permit, proposal: ProposalTarget) -> ResponseReturnValue:
    decline_share(uow, permit, proposal)
    return redirect(url_for("documents.show", document_id=proposal.document_id))


def _of_document(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, proposal_id: UUID) -> Located:
    """The proposal, if it is this document's: of another it is as absent as one that never was."""
    located = facts.proposal(uow, subject, proposal_id=proposal_id)
    if located.target is not None and located.target.document_id != document_id:
        return Located(replace(located.facts, present=False), None)
    return located


RECALL = Guard(action=Action.SHARE_RECALL, event=Event.SHARE_RECALLED, locate=_of_document, again="documents.show")


@bp.post("/documents/<uuid:document_id>/proposals/<uuid:proposal_id>/recall", guard=RECALL)
def recall(uow: UnitOfWork, permit: Permit, proposal: ProposalTarget) -> ResponseReturnValue:
    if typed("what") == "superseded":
        recall_superseded(uow, permit, proposal)
    else:
        recall_share(uow, permit, proposal, reason=typed("reason"))
    return redirect(url_for("documents.show", document_id=proposal.document_id, _anchor="shares"))
