"""What stands out in the log, as the auditor of one body may read it: looked for anew each time, and kept nowhere.

A finding is no accusation: it says that a number was reached which the configuration names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, distinct, func, not_, or_, select

from portal.audit.canonical import Row, as_text, as_whole
from portal.audit.history import hours_between, shared_with, visible
from portal.audit.matrix import is_copy, is_page
from portal.audit.models import AuditEvent
from portal.audit.record import Outcome
from portal.audit.sums import Sums, Who, instant, moment, named, names
from portal.kernel.events import Event
from portal.kernel.log_sections import AuditSection

SIGN_INS = (Event.SIGNED_IN, Event.PASSWORD_CHECKED, Event.SESSION_CONFIRMED)
ENDS = (Event.READING_ENDED, *(event for event in Event if event.value.endswith("_ended")))
#: Most findings of a kind, and most events that are looked through for those that come close after each other, the newest.
MOST, MOST_ROWS = 50, 20_000
#: After so long a failure to sign in belongs to no row of failures any more.
PAUSE = timedelta(hours=1)
_DAY = timedelta(days=1) // timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1) // timedelta(microseconds=1)


class Kind(StrEnum):
    DOWNLOADS = "downloads"
    DOCUMENTS = "documents"
    ODD_HOURS = "odd_hours"
    REFUSALS = "refusals"
    SIGN_INS = "sign_ins"


@dataclass(frozen=True, slots=True)
class Finding:
    """`who` has neither person nor number where only the body may be known, and no body where nobody was signed in."""

    kind: Kind
    who: Who
    count: int
    threshold: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Unusual:
    """By kind, the latest first. `cut`: of some kind there are more, or more events than are looked through."""

    findings: list[Finding]
    cut: bool


def unusual(sums: Sums, limits: AuditSection) -> Unusual:
    """Everything of the period that reaches a threshold. A threshold of 0 looks for nothing."""
    thing = distinct(func.coalesce(AuditEvent.document, AuditEvent.share))
    night = hours_between(limits.night_minutes)
    kinds = [
        _daily(sums, Kind.DOWNLOADS, is_copy(), func.count(), limits.downloads_a_day),
        _daily(sums, Kind.DOCUMENTS, or_(is_page(), is_copy()), func.count(thing), limits.documents_a_day),
        _daily(sums, Kind.ODD_HOURS, and_(night, _acts()), func.count(), limits.night_acts, begins=limits.night_minutes[0]),
    ]
    close, cut = _refusals(sums, limits)
    kinds += [close, _sign_ins(sums, limits)]
    return Unusual([finding for found in kinds for finding in found[:MOST]], cut or any(len(found) > MOST for found in kinds))


def _daily(sums: Sums, kind: Kind, what: ColumnElement[bool], number: ColumnElement[int], least: int, *, begins: int = 0) -> list[Finding]:
    """Persons who reach the number within one day; `begins`: at which minute a day begins here."""
    if not least:
        return []
    day = (instant() - begins * _MINUTE) // _DAY
    alike = (AuditEvent.actor, AuditEvent.actor_body, named("day"))
    first, last = func.min(AuditEvent.at), func.max(AuditEvent.at)
    columns = sums.raw(actor=alike[0], actor_body=alike[1], day=day, number=number, first=first, last=last)
    statement = select(*columns).where(sums.shared(what)).group_by(*alike).having(number >= least).order_by(last.desc(), alike[0])

    def reads(row: Row) -> Finding:
        return Finding(kind, sums.who(row), as_whole("number", row["number"]), least, moment(row["first"]), moment(row["last"]))

    return sums.read(statement.limit(MOST + 1), reads)


def _refusals(sums: Sums, limits: AuditSection) -> tuple[list[Finding], bool]:
    """Refusals close after each other: of one person; of one body's staff, where the entry tells no more; of nobody who was signed in."""
    if not limits.refusals:
        return [], False
    known = and_(shared_with(sums.body), AuditEvent.actor.is_not(None))
    refused, span = AuditEvent.outcome == str(Outcome.REFUSED), timedelta(minutes=limits.refusals_minutes)
    rows = _rows(sums, and_(refused, known), personal=True) + _rows(sums, and_(refused, not_(known)), personal=False)
    found = [
        Finding(Kind.REFUSALS, who, count, limits.refusals, first, last)
        for who, moments in _by_person(rows)
        for first, last, count in _bursts([at for at, _ in moments], limits.refusals, span)
    ]
    return sorted(found, key=lambda one: one.last, reverse=True), len(rows) >= MOST_ROWS


def _sign_ins(sums: Sums, limits: AuditSection) -> list[Finding]:
    """Failures to sign in, or to confirm, with no success between them."""
    if not limits.failed_sign_ins:
        return []
    what = and_(AuditEvent.event.in_(names(SIGN_INS)), shared_with(sums.body))
    rows = _rows(sums, and_(what, AuditEvent.actor.is_not(None)), personal=True)
    rows += _rows(sums, and_(what, AuditEvent.actor.is_(None)), personal=False)
    found = []
    for who, moments in _by_person(rows):
        for run in _runs(moments):
            if len(run) >= limits.failed_sign_ins:
                found.append(Finding(Kind.SIGN_INS, who, len(run), limits.failed_sign_ins, run[0], run[-1]))
    return sorted(found, key=lambda one: one.last, reverse=True)


def _rows(sums: Sums, what: ColumnElement[bool], *, personal: bool) -> list[tuple[Who, datetime, bool]]:
    """Who, when, and whether it was done; the newest. Where it is not `personal`, a body stands for its staff."""
    columns = sums.raw(actor=AuditEvent.actor, actor_body=AuditEvent.actor_body, at=AuditEvent.at, outcome=AuditEvent.outcome)
    statement = select(*columns).where(visible(sums.body, sums.wanted), what).order_by(AuditEvent.at.desc(), AuditEvent.id)

    def reads(row: Row) -> tuple[Who, datetime, bool]:
        who = sums.who(row) if personal else Who(as_text("actor_body", row["actor_body"]).decode())
        return who, moment(row["at"]), as_text("outcome", row["outcome"]).decode() == Outcome.DONE

    return sums.read(statement.limit(MOST_ROWS), reads)


def _by_person(rows: Iterable[tuple[Who, datetime, bool]]) -> Iterator[tuple[Who, list[tuple[datetime, bool]]]]:
    """Each with what they did, the first first."""
    of: dict[Who, list[tuple[datetime, bool]]] = {}
    for who, at, done in rows:
        of.setdefault(who, []).append((at, done))
    for who, moments in of.items():
        yield who, sorted(moments)


def _runs(moments: list[tuple[datetime, bool]]) -> Iterator[list[datetime]]:
    """Failures in a row: a success ends it, and so does a pause."""
    run: list[datetime] = []
    for at, done in moments:
        if run and (done or at - run[-1] > PAUSE):
            yield run
            run = []
        if not done:
            run.append(at)
    yield run


def _bursts(moments: list[datetime], least: int, span: timedelta) -> list[tuple[datetime, datetime, int]]:
    """Stretches in which `least` of these, sorted, are never further apart than the span: first, last, how many."""
    found: list[tuple[datetime, datetime, int]] = []
    start = 0
    for end, at in enumerate(moments):
        while at - moments[start] > span:
            start += 1
        if end - start + 1 < least:
            continue
        if found and found[-1][1] >= moments[start]:
            found[-1] = (found[-1][0], at, found[-1][2] + 1)
        else:
            found.append((moments[start], at, end - start + 1))
    return found


def _acts() -> ColumnElement[bool]:
    """What persons did; how it ended, and what the portal summed of it later, is no act of its own."""
    return and_(AuditEvent.outcome == str(Outcome.DONE), AuditEvent.event.not_in(names(ENDS)))
