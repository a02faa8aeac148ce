"""The log in figures, as the auditor of one body: nothing is counted here that `history` would not show them.

Of each row only what `history` shows is used. So an originator's entry counts by its time, its outcome and the actor's body, and never for
a person; a person of another body is a number here, the first to be met in the period first, and their id stays within this module.

Rows are read raw: one whose value is not what its column holds is left out, and makes the answer `damaged`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, literal_column, select, type_coerce
from sqlalchemy.orm import Session

from portal.audit.canonical import Row, Unreadable, as_text, as_uuid, as_whole, raw
from portal.audit.entry import EPOCH
from portal.audit.history import Filter, reader_of, shared_with, visible
from portal.audit.models import AuditEvent
from portal.audit.record import Outcome
from portal.kernel.events import Event
from portal.kernel.permit import Permit

T = TypeVar("T")
_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Who:
    """A person of the reader's own body by id; of another body by a number within that body."""

    body: str
    person: UUID | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """What happened from `begins` on, for one width: `refused` holds what failed, too."""

    begins: datetime
    done: int
    refused: int


@dataclass(slots=True)
class Sums:
    """Reads sums under one permit, for one period; remembers whether something could not be read."""

    session: Session
    permit: Permit
    wanted: Filter
    damaged: bool = False
    _numbers: Mapping[UUID, Who] | None = None

    @property
    def body(self) -> str:
        return reader_of(self.permit)

    def first(self) -> datetime | None:
        """When the first of these events happened."""
        at = self.session.scalar(select(raw(self.session, func.min(AuditEvent.at), "first")).where(visible(self.body, self.wanted)))
        try:
            return None if at is None else moment(at)
        except (Unreadable, OverflowError):
            self.damaged = True
            return None

    def bars(self, since: datetime, width: timedelta) -> list[Bar]:
        """How many events there are in each width from `since` on; widths without any are left out."""
        place = (instant() - (since - EPOCH) // _MICRO) // (width // _MICRO)
        done = func.sum(case((AuditEvent.outcome == str(Outcome.DONE), 1), else_=0))
        columns = [raw(self.session, one, name) for one, name in ((place, "place"), (done, "done"), (func.count(), "all"))]
        statement = select(*columns).where(visible(self.body, self.wanted), AuditEvent.at >= since).group_by(named("place"))
        found = self.read(
            statement, lambda row: (as_whole("place", row["place"]), as_whole("done", row["done"]), as_whole("all", row["all"]))
        )
        return [Bar(since + place * width, done, everything - done) for place, done, everything in found]

    def who(self, row: Row) -> Who:
        """Whose row it is. Raises `Unreadable`."""
        actor, body = as_uuid("actor", row["actor"]), as_text("actor_body", row["actor_body"]).decode()
        if body == self.body:
            return Who(body, person=actor)
        if self._numbers is None:
            self._numbers = dict(self._numbered())
        return self._numbers[actor]

    def shared(self, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        """Entries whose actor may be told apart, and that fulfil these."""
        return and_(visible(self.body, self.wanted), shared_with(self.body), AuditEvent.actor.is_not(None), *conditions)

    def read(self, statement: Select[Any], reads: Callable[[Row], T]) -> list[T]:
        """Each row as `reads` reads it."""
        found: list[T] = []
        for row in self.session.execute(statement).mappings():
            try:
                found.append(reads(row))
            except (ValueError, KeyError, OverflowError):  # `Unreadable` is a ValueError
                self.damaged = True
        return found

    def raw(self, **columns: Any) -> list[ColumnElement[Any]]:
        return [raw(self.session, column, name) for name, column in columns.items()]

    def _numbered(self) -> Iterator[tuple[UUID, Who]]:
        """Persons of other bodies, by when the period's log first tells of each."""
        period = Filter(since=self.wanted.since, until=self.wanted.until)
        theirs = and_(visible(self.body, period), shared_with(self.body), AuditEvent.actor.is_not(None))
        columns = self.raw(actor=AuditEvent.actor, actor_body=AuditEvent.actor_body)
        statement = select(*columns).where(theirs, AuditEvent.actor_body != self.body)
        statement = statement.group_by(AuditEvent.actor, AuditEvent.actor_body).order_by(func.min(AuditEvent.at), AuditEvent.actor)
        last: dict[str, int] = {}
        for actor, body in self.read(statement, lambda row: (as_uuid("actor", row["actor"]), as_text("body", row["actor_body"]).decode())):
            last[body] = last.get(body, 0) + 1
            yield actor, Who(body, number=last[body])


def named(column: str) -> ColumnElement[Any]:
    """What is selected under this name, to group by: PostgreSQL takes the same words with values in them for two different things."""
    return literal_column(column)


def instant() -> ColumnElement[int]:
    """The time of an event in microseconds, to reckon with."""
    return type_coerce(AuditEvent.at, BigInteger)


def moment(value: object) -> datetime:
    return EPOCH + as_whole("at", value) * _MICRO


def names(events: Sequence[Event]) -> list[str]:
    return [event.value for event in events]
