"""Scenarios that must come out as written here, or the rules do not load.

They stand in code, not in the policy folder, so that whoever loses or weakens a rule cannot lose its canary with it. Each begins with
everything favourable; a refusal changes one thing, and the rule named must be among those that refuse. Every rule has at least one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from portal.kernel.actions import Action
from portal.kernel.permit import Duty, Ref, ResourceType, Value
from portal.kernel.services import Service, Task
from portal.kernel.vocabulary import CONTENT_ROLES, OVERSIGHT_ROLES, Level, Role, ShareState
from portal.policy.about import ABOUT as ABOUT

PREPARING = frozenset({Role.UPLOADER, Role.CONFIDENTIALITY_OFFICER})
KEEPING = frozenset({Role.CONFIDENTIALITY_OFFICER, Role.RELEASING_OFFICER})
#: By somebody else, who has just confirmed that it is them.
BY_ANOTHER = frozenset({Duty.SECOND_PERSON, Duty.STEP_UP})
ME, SOMEBODY_ELSE, THING = UUID(int=1), UUID(int=2), UUID(int=3)


@dataclass(frozen=True, slots=True)
class Opens:
    """This permit lets each of these roles do each of these actions, under these duties."""

    rule: str
    roles: frozenset[Role]
    actions: tuple[Action, ...]
    duties: frozenset[Duty] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is not favourable any more."""

    subject: Mapping[str, Any] = field(default_factory=dict)
    also: Role | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    id: str | None = None
    recipient: str | None = None
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Closes:
    """This forbid refuses each of these actions once this changed."""

    rule: str
    actions: tuple[Action, ...]
    change: Change


#: This permit and this forbid: the tasks are that service's, and no other's.
SERVICES: Mapping[Service, tuple[str, str, tuple[Task, ...]]] = {
    Service.SEQUENCER: (
        "P80-sequencer",
        "F81-only-the-sequencer",
        (Task.LOG_SEQUENCE, Task.LOG_SEND, Task.LOG_SUM_REFUSALS, Task.LOG_CHECK),
    ),
    Service.EXPIRY: (
        "P81-expiry",
        "F82-only-the-expiry",
        (Task.SHARE_EXPIRE, Task.DEPUTY_EXPIRE, Task.UPLOAD_EXPIRE, Task.SESSION_EXPIRE, Task.NAMES_EXPIRE),
    ),
    Service.STOREKEEPER: (
        "P82-storekeeper",
        "F83-only-the-storekeeper",
        (Task.OBJECT_KEEP, Task.OBJECT_SWEEP, Task.OBJECT_REPORT, Task.SHREDDING_FINISH),
    ),
    Service.OPERATOR: (
        "P83-operator",
        "F84-only-the-operator",
        (
            Task.POLICY_ADOPT,
            Task.POLICY_PROPOSE,
            Task.POLICY_SIMULATE,
            Task.NETWORKS_IMPORT,
            Task.OFFICERS_NAME,
            Task.RESTORE_RECONCILE,
            Task.RESTORE_SETTLE,
            Task.RESTORE_DISCARD,
            Task.RECOVERY_EXPORT,
        ),
    ),
}
#: Refuses every task.
LOG_CANNOT_GO_ON = "F80-log-cannot-go-on"

PERMITS = (
    Opens("P01-home", frozenset(Role), (Action.HOME_READ, Action.SESSION_LIST, Action.SESSION_CONFIRM, Action.SESSION_END)),
    Opens("P02-own-register", CONTENT_ROLES, (Action.DOCUMENT_LIST,)),
    Opens("P03-own-entries", CONTENT_ROLES, (Action.DOCUMENT_READ,)),
    Opens("P04-register", frozenset({Role.UPLOADER}), (Action.VISIT_REGISTER, Action.DOCUMENT_REGISTER)),
    Opens("P05-deposit", frozenset({Role.UPLOADER}), (Action.VERSION_DEPOSIT,)),
    Opens("P28-download-original", PREPARING | {Role.RELEASING_OFFICER}, (Action.VERSION_DOWNLOAD,)),
    Opens("P06-record-request", frozenset({Role.CONFIDENTIALITY_OFFICER}), (Action.REQUEST_RECORD,)),
    Opens("P25-mark", frozenset({Role.CONFIDENTIALITY_OFFICER}), (Action.VERSION_READ,), frozenset({Duty.WATERMARK})),
    Opens("P07-prepare", PREPARING, (Action.RENDITION_BUILD, Action.SHARE_PROPOSE)),
    Opens("P08-own-rendition", CONTENT_ROLES, (Action.RENDITION_READ,), frozenset({Duty.WATERMARK})),
    Opens("P09-own-proposals", PREPARING | {Role.RELEASING_OFFICER}, (Action.PROPOSAL_LIST,)),
    Opens("P10-approve", frozenset({Role.RELEASING_OFFICER}), (Action.SHARE_APPROVE,), BY_ANOTHER),
    Opens("P11-decline", frozenset({Role.RELEASING_OFFICER}), (Action.SHARE_DECLINE,)),
    Opens("P12-received", frozenset({Role.REVIEWER}), (Action.RECEIVED_LIST,)),
    Opens("P13-know-share", frozenset({Role.REVIEWER}), (Action.SHARE_KNOW,)),
    Opens("P14-read-share", frozenset({Role.REVIEWER}), (Action.SHARE_READ,), frozenset({Duty.WATERMARK})),
    Opens("P24-disclosures", frozenset({Role.CONFIDENTIALITY_OFFICER, Role.RELEASING_OFFICER}), (Action.DISCLOSURE_READ,)),
    Opens("P70-explain", KEEPING, (Action.DOCUMENT_EXPLAIN,)),
    Opens("P15-audit", frozenset({Role.AUDITOR}), (Action.AUDIT_READ,)),
    Opens("P57-take-the-log-along", frozenset({Role.AUDITOR}), (Action.AUDIT_EXPORT,)),
    Opens("P56-keep-filter", frozenset({Role.AUDITOR}), (Action.AUDIT_KEEP_FILTER,)),
    Opens("P59-check-log", frozenset({Role.AUDITOR}), (Action.AUDIT_VERIFY,)),
    Opens("P16-persons", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.PERSON_LIST,)),
    Opens("P20-recall", frozenset({Role.RELEASING_OFFICER}), (Action.SHARE_RECALL,)),
    Opens("P21-download", frozenset({Role.REVIEWER}), (Action.SHARE_DOWNLOAD,), frozenset({Duty.WATERMARK})),
    Opens("P29-fetch", frozenset({Role.REVIEWER}), (Action.SHARE_FETCH,)),
    Opens("P22-answer", frozenset({Role.REVIEWER}), (Action.SHARE_ACKNOWLEDGE, Action.SHARE_CONFIRM_RECALL)),
    Opens("P23-remark", frozenset({Role.REVIEWER}), (Action.SHARE_REMARK,)),
    Opens("P26-read-remarks", PREPARING | {Role.RELEASING_OFFICER}, (Action.REMARK_READ,)),
    Opens("P27-answer-question", PREPARING | {Role.RELEASING_OFFICER}, (Action.SHARE_ANSWER,)),
    Opens("P49-hand-over", frozenset({Role.RELEASING_OFFICER}), (Action.TRANSFER_RECORD, Action.TRANSFER_STRIKE)),
    Opens("P55-arrived", frozenset({Role.REVIEWER}), (Action.TRANSFER_RECEIVE, Action.TRANSFER_RETURN)),
    Opens("P17-close-account", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.PERSON_CLOSE,)),
    Opens("P18-end-sessions", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.PERSON_READ_SESSIONS, Action.PERSON_END_SESSIONS)),
    Opens("P50-local-accounts", KEEPING | {Role.SECURITY_ADMINISTRATOR}, (Action.ACCOUNT_LIST,)),
    Opens("P51-propose-account", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.ACCOUNT_PROPOSE,)),
    Opens("P52-propose-grant", KEEPING, (Action.ACCOUNT_GRANT, Action.ACCOUNT_WITHDRAW)),
    Opens("P53-confirm-grant", KEEPING, (Action.ACCOUNT_CONFIRM,), BY_ANOTHER),
    Opens("P54-own-account", frozenset(Role), (Action.ACCOUNT_CHANGE,)),
    Opens("P90-rules", OVERSIGHT_ROLES, (Action.POLICY_READ,)),
    Opens("P93-what-if", OVERSIGHT_ROLES, (Action.POLICY_WHAT_IF,)),
    Opens("P91-approve-rules", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.POLICY_APPROVE,), frozenset({Duty.STEP_UP})),
    Opens("P92-withdraw-rules", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.POLICY_WITHDRAW,)),
    Opens("P33-evidence", KEEPING, (Action.EVIDENCE_READ,)),
    Opens("P30-confirm-request", KEEPING, (Action.REQUEST_CONFIRM,), BY_ANOTHER),
    Opens("P31-propose-lifting", KEEPING, (Action.REQUEST_PROPOSE_LIFTING, Action.REQUEST_WITHDRAW_LIFTING)),
    Opens("P58-attest", frozenset({Role.CONFIDENTIALITY_OFFICER}), (Action.REQUEST_ATTEST,)),
    Opens("P32-lift-request", frozenset({Role.RELEASING_OFFICER}), (Action.REQUEST_LIFT,), BY_ANOTHER),
    Opens("P40-hold", KEEPING, (Action.DOCUMENT_HOLD,)),
    Opens("P41-lift-hold", frozenset({Role.RELEASING_OFFICER}), (Action.DOCUMENT_LIFT_HOLD,), BY_ANOTHER),
    Opens("P42-propose-shredding", KEEPING, (Action.DOCUMENT_PROPOSE_SHREDDING, Action.DOCUMENT_WITHDRAW_SHREDDING)),
    Opens("P43-shred", frozenset({Role.RELEASING_OFFICER}), (Action.DOCUMENT_SHRED,), BY_ANOTHER),
    Opens(
        "P44-dates",
        frozenset({Role.CONFIDENTIALITY_OFFICER}),
        (Action.DOCUMENT_SCHEDULE, Action.DOCUMENT_REVIEW, Action.DOCUMENT_PROPOSE_LOWERING),
    ),
    Opens("P45-lower", frozenset({Role.RELEASING_OFFICER}), (Action.DOCUMENT_LOWER,), BY_ANOTHER),
    Opens("P46-archive", frozenset({Role.RELEASING_OFFICER}), (Action.DOCUMENT_ARCHIVE,)),
    Opens("P47-withdraw-lowering", KEEPING, (Action.DOCUMENT_WITHDRAW_LOWERING,)),
    Opens("P48-back-to-work", frozenset({Role.RELEASING_OFFICER}), (Action.DOCUMENT_UNARCHIVE,), BY_ANOTHER),
    Opens("P73-ask-onward", frozenset({Role.REVIEWER}), (Action.SHARE_ASK_ONWARD,)),
    Opens("P71-consent-onward", PREPARING, (Action.ONWARD_CONSENT,)),
    Opens("P72-decline-onward", KEEPING, (Action.ONWARD_DECLINE,)),
    Opens("P60-propose-deputy", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.DEPUTY_PROPOSE,)),
    Opens("P61-name-deputy", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.DEPUTY_NAME,), BY_ANOTHER),
    Opens("P62-end-deputy", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.DEPUTY_END,)),
    Opens("P74-erase-person", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.PERSON_ERASE,), BY_ANOTHER),
    Opens("P63-link-accounts", frozenset({Role.SECURITY_ADMINISTRATOR}), (Action.PERSON_LINK,)),
)

#: What the originator says of a share to its recipient, reads of it, and hands over by other means.
TALKS = (Action.REMARK_READ, Action.SHARE_ANSWER, Action.TRANSFER_RECORD)
SHOWS_OR_MOVES = (
    Action.VERSION_DEPOSIT,
    Action.VERSION_READ,
    Action.VERSION_DOWNLOAD,
    Action.REQUEST_RECORD,
    Action.EVIDENCE_READ,
    Action.RENDITION_BUILD,
    Action.RENDITION_READ,
    Action.SHARE_PROPOSE,
    Action.SHARE_APPROVE,
    Action.SHARE_READ,
    Action.SHARE_DOWNLOAD,
    Action.SHARE_FETCH,
    Action.SHARE_ACKNOWLEDGE,
    Action.SHARE_ASK_ONWARD,
    Action.SHARE_REMARK,
    *TALKS,
    Action.TRANSFER_RECEIVE,
    Action.ONWARD_CONSENT,
    Action.REQUEST_CONFIRM,
    Action.REQUEST_PROPOSE_LIFTING,
    Action.REQUEST_LIFT,
    Action.REQUEST_ATTEST,
    Action.DOCUMENT_LIFT_HOLD,
    Action.DOCUMENT_PROPOSE_SHREDDING,
    Action.DOCUMENT_SHRED,
    Action.DOCUMENT_SCHEDULE,
    Action.DOCUMENT_REVIEW,
    Action.DOCUMENT_PROPOSE_LOWERING,
    Action.DOCUMENT_LOWER,
    Action.DOCUMENT_UNARCHIVE,
)
SHOWS = (
    Action.VERSION_READ,
    Action.VERSION_DOWNLOAD,
    Action.EVIDENCE_READ,
    Action.RENDITION_BUILD,
    Action.RENDITION_READ,
    Action.SHARE_PROPOSE,
    Action.SHARE_APPROVE,
    Action.SHARE_READ,
    Action.SHARE_DOWNLOAD,
    Action.SHARE_FETCH,
    Action.SHARE_REMARK,
    *TALKS,
    Action.ONWARD_CONSENT,
)
AFTER_SHREDDING = (
    Action.VERSION_DEPOSIT,
    Action.VERSION_READ,
    Action.VERSION_DOWNLOAD,
    Action.REQUEST_RECORD,
    Action.EVIDENCE_READ,
    Action.RENDITION_BUILD,
    Action.RENDITION_READ,
    Action.SHARE_PROPOSE,
    Action.SHARE_APPROVE,
    *TALKS,
    Action.DOCUMENT_HOLD,
    Action.DOCUMENT_PROPOSE_SHREDDING,
    Action.DOCUMENT_SCHEDULE,
    Action.DOCUMENT_REVIEW,
    Action.DOCUMENT_PROPOSE_LOWERING,
    Action.DOCUMENT_LOWER,
    Action.DOCUMENT_ARCHIVE,
)
PEOPLE = frozenset({ResourceType.PERSON, ResourceType.DEPUTY})
NO_CONTENT = frozenset(
    {Action.SESSION_LIST, Action.SESSION_CONFIRM, Action.SESSION_END, Action.HOME_READ, Action.AUDIT_READ, Action.PERSON_LIST}
)
NO_CONTENT |= {
    Action.AUDIT_EXPORT,
    Action.AUDIT_KEEP_FILTER,
    Action.AUDIT_VERIFY,
    Action.ACCOUNT_LIST,
    Action.ACCOUNT_PROPOSE,
    Action.ACCOUNT_CHANGE,
}
NO_CONTENT |= {Action.POLICY_READ, Action.POLICY_WHAT_IF, Action.POLICY_APPROVE, Action.POLICY_WITHDRAW}
CONTENT = tuple(action for action, about in ABOUT.items() if action not in NO_CONTENT and about not in PEOPLE)


def _about(kind: ResourceType) -> tuple[Action, ...]:
    return tuple(action for action, about in ABOUT.items() if about is kind)


def forbids(here: Ref, there: Ref) -> Iterator[Closes]:
    withheld: Mapping[str, Value] = {"withheldFrom": frozenset({there})}
    uncovered: Mapping[str, Value] = {"coversAllRequests": False}
    propose, approve, download = (Action.SHARE_PROPOSE,), (Action.SHARE_APPROVE,), (Action.SHARE_DOWNLOAD,)
    answer = (Action.SHARE_ACKNOWLEDGE, Action.SHARE_ASK_ONWARD, Action.SHARE_REMARK, Action.TRANSFER_RECEIVE)
    use = (Action.SHARE_READ, *download, Action.SHARE_FETCH, *answer)
    decide = (Action.SHARE_APPROVE, Action.SHARE_DECLINE)
    suspended = Ref("ShareState", ShareState.SUSPENDED.value)
    yield Closes("F01-share-covers-requests", use, Change(attributes=uncovered))
    yield Closes("F02-withheld-from-recipient", propose, Change(attributes=withheld))
    yield Closes("F03-withheld-at-approval", approve, Change(attributes=withheld))
    yield Closes("F04-rendition-covers-requests", approve, Change(attributes=uncovered))
    yield Closes("F05-suspended", use, Change(attributes={"state": suspended}))
    yield Closes("F06-four-eyes", approve, Change(attributes={"proposedBy": Ref("User", str(ME))}))
    yield Closes("F07-not-to-oneself", propose, Change(recipient=here.id))
    yield Closes("F08-clearance", SHOWS_OR_MOVES, Change(subject={"clearance": Level.UNCLASSIFIED}))
    strictly = {"level": int(Level.STRICTLY_CONFIDENTIAL)}
    cleared = {"clearance": Level.STRICTLY_CONFIDENTIAL}
    yield Closes("F09-strictly-confidential", SHOWS, Change(subject=cleared, attributes=strictly, confirmed=False))
    for role in sorted(OVERSIGHT_ROLES):
        yield Closes("F10-oversight-sees-no-content", CONTENT, Change(also=role))
    yield Closes("F11-closed-account", tuple(ABOUT), Change(subject={"active": False}))
    yield Closes("F12-document-of-another-body", _about(ResourceType.DOCUMENT), Change(attributes={"originator": there}))
    yield Closes("F13-proposal-of-another-body", _about(ResourceType.PROPOSAL), Change(attributes={"originator": there}))
    yield Closes("F14-share-with-another-body", _about(ResourceType.SHARE), Change(attributes={"recipient": there}))
    yield Closes("F15-person-of-another-body", _about(ResourceType.PERSON), Change(attributes={"body": there}))
    yield Closes("F16-another-body", _about(ResourceType.BODY), Change(id=there.id))
    yield Closes("F93-log-leaves-confirmed", (Action.AUDIT_EXPORT,), Change(confirmed=False))
    yield Closes("F17-own-account", (Action.PERSON_CLOSE,), Change(id=str(ME)))
    needs_file = (Action.VERSION_READ, Action.VERSION_DOWNLOAD, Action.RENDITION_BUILD, Action.SHARE_PROPOSE)
    yield Closes("F19-file-first", needs_file, Change(attributes={"deposited": False}))
    yield Closes("F20-decided-once", decide, Change(attributes={"open": False}))
    yield Closes("F21-nothing-to-recall", (Action.SHARE_RECALL,), Change(attributes={"live": False}))
    for unreachable in ({"live": False}, uncovered, withheld):
        yield Closes("F25-answer-arrives", (Action.SHARE_ANSWER,), Change(attributes=unreachable))
        yield Closes("F69-hand-over-while-open", (Action.TRANSFER_RECORD,), Change(attributes=unreachable))
    yield Closes("F69-hand-over-while-open", (Action.TRANSFER_RECORD,), Change(attributes={"sourceOpen": False}))
    yield Closes("F68-view-only-leaves-nothing", (Action.TRANSFER_RECORD,), Change(attributes={"downloadable": False}))
    live = Ref("ShareState", ShareState.LIVE.value)
    yield Closes("F22-still-open", (Action.SHARE_CONFIRM_RECALL, Action.TRANSFER_RETURN), Change(attributes={"state": live}))
    yield Closes("F23-expired", use, Change(attributes={"expired": True}))
    yield Closes("F24-view-only", download, Change(attributes={"downloadable": False}))
    yield Closes("F28-file-stays", (Action.SHARE_FETCH,), Change(attributes={"fetchable": False}))
    yield from _requests(there)
    yield from _keeping(there)
    yield from _ends(there)
    yield from _accounts(there)
    yield from _people(there)
    yield Closes("F90-one-consent-of-each-body", (Action.POLICY_APPROVE,), Change(attributes={"consented": frozenset({here})}))
    yield Closes("F91-change-is-over", (Action.POLICY_APPROVE, Action.POLICY_WITHDRAW), Change(attributes={"open": False}))
    yield from _onward(there, use)


def _requests(there: Ref) -> Iterator[Closes]:
    """Requests in the register, and their lifting."""
    confirm, propose, lift = Action.REQUEST_CONFIRM, Action.REQUEST_PROPOSE_LIFTING, Action.REQUEST_LIFT
    mine = Ref("User", str(ME))
    yield Closes("F30-request-of-another-body", _about(ResourceType.REQUEST), Change(attributes={"originator": there}))
    yield Closes("F31-lifting-of-another-body", _about(ResourceType.LIFTING), Change(attributes={"originator": there}))
    yield Closes("F32-confirmed-by-another", (confirm,), Change(attributes={"recordedBy": mine}))
    yield Closes("F33-lifting-takes-two", (lift,), Change(attributes={"proposedBy": mine}))
    yield Closes("F34-confirmed-once", (confirm,), Change(attributes={"confirmed": True}))
    ended, attest = (confirm, propose, Action.REQUEST_ATTEST), (Action.REQUEST_ATTEST,)
    yield Closes("F35-request-has-ended", ended, Change(attributes={"inForce": False}))
    yield Closes("F94-attest-what-two-confirmed", attest, Change(attributes={"confirmed": False}))
    yield Closes("F37-consulting", (Action.SHARE_APPROVE,), Change(attributes={"consulting": True}))
    yield Closes("F36-lifting-answered-once", (Action.REQUEST_WITHDRAW_LIFTING, lift), Change(attributes={"open": False}))


def _keeping(there: Ref) -> Iterator[Closes]:
    """Holds, and shredding."""
    lift, propose, shred = Action.DOCUMENT_LIFT_HOLD, Action.DOCUMENT_PROPOSE_SHREDDING, Action.DOCUMENT_SHRED
    mine = Ref("User", str(ME))
    yield Closes("F40-hold-of-another-body", _about(ResourceType.HOLD), Change(attributes={"originator": there}))
    yield Closes("F41-shredding-of-another-body", _about(ResourceType.SHREDDING), Change(attributes={"originator": there}))
    yield Closes("F42-legal-hold", (propose, shred), Change(attributes={"held": True}))
    yield Closes("F43-shredding-takes-two", (shred,), Change(attributes={"proposedBy": mine}))
    yield Closes("F44-hold-lifted-by-another", (lift,), Change(attributes={"placedBy": mine}))
    once = (lift, Action.DOCUMENT_WITHDRAW_SHREDDING, shred, *_about(ResourceType.LOWERING), *_about(ResourceType.ARCHIVING))
    yield Closes("F45-answered-once", once, Change(attributes={"open": False}))
    yield Closes("F46-shredded", AFTER_SHREDDING, Change(attributes={"shredded": True}))
    yield Closes("F47-nothing-to-shred", (propose,), Change(attributes={"deposited": False}))


def _ends(there: Ref) -> Iterator[Closes]:
    """Lowering a level, and the archive."""
    propose, lower, archive = Action.DOCUMENT_PROPOSE_LOWERING, Action.DOCUMENT_LOWER, Action.DOCUMENT_ARCHIVE
    work = (Action.VERSION_DEPOSIT, Action.RENDITION_BUILD, Action.SHARE_PROPOSE, Action.SHARE_APPROVE, Action.ONWARD_CONSENT, archive)
    mine = Ref("User", str(ME))
    yield Closes("F38-level-stays-under-a-request", (propose, lower), Change(attributes={"requested": True}))
    yield Closes("F39-archived", work, Change(attributes={"archived": True}))
    yield Closes("F48-lowering-of-another-body", _about(ResourceType.LOWERING), Change(attributes={"originator": there}))
    yield Closes("F49-lowering-takes-two", (lower,), Change(attributes={"proposedBy": mine}))
    yield Closes("F57-archive-of-another-body", _about(ResourceType.ARCHIVING), Change(attributes={"originator": there}))
    yield Closes("F58-back-to-work-by-another", (Action.DOCUMENT_UNARCHIVE,), Change(attributes={"archivedBy": mine}))
    yield Closes("F59-answer-what-waits", (archive,), Change(attributes={"pending": True}))
    yield Closes("F67-nothing-below", (propose,), Change(attributes={"level": int(Level.UNCLASSIFIED)}))


def _accounts(there: Ref) -> Iterator[Closes]:
    """Local accounts, and their roles."""
    grant, confirm = Action.ACCOUNT_GRANT, Action.ACCOUNT_CONFIRM
    mine = Ref("User", str(ME))
    yield Closes("F50-account-of-another-body", _about(ResourceType.ACCOUNT), Change(attributes={"body": there}))
    yield Closes("F51-grant-of-another-body", _about(ResourceType.GRANT), Change(attributes={"body": there}))
    yield Closes("F52-not-for-oneself", (grant, confirm), Change(attributes={"owner": mine}))
    yield Closes("F53-grant-takes-two", (confirm,), Change(attributes={"proposedBy": mine}))
    yield Closes("F54-answered-once", (confirm, Action.ACCOUNT_WITHDRAW), Change(attributes={"open": False}))
    yield Closes("F55-account-is-closed", (grant, confirm), Change(attributes={"closed": True}))
    yield Closes("F56-not-above-oneself", (confirm,), Change(subject={"clearance": Level.UNCLASSIFIED}))


def _people(there: Ref) -> Iterator[Closes]:
    """Deputies, and who releases since when."""
    mine, name = Ref("User", str(ME)), (Action.DEPUTY_NAME,)
    yield Closes("F60-deputy-of-another-body", _about(ResourceType.DEPUTY), Change(attributes={"body": there}))
    yield Closes("F61-deputy-takes-two", name, Change(attributes={"proposedBy": mine}))
    yield Closes("F62-nobody-proposes-themself", (Action.DEPUTY_PROPOSE,), Change(attributes={"mine": True}))
    yield Closes("F96-not-ones-own-names", (Action.PERSON_ERASE,), Change(attributes={"mine": True}))
    yield Closes("F63-nobody-names-themself", name, Change(attributes={"deputy": mine}))
    yield Closes("F64-named-once", name, Change(attributes={"proposed": False}))
    yield Closes("F65-ended-once", (Action.DEPUTY_END,), Change(attributes={"ended": True}))
    releasing = (Action.SHARE_APPROVE, Action.REQUEST_LIFT, Action.DOCUMENT_LIFT_HOLD, Action.DOCUMENT_SHRED, Action.DOCUMENT_LOWER)
    yield Closes("F66-approval-wait", releasing, Change(subject={"waits": True}))


def _onward(there: Ref, use: tuple[Action, ...]) -> Iterator[Closes]:
    """Originator control, embargo and eyes-only."""
    consent, decline = Action.ONWARD_CONSENT, Action.ONWARD_DECLINE
    yield Closes("F70-onward-of-another-body", _about(ResourceType.ONWARD), Change(attributes={"originator": there}))
    yield Closes("F71-onward-answered-once", (consent, decline), Change(attributes={"open": False}))
    yield Closes("F72-withheld-from-further-body", (consent,), Change(attributes={"withheldFrom": frozenset({there})}))
    sourced = (*use, Action.SHARE_APPROVE, Action.SHARE_ANSWER, consent)
    yield Closes("F73-source-closed", sourced, Change(attributes={"sourceOpen": False}))
    yield Closes("F75-embargo", _about(ResourceType.SHARE), Change(attributes={"embargoed": True}))
    yield Closes("F76-eyes-only", _about(ResourceType.SHARE), Change(attributes={"forOthersEyes": True}))
    yield Closes("F74-passed-on-once", (Action.SHARE_ASK_ONWARD,), Change(attributes={"passedOn": True}))
