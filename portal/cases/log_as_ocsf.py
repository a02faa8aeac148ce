"""Events of the log as events of OCSF 1.6 (Open Cybersecurity Schema Framework), for tools that watch many systems.

What its reader is not shown is not in it: OCSF demands somebody and something, so where these are hidden it says that they are not told.
What has no place in OCSF stands under `unmapped`, with the proof (c2sp.org/tlog-proof@v1) that leads to the log's checkpoint.
"""

from typing import Any

from portal.audit.entry import EPOCH
from portal.audit.history import Entry, Evidence
from portal.audit.inclusion import Proofs
from portal.audit.record import Outcome
from portal.kernel.events import Event

VERSION = "1.6.0"
AUTHENTICATION, ACCOUNT, ACCESS, API, HOSTING = 3002, 3001, 3005, 6003, 6006
OTHER = 99
NOT_TOLD = "not told"

#: Class and activity. What is not here is an act of the portal's own: class 6003, by the last word of the event.
_KNOWN: dict[str, tuple[int, int]] = {
    Event.SIGNED_IN: (AUTHENTICATION, 1),
    Event.SIGNED_OUT: (AUTHENTICATION, 2),
    Event.SESSION_ENDED: (AUTHENTICATION, 2),
    Event.SESSION_ENDED_BY_PROVIDER: (AUTHENTICATION, 2),
    Event.PERSON_SESSIONS_ENDED: (AUTHENTICATION, 2),
    Event.SIGN_IN_OFFERED: (AUTHENTICATION, OTHER),
    Event.SIGN_IN_STARTED: (AUTHENTICATION, OTHER),
    Event.CONFIRMATION_STARTED: (AUTHENTICATION, OTHER),
    Event.SESSION_CONFIRMED: (AUTHENTICATION, OTHER),
    Event.PASSWORD_CHECKED: (AUTHENTICATION, OTHER),
    Event.PROVIDER_LEFT: (AUTHENTICATION, OTHER),
    Event.ACCOUNT_PROPOSED: (ACCOUNT, 1),
    Event.ACCOUNT_ENROLLED: (ACCOUNT, 2),
    Event.PASSWORD_CHANGED: (ACCOUNT, 3),
    Event.RECOVERY_CODES_RENEWED: (ACCOUNT, OTHER),
    Event.PERSON_CLOSED: (ACCOUNT, 5),
    Event.PERSON_LINKED: (ACCOUNT, OTHER),
    Event.GRANT_PROPOSED: (ACCESS, OTHER),
    Event.GRANT_CONFIRMED: (ACCESS, 1),
    Event.GRANT_WITHDRAWN: (ACCESS, 2),
    Event.FIRST_OFFICERS_NAMED: (ACCESS, 1),
    Event.DEPUTY_PROPOSED: (ACCESS, OTHER),
    Event.DEPUTY_NAMED: (ACCESS, 1),
    Event.DEPUTY_ENDED: (ACCESS, 2),
    Event.VERSION_DEPOSITED: (HOSTING, 1),
    Event.UPLOAD_CREATED: (HOSTING, 1),
    Event.VERSION_DOWNLOADED: (HOSTING, 2),
    Event.SHARE_DOWNLOADED: (HOSTING, 2),
    Event.SHARE_FETCHED: (HOSTING, 2),
    Event.DOCUMENT_SHREDDED: (HOSTING, 4),
    Event.VERSION_PAGE_READ: (HOSTING, 14),
    Event.RENDITION_PAGE_READ: (HOSTING, 14),
    Event.SHARE_PAGE_READ: (HOSTING, 14),
    Event.SHARE_APPROVED: (HOSTING, 12),
    Event.SHARE_RECALLED: (HOSTING, 13),
    Event.SHARE_CLOSED: (HOSTING, 13),
}
#: Rooms whose things are files.
_FILES = ("document.", "version.", "upload.", "rendition.", "share.", "evidence.")
#: The last word of an event, as an activity of class 6003.
_WORDS = {
    1: "registered created recorded proposed made asked added initialised",
    2: "read listed exported suggested searched explained compared found opened",
    3: "confirmed adopted approved imported answered",
    4: "withdrawn struck discarded",
}
_ACTIVITIES = {word: number for number, words in _WORDS.items() for word in words.split()}
#: 1 informational, 2 low, 3 medium, 4 high.
_SEVERITIES = {Outcome.DONE.value: 1, Outcome.REFUSED.value: 2, Outcome.FAILED.value: 3}


def as_ocsf(entry: Entry, evidence: Evidence | None, proofs: Proofs) -> dict[str, Any]:
    """The event as one object of its class; times in milliseconds since 1970."""
    class_uid, activity = _class_of(entry.event)
    alarm = entry.event == Event.ALARM_RAISED or entry.damaged
    told: dict[str, Any] = {
        "class_uid": class_uid,
        "category_uid": class_uid // 1000,
        "activity_id": activity,
        "type_uid": 100 * class_uid + activity,
        "time": int((entry.at - EPOCH).total_seconds() * 1000),
        "severity_id": 4 if alarm else _SEVERITIES.get(entry.outcome, 0),
        "status_id": 1 if entry.outcome == Outcome.DONE else 2,
        "metadata": _metadata(entry, proofs),
        "unmapped": _unmapped(entry, evidence, proofs),
    }
    if entry.code:
        told["status_code"] = entry.code
    return told | _parties(class_uid, entry)


def _class_of(event: str) -> tuple[int, int]:
    if event in _KNOWN:
        return _KNOWN[event]
    if event.startswith(_FILES):
        return HOSTING, OTHER
    return API, _ACTIVITIES.get(event.replace("_", ".").rpartition(".")[2], OTHER)


def _metadata(entry: Entry, proofs: Proofs) -> dict[str, Any]:
    told: dict[str, Any] = {"version": VERSION, "uid": str(entry.id), "product": {"name": "Communication Portal"}}
    if proofs.note:
        told["log_name"] = proofs.note.partition("\n")[0]
    if entry.event:
        told["event_code"] = entry.event
    if entry.leaf_index is not None:
        told["sequence"] = entry.leaf_index
    return told


def _parties(class_uid: int, entry: Entry) -> dict[str, Any]:
    """Who, from where, and to what, as this class wants it."""
    who, whence = _actor(entry), {"ip": entry.address} if entry.address else {"name": NOT_TOLD}
    if class_uid == AUTHENTICATION:
        return {"user": who, "src_endpoint": whence, "service": {"name": "Communication Portal"}}
    if class_uid in (ACCOUNT, ACCESS):
        told = {"actor": {"user": who}, "user": {"uid": entry.object_id or NOT_TOLD}, "src_endpoint": whence}
        return told if class_uid == ACCOUNT else told | {"privileges": [str(entry.detail.get("role", entry.event))]}
    told = {"actor": {"user": who}, "src_endpoint": whence}
    if class_uid == API:
        return told | {"api": {"operation": entry.action or entry.event or NOT_TOLD}}
    thing = str(entry.share or entry.document or entry.object_id or NOT_TOLD)
    return told | {"file": {"name": thing, "uid": thing, "type_id": 1}}


def _actor(entry: Entry) -> dict[str, Any]:
    """The person, where they are shown; else whose staff it was."""
    told: dict[str, Any] = {"name": entry.who or NOT_TOLD, "type_id": 1 if entry.actor_body else 0}
    if entry.actor is not None:
        told["uid"] = str(entry.actor)
    if entry.actor_body:
        told["org"] = {"uid": entry.actor_body}
    if entry.actor_roles:
        told["groups"] = [{"name": role} for role in entry.actor_roles]
    return told


def _unmapped(entry: Entry, evidence: Evidence | None, proofs: Proofs) -> dict[str, Any]:
    told: dict[str, Any] = {"shared": entry.shared, "rules": list(entry.rules), "policy": entry.policy_hash, "detail": dict(entry.detail)}
    told |= {"object_type": entry.object_type, "object_id": entry.object_id, "damaged": entry.damaged}
    told |= {name: str(value) for name in ("document", "share", "session") if (value := getattr(entry, name)) is not None}
    if entry.private is not None:
        told["private"] = dict(entry.private)
    if evidence is not None:
        told |= {"leaf_hash": evidence.leaf_hash, "check": evidence.facts()}
    proof = proofs.text(entry.leaf_index)
    return told | ({"proof": proof} if proof else {"waits": True})
