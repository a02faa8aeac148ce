"""The three passages: locate, decide, act, record, commit. Nothing else opens a door; only these and `own_acts` commit.

* `write`: one transaction from the decision to the event; what is decided on is locked first.
* `read`: decide and act on a snapshot, end it, then a short write transaction checks that neither the person's access nor the
  document moved, and inserts the event (or a count, for a view seen before). Then the answer leaves. If something moved, all is done anew.
* `stream`: decide on a snapshot, carry bytes without an open transaction, then decide again in a write passage that enters the end.

A transaction that only met another one (PostgreSQL: a deadlock, a name that was taken at the same moment) is run anew, decision and all.

A refusal rolls the work back and commits its own event in a separate transaction. If that event cannot be written, the portal serves
nothing and says so.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from portal.audit.record import Outcome, Record
from portal.cases.facts import Located, nowhere
from portal.cases.uow import Notes, UnitOfWork
from portal.gateway.carry import Act
from portal.gateway.carry import Carry as Carry
from portal.gateway.flow import Flow
from portal.gateway.own_acts import OwnActs
from portal.kernel.actions import CLOSING_ACTIONS, OPEN_ACTIONS, OPENING_ACTIONS, Action
from portal.kernel.database import is_passing
from portal.kernel.errors import (
    Denied,
    Forged,
    Hidden,
    NearlyFull,
    PortalError,
    Stale,
    StepUpNeeded,
    Unauthenticated,
    Unavailable,
    Unwitnessed,
)
from portal.kernel.events import QUIET, Event
from portal.kernel.permit import Duty, Permit, Subject
from portal.policy.decide import Context, decide

T = TypeVar("T")
log = logging.getLogger("portal.passage")

#: Codes of failures that are alarms: the body whose business it is must read of them, whoever met them.
ALARMS = frozenset({"tampered", "label_mismatch", "broken", "unapproved"})
#: How often a read starts over when the document moved under it.
TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What a door is: the action it needs, the event it leaves, how to find what it is about.

    `looks`: a form that only asks to be shown something, so that nothing of it stands in an address; a snapshot, although it is posted.
    `again` names the page to show anew, with faults and what was typed, when the input cannot be taken. `ends` is the event that tells
    how it ended, for a door whose answer flows out after the transaction. `drops` is what a refusal takes away, in its own transaction.
    `resumes`: what its button says; a form whose sender is asked to confirm is kept, and may be sent again with this.
    `near`: a door that no page of another site leads to, not even by a link.
    """

    action: Action
    event: Event
    locate: Callable[..., Located]
    carry: Carry | None = None
    looks: bool = False
    again: str | None = None
    ends: Event | None = None
    drops: Callable[[UnitOfWork, Located, PortalError], None] | None = None
    resumes: str = ""
    near: bool = False


@dataclass(slots=True, kw_only=True)
class Errand:
    """One person at one door. `located` and `notes` are filled in on the way, for a refusal, and for the end of what flows out.

    `confirmed`: the person's second factor was fresh when they came to this door. What began so may finish: a stream that takes longer than
    the factor stays fresh is not cut for that. Everything else is decided anew, and the next page is another errand.
    """

    guard: Guard
    subject: Subject | None
    where: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    located: Located | None = None
    notes: Notes | None = None
    confirmed: bool = False


class Passage(OwnActs):
    # ---- the three passages
    def write(self, errand: Errand, act: Act[T]) -> T:
        with self._refusing(errand):
            return _anew(lambda: self._write_once(errand, act))

    def read(self, errand: Errand, act: Act[T]) -> T:
        with self._refusing(errand):
            for left in reversed(range(TRIES)):
                try:
                    return _anew(lambda: self._read_once(errand, act))
                except Stale:
                    if not left:
                        raise
            raise AssertionError("unreachable")

    def stream(self, errand: Errand, act: Callable[[UnitOfWork, Permit, Any, Any], T]) -> T:
        carry = errand.guard.carry
        assert carry is not None
        with self._refusing(errand):
            gathered = _anew(lambda: self._gather(errand, carry))
            with carry.work(self.parts, gathered) as carried:
                return _anew(lambda: self._write_once(errand, lambda uow, permit, target: act(uow, permit, target, carried)))

    def _gather(self, errand: Errand, carry: Carry) -> Any:
        with self.parts.write() if carry.counts else self.parts.read() as uow:
            gathered = carry.gather(uow, *self._enter(uow, errand))
            if carry.counts:
                uow.session.commit()
            return gathered

    def flow(self, errand: Errand, chunks: Iterator[bytes], sever: Callable[[], None] | None = None) -> Flow:
        """What leaves after `stream` or `write` let this errand in: decided anew while it flows, its end recorded as `guard.ends`."""
        return Flow(chunks, still=lambda: self._still(errand), ended=lambda code, sent: self._ended(errand, code, sent), sever=sever)

    def _still(self, errand: Errand) -> None:
        with self.parts.read() as uow:
            self._enter(uow, errand)

    def _ended(self, errand: Errand, code: str, sent: int) -> None:
        assert errand.guard.ends is not None
        assert errand.notes is not None
        assert errand.located is not None
        # Whoever read of the beginning reads of the end, however it ended.
        originator = errand.located.facts.originator
        notes = replace(errand.notes, detail={**errand.notes.detail, "sent": sent}, bodies=errand.notes.bodies | {originator})
        with self.parts.write() as uow:
            outcome = Outcome.FAILED if code else Outcome.DONE
            uow.record(self._record_of(errand, errand.guard.ends, outcome, code, notes, ()))
            if code in ALARMS:
                about = Notes(document=errand.located.facts.document, share=errand.located.facts.share)
                uow.record(self._own_record(Event.ALARM_RAISED, {"alarm": code}, notes=about, originator=originator))
            for event, met, whose in errand.notes.met:
                uow.record(self._own_record(event, {}, notes=met, originator=whose))
            uow.session.commit()

    # ---- no door
    def missed(self, subject: Subject | None, address: str, error: PortalError) -> None:
        """Somebody knocked where there is no door, or under another name."""
        guard = Guard(action=Action.SESSION_END, event=Event.DOOR_MISSED, locate=nowhere)
        self._refuse(Errand(guard=guard, subject=subject, address=address), error)

    # ---- steps
    def _write_once(self, errand: Errand, act: Act[T]) -> T:
        with self.parts.write() as uow:
            permit, target = self._enter(uow, errand)
            answer = act(uow, permit, target)
            self._settle(uow, errand, permit)
            uow.session.commit()
            errand.notes = uow.notes
        uow.follow()
        return answer

    def _read_once(self, errand: Errand, act: Act[T]) -> T:
        with self.parts.read() as uow:
            permit, target = self._enter(uow, errand)
            answer = act(uow, permit, target)
            self._check_duties(uow, permit)
        if errand.guard.event in QUIET and not uow.consequences():
            return answer
        with self.parts.write() as later:
            later.recheck(permit)
            later.recheck_shown(uow.shown)
            later.notes = uow.notes
            for event, notes, originator in uow.consequences():
                later.also(event, notes, originator=originator)
            told = uow.enters is not None and uow.enters(later)
            self._record(later, errand, permit, told=told)
            later.session.commit()
        return answer

    def _enter(self, uow: UnitOfWork, errand: Errand) -> tuple[Permit, Any]:
        if self.closed:
            raise Unavailable("the log is not the one that was signed: stop the portal; its next start says what to do")
        if errand.subject is None and errand.guard.action not in OPEN_ACTIONS:
            raise Unauthenticated(f"a stranger asked for {errand.guard.action}")
        if errand.subject is not None:
            uow.present(errand.subject)
        located = errand.guard.locate(uow, errand.subject, **errand.where)
        errand.located = located
        errand.confirmed = errand.confirmed or uow.is_confirmed(errand.subject)
        context = Context(now=uow.at, recipient=located.recipient, confirmed=errand.confirmed)
        permit = decide(self.parts.policies, errand.subject, errand.guard.action, located.facts, context)
        if errand.guard.action not in CLOSING_ACTIONS | OPEN_ACTIONS and self.parts.reserve.is_touched():
            raise NearlyFull(f"less than {self.parts.config.log.reserve_mb} MiB are left on a disk")
        if errand.guard.action in OPENING_ACTIONS:
            self._demand_witnesses(uow)
        if errand.confirmed:
            uow.discharge(Duty.STEP_UP)
        return permit, located.target

    def _demand_witnesses(self, uow: UnitOfWork) -> None:
        """Demand that enough witnesses signed the log lately. Raises `Unwitnessed`."""
        witnessed = self.parts.witnessed
        if witnessed is not None and not witnessed.within(timedelta(hours=self.parts.config.log.witness_hours), uow.at):
            raise Unwitnessed(f"fewer than {witnessed.quorum} witnesses signed the log in {self.parts.config.log.witness_hours} hours")

    def _settle(self, uow: UnitOfWork, errand: Errand, permit: Permit) -> None:
        self._check_duties(uow, permit)
        if errand.guard.event not in QUIET or uow.consequences():
            self._record(uow, errand, permit)

    @staticmethod
    def _check_duties(uow: UnitOfWork, permit: Permit) -> None:
        undone = uow.undischarged(permit)
        if undone:
            raise RuntimeError(f"{permit.action} left duties undone: {', '.join(sorted(undone))}")

    def _record(self, uow: UnitOfWork, errand: Errand, permit: Permit, *, told: bool = False) -> None:
        if errand.guard.event not in QUIET and not told:
            event = uow.notes.event or errand.guard.event
            uow.record(self._record_of(errand, event, Outcome.DONE, "", uow.notes, permit.rules))
        for event, notes, originator in uow.consequences():
            record = self._record_of(errand, event, Outcome.DONE, "", notes, ())
            # Another body may read of the consequence; by which act it came, on what, and in which role (a confidentiality officer records
            # requests, a releasing officer recalls) is not theirs to know.
            kind, name = ("Share", str(notes.share)) if notes.share is not None else ("Document", str(notes.document or ""))
            kind = kind if name else ""
            uow.record(replace(record, originator=originator, action="", actor_roles=(), object_type=kind, object_id=name))

    # ---- refusals
    @contextmanager
    def _refusing(self, errand: Errand) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            log.error("the database failed: %s", type(error.orig).__name__)
            failure = Unavailable(f"database: {type(error.orig).__name__}")
            self._refuse(errand, failure)
            raise failure from error
        except Exception as error:
            self._refuse(errand, error)
            raise

    def refuse(self, errand: Errand, error: PortalError) -> None:
        """Record a refusal that happened before any passage (a forged request)."""
        self._refuse(errand, error)

    def _refuse(self, errand: Errand, error: Exception) -> None:
        countable = errand.subject is None and getattr(error, "countable", True)
        if countable and not self.strangers.is_first(errand.address, self.parts.clock.now()):
            return
        rules = error.rules if isinstance(error, Denied | StepUpNeeded) else ()
        code = error.code if isinstance(error, PortalError) else "internal"
        outcome = Outcome.REFUSED if isinstance(error, Denied | StepUpNeeded | Unauthenticated | Forged) else Outcome.FAILED
        try:
            with self.parts.write() as uow:
                if errand.guard.drops is not None and errand.located is not None and isinstance(error, PortalError):
                    errand.guard.drops(uow, errand.located, error)
                uow.record(self._record_of(errand, errand.guard.event, outcome, code, Notes(), rules, hidden=isinstance(error, Hidden)))
                for event, notes, originator in uow.consequences():
                    uow.record(self._own_record(event, {}, notes=notes, originator=originator))
                uow.session.commit()
            uow.follow()
        except Exception as failure:
            log.error("a refusal could not be recorded: %s", type(failure).__name__)
            raise Unavailable("the log cannot be written") from failure

    def _record_of(
        self, errand: Errand, event: Event, outcome: Outcome, code: str, notes: Notes, rules: tuple[str, ...], *, hidden: bool = False
    ) -> Record:
        subject, facts = notes.actor or errand.subject, errand.located.facts if errand.located is not None else None
        originator = facts.originator if facts is not None else ""
        # What a stranger tries touches every body; it names nothing that exists.
        bodies = {subject.body} if subject is not None else set(self.parts.config.bodies)
        if not hidden and originator and (outcome is Outcome.DONE or code in ALARMS):
            bodies.add(originator)
        private = dict(notes.private)
        if rules and not hidden and subject is not None and subject.body != originator:
            # A rule that refused may tell why: that is the originator's to know, not the auditors' of whoever was refused.
            private, rules = private | {"rules": " ".join(rules)}, ()
        if hidden and facts is not None:
            private |= {"asked": facts.id, "present": facts.present}
        return Record(
            event=event,
            outcome=outcome,
            code=code,
            actor=subject.id if subject is not None else None,
            actor_body=subject.body if subject is not None else "",
            actor_roles=tuple(sorted(subject.roles)) if subject is not None else (),
            session=subject.session if subject is not None else None,
            who=subject.name if subject is not None else "",
            address=errand.address,
            action=errand.guard.action.value,
            object_type=facts.type.value if facts is not None else "",
            object_id="" if hidden or facts is None else facts.id,
            document=None if hidden else notes.document or (facts.document if facts is not None else None),
            share=None if hidden else notes.share or (facts.share if facts is not None else None),
            bodies=frozenset(bodies | notes.bodies),
            rules=() if hidden else rules,
            policy_hash=self.parts.policies.hash,
            detail=dict(notes.detail),
            originator=originator,
            private=private,
        )


def _anew(attempt: Callable[[], T]) -> T:
    """The attempt's answer; it is repeated a few times if its transaction only met another one."""
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except DBAPIError as error:
            if not is_passing(error):
                raise
    return attempt()
