"""Why can somebody not do something with a document? The decision's own answer about one person and one act, with the rules.

For the same officers as the page "Who can see this". Whoever is asked about is one of their colleagues, by name, or somebody of another
body, by role and clearance only: a colleague of the other body's cannot be named here, and an id that is none of ours is no answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from portal.cases.askers import askers_of, somebody
from portal.cases.explain_document import Because, answer_to, because, role_words
from portal.cases.kept import kept_of
from portal.cases.names import body_short, person_name
from portal.cases.standing import register_of
from portal.cases.things import located
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.permit import Duty, Permit, ResourceType, Subject
from portal.kernel.vocabulary import Level, Role
from portal.policy.canaries import ABOUT
from portal.policy.explain import Explanation, Outcome

#: What an officer calls each act on a document, and on what hangs on it.
ACTS: Mapping[Action, str] = {
    Action.DOCUMENT_READ: "See the entry in the register",
    Action.VERSION_READ: "See the pages of the original",
    Action.VERSION_DOWNLOAD: "Take the original out of the portal",
    Action.VERSION_DEPOSIT: "Send the file",
    Action.REQUEST_RECORD: "Record a request of a Member State",
    Action.REQUEST_CONFIRM: "Confirm the newest request in force",
    Action.REQUEST_PROPOSE_LIFTING: "Propose to lift or narrow the newest request in force",
    Action.REQUEST_WITHDRAW_LIFTING: "Withdraw the proposal to lift a request",
    Action.REQUEST_LIFT: "Lift or narrow a request, as proposed",
    Action.REQUEST_ATTEST: "Attest to a State that the newest request is in force",
    Action.EVIDENCE_READ: "Read the file that shows what a State said",
    Action.RENDITION_BUILD: "Prepare it for another body",
    Action.RENDITION_READ: "Look at what was prepared",
    Action.SHARE_PROPOSE: "Propose to share it",
    Action.SHARE_APPROVE: "Approve the newest proposal",
    Action.SHARE_DECLINE: "Decline the newest proposal",
    Action.SHARE_RECALL: "Recall what came of the newest proposal",
    Action.SHARE_ANSWER: "Answer a question about what came of the newest proposal",
    Action.TRANSFER_RECORD: "Record that what came of the newest proposal was shown or told by other means",
    Action.TRANSFER_STRIKE: "Strike what was recorded of that wrongly",
    Action.REMARK_READ: "Read what its recipients said and asked",
    Action.SHARE_KNOW: "See that it was shared",
    Action.SHARE_READ: "Read what was shared",
    Action.SHARE_DOWNLOAD: "Take a copy with their name on every page",
    Action.SHARE_FETCH: "Take the prepared file itself",
    Action.SHARE_ACKNOWLEDGE: "Acknowledge what was shared",
    Action.SHARE_CONFIRM_RECALL: "Confirm that what was taken back is no longer used",
    Action.SHARE_ASK_ONWARD: "Ask to pass it on",
    Action.SHARE_REMARK: "Comment on what was shared, or ask about it",
    Action.TRANSFER_RECEIVE: "Confirm that what went by other means arrived",
    Action.TRANSFER_RETURN: "Confirm what became of that after a closing",
    Action.ONWARD_CONSENT: "Consent to the newest request to pass it on",
    Action.ONWARD_DECLINE: "Decline the newest request to pass it on",
    Action.DISCLOSURE_READ: "See who has seen it",
    Action.DOCUMENT_EXPLAIN: "See who can see it",
    Action.DOCUMENT_HOLD: "Place a legal hold",
    Action.DOCUMENT_LIFT_HOLD: "Lift the newest legal hold",
    Action.DOCUMENT_PROPOSE_SHREDDING: "Propose to shred it",
    Action.DOCUMENT_WITHDRAW_SHREDDING: "Withdraw the proposal to shred it",
    Action.DOCUMENT_SHRED: "Shred it, as proposed",
    Action.DOCUMENT_SCHEDULE: "Set when it is reviewed, declassified, and kept until",
    Action.DOCUMENT_REVIEW: "Record a review of its level",
    Action.DOCUMENT_PROPOSE_LOWERING: "Propose to lower its level",
    Action.DOCUMENT_WITHDRAW_LOWERING: "Withdraw the proposal to lower its level",
    Action.DOCUMENT_LOWER: "Lower its level, as proposed",
    Action.DOCUMENT_ARCHIVE: "Archive it",
    Action.DOCUMENT_UNARCHIVE: "Take it out of the archive",
}
DUTIES = {
    Duty.WATERMARK: "Their name is put on every page.",
    Duty.SECOND_PERSON: "It counts as the second person’s act, not the first’s.",
    Duty.STEP_UP: "They confirm with a second factor that it is them.",
}
OUTCOMES = {
    Outcome.PERMITTED: "Permitted",
    Outcome.ASKED: "Permitted, after confirming with a second factor",
    Outcome.REFUSED: "Refused",
    Outcome.HIDDEN: "Refused, and not told that it exists",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """Whom one can ask about, in groups under the name of a body; and which acts."""

    whom: list[tuple[str, list[tuple[str, str]]]]
    acts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyView:
    """`told`: what the person would read, if they are refused or asked to confirm."""

    whom: str
    act: str
    allowed: bool
    outcome: str
    because: tuple[Because, ...]
    duties: list[str]
    told: tuple[str, ...]


def choices(uow: UnitOfWork, permit: Permit, document: Document) -> Choices:
    """Colleagues by name, other bodies by role and clearance; every act about something that is there."""
    permit.must_cover(Action.DOCUMENT_EXPLAIN, document)
    own = [
        (str(subject.id), f"{person_name(uow, permit, subject.id)}, {role_words(subject.roles).lower()}")
        for subject in askers_of(uow, document.originator)
    ]
    groups = [(body_short(uow, document.originator), sorted(own, key=lambda choice: choice[1]))]
    for code in uow.others(document.originator):
        named = [(f"{code}/{role}/{int(level)}", f"{role.words}, cleared up to {level.words}") for role in Role for level in Level]
        groups.append((f"{body_short(uow, code)}: no names, only roles", named))
    return Choices(groups, list(_acts(uow, document)))


def ask_why(uow: UnitOfWork, permit: Permit, document: Document, *, whom: str, act: str) -> WhyView:
    """What the decision answers to them. Raises `Invalid` if the person or the act is none of the choices."""
    permit.must_cover(Action.DOCUMENT_EXPLAIN, document)
    acts = dict(_acts(uow, document))
    subject = _whom(uow, document, whom)
    if subject is None or act not in acts:
        raise Invalid({"whom" if subject is None else "act": "Choose from the list."}, public="Choose a person and an act from the lists.")
    word, _, recipient = act.partition(">")
    action = Action(word)
    answer = answer_to(uow, subject, action, located(uow, subject, action, _thing(uow, document, action, subject), recipient or None))
    uow.notes.detail |= {"asked": action.value, "whom": whom}
    words = f"{role_words(subject.roles)} of the {body_short(uow, subject.body)}, cleared up to {subject.clearance.words}"
    mine = subject.body == document.originator
    return _view(answer, whom=person_name(uow, permit, subject.id) if mine else words, act=acts[act])


def _view(answer: Explanation, *, whom: str, act: str) -> WhyView:
    return WhyView(
        whom=whom,
        act=act,
        allowed=answer.allowed,
        outcome=OUTCOMES[answer.outcome],
        because=because(answer.rules),
        duties=[DUTIES[duty] for duty in sorted(answer.duties)],
        told=answer.told,
    )


def _whom(uow: UnitOfWork, document: Document, whom: str) -> Subject | None:
    """A colleague by id, or an invented person of another body; nobody else."""
    for subject in askers_of(uow, document.originator):
        if str(subject.id) == whom:
            return subject
    for code in uow.others(document.originator):
        for role in Role:
            for level in Level:
                if whom == f"{code}/{role}/{int(level)}":
                    return somebody(code, frozenset({role}), level)
    return None


def _acts(uow: UnitOfWork, document: Document) -> Iterator[tuple[str, str]]:
    there = {kind for kind in ResourceType if _newest(uow, document, kind, None) is not None}
    for action, words in ACTS.items():
        if ABOUT[action] not in there:
            continue
        if action is not Action.SHARE_PROPOSE:
            yield action.value, words
            continue
        for code in uow.others(document.originator):
            yield f"{action}>{code}", f"{words} with the {body_short(uow, code)}"


def _thing(uow: UnitOfWork, document: Document, action: Action, subject: Subject) -> UUID:
    """What the act is about: of shares, the newest to the person's own body if there is one."""
    found = _newest(uow, document, ABOUT[action], subject.body) or _newest(uow, document, ABOUT[action], None)
    assert found is not None
    return found


def _newest(uow: UnitOfWork, document: Document, kind: ResourceType, body: str | None) -> UUID | None:
    if kind is ResourceType.DOCUMENT:
        return document.id
    if kind is ResourceType.PROPOSAL:
        return next((row.id for row in uow.proposals.of_document(document.id)), None)
    if kind is ResourceType.SHARE:
        return next((row.id for row in uow.shares.of_document(document.id) if body in (None, row.recipient)), None)
    if kind is ResourceType.ONWARD:
        return next((row.id for row in uow.onward.of_document(document.id)), None)
    register = register_of(uow, document.id, document)
    if kind is ResourceType.REQUEST:
        return register.in_force[-1].id if register.in_force else None
    if kind is ResourceType.LIFTING:
        return next((waiting.id for row in register.requests if (waiting := register.proposal(row.id)) is not None), None)
    kept = kept_of(uow, document.id, document)
    if kind is ResourceType.HOLD:
        return kept.holds[-1].id if kept.holds else None
    if kind is ResourceType.SHREDDING:
        return kept.proposal.id if kept.proposal is not None else None
    if kind is ResourceType.LOWERING:
        return kept.lowering.id if kept.lowering is not None else None
    if kind is ResourceType.ARCHIVING:
        return kept.archiving.id if kept.archiving is not None else None
    return None
