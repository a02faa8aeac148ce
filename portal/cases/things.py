"""What an action is about: found by one id, for whoever asks what the rules would answer; and all there is to ask about."""

from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

from portal.cases import account_facts, facts, keeping_facts, onward_facts, policy_facts, request_facts
from portal.cases.facts import Located
from portal.cases.uow import UnitOfWork
from portal.documents.keeping import Act
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.ids import NOBODY
from portal.kernel.permit import ResourceType, Subject
from portal.policy.canaries import ABOUT

Find = Callable[[UnitOfWork, Subject, UUID, str | None], Located]


def located(uow: UnitOfWork, subject: Subject, action: Action, thing: UUID, recipient: str | None = None) -> Located:
    """As the door of this action would locate it for this person. Acts about a body are about the person's own, whatever `thing` is."""
    return FINDERS[ABOUT[action]](uow, subject, thing, recipient)


def _hold(uow: UnitOfWork, subject: Subject, thing: UUID, recipient: str | None) -> Located:
    return keeping_facts.hold(uow, subject, document_id=_of_act(uow, thing), hold_id=thing)


def _shredding(uow: UnitOfWork, subject: Subject, thing: UUID, recipient: str | None) -> Located:
    return keeping_facts.shredding(uow, subject, document_id=_of_act(uow, thing), shredding_id=thing)


def _lowering(uow: UnitOfWork, subject: Subject, thing: UUID, recipient: str | None) -> Located:
    return keeping_facts.lowering(uow, subject, document_id=_of_act(uow, thing), lowering_id=thing)


def _archiving(uow: UnitOfWork, subject: Subject, thing: UUID, recipient: str | None) -> Located:
    return keeping_facts.archiving(uow, subject, document_id=_of_act(uow, thing), archiving_id=thing)


def _of_act(uow: UnitOfWork, thing: UUID) -> UUID:
    """The document that an act of keeping is about."""
    act = uow.keeping.get(thing)
    return act.document_id if act is not None else NOBODY


def _request(uow: UnitOfWork, subject: Subject, thing: UUID, recipient: str | None) -> Located:
    row = uow.requests.get(thing)
    return request_facts.request(uow, subject, document_id=row.document_id if row is not None else NOBODY, request_id=thing)


def _lifting(uow: UnitOfWork, subject: Subject, thing: UUID, recipient: str | None) -> Located:
    act = uow.request_acts.get(thing)
    return request_facts.lifting(uow, subject, document_id=act.document_id if act is not None else NOBODY, lifting_id=thing)


def _onward(uow: UnitOfWork, subject: Subject, thing: UUID, recipient: str | None) -> Located:
    row = uow.onward.get(thing)
    return onward_facts.onward(uow, subject, document_id=row.document_id if row is not None else NOBODY, onward_id=thing)


def _grant(uow: UnitOfWork, subject: Subject, thing: UUID, recipient: str | None) -> Located:
    act = uow.grants.get(thing)
    return account_facts.grant(uow, subject, account_id=act.account_id if act is not None else NOBODY, grant_id=thing)


FINDERS: Mapping[ResourceType, Find] = {
    ResourceType.BODY: lambda uow, subject, thing, recipient: facts.own_body(uow, subject),
    ResourceType.DOCUMENT: lambda uow, subject, thing, to: facts.document(uow, subject, document_id=thing, recipient=to),
    ResourceType.PROPOSAL: lambda uow, subject, thing, recipient: facts.proposal(uow, subject, proposal_id=thing),
    ResourceType.SHARE: lambda uow, subject, thing, recipient: facts.share(uow, subject, share_id=thing),
    ResourceType.PERSON: lambda uow, subject, thing, recipient: facts.person(uow, subject, person_id=thing),
    ResourceType.DEPUTY: lambda uow, subject, thing, recipient: facts.deputy(uow, subject, deputy_id=thing),
    ResourceType.ACCOUNT: lambda uow, subject, thing, recipient: account_facts.account(uow, subject, account_id=thing),
    ResourceType.GRANT: _grant,
    ResourceType.REQUEST: _request,
    ResourceType.LIFTING: _lifting,
    ResourceType.HOLD: _hold,
    ResourceType.SHREDDING: _shredding,
    ResourceType.LOWERING: _lowering,
    ResourceType.ARCHIVING: _archiving,
    ResourceType.ONWARD: _onward,
    ResourceType.POLICY_CHANGE: lambda uow, subject, thing, recipient: policy_facts.change(uow, subject, change_id=thing),
}


def things_of(uow: UnitOfWork, document: Document) -> Iterator[tuple[ResourceType, UUID, str]]:
    """The document and what hangs on it, answered or not: kind, id, and under which symbol."""
    yield ResourceType.DOCUMENT, document.id, document.symbol
    for proposal in uow.proposals.of_document(document.id):
        yield ResourceType.PROPOSAL, proposal.id, document.symbol
    for share in uow.shares.of_document(document.id):
        yield ResourceType.SHARE, share.id, share.symbol
    for onward in uow.onward.of_document(document.id):
        yield ResourceType.ONWARD, onward.id, document.symbol
    for request in uow.requests.of_document(document.id):
        yield ResourceType.REQUEST, request.id, document.symbol
    for step in uow.request_acts.of_document(document.id):
        if step.act.proposes:
            yield ResourceType.LIFTING, step.id, document.symbol
    for act in uow.keeping.of_document(document.id):
        if act.act in _KEPT:
            yield _KEPT[act.act], act.id, document.symbol


def things_beside_documents(uow: UnitOfWork) -> Iterator[tuple[ResourceType, UUID]]:
    """Each person's own body, every person with their deputies and local account, and every change of the rules."""
    yield ResourceType.BODY, NOBODY
    for body in uow.parts.config.bodies:
        for person in uow.people.of_body(body):
            yield ResourceType.PERSON, person.id
            for deputy in uow.deputies.ever_of(person.id):
                yield ResourceType.DEPUTY, deputy.id
            if uow.local.get(person.id) is not None:
                yield ResourceType.ACCOUNT, person.id
                for grant in uow.grants.of_account(person.id):
                    yield ResourceType.GRANT, grant.id
    for change in uow.policy_changes.every():
        yield ResourceType.POLICY_CHANGE, change.id


_KEPT = {
    Act.HELD: ResourceType.HOLD,
    Act.PROPOSED: ResourceType.SHREDDING,
    Act.LOWERING_PROPOSED: ResourceType.LOWERING,
    Act.ARCHIVED: ResourceType.ARCHIVING,
}
