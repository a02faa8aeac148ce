"""What an auditor narrows the log by, as it stands in the address of a page, turned into what the log can be searched with.

Filters speak of symbols, States and names, and are turned into ids here; what does not exist for the reader finds nothing, and says so no
louder than what exists and was never used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Select

from portal.audit.history import Filter
from portal.audit.record import Outcome
from portal.cases.names import person_name
from portal.cases.plain_text import is_plain
from portal.cases.uow import UnitOfWork
from portal.kernel.errors import Invalid
from portal.kernel.events import Event
from portal.kernel.log_sections import minute_of_day
from portal.kernel.permit import Permit

#: What stands in an address, in this order. `body`: of who acted. `from` and `to`: of the day. `since` and `until`: days, both included.
NAMES = ("document", "share", "state", "actor", "body", "event", "outcome", "since", "until", "from", "to")
#: Longest text of one of them.
MOST_TEXT = 200
OUTCOMES = tuple(outcome.value for outcome in Outcome)
EVENTS = tuple(sorted(event.value for event in Event))
DAY = timedelta(days=1)
_WHOLE_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Asked:
    """`wanted` is None when something named does not exist for this reader. `shown`: the same filters in words for the form."""

    wanted: Filter | None
    shown: dict[str, str]


def chosen(given: Mapping[str, str]) -> dict[str, str]:
    """What is set of the filters of the log, in their order."""
    return {name: text for name in NAMES if (text := given.get(name, "").strip()[:MOST_TEXT])}


def asked_for(uow: UnitOfWork, permit: Permit, given: Mapping[str, str]) -> Asked:
    """The filter to search with. Raises `Invalid` with every filter that cannot be read."""
    shown = {name: given.get(name, "") for name in NAMES}
    faults: dict[str, str] = {}
    since, until = day_of(shown["since"], "since", faults), day_of(shown["until"], "until", faults)
    hours = _hours(shown["from"], shown["to"], faults)
    for name, known, words in (
        ("event", EVENTS, "an act"),
        ("outcome", OUTCOMES, "an outcome"),
        ("body", uow.parts.config.bodies, "a body"),
    ):
        if shown[name] and shown[name] not in known:
            faults[name] = f"Choose {words} from the list."
    state = _state(uow, shown["state"], faults)
    if faults:
        raise Invalid(faults)
    document, share = _named(uow, permit, shown["document"])
    share = share or _share(uow, permit, shown["share"])
    actor = _colleague(uow, permit, shown["actor"])
    if (shown["document"] and document is None and share is None) or (shown["share"] and share is None):
        return Asked(None, shown)
    if shown["actor"] and actor is None:
        return Asked(None, shown)
    if actor is not None and shown["actor"] == str(actor):
        shown["actor"] = person_name(uow, permit, actor)
    wanted = Filter(
        event=Event(shown["event"]) if shown["event"] else None,
        outcome=Outcome(shown["outcome"]) if shown["outcome"] else None,
        actor=actor,
        document=document,
        share=share,
        body=shown["body"] or None,
        since=since,
        until=until + DAY if until else None,
        hours=hours,
        of=_of_state(uow, permit, state) if state else None,
    )
    return Asked(wanted, shown)


def day_of(text: str, field: str, faults: dict[str, str]) -> datetime | None:
    """The beginning of the day; None if none is given, or with a fault if it is none."""
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


def _hours(first: str, last: str, faults: dict[str, str]) -> tuple[int, int] | None:
    """Minutes of the day. Nothing stands for the one or the other end of the day; the same twice is the whole day."""
    minutes: dict[str, int] = {}
    for name, text in (("from", first), ("to", last)):
        try:
            minutes[name] = minute_of_day(text) if text else 0
        except ValueError:
            faults[name] = "Give a time of day, for example 18:30."
    if len(minutes) < 2 or minutes["from"] == minutes["to"]:
        return None
    return minutes["from"], minutes["to"] or _WHOLE_DAY


def _state(uow: UnitOfWork, text: str, faults: dict[str, str]) -> str:
    """Its code: by the code, by its name, or by a part of the name that no other State has."""
    if not text:
        return ""
    words, states = text.casefold(), uow.parts.member_states.all()
    exact = [state.code for state in states if words in (state.code.casefold(), state.name.casefold())]
    found = exact or [state.code for state in states if words in state.name.casefold()]
    if len(found) != 1:
        faults["state"] = "Choose a State from the list, or give its code of three letters."
    return found[0] if len(found) == 1 else ""


def _of_state(uow: UnitOfWork, permit: Permit, state: str) -> tuple[Select[UUID], Select[UUID]]:
    documents = uow.documents.ids_of_body(permit.body, state=state)
    return documents, uow.shares.ids_of_documents(documents)


def _named(uow: UnitOfWork, permit: Permit, symbol: str) -> tuple[UUID | None, UUID | None]:
    """A document of the reader's own body, or else a share their body received, by its symbol."""
    if not symbol or not is_plain(symbol):  # PostgreSQL does not even compare a text with a NUL in it
        return None, None
    own = uow.documents.of_symbol(permit.body, symbol)
    if own is not None:
        return own.id, None
    received = uow.shares.of_symbol(permit.body, symbol, at=uow.at)
    return None, received.id if received is not None else None


def _share(uow: UnitOfWork, permit: Permit, text: str) -> UUID | None:
    """A share that the reader's body gave or received, by its id, or by the beginning of it that the log shows."""
    digits = text.replace("-", "").lower()
    if not 8 <= len(digits) <= 32 or digits.strip("0123456789abcdef"):
        return None
    found = uow.shares.known_to(permit.body, UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f")), at=uow.at)
    return found[0].id if len(found) == 1 else None


def _colleague(uow: UnitOfWork, permit: Permit, text: str) -> UUID | None:
    """A person of the reader's own body: by id, by the whole name, or by a part of it."""
    if not text:
        return None
    people = {person.id: person_name(uow, permit, person.id).casefold() for person in uow.people.of_body(permit.body)}
    words = text.casefold()
    fits = [person for person, name in people.items() if words in (str(person), name)]
    return next(iter(fits or [person for person, name in people.items() if words in name]), None)
