"""How the log stands, for auditors: what was signed and by whom, the guard, and the check of the whole that was asked for last.

The log is every body's, and so are its size, signatures and checks. What a check found is told by kind and leaf, never by event: it
may be another body's. How many events wait is not told either, as it would say that another body is doing something.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.audit.checks import Ended, LogCheck
from portal.audit.glance import Published, published
from portal.audit.integrity import integrity
from portal.cases.check_log import place_of, vouched_check
from portal.cases.facts import BodyTarget
from portal.cases.names import person_name
from portal.cases.uow import UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.errors import Tampered
from portal.kernel.permit import Permit

#: A log that stands still is signed every minute: a checkpoint or a signature that is older is late.
LATE = timedelta(minutes=5)
_KINDS = {
    "event_changed": "an event was changed after it was written",
    "event_missing": "an event is missing",
    "event_extra": "an event has no leaf and waits for none",
    "event_waiting": "an event has waited for its leaf for too long",
    "queue_wrong": "the queue names an event that has its leaf already",
    "leaf_changed": "a leaf was changed",
    "leaf_missing": "a leaf is missing",
    "leaf_stray": "a leaf does not belong to the log",
    "log_short": "the log is shorter than what was signed",
    "interval_changed": "between two checkpoints the log is not the one that was signed",
    "root_differs": "two checkpoints of one size differ",
    "checkpoint_bad": "a checkpoint’s signature does not hold",
    "checkpoint_changed": "a stored checkpoint was changed",
    "published_changed": "a published file was changed",
    "published_missing": "a published file is missing",
    "row_untold": "a row stands in the database of which no event tells",
    "row_missing": "an event tells of a row that is not in the database",
    "guard_unusable": "the guard is missing, or was put back",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRow:
    """`signed_at`: when it last signed, by its own clock; None if the published checkpoint has no good signature of it."""

    name: str
    signed_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """`state`: waiting, running, in_order, found, broken_off or damaged. `done` of `size` leaves; `who` only of the reader's own body."""

    state: str
    who: str | None
    asked_at: datetime
    ended_at: datetime | None
    done: int
    size: int
    found: int
    lines: list[str]

    @property
    def is_open(self) -> bool:
        return self.state in {"waiting", "running"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrityView:
    """`age` of the last checkpoint; `guard` and `portal` say whether guard and own signature hold."""

    size: int
    signed_size: int | None
    root: str
    signed_at: datetime | None
    stale: bool
    portal: bool
    witnesses: list[WitnessRow]
    waiting: bool
    late: bool
    guard: bool
    check: CheckView | None


def show_integrity(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> IntegrityView:
    permit.must_cover(Action.AUDIT_READ, body)
    log, sequencer = uow.parts.config.log, uow.parts.sequencer
    stand = integrity(uow.session, uow.at)
    found = published(log.path, sequencer.key.verifier, [entry.key for entry in log.witness], sequencer.guard)
    signed_at = stand.checkpoint.at if stand.checkpoint is not None else None
    return IntegrityView(
        size=stand.size,
        signed_size=None if found.head is None else found.head.size,
        root="" if found.head is None else found.head.root.hex(),
        signed_at=signed_at,
        stale=found.head is not None and found.head.size < stand.size and (signed_at is None or uow.at - signed_at > LATE),
        portal=not found.broken,
        witnesses=_witnesses(uow, found),
        waiting=stand.pending > 0,
        late=stand.late,
        guard=found.guard is not None,
        check=show_check(uow, permit, body),
    )


def show_check(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> CheckView | None:
    """The check that was asked for last; None before the first."""
    permit.must_cover(Action.AUDIT_READ, body)
    try:
        row = vouched_check(uow)
    except Tampered:
        return CheckView(state="damaged", who=None, asked_at=uow.at, ended_at=None, done=0, size=0, found=0, lines=[])
    return None if row is None else _view(uow, permit, row)


def _view(uow: UnitOfWork, permit: Permit, row: LogCheck) -> CheckView:
    done, state = row.leaves, row.ended
    if state is None:
        running = place_of(uow.parts).done(row.id)
        done = running or 0
        state_word = "waiting" if row.begun_at is None else "running" if running is not None else Ended.BROKEN_OFF.value
    else:
        state_word = state.value
    lines = [f"{_KINDS.get(kind, kind)}{'' if leaf is None else f': leaf {leaf:,}'}" for kind, leaf in row.places]
    return CheckView(
        state=state_word,
        who=person_name(uow, permit, row.asked_by) if row.body == permit.body else None,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        done=done,
        size=max(row.size, done),
        found=row.found,
        lines=[line[0].upper() + line[1:] for line in lines],
    )


def _witnesses(uow: UnitOfWork, found: Published) -> list[WitnessRow]:
    return [WitnessRow(name=each.name, signed_at=each.at, late=each.at is None or uow.at - each.at > LATE) for each in found.witnesses]
