"""The rules, said a second time in plain Python by reading the design."""

from collections.abc import Mapping
from typing import Any

from portal.kernel.actions import Action
from portal.kernel.permit import Facts, Ref, ResourceType, Subject
from portal.policy.decide import Context
from tests.policy.worlds import body

SHOWS = {
    "rendition:build",
    "rendition:read",
    "version:deposit",
    "version:read",
    "version:download",
    "request:record",
    "evidence:read",
    "share:propose",
    "share:approve",
    "share:read",
    "share:download",
    "share:fetch",
    "share:acknowledge",
    "share:ask_onward",
    "share:remark",
    "remark:read",
    "share:answer",
    "transfer:record",
    "transfer:receive",
    "onward:consent",
    "request:confirm",
    "request:propose_lifting",
    "request:lift",
    "request:attest",
    "document:lift_hold",
    "document:propose_shredding",
    "document:shred",
    "document:schedule",
    "document:review",
    "document:propose_lowering",
    "document:lower",
    "document:unarchive",
}
#: Of what was shredded nothing more is made, shown, kept back or kept.
NEVER_AGAIN = {
    "version:deposit",
    "version:read",
    "version:download",
    "request:record",
    "evidence:read",
    "rendition:build",
    "rendition:read",
    "share:propose",
    "share:approve",
    "remark:read",
    "share:answer",
    "transfer:record",
    "document:hold",
    "document:propose_shredding",
    "document:schedule",
    "document:review",
    "document:propose_lowering",
    "document:lower",
    "document:archive",
}
#: What is archived is not worked on.
WORK = {"version:deposit", "rendition:build", "share:propose", "share:approve", "onward:consent", "document:archive"}
MAY: dict[str, set[str]] = {
    "visit:register": {"uploader"},
    "document:register": {"uploader"},
    "document:list": {"uploader", "confidentiality_officer", "releasing_officer", "reviewer"},
    "document:read": {"uploader", "confidentiality_officer", "releasing_officer", "reviewer"},
    "version:deposit": {"uploader"},
    "version:read": {"confidentiality_officer"},
    "version:download": {"uploader", "confidentiality_officer", "releasing_officer"},
    "request:record": {"confidentiality_officer"},
    "evidence:read": {"confidentiality_officer", "releasing_officer"},
    "rendition:build": {"uploader", "confidentiality_officer"},
    "rendition:read": {"uploader", "confidentiality_officer", "releasing_officer", "reviewer"},
    "proposal:list": {"uploader", "confidentiality_officer", "releasing_officer"},
    "share:propose": {"uploader", "confidentiality_officer"},
    "disclosure:read": {"confidentiality_officer", "releasing_officer"},
    "document:explain": {"confidentiality_officer", "releasing_officer"},
    "share:approve": {"releasing_officer"},
    "share:decline": {"releasing_officer"},
    "share:recall": {"releasing_officer"},
    "received:list": {"reviewer"},
    "share:know": {"reviewer"},
    "share:read": {"reviewer"},
    "share:download": {"reviewer"},
    "share:fetch": {"reviewer"},
    "share:acknowledge": {"reviewer"},
    "share:confirm_recall": {"reviewer"},
    "audit:read": {"auditor"},
    "audit:export": {"auditor"},
    "audit:keep_filter": {"auditor"},
    "audit:verify": {"auditor"},
    "person:list": {"security_administrator"},
    "person:close": {"security_administrator"},
    "person:read_sessions": {"security_administrator"},
    "person:end_sessions": {"security_administrator"},
    "person:erase": {"security_administrator"},
    "person:link": {"security_administrator"},
    "deputy:propose": {"security_administrator"},
    "deputy:name": {"security_administrator"},
    "deputy:end": {"security_administrator"},
    "request:confirm": {"confidentiality_officer", "releasing_officer"},
    "request:propose_lifting": {"confidentiality_officer", "releasing_officer"},
    "request:withdraw_lifting": {"confidentiality_officer", "releasing_officer"},
    "request:lift": {"releasing_officer"},
    "request:attest": {"confidentiality_officer"},
    "document:hold": {"confidentiality_officer", "releasing_officer"},
    "document:lift_hold": {"releasing_officer"},
    "document:propose_shredding": {"confidentiality_officer", "releasing_officer"},
    "document:withdraw_shredding": {"confidentiality_officer", "releasing_officer"},
    "document:shred": {"releasing_officer"},
    "document:schedule": {"confidentiality_officer"},
    "document:review": {"confidentiality_officer"},
    "document:propose_lowering": {"confidentiality_officer"},
    "document:withdraw_lowering": {"confidentiality_officer", "releasing_officer"},
    "document:lower": {"releasing_officer"},
    "document:archive": {"releasing_officer"},
    "document:unarchive": {"releasing_officer"},
    "account:list": {"security_administrator", "confidentiality_officer", "releasing_officer"},
    "account:propose": {"security_administrator"},
    "account:grant": {"confidentiality_officer", "releasing_officer"},
    "account:confirm": {"confidentiality_officer", "releasing_officer"},
    "account:withdraw": {"confidentiality_officer", "releasing_officer"},
    "policy:read": {"auditor", "security_administrator"},
    "policy:what_if": {"auditor", "security_administrator"},
    "policy:approve": {"security_administrator"},
    "policy:withdraw": {"security_administrator"},
    "share:ask_onward": {"reviewer"},
    "share:remark": {"reviewer"},
    "remark:read": {"uploader", "confidentiality_officer", "releasing_officer"},
    "share:answer": {"uploader", "confidentiality_officer", "releasing_officer"},
    "transfer:record": {"releasing_officer"},
    "transfer:strike": {"releasing_officer"},
    "transfer:receive": {"reviewer"},
    "transfer:return": {"reviewer"},
    "onward:consent": {"uploader", "confidentiality_officer"},
    "onward:decline": {"confidentiality_officer", "releasing_officer"},
}
OVERSIGHT = {"audit:read", "person:list", "person:close", "person:read_sessions", "person:end_sessions", "account:list", "account:propose"}
OVERSIGHT |= {"audit:export", "audit:keep_filter"}
OVERSIGHT |= {"person:link", "deputy:propose", "deputy:name", "deputy:end"}
#: What widens an audience or destroys: a releasing officer waits before doing it.
RELEASES = {"share:approve", "request:lift", "document:lift_hold", "document:shred", "document:lower"}
OVERSIGHT |= {"audit:verify", "person:erase", "policy:read", "policy:what_if", "policy:approve", "policy:withdraw"}
#: What shows or moves content needs a second factor if it is Strictly Confidential; approvals and acts on keys always do.
CONFIRMED_IF_STRICT = SHOWS - {"version:deposit", "request:record", "share:acknowledge", "share:ask_onward", "document:propose_shredding"}
CONFIRMED_IF_STRICT -= {"request:propose_lifting", "transfer:receive", "document:schedule", "document:review", "document:propose_lowering"}
CONFIRMED_IF_STRICT -= {"request:attest"}
CONFIRMED = RELEASES | {
    "document:unarchive",
    "request:confirm",
    "deputy:name",
    "account:confirm",
    "policy:approve",
    "audit:export",
    "person:erase",
}


def asks_to_confirm(action: Action, facts: Facts) -> bool:
    return action in CONFIRMED or (action in CONFIRMED_IF_STRICT and facts.attributes["level"] == 2)


def says(subject: Subject, action: Action, facts: Facts, context: Context) -> bool:
    """May this be done? Written without looking at the rules."""
    a: Mapping[str, Any] = facts.attributes
    owner = {
        ResourceType.BODY: facts.id,
        ResourceType.DOCUMENT: a.get("originator"),
        ResourceType.PROPOSAL: a.get("originator"),
        ResourceType.SHARE: a.get("recipient"),
        ResourceType.PERSON: a.get("body"),
        ResourceType.REQUEST: a.get("originator"),
        ResourceType.LIFTING: a.get("originator"),
        ResourceType.HOLD: a.get("originator"),
        ResourceType.SHREDDING: a.get("originator"),
        ResourceType.LOWERING: a.get("originator"),
        ResourceType.ARCHIVING: a.get("originator"),
        ResourceType.ACCOUNT: a.get("body"),
        ResourceType.GRANT: a.get("body"),
        ResourceType.DEPUTY: a.get("body"),
        ResourceType.POLICY_CHANGE: subject.body,
        ResourceType.ONWARD: a.get("originator"),
    }[facts.type]
    if not subject.active or subject.body != (owner.id if isinstance(owner, Ref) else owner):
        return False
    roles = {role.value for role in subject.roles}
    if action in {"home:read", "session:list", "session:end", "session:confirm"}:
        return True
    if action == "account:change":
        return bool(a["owner"].id == str(subject.id))
    if not roles & MAY[action] or (action not in OVERSIGHT and roles & {"auditor", "security_administrator"}):
        return False
    if action in SHOWS and subject.clearance < a["level"]:
        return False
    if (action in NEVER_AGAIN and a["shredded"]) or (action in RELEASES and subject.waits):
        return False
    if action in WORK and a["archived"]:
        return False
    if facts.type is ResourceType.SHARE and (a["embargoed"] or a["forOthersEyes"]):
        return False
    match action.value:
        case "version:deposit":
            return True
        case "version:read" | "version:download" | "rendition:build":
            return bool(a["deposited"])
        case "share:propose":
            receiver = body(context.recipient or "")
            return bool(a["deposited"] and receiver not in a["withheldFrom"] and receiver != a["originator"])
        case "share:approve":
            somebody_else = a["proposedBy"].id != str(subject.id)
            ready = a["coversAllRequests"] and a["recipient"] not in a["withheldFrom"] and a["sourceOpen"] and not a["consulting"]
            return bool(a["open"] and ready and somebody_else)
        case "share:decline":
            return bool(a["open"])
        case "share:recall":
            return bool(a["live"])
        case "share:answer":
            arrives = a["live"] and a["coversAllRequests"] and a["recipient"] not in a["withheldFrom"]
            return bool(arrives and a["sourceOpen"])
        case "transfer:record":
            open_there = a["live"] and a["coversAllRequests"] and a["recipient"] not in a["withheldFrom"] and a["sourceOpen"]
            return bool((open_there or a["past"]) and (a["downloadable"] or not a["leaves"]))
        case "share:read" | "share:acknowledge" | "share:remark" | "transfer:receive":
            return readable(a)
        case "share:download":
            return bool(readable(a) and a["downloadable"])
        case "share:fetch":
            return bool(readable(a) and a["fetchable"])
        case "share:ask_onward":
            return bool(readable(a) and not a["passedOn"])
        case "onward:consent":
            return bool(a["open"] and a["sourceOpen"] and a["recipient"] not in a["withheldFrom"])
        case "onward:decline":
            return bool(a["open"])
        case "share:confirm_recall" | "transfer:return":
            return bool(a["state"].id == "suspended")
        case "request:confirm":
            return bool(a["inForce"] and not a["confirmed"] and a["recordedBy"].id != str(subject.id))
        case "request:attest":
            return bool(a["inForce"] and a["confirmed"])
        case "request:propose_lifting":
            return bool(a["inForce"])
        case "request:withdraw_lifting":
            return bool(a["open"])
        case "request:lift":
            return bool(a["open"] and a["proposedBy"].id != str(subject.id))
        case "document:lift_hold":
            return bool(a["open"] and a["placedBy"].id != str(subject.id))
        case "document:propose_shredding":
            return bool(a["deposited"] and not a["held"])
        case "document:withdraw_shredding":
            return bool(a["open"])
        case "document:shred":
            return bool(a["open"] and not a["held"] and a["proposedBy"].id != str(subject.id))
        case "document:propose_lowering":
            return bool(a["level"] > 0 and not a["requested"])
        case "document:withdraw_lowering":
            return bool(a["open"])
        case "document:lower":
            return bool(a["open"] and not a["requested"] and a["proposedBy"].id != str(subject.id))
        case "document:archive":
            return not a["pending"]
        case "document:unarchive":
            return bool(a["open"] and a["archivedBy"].id != str(subject.id))
        case "account:grant":
            return bool(a["owner"].id != str(subject.id) and not a["closed"])
        case "account:confirm":
            others = str(subject.id) not in {a["owner"].id, a["proposedBy"].id}
            return bool(others and a["open"] and not a["closed"] and a["level"] <= subject.clearance)
        case "account:withdraw":
            return bool(a["open"])
        case "policy:approve":
            return bool(a["open"] and body(subject.body) not in a["consented"])
        case "policy:withdraw":
            return bool(a["open"])
        case "person:close":
            return facts.id != str(subject.id)
        case "deputy:propose":
            return not a["mine"]
        case "person:erase":
            return not a["mine"] and facts.id != str(subject.id)
        case "deputy:name":
            return bool(a["proposed"] and str(subject.id) not in {a["proposedBy"].id, a["deputy"].id})
        case "deputy:end":
            return not a["ended"]
    return True


def readable(a: Mapping[str, Any]) -> bool:
    return bool(a["state"].id == "live" and a["coversAllRequests"] and not a["expired"] and a["sourceOpen"])


def may_know(subject: Subject, facts: Facts, context: Context) -> bool:
    if facts.type is ResourceType.BODY:
        return facts.id == subject.body
    if facts.type is ResourceType.DOCUMENT:
        return says(subject, Action.DOCUMENT_READ, facts, context)
    if facts.type is ResourceType.SHARE:
        return says(subject, Action.SHARE_KNOW, facts, context)
    if facts.type is ResourceType.POLICY_CHANGE:
        return says(subject, Action.POLICY_READ, Facts(type=ResourceType.BODY, id=subject.body, attributes={}, originator=""), context)
    whose = facts.attributes.get("body") or facts.attributes["originator"]
    assert isinstance(whose, Ref)
    lists = {ResourceType.PROPOSAL: Action.PROPOSAL_LIST, ResourceType.PERSON: Action.PERSON_LIST, ResourceType.DEPUTY: Action.PERSON_LIST}
    lists |= {ResourceType.ONWARD: Action.PROPOSAL_LIST, ResourceType.ACCOUNT: Action.ACCOUNT_LIST, ResourceType.GRANT: Action.ACCOUNT_LIST}
    listing = lists.get(facts.type, Action.DOCUMENT_LIST)
    return says(subject, listing, Facts(type=ResourceType.BODY, id=whose.id, attributes={}, originator=whose.id), context)
