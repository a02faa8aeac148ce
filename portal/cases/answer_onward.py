"""The originator answers a request to pass a share on. Consent takes two officers: one proposes, another approves, as for every share.

The rendition is the one prepared for the body that it goes to, and the keys are granted by the originator's holder; the asking body has
no part in either.
"""

from uuid import UUID

from portal.cases.onward import Stage, stage_of
from portal.cases.propose_share import ProposalForm, agreed_terms, enter_proposal
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Stale, Tampered
from portal.kernel.permit import Permit
from portal.sharing.models import Proposal
from portal.sharing.onward import Onward, OnwardDecline

#: What doors call it.
OnwardTarget = Onward


def consent_onward(
    uow: UnitOfWork, permit: Permit, onward: Onward, *, use: str, until: str, rendition: UUID | None, looked: UUID | None
) -> Proposal:
    """The first consent: propose the share with the body that was asked for. Raises as `propose_share` does."""
    permit.must_cover(Action.ONWARD_CONSENT, onward)
    document = _lock(uow, permit, onward)
    purpose = uow.words(permit, "onward", "purpose", onward.id, onward.purpose)
    form = ProposalForm(recipient=onward.body, purpose=purpose, use=use, until=until, rendition=rendition, looked=looked)
    proposal = enter_proposal(uow, permit, document, form, agreed_terms(uow, document, form), onward=onward.id)
    uow.notes.detail |= {"onward": str(onward.id)}
    return proposal


def decline_onward(uow: UnitOfWork, permit: Permit, onward: Onward) -> None:
    """Not agreed. It opens nothing, so one officer suffices; the asking body is given no reason."""
    permit.must_cover(Action.ONWARD_DECLINE, onward)
    assert permit.subject is not None
    _lock(uow, permit, onward)
    uow.onward.decline(OnwardDecline(onward_id=onward.id, declined_by=permit.subject.id, declined_at=uow.at))
    uow.notes.detail |= {"onward": str(onward.id)}


def _lock(uow: UnitOfWork, permit: Permit, onward: Onward) -> Document:
    found = uow.documents.get(onward.document_id)
    if found is None:
        raise Tampered(f"no document {onward.document_id}")
    document = uow.held_for(permit, found)
    if stage_of(uow, onward.id, document) is not Stage.ASKED:
        raise Stale("answered already", public="Another officer has answered this request already.")
    return document
