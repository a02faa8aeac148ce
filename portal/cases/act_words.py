"""What each act is called where the rules are asked, in groups: the words of the access matrix (a test compares the two)."""

from collections.abc import Mapping

from portal.kernel.actions import Action

WORDS: Mapping[str, Mapping[Action, str]] = {
    "Everybody's own": {
        Action.HOME_READ: "open the home page",
        Action.SESSION_LIST: "see where one is signed in",
        Action.SESSION_END: "sign out",
        Action.SESSION_CONFIRM: "confirm with a second factor",
        Action.ACCOUNT_CHANGE: "change one's own password and recovery codes (local accounts)",
    },
    "One's own register": {
        Action.DOCUMENT_LIST: "see the list of documents",
        Action.DOCUMENT_READ: "see a document's entry",
        Action.VISIT_REGISTER: "register a visit",
        Action.DOCUMENT_REGISTER: "register a document",
        Action.VERSION_DEPOSIT: "send its files",
        Action.VERSION_DOWNLOAD: "take the original out",
    },
    "Keeping back": {
        Action.REQUEST_RECORD: "record a Member State's request",
        Action.REQUEST_CONFIRM: "confirm a recorded request",
        Action.EVIDENCE_READ: "read the file that shows what a State said",
        Action.REQUEST_PROPOSE_LIFTING: "propose to lift or narrow a request",
        Action.REQUEST_WITHDRAW_LIFTING: "withdraw that proposal to lift",
        Action.REQUEST_LIFT: "lift or narrow a request",
        Action.VERSION_READ: "see the original's pages to mark them",
        Action.RENDITION_BUILD: "prepare a rendition",
        Action.RENDITION_READ: "see what the recipient would see",
    },
    "Sharing": {
        Action.SHARE_PROPOSE: "propose a share",
        Action.PROPOSAL_LIST: "see what is proposed",
        Action.SHARE_APPROVE: "approve a share",
        Action.SHARE_DECLINE: "decline a proposal",
        Action.SHARE_RECALL: "recall a share",
        Action.DISCLOSURE_READ: "see who saw it",
        Action.DOCUMENT_EXPLAIN: "see who can see it, and why",
        Action.ONWARD_CONSENT: "consent to pass it on, by proposing the share",
        Action.ONWARD_DECLINE: "decline to pass it on",
    },
    "What others shared": {
        Action.RECEIVED_LIST: "see what was received",
        Action.SHARE_KNOW: "see that something was shared",
        Action.SHARE_READ: "read its pages",
        Action.SHARE_DOWNLOAD: "take a watermarked copy, where the terms allow it",
        Action.SHARE_FETCH: "take the file itself, where the terms allow it",
        Action.SHARE_ACKNOWLEDGE: "acknowledge it",
        Action.SHARE_CONFIRM_RECALL: "confirm that a recalled one is no longer used",
        Action.SHARE_ASK_ONWARD: "ask to pass it on to a further body",
    },
    "Keeping for good, and destroying": {
        Action.DOCUMENT_HOLD: "place a legal hold",
        Action.DOCUMENT_LIFT_HOLD: "lift a legal hold",
        Action.DOCUMENT_PROPOSE_SHREDDING: "propose to shred",
        Action.DOCUMENT_WITHDRAW_SHREDDING: "withdraw that proposal",
        Action.DOCUMENT_SHRED: "shred",
    },
    "Persons and accounts": {
        Action.PERSON_LIST: "see the accounts of one's body, and which files were refused",
        Action.PERSON_CLOSE: "close an account",
        Action.PERSON_READ_SESSIONS: "see where a person is signed in",
        Action.PERSON_END_SESSIONS: "end a person's sessions",
        Action.PERSON_LINK: "record that two accounts are one human's",
        Action.DEPUTY_PROPOSE: "propose a deputy",
        Action.DEPUTY_NAME: "name a deputy",
        Action.DEPUTY_END: "end a deputy's time",
        Action.ACCOUNT_LIST: "see local accounts",
        Action.ACCOUNT_PROPOSE: "propose a local account",
        Action.ACCOUNT_GRANT: "propose its roles",
        Action.ACCOUNT_CONFIRM: "confirm its roles",
        Action.ACCOUNT_WITHDRAW: "withdraw proposed roles",
    },
    "Oversight": {
        Action.AUDIT_READ: "read the log of what touches one's body",
        Action.POLICY_READ: "see the rules in force and proposed",
        Action.POLICY_WHAT_IF: "ask what the rules would answer in a made-up situation",
        Action.POLICY_APPROVE: "approve other rules for one's body",
        Action.POLICY_WITHDRAW: "withdraw a change of the rules",
    },
}
