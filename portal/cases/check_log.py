"""The whole log, checked because an auditor asked for it: asked for, taken up by one process, ended.

One check at a time over all processes. A process that checks holds a place (`CheckPlace`); a check that is begun while nobody holds it
died with its process, and is ended as broken off.
"""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from portal.audit.check_place import CheckPlace
from portal.audit.checks import Checks, Ended, LogCheck, check_bytes, end
from portal.audit.findings import Report
from portal.audit.integrity import integrity
from portal.audit.verify import verify_log
from portal.cases.cross_check import with_tables
from portal.cases.facts import BodyTarget
from portal.cases.reconcile import ByItself
from portal.cases.uow import PORTAL, Notes, Parts, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.database import take_turns
from portal.kernel.events import Event
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit

_PURPOSE = "log_check"


def place_of(parts: Parts) -> CheckPlace:
    return CheckPlace(parts.config.places / "log-check")


def begin_check(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> None:
    """Ask for a check; the background loop begins it within seconds. While one waits or runs nothing new is asked for."""
    permit.must_cover(Action.AUDIT_VERIFY, body)
    assert permit.subject is not None
    take_turns(uow.session, _PURPOSE)
    checks = Checks(uow.session)
    if any(row.begun_at is None or place_of(uow.parts).done(row.id) is not None for row in checks.unended()):
        uow.notes.event = Event.INTEGRITY_READ  # who asks again is shown the one that runs
        return
    row = LogCheck(id=new_id(), body=body.code, asked_by=permit.subject.id, asked_at=uow.at, size=0, leaves=0, found=0, named="[]")
    checks.add(_vouched(uow, row))
    uow.notes.detail["check"] = str(row.id)


def is_due(uow: UnitOfWork) -> bool:
    """Is there a check to begin, or one to end that died?"""
    return bool(Checks(uow.session).unended())


def run_check(parts: Parts, entrusted: Callable[[], ByItself]) -> bool:
    """Check the log if somebody asked for it and nobody does it yet; False if there was nothing to do. Takes as long as it takes."""
    with place_of(parts).taken() as tell:
        if tell is None:
            return False
        checking = entrusted()
        checking(_end_broken)
        check = checking(_take_up)
        if check is None:
            return False
        report = _look(parts, partial(tell, check))
        checking(partial(_end, check, report))
    return True


def _end_broken(uow: UnitOfWork) -> None:
    for row in Checks(uow.session).unended():
        if row.begun_at is not None:
            _demand_ours(uow, row)
            row.ended_at, row.ended_word = uow.at, Ended.BROKEN_OFF.value
            _tell(uow, _vouched(uow, row))


def _take_up(uow: UnitOfWork) -> UUID | None:
    row = next((row for row in Checks(uow.session).unended() if row.begun_at is None), None)
    if row is None:
        return None
    _demand_ours(uow, row)
    row.begun_at, row.size = uow.at, integrity(uow.session, uow.at).size
    _vouched(uow, row)
    return row.id


def _look(parts: Parts, tell: Callable[[int], object]) -> Report:
    log = parts.config.log
    with parts.database.read() as session:
        key = parts.sequencer.key.verifier
        report = verify_log(session, log_dir=log.path, verifier_key=key, guard_path=log.guard, at=parts.clock.now(), told=tell)
        return with_tables(session, report)


def _end(check: UUID, report: Report, uow: UnitOfWork) -> None:
    row = Checks(uow.session).get(check)
    if row is not None and row.ended_at is None:
        end(row, report, uow.at)
        _tell(uow, _vouched(uow, row))


def _tell(uow: UnitOfWork, row: LogCheck) -> None:
    detail: dict[str, str | int | bool | list[str | int | bool]] = {"check": str(row.id), "ended": str(row.ended_word)}
    uow.also(Event.CHECK_ENDED, Notes(detail={**detail, "leaves": row.leaves, "found": row.found}), originator="")


def _vouched(uow: UnitOfWork, row: LogCheck) -> LogCheck:
    row.mac = uow.holder.mac(PORTAL, _PURPOSE, check_bytes(row))
    return row


def _demand_ours(uow: UnitOfWork, row: LogCheck) -> None:
    """Raise `Tampered` if the row was edited or put in from outside."""
    uow.holder.check(PORTAL, _PURPOSE, check_bytes(row), row.mac)


def vouched_check(uow: UnitOfWork) -> LogCheck | None:
    """The check asked for last, if its row is as the portal wrote it. Raises `Tampered`."""
    row = Checks(uow.session).last()
    if row is not None:
        _demand_ours(uow, row)
    return row
