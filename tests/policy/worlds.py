"""Persons and things as the tests want them. Written apart from the portal's canaries, so that one does not vouch for the other."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from portal.kernel.actions import Action
from portal.kernel.permit import Facts, Ref, ResourceType, Subject, Value
from portal.kernel.vocabulary import Level, Role
from portal.policy.decide import Context

FOLDER = Path(__file__).parents[2] / "policies"
HERE, THERE = "CTED", "OCT"
BODIES = (HERE, THERE)
ME, OTHER = UUID(int=101), UUID(int=102)
THING = UUID(int=900)
#: What is done with a proposal once a share came of it.
AFTERWARDS = {Action.SHARE_RECALL, Action.SHARE_ANSWER, Action.TRANSFER_RECORD, Action.TRANSFER_STRIKE}
NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


def context(recipient: str | None = THERE, *, confirmed: bool = True) -> Context:
    return Context(now=NOON, recipient=recipient, confirmed=confirmed)


def person(
    *roles: Role, body: str = HERE, clearance: Level = Level.CONFIDENTIAL, active: bool = True, who: UUID = ME, waits: bool = False
) -> Subject:
    session = UUID(int=7)
    return Subject(id=who, body=body, roles=frozenset(roles), clearance=clearance, active=active, epoch=0, session=session, waits=waits)


def body(code: str) -> Ref:
    return Ref("Body", code)


def bodies(*codes: str) -> frozenset[Ref]:
    return frozenset(body(code) for code in codes)


def kind_of(action: Action) -> ResourceType:
    """What an action is about, by its name."""
    if action is Action.DEPUTY_PROPOSE or (action.value.startswith("person:") and action is not Action.PERSON_LIST):
        return ResourceType.PERSON
    if action in {Action.ACCOUNT_GRANT, Action.ACCOUNT_CHANGE}:
        return ResourceType.ACCOUNT
    if action in {Action.ACCOUNT_CONFIRM, Action.ACCOUNT_WITHDRAW}:
        return ResourceType.GRANT
    if action in {Action.DEPUTY_NAME, Action.DEPUTY_END}:
        return ResourceType.DEPUTY
    if action in {Action.POLICY_APPROVE, Action.POLICY_WITHDRAW}:
        return ResourceType.POLICY_CHANGE
    if action in {Action.REQUEST_CONFIRM, Action.REQUEST_PROPOSE_LIFTING, Action.REQUEST_ATTEST}:
        return ResourceType.REQUEST
    if action in {Action.REQUEST_WITHDRAW_LIFTING, Action.REQUEST_LIFT}:
        return ResourceType.LIFTING
    if action is Action.DOCUMENT_LIFT_HOLD:
        return ResourceType.HOLD
    if action in {Action.DOCUMENT_WITHDRAW_SHREDDING, Action.DOCUMENT_SHRED}:
        return ResourceType.SHREDDING
    if action in {Action.DOCUMENT_WITHDRAW_LOWERING, Action.DOCUMENT_LOWER}:
        return ResourceType.LOWERING
    if action is Action.DOCUMENT_UNARCHIVE:
        return ResourceType.ARCHIVING
    if action.value.startswith("onward:"):
        return ResourceType.ONWARD
    if action in {Action.TRANSFER_RECEIVE, Action.TRANSFER_RETURN}:
        return ResourceType.SHARE
    if action in {Action.SHARE_APPROVE, Action.SHARE_DECLINE, *AFTERWARDS}:
        return ResourceType.PROPOSAL
    if action.value.startswith("share:") and action is not Action.SHARE_PROPOSE:
        return ResourceType.SHARE
    about = {"document:read", "version:deposit", "version:read", "request:record", "rendition:build", "rendition:read"}
    about |= {"share:propose", "disclosure:read", "document:explain", "version:download", "document:hold", "document:propose_shredding"}
    about |= {"evidence:read", "remark:read"}
    about |= {"document:schedule", "document:review", "document:propose_lowering", "document:archive"}
    return ResourceType.DOCUMENT if action in about else ResourceType.BODY


def thing(action: Action, *, called: str | None = None, present: bool = True, **changes: Any) -> Facts:
    """What the action is about, as plain as can be, except for `changes`."""
    kind = kind_of(action)
    plain: dict[ResourceType, Mapping[str, Value]] = {
        ResourceType.BODY: {},
        ResourceType.DOCUMENT: {
            "originator": body(HERE),
            "level": 1,
            "deposited": True,
            "withheldFrom": bodies(),
            "held": False,
            "shredded": False,
            "requested": False,
            "pending": False,
            "archived": False,
        },
        ResourceType.PROPOSAL: {
            "originator": body(HERE),
            "recipient": body(THERE),
            "level": 1,
            "proposedBy": Ref("User", str(OTHER)),
            "withheldFrom": bodies(),
            "coversAllRequests": True,
            "open": action not in AFTERWARDS,
            "live": action in AFTERWARDS,
            "consulting": False,
            "shredded": False,
            "archived": False,
            "sourceOpen": True,
            "downloadable": True,
            "leaves": True,
            "past": False,
        },
        ResourceType.SHARE: {
            "originator": body(THERE),
            "recipient": body(HERE),
            "level": 1,
            "state": Ref("ShareState", "suspended" if action in {Action.SHARE_CONFIRM_RECALL, Action.TRANSFER_RETURN} else "live"),
            "coversAllRequests": True,
            "downloadable": True,
            "fetchable": True,
            "expired": False,
            "sourceOpen": True,
            "embargoed": False,
            "forOthersEyes": False,
            "passedOn": False,
        },
        ResourceType.ONWARD: {
            "originator": body(HERE),
            "recipient": body(THERE),
            "level": 1,
            "withheldFrom": bodies(),
            "open": True,
            "sourceOpen": True,
            "archived": False,
        },
        ResourceType.PERSON: {"body": body(HERE), "mine": False},
        ResourceType.ACCOUNT: {
            "body": body(HERE),
            "owner": Ref("User", str(ME if action is Action.ACCOUNT_CHANGE else OTHER)),
            "closed": False,
        },
        ResourceType.GRANT: {
            "body": body(HERE),
            "level": 1,
            "owner": Ref("User", str(THING)),
            "proposedBy": Ref("User", str(OTHER)),
            "open": True,
            "closed": False,
        },
        ResourceType.DEPUTY: {
            "body": body(HERE),
            "deputy": Ref("User", str(THING)),
            "proposedBy": Ref("User", str(OTHER)),
            "proposed": True,
            "ended": False,
        },
        ResourceType.POLICY_CHANGE: {"consented": bodies(), "open": True},
        ResourceType.REQUEST: {
            "originator": body(HERE),
            "level": 1,
            "recordedBy": Ref("User", str(OTHER)),
            "confirmed": action is Action.REQUEST_ATTEST,
            "inForce": True,
        },
        ResourceType.LIFTING: {"originator": body(HERE), "level": 1, "proposedBy": Ref("User", str(OTHER)), "open": True},
        ResourceType.HOLD: {"originator": body(HERE), "level": 1, "placedBy": Ref("User", str(OTHER)), "open": True},
        ResourceType.SHREDDING: {
            "originator": body(HERE),
            "level": 1,
            "proposedBy": Ref("User", str(OTHER)),
            "open": True,
            "held": False,
        },
        ResourceType.LOWERING: {
            "originator": body(HERE),
            "level": 1,
            "proposedBy": Ref("User", str(OTHER)),
            "open": True,
            "requested": False,
            "shredded": False,
        },
        ResourceType.ARCHIVING: {"originator": body(HERE), "level": 1, "archivedBy": Ref("User", str(OTHER)), "open": True},
    }
    unknown = changes.keys() - plain[kind].keys()
    assert not unknown, unknown
    where = HERE if kind is ResourceType.BODY else str(THING)
    return Facts(type=kind, id=called or where, attributes={**plain[kind], **changes}, originator=HERE, present=present)


def spoken(name: str, value: Any) -> Value:
    """A value of the decision table as a fact."""
    codes = {"here": HERE, "there": THERE}
    if name == "state":
        return Ref("ShareState", value)
    if name in {"proposedBy", "placedBy", "archivedBy", "recordedBy", "owner", "deputy"}:
        return Ref("User", str({"me": ME, "other": OTHER}[value]))
    if name in {"withheldFrom", "consented"}:
        return bodies(*(codes[code] for code in value))
    return body(codes[value]) if value in codes else value
