"""Everything a person can ask of the portal, `room:verb`. Policies, guards and decision tables speak of these and no others."""

from enum import StrEnum


class Action(StrEnum):
    # open doors (no session needed); the set is a literal in a test
    HEALTH_READ = "health:read"
    ASSET_READ = "asset:read"
    SESSION_BEGIN = "session:begin"
    SESSION_END_BY_PROVIDER = "session:end_by_provider"  # a provider says whose sessions are over; its signature is the key
    # about the person's own body
    SESSION_LIST = "session:list"
    SESSION_END = "session:end"
    SESSION_CONFIRM = "session:confirm"  # with a second factor, that it is still this person
    HOME_READ = "home:read"
    VISIT_REGISTER = "visit:register"
    DOCUMENT_REGISTER = "document:register"
    DOCUMENT_LIST = "document:list"
    PROPOSAL_LIST = "proposal:list"
    RECEIVED_LIST = "received:list"
    AUDIT_READ = "audit:read"
    AUDIT_EXPORT = "audit:export"  # take the log along as a file
    AUDIT_KEEP_FILTER = "audit:keep_filter"  # one's own, of the log
    AUDIT_VERIFY = "audit:verify"  # have the whole log checked
    PERSON_LIST = "person:list"
    # about a document, by its originator
    DOCUMENT_READ = "document:read"
    VERSION_DEPOSIT = "version:deposit"
    VERSION_READ = "version:read"  # a confidentiality officer sees the pages of the original to mark what stays
    VERSION_DOWNLOAD = "version:download"  # the original itself, for its own body
    REQUEST_RECORD = "request:record"
    EVIDENCE_READ = "evidence:read"  # the file that shows what a State said
    RENDITION_BUILD = "rendition:build"
    RENDITION_READ = "rendition:read"
    REMARK_READ = "remark:read"  # what recipients said and asked of it
    SHARE_PROPOSE = "share:propose"
    DISCLOSURE_READ = "disclosure:read"
    DOCUMENT_EXPLAIN = "document:explain"  # who can see it, and which rules say so
    DOCUMENT_HOLD = "document:hold"
    DOCUMENT_PROPOSE_SHREDDING = "document:propose_shredding"
    DOCUMENT_SCHEDULE = "document:schedule"  # when it is reviewed, asked about, and may go
    DOCUMENT_REVIEW = "document:review"
    DOCUMENT_PROPOSE_LOWERING = "document:propose_lowering"  # its level
    DOCUMENT_ARCHIVE = "document:archive"
    # about a request in the register, and about a proposal to lift it, by the document's originator
    REQUEST_CONFIRM = "request:confirm"
    REQUEST_PROPOSE_LIFTING = "request:propose_lifting"  # wholly, or in part
    REQUEST_WITHDRAW_LIFTING = "request:withdraw_lifting"
    REQUEST_LIFT = "request:lift"
    REQUEST_ATTEST = "request:attest"  # to the State that asked: a signed file
    # about a legal hold, and about a proposal to shred, by the document's originator
    DOCUMENT_LIFT_HOLD = "document:lift_hold"
    DOCUMENT_WITHDRAW_SHREDDING = "document:withdraw_shredding"
    DOCUMENT_SHRED = "document:shred"
    # about a proposal to lower a level, and about what was archived, by the document's originator
    DOCUMENT_WITHDRAW_LOWERING = "document:withdraw_lowering"
    DOCUMENT_LOWER = "document:lower"
    DOCUMENT_UNARCHIVE = "document:unarchive"
    # about a proposed share, by its originator
    SHARE_APPROVE = "share:approve"
    SHARE_DECLINE = "share:decline"
    SHARE_RECALL = "share:recall"
    SHARE_ANSWER = "share:answer"  # a question of its recipient
    TRANSFER_RECORD = "transfer:record"  # that it went by other means than the portal, under the same decision
    TRANSFER_STRIKE = "transfer:strike"  # that it did, if it did not
    # about a request that a share goes on to a further body, by the document's originator
    ONWARD_CONSENT = "onward:consent"  # the first of two: it proposes the share
    ONWARD_DECLINE = "onward:decline"
    # about a share, by its recipient
    SHARE_KNOW = "share:know"
    SHARE_READ = "share:read"
    SHARE_DOWNLOAD = "share:download"
    SHARE_FETCH = "share:fetch"  # the stored file itself, without a watermark
    SHARE_ACKNOWLEDGE = "share:acknowledge"
    SHARE_CONFIRM_RECALL = "share:confirm_recall"
    SHARE_ASK_ONWARD = "share:ask_onward"
    SHARE_REMARK = "share:remark"  # a comment, or a question to the originator
    TRANSFER_RECEIVE = "transfer:receive"  # that what went by other means arrived
    TRANSFER_RETURN = "transfer:return"  # that it was given back or destroyed, after a closing
    # about local accounts
    ACCOUNT_LIST = "account:list"
    ACCOUNT_PROPOSE = "account:propose"
    ACCOUNT_GRANT = "account:grant"  # an officer proposes roles for one, or that it is enrolled anew
    ACCOUNT_CONFIRM = "account:confirm"
    ACCOUNT_WITHDRAW = "account:withdraw"
    ACCOUNT_CHANGE = "account:change"  # what its own person signs in with
    # about a person
    PERSON_CLOSE = "person:close"
    PERSON_READ_SESSIONS = "person:read_sessions"
    PERSON_END_SESSIONS = "person:end_sessions"
    PERSON_ERASE = "person:erase"  # the second of two: their names go from the log, or a hold on them is lifted
    PERSON_LINK = "person:link"  # two accounts are one human's
    DEPUTY_PROPOSE = "deputy:propose"
    # about a deputy who is proposed or named
    DEPUTY_NAME = "deputy:name"
    DEPUTY_END = "deputy:end"
    # about the rules themselves
    POLICY_READ = "policy:read"
    POLICY_WHAT_IF = "policy:what_if"  # what they would answer in a situation that is made up
    POLICY_APPROVE = "policy:approve"  # a body consents to other rules
    POLICY_WITHDRAW = "policy:withdraw"


#: What opens something to somebody who could not see or do it before. None of it happens while no witness saw the log for too long.
OPENING_ACTIONS = frozenset(
    {
        Action.SHARE_APPROVE,
        Action.REQUEST_LIFT,
        Action.DOCUMENT_LOWER,
        Action.DOCUMENT_UNARCHIVE,
        Action.ACCOUNT_CONFIRM,
        Action.DEPUTY_NAME,
        Action.POLICY_APPROVE,
    }
)

#: What goes on when the disk is nearly full: coming and going, finding the document, and what closes something or says who saw it.
CLOSING_ACTIONS = frozenset(
    {
        Action.SESSION_LIST,
        Action.SESSION_END,
        Action.SESSION_CONFIRM,
        Action.HOME_READ,
        Action.DOCUMENT_LIST,
        Action.DOCUMENT_READ,
        Action.VERSION_READ,
        Action.DISCLOSURE_READ,
        Action.REQUEST_RECORD,
        Action.REQUEST_CONFIRM,
        Action.SHARE_DECLINE,
        Action.SHARE_RECALL,
        Action.ONWARD_DECLINE,
        Action.DOCUMENT_HOLD,
        Action.PERSON_LIST,
        Action.PERSON_CLOSE,
        Action.PERSON_END_SESSIONS,
        Action.DEPUTY_END,
        Action.AUDIT_READ,
    }
)

#: Doors that open without a session.
OPEN_ACTIONS = frozenset({Action.HEALTH_READ, Action.ASSET_READ, Action.SESSION_BEGIN, Action.SESSION_END_BY_PROVIDER})
