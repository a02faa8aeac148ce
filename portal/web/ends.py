"""Dates, reviews, lowering a level and the archive: everything happens on the document's page."""

from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts, keeping_facts
from portal.cases.archive_document import archive_document, unarchive_document
from portal.cases.kept import ArchivingTarget, LoweringTarget
from portal.cases.lower_document import lower_document, propose_lowering, withdraw_lowering
from portal.cases.schedule_document import ReviewForm, review_document, schedule_document
from portal.cases.show_document import DocumentTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import typed

bp = GuardedBlueprint("ends", __name__)

SCHEDULE = Guard(action=Action.DOCUMENT_SCHEDULE, event=Event.DOCUMENT_SCHEDULED, locate=facts.document, again="documents.show")


@bp.post("/documents/<uuid:document_id>/dates", guard=SCHEDULE)
def schedule(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    schedule_document(uow, permit, document, due=typed("due"), day=typed("day"), reason=typed("reason"))
    return _back(document.id)


REVIEW = Guard(action=Action.DOCUMENT_REVIEW, event=Event.DOCUMENT_REVIEWED, locate=facts.document, again="documents.show")


@bp.post("/documents/<uuid:document_id>/reviews", guard=REVIEW)
def review(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    outcome = typed("outcome")
    form = ReviewForm(reason=typed("reason"), day=typed("day"), lower=outcome != "keep", level=outcome)
    review_document(uow, permit, document, form)
    return _back(document.id)


LOWER = Guard(action=Action.DOCUMENT_PROPOSE_LOWERING, event=Event.LOWERING_PROPOSED, locate=facts.document, again="documents.show")


@bp.post("/documents/<uuid:document_id>/lowering", guard=LOWER)
def propose(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    propose_lowering(uow, permit, document, level=typed("level"), reason=typed("reason"))
    return _back(document.id)


WITHDRAW = Guard(action=Action.DOCUMENT_WITHDRAW_LOWERING, event=Event.LOWERING_WITHDRAWN, locate=keeping_facts.lowering)


@bp.post("/documents/<uuid:document_id>/lowering/<uuid:lowering_id>/withdraw", guard=WITHDRAW)
def withdraw(uow: UnitOfWork, permit: Permit, target: LoweringTarget) -> ResponseReturnValue:
    withdraw_lowering(uow, permit, target)
    return _back(target.act.document_id)


AGREE = Guard(action=Action.DOCUMENT_LOWER, event=Event.DOCUMENT_LOWERED, locate=keeping_facts.lowering, resumes="Lower its level")


@bp.post("/documents/<uuid:document_id>/lowering/<uuid:lowering_id>/agree", guard=AGREE)
def agree(uow: UnitOfWork, permit: Permit, target: LoweringTarget) -> ResponseReturnValue:
    lower_document(uow, permit, target)
    return _back(target.act.document_id)


ARCHIVE = Guard(action=Action.DOCUMENT_ARCHIVE, event=Event.DOCUMENT_ARCHIVED, locate=facts.document, again="documents.show")


@bp.post("/documents/<uuid:document_id>/archive", guard=ARCHIVE)
def archive(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    archive_document(uow, permit, document, reason=typed("reason"))
    return _back(document.id)


UNARCHIVE = Guard(
    action=Action.DOCUMENT_UNARCHIVE,
    event=Event.DOCUMENT_UNARCHIVED,
    locate=keeping_facts.archiving,
    resumes="Take it out of the archive",
)


@bp.post("/documents/<uuid:document_id>/archive/<uuid:archiving_id>/end", guard=UNARCHIVE)
def unarchive(uow: UnitOfWork, permit: Permit, target: ArchivingTarget) -> ResponseReturnValue:
    unarchive_document(uow, permit, target)
    return _back(target.act.document_id)


def _back(document_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("documents.show", document_id=document_id, _anchor="dates"))
