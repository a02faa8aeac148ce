"""What the log records, in the past tense. One event per act; a refusal is recorded under the event that did not happen."""

from enum import StrEnum


class Event(StrEnum):
    HEALTH_READ = "health.read"
    ASSET_READ = "asset.read"
    SIGN_IN_OFFERED = "session.offered"
    SIGN_IN_STARTED = "session.started"
    SIGNED_IN = "session.signed_in"
    SIGNED_OUT = "session.signed_out"
    CONFIRMATION_STARTED = "session.confirmation_started"
    SESSION_CONFIRMED = "session.confirmed"
    PROVIDER_LEFT = "session.provider_left"
    SESSIONS_LISTED = "sessions.listed"
    SESSION_ENDED = "session.ended"
    SESSION_ENDED_BY_PROVIDER = "session.ended_by_provider"
    HOME_READ = "home.read"
    FORM_OPENED = "form.opened"
    VISIT_REGISTERED = "visit.registered"
    DOCUMENT_REGISTERED = "document.registered"
    DOCUMENTS_LISTED = "documents.listed"
    DOCUMENTS_SUGGESTED = "documents.suggested"
    DOCUMENTS_EXPORTED = "documents.exported"
    DOCUMENTS_EXPORT_ENDED = "documents.export_ended"
    DOCUMENT_READ = "document.read"
    HOLD_PLACED = "document.hold_placed"
    HOLD_LIFTED = "document.hold_lifted"
    SHREDDING_PROPOSED = "document.shredding_proposed"
    SHREDDING_WITHDRAWN = "document.shredding_withdrawn"
    DOCUMENT_SHREDDED = "document.shredded"
    VERSION_DEPOSITED = "version.deposited"
    UPLOAD_CREATED = "upload.created"
    UPLOAD_ASKED = "upload.asked"
    UPLOAD_CONTINUED = "upload.continued"
    UPLOAD_ENDED = "upload.ended"
    UPLOAD_EXPIRED = "upload.expired"
    VERSION_PAGE_READ = "version.page_read"
    VERSION_DOWNLOADED = "version.downloaded"
    VERSION_DOWNLOAD_ENDED = "version.download_ended"
    REQUEST_RECORDED = "request.recorded"
    RENDITION_BUILT = "rendition.built"
    RENDITION_PAGE_READ = "rendition.page_read"
    SHARE_PROPOSED = "share.proposed"
    PROPOSALS_LISTED = "proposals.listed"
    SHARE_APPROVED = "share.approved"
    SHARE_DECLINED = "share.declined"
    SHARE_RECALLED = "share.recalled"
    SHARE_CLOSED = "share.closed"
    SHARE_FOUND = "share.found"
    RECEIVED_LISTED = "received.listed"
    RECEIVED_EXPORTED = "received.exported"
    RECEIVED_EXPORT_ENDED = "received.export_ended"
    SHARE_PAGE_READ = "share.page_read"
    SHARE_DOWNLOADED = "share.downloaded"
    SHARE_DOWNLOAD_ENDED = "share.download_ended"
    SHARE_FETCHED = "share.fetched"
    SHARE_FETCH_ENDED = "share.fetch_ended"
    SHARE_ACKNOWLEDGED = "share.acknowledged"
    SHARE_RECALL_CONFIRMED = "share.recall_confirmed"
    ONWARD_ASKED = "onward.asked"
    ONWARD_CONSENTED = "onward.consented"
    ONWARD_DECLINED = "onward.declined"
    DISCLOSURES_READ = "disclosures.read"
    DOCUMENT_EXPLAINED = "document.explained"
    AUDIT_READ = "audit.read"
    PERSONS_LISTED = "persons.listed"
    PERSON_CLOSED = "person.closed"
    PERSON_SESSIONS_READ = "person.sessions_read"
    PERSON_SESSIONS_ENDED = "person.sessions_ended"
    PASSWORD_CHECKED = "session.password_checked"  # nosec B105: the name of an event
    ACCOUNTS_LISTED = "accounts.listed"
    ACCOUNT_PROPOSED = "account.proposed"
    ACCOUNT_ENROLLED = "account.enrolled"
    ACCOUNT_READ = "account.read"
    PASSWORD_CHANGED = "account.password_changed"  # nosec B105: the name of an event
    RECOVERY_CODES_RENEWED = "account.recovery_codes_renewed"
    GRANT_PROPOSED = "grant.proposed"
    GRANT_CONFIRMED = "grant.confirmed"
    GRANT_WITHDRAWN = "grant.withdrawn"
    FIRST_OFFICERS_NAMED = "portal.first_officers_named"
    PERSON_LINKED = "person.linked"
    DEPUTY_PROPOSED = "deputy.proposed"
    DEPUTY_NAMED = "deputy.named"
    DEPUTY_ENDED = "deputy.ended"
    PORTAL_INITIALISED = "portal.initialised"
    POLICY_READ = "policy.read"
    POLICY_PROPOSED = "policy.proposed"
    POLICY_APPROVED = "policy.approved"
    POLICY_WITHDRAWN = "policy.withdrawn"
    POLICY_ADOPTED = "policy.adopted"
    POLICY_SIMULATED = "policy.simulated"
    REFUSALS_SUMMED = "refusals.summed"
    DOOR_MISSED = "door.missed"
    ALARM_RAISED = "alarm.raised"
    RESTORE_RECONCILED = "restore.reconciled"
    RESTORE_CLOSED = "restore.closed"
    RESTORE_SETTLED = "restore.settled"
    RESTORE_DISCARDED = "restore.discarded"
    RECOVERY_EXPORTED = "recovery.exported"
    STORE_OBJECT_MISSING = "store.object_missing"
    STORE_OBJECT_DAMAGED = "store.object_damaged"


#: Successful acts that leave no event; a literal in a test. Their refusals are recorded all the same.
QUIET = frozenset(
    {
        Event.HEALTH_READ,
        Event.ASSET_READ,
        Event.SIGN_IN_OFFERED,
        Event.SIGN_IN_STARTED,
        Event.CONFIRMATION_STARTED,
        Event.PROVIDER_LEFT,
        Event.FORM_OPENED,
        Event.UPLOAD_ASKED,
        Event.UPLOAD_CONTINUED,
    }
)
