"""What waits for a person, by what the policy lets them do. Everything on it is decided as on its own page."""

from dataclasses import dataclass, field

from portal.cases.facts import BodyTarget, own_body
from portal.cases.show_documents import Row, register_of
from portal.cases.show_due import DueDocuments, due_documents
from portal.cases.show_keeping import WaitingRow, waiting_shreddings
from portal.cases.show_onward import OnwardRow, list_onward
from portal.cases.show_policy import waiting_changes
from portal.cases.show_remarks import QuestionRow, waiting_questions
from portal.cases.show_shares import ProposalRow, ReceivedRow, proposals_of, received_by
from portal.cases.show_transfers import WaitingTransfer, waiting_transfers
from portal.cases.uow import UnitOfWork
from portal.cases.waiting_requests import WaitingRequests, waiting_requests
from portal.kernel.actions import Action
from portal.kernel.errors import Denied
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Role
from portal.policy.decide import decide

#: How many proposals and shares are looked through for those that wait.
WAITING = 100


@dataclass(slots=True)
class HomeView:
    proposals: list[ProposalRow] = field(default_factory=list)
    shreddings: list[WaitingRow] = field(default_factory=list)
    requests: WaitingRequests = field(default_factory=WaitingRequests)
    due: DueDocuments = field(default_factory=DueDocuments)
    onward: list[OnwardRow] = field(default_factory=list)
    questions: list[QuestionRow] = field(default_factory=list)
    documents: list[Row] = field(default_factory=list)
    transfers: list[WaitingTransfer] = field(default_factory=list)
    received: list[ReceivedRow] | None = None
    policy_changes: int = 0
    places: list[Action] = field(default_factory=list)
    empty: str = ""


def may(uow: UnitOfWork, permit: Permit, action: Action) -> Permit | None:
    """The permit for another action on the person's own body, or None. For navigation and composed pages."""
    try:
        return decide(uow.parts.policies, permit.subject, action, own_body(uow, permit.subject).facts, uow.context(permit.subject))
    except Denied:
        return None


def show_home(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> HomeView:
    permit.must_cover(Action.HOME_READ, body)
    assert permit.subject is not None
    roles = permit.subject.roles
    view = HomeView()
    if granted := may(uow, permit, Action.PROPOSAL_LIST):
        waiting = [row for row in proposals_of(uow, granted, body).page(limit=WAITING).rows if row.waits]
        view.proposals = [row for row in waiting if Role.RELEASING_OFFICER in roles and not row.mine]
        view.onward = [row for row in list_onward(uow, granted, body) if row.view.may_consent]
    view.shreddings = waiting_shreddings(uow, permit, body)
    view.due = due_documents(uow, permit, body)
    view.requests = waiting_requests(uow, permit, body)
    view.questions = waiting_questions(uow, permit, body)
    if granted := may(uow, permit, Action.DOCUMENT_LIST):
        view.documents = [row for row in register_of(uow, granted, body).page().rows if _waits(row, roles)][:12]
    if granted := may(uow, permit, Action.RECEIVED_LIST):
        view.transfers = waiting_transfers(uow, permit, body)
        view.received = received_by(uow, granted, body).page(limit=WAITING).rows
    view.policy_changes = waiting_changes(uow, permit, body)
    view.places = [action for action in (Action.AUDIT_READ, Action.PERSON_LIST, Action.POLICY_READ) if may(uow, permit, action)]
    view.empty = _empty(roles)
    return view


def _waits(row: Row, roles: frozenset[Role]) -> bool:
    """Does this document wait for one of these roles?"""
    word = row.status[1]
    if word == "File to send":
        return Role.UPLOADER in roles
    if word in {"Not yet shared", "To be prepared again", "Prepared, not yet proposed"}:
        return bool(roles & {Role.UPLOADER, Role.CONFIDENTIALITY_OFFICER})
    return False


def _empty(roles: frozenset[Role]) -> str:
    if Role.RELEASING_OFFICER in roles:
        return "No proposal waits for your decision."
    if Role.REVIEWER in roles:
        return "Nothing asks for an answer. What was shared with you is below."
    if roles & {Role.UPLOADER, Role.CONFIDENTIALITY_OFFICER}:
        return "Every document of your register is shared or withheld."
    return "Nothing waits for you here."
