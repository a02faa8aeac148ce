"""Read the log as an auditor of one body: what touches that body, and no content.

Documents are named by their symbol only, and only to their originator; a recipient's auditor reads of shares. What narrows the log is
read in `log_filter`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.audit.history import Cursor, Entry, count, integrity, search
from portal.audit.integrity import Integrity
from portal.cases.facts import BodyTarget
from portal.cases.log_filter import EVENTS as EVENTS
from portal.cases.log_filter import OUTCOMES as OUTCOMES
from portal.cases.log_filter import asked_for, chosen
from portal.cases.log_timeline import Timeline, timeline
from portal.cases.names import body_short, person_name
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.kernel.services import Service
from portal.kernel.vocabulary import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    at: datetime
    event_words: str
    who: str | None
    body_short: str
    roles_words: str
    object_words: str
    outcome: str
    code: str
    rules: list[tuple[str, str]]
    policy_short: str
    address: str | None
    leaf: int | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    rows: list[LogRow]
    older: str | None
    total: int
    size: int
    root_short: str
    signed_at: datetime | None
    pending: bool
    state: tuple[str, str]
    shown: dict[str, str]
    timeline: Timeline | None


def read_log(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, filters: Mapping[str, str], before: str) -> LogView:
    """One page of the log, newest first. Raises `Invalid` for a filter that cannot be read."""
    permit.must_cover(Action.AUDIT_READ, body)
    asked = asked_for(uow, permit, filters)
    uow.notes.detail |= {"view": "search", "narrowed": list(chosen(filters))}
    stand = integrity(uow.session, uow.at)
    signed = stand.checkpoint
    entries: tuple[Entry, ...] = ()
    older, total = None, 0
    if asked.wanted is not None:
        page = search(uow.session, permit, asked.wanted, sealer=uow.holder, before=Cursor.parse(before) if before else None)
        entries, older, total = page.entries, page.older, count(uow.session, permit, asked.wanted)
    damaged = [entry.id for entry in entries if entry.damaged]
    if damaged:
        alarm = Notes(detail={"alarm": "tampered", "events": [str(event_id) for event_id in damaged]})
        uow.also(Event.ALARM_RAISED, alarm, originator=permit.body)
    return LogView(
        rows=[row_of(uow, permit, entry) for entry in entries],
        older=None if older is None else str(older),
        total=total,
        size=stand.size,
        root_short=signed.root.hex()[:16] if signed is not None else "none yet",
        signed_at=signed.at if signed is not None else None,
        pending=stand.pending > 0,
        state=("bad", "Not in order: an entry was changed") if damaged else _state(stand),
        shown=asked.shown,
        timeline=timeline(uow, permit, asked.wanted) if asked.wanted is not None and total else None,
    )


def _state(stand: Integrity) -> tuple[str, str]:
    if stand.late:
        return "late", "Events wait too long"
    return ("ok", "Sequenced and signed") if stand.checkpoint is not None else ("wait", "Not yet signed")


def row_of(uow: UnitOfWork, permit: Permit, entry: Entry) -> LogRow:
    return LogRow(
        at=entry.at,
        event_words=event_words(entry.event) if entry.shared else "Asked for something of yours",
        who=entry.who or _summed_of(uow, permit, entry) or _service(entry),
        body_short=body_short(uow, entry.actor_body) if entry.actor_body else "",
        roles_words=", ".join(Role(role).words for role in entry.actor_roles if entry.actor_body),
        object_words=_object_words(uow, permit, entry),
        outcome=entry.outcome,
        code=entry.code,
        rules=[(rule, uow.parts.policies.rules[rule].reason if rule in uow.parts.policies.rules else "") for rule in entry.rules],
        policy_short=entry.policy_hash[:8],
        address=entry.address or None,
        leaf=entry.leaf_index,
        note=_note(uow, permit, entry),
    )


def _summed_of(uow: UnitOfWork, permit: Permit, entry: Entry) -> str | None:
    """Whose acts the portal summed: a colleague's name. Of another body's staff an entry shows no actor."""
    if entry.event != Event.READING_ENDED or entry.actor is None:
        return None
    return person_name(uow, permit, entry.actor)


def _service(entry: Entry) -> str | None:
    """Which service acted, where no person did; an originator reads of it in its own part."""
    if entry.actor_body:
        return None
    name = (entry.private or {}).get("service") or next(iter(entry.actor_roles), "")
    return f"{Service(str(name)).words} of the portal" if name else None


def event_words(event: str) -> str:
    """ "share.page_read" → "Share page read"."""
    return event.replace(".", " ").replace("_", " ").capitalize()


def _object_words(uow: UnitOfWork, permit: Permit, entry: Entry) -> str:
    """Symbols only, never titles; of another body's document only the share."""
    parts = []
    if entry.document is not None:
        document = uow.documents.get(entry.document)
        if document is not None and document.originator == permit.body:
            parts.append(document.symbol)
    if entry.share is not None:
        share = uow.shares.get(entry.share)
        if share is not None and permit.body in (share.originator, share.recipient):
            if not parts:
                parts.append(share.symbol)
            parts.append(f"share {str(share.id)[:8]}")
    if "page" in entry.detail:
        parts.append(f"page {entry.detail['page']}")
    if "searched" in entry.detail:
        parts.append(f"{entry.detail['searched']} pages searched")
    if isinstance(again := entry.detail.get("again"), list):
        views = sum(int(str(item).partition(":")[2] or 0) for item in again)
        parts.append(f"{views} further {'view' if views == 1 else 'views'} of {len(again)} {'page' if len(again) == 1 else 'pages'}")
    return ", ".join(parts)


def _note(uow: UnitOfWork, permit: Permit, entry: Entry) -> str | None:
    """What only the originator may learn: which of its documents another body asked for and did not find."""
    if entry.damaged:
        return "This entry was changed after it was written, and part of it cannot be read. Have the whole log checked."
    refused = str((entry.private or {}).get("rules", ""))
    if refused:
        known = uow.parts.policies.rules
        return " ".join(known[rule].reason for rule in refused.split() if rule in known) or None
    asked = (entry.private or {}).get("asked")
    if not asked:
        return None
    if not (entry.private or {}).get("present"):
        return f"There is nothing at the address that was asked for ({asked})."
    return (
        f"{_own_symbol(uow, permit, str(asked))} is at the address that was asked for ({asked}). The person was told that nothing is there."
    )


def _own_symbol(uow: UnitOfWork, permit: Permit, asked: str) -> str:
    """The symbol, if what was asked for is a document of the reader's body; anything else has none."""
    try:
        document = uow.documents.get(UUID(asked))
    except ValueError:
        document = None
    return document.symbol if document is not None and document.originator == permit.body else "Something of yours"
