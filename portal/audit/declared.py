"""Leaves whose events were lost with a restore, as far as the log itself declares them.

A leaf row that has neither an event nor the bytes of a blank leaf is a finding, unless an event `restore.reconciled`, itself a leaf that
is in order or about to become one, declares it: the range, and how many of its leaves have no event. The declaration must stand in the
first batch that was signed after the range, so that nobody can declare lost, afterwards, what the log still held when it went on. It stays
a note of every verification to come: whoever reads it decides whether there was a restore.
"""

import bisect
import json
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, exists

from portal.audit.canonical import Row, Unreadable, as_text
from portal.audit.findings import Findings, Kind
from portal.audit.models import AuditEvent, AuditPending
from portal.audit.record import Outcome
from portal.kernel.events import Event


def is_waiting_declaration() -> ColumnElement[bool]:
    """Events that declare something and have no leaf yet."""
    waits = exists().where(AuditPending.event_id == AuditEvent.id)
    return and_(AuditEvent.event == str(Event.RESTORE_RECONCILED), waits)


@dataclass(frozen=True, slots=True)
class _Declared:
    first: int
    end: int
    count: int
    leaf: int | None


@dataclass(slots=True)
class Declarations:
    """Collects while the leaves are walked, in their order; `settle` compares at the end."""

    _without: list[int] = field(default_factory=list)
    _declared: list[_Declared] = field(default_factory=list)

    def without_event(self, leaf: int) -> None:
        self._without.append(leaf)

    def read(self, leaf: int | None, row: Row, size: int, signed: int) -> None:
        """Take in the event of this leaf, if it declares something; None waits for its leaf, as after a crash.

        `size` is the log's before it, `signed` the last of these sizes that was signed.
        """
        try:
            if as_text("event", row["event"]) != Event.RESTORE_RECONCILED.encode():
                return
            if as_text("outcome", row["outcome"]) != Outcome.DONE.encode():
                return
            facts = json.loads(as_text("detail", row["detail"]))
            said = _Declared(int(facts["first"]), int(facts["end"]), int(facts["lost"]), leaf)
        except (Unreadable, ValueError, KeyError, TypeError):
            return
        if said.count and said.first < said.end <= size and signed <= said.end:
            self._declared.append(said)

    def settle(self, findings: Findings) -> tuple[str, ...]:
        """Add a finding for each leaf that nothing declares; returns what the declared ones are worth telling."""
        notes, covered = [], set()
        for said in self._declared:
            start, stop = (bisect.bisect_left(self._without, at) for at in (said.first, said.end))
            if stop - start != said.count:
                continue
            covered |= set(range(start, stop))
            text = f"between sizes {said.first} and {said.end} a restore lost {said.count} leaves' events (some were blank leaves)"
            notes.append(f"{text}: declared {'by an event that waits for its leaf' if said.leaf is None else f'at leaf {said.leaf}'}")
        for place, leaf in enumerate(self._without):
            if place not in covered:
                text = f"leaf {leaf}: its event is missing; it names none, is not blank, and no restore declares it lost"
                findings.add(Kind.EVENT_MISSING, text, leaf=leaf)
        return tuple(notes)
