"""Read the log as an auditor of one body: what touches that body, and no content.

Documents are named by their symbol only, and only to their originator; a recipient's auditor reads of shares. Filters speak of symbols
and names and are turned into ids here; what does not exist for the reader finds nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from portal.audit.history import Cursor, Entry, Filter, count, integrity, search
from portal.audit.integrity import Integrity
from portal.audit.record import Outcome
from portal.cases.facts import BodyTarget
from portal.cases.names import body_short, person_name
from portal.cases.plain_text import is_plain
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.kernel.services import Service
from portal.kernel.vocabulary import Role

OUTCOMES = tuple(outcome.value for outcome in Outcome)
EVENTS = tuple(sorted(event.value for event in Event))


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


def read_log(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, filters: Mapping[str, str], before: str) -> LogView:
    """One page of the log, newest first. Raises `Invalid` for a filter that cannot be read."""
    permit.must_cover(Action.AUDIT_READ, body)
    wanted = filter_of(uow, permit, filters)
    stand = integrity(uow.session, uow.at)
    signed = stand.checkpoint
    entries: tuple[Entry, ...] = ()
    older, total = None, 0
    if wanted is not None:
        page = search(uow.session, permit, wanted, sealer=uow.holder, before=Cursor.parse(before) if before else None)
        entries, older, total = page.entries, page.older, count(uow.session, permit, wanted)
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
    )


def _state(stand: Integrity) -> tuple[str, str]:
    if stand.late:
        return "late", "Events wait too long"
    return ("ok", "Sequenced and signed") if stand.checkpoint is not None else ("wait", "Not yet signed")


def filter_of(uow: UnitOfWork, permit: Permit, filters: Mapping[str, str]) -> Filter | None:
    """The filter to search with; None when something named does not exist for this reader."""
    faults: dict[str, str] = {}
    since, until = _day(filters.get("since", ""), "since", faults), _day(filters.get("until", ""), "until", faults)
    event, outcome = filters.get("event", ""), filters.get("outcome", "")
    if event and event not in EVENTS:
        faults["event"] = "Choose an act from the list."
    if outcome and outcome not in OUTCOMES:
        faults["outcome"] = "Choose an outcome from the list."
    if faults:
        raise Invalid(faults)
    document = share = actor = None
    if symbol := filters.get("document", ""):
        document, share = _named(uow, permit, symbol)
        if document is None and share is None:
            return None
    if name := filters.get("actor", ""):
        actor = _colleague(uow, permit, name)
        if actor is None:
            return None
    return Filter(
        event=Event(event) if event else None,
        outcome=Outcome(outcome) if outcome else None,
        actor=actor,
        document=document,
        share=share,
        since=since,
        until=until + timedelta(days=1) if until else None,
    )


def _named(uow: UnitOfWork, permit: Permit, symbol: str) -> tuple[UUID | None, UUID | None]:
    """A document of the reader's own body, or else a share their body received, by its symbol or id."""
    if not is_plain(symbol):  # PostgreSQL does not even compare a text with a NUL in it
        return None, None
    own = uow.documents.of_symbol(permit.body, symbol)
    if own is not None:
        return own.id, None
    received = uow.shares.of_symbol(permit.body, symbol, at=uow.at)
    return None, received.id if received is not None else None


def _colleague(uow: UnitOfWork, permit: Permit, name: str) -> UUID | None:
    for person in uow.people.of_body(permit.body):
        if name.lower() in person_name(uow, permit, person.id).lower():
            return person.id
    return None


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


def _day(text: str, field: str, faults: dict[str, str]) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.combine(date.fromisoformat(text), time(), UTC)
        if not 1970 <= at.year < 9000:
            raise ValueError(text)
        return at
    except ValueError:
        faults[field] = "Give a date, for example 2026-11-24."
        return None
