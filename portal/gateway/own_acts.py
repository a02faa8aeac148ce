"""What the portal does without a person, through a passage of its own: a service asks for one task, the rules decide, and its events say
which service acted.

A refusal leaves an event too, once for each task until the portal starts again, and the task is not done. Of an act that has an originator
the service stands in the originator's part only: to its recipient the end of a share looks like a recall.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from portal.audit.record import Fact, Outcome, Record
from portal.cases.adopt_policy import adopt, adoption, migration
from portal.cases.close_share import close_expired
from portal.cases.end_uploads import end_expired
from portal.cases.name_deputy import end_over
from portal.cases.reconcile import ByItself
from portal.cases.report_objects import Finding, report_objects
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.gateway.strangers import Strangers
from portal.kernel.errors import Denied
from portal.kernel.events import Event
from portal.kernel.services import Mandate, Service, Task
from portal.policy.decide import entrust

T = TypeVar("T")
log = logging.getLogger("portal.passage")


class OwnActs:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.strangers = Strangers()
        #: Set when the log cannot go on, because it was put back or changed while the portal runs: from then on nothing is served.
        self.closed = False
        self._refused: set[tuple[Service, Task]] = set()

    # ---- the one decision
    def entrusted(self, service: Service, task: Task) -> Mandate:
        """Demand that this service may do this task now, before anything of it is done. Raises `Denied`, which is recorded."""
        try:
            return entrust(self.parts.policies, service, task, now=self.parts.clock.now(), log_broken=self.closed)
        except Denied as error:
            if (service, task) not in self._refused:
                self._refused.add((service, task))
                self._record_refusal(service, task, error)
            raise

    def _record_refusal(self, service: Service, task: Task, error: Denied) -> None:
        record = replace(self._own_record(Event.TASK_REFUSED, {}), outcome=Outcome.REFUSED, code=error.code)
        with self.parts.write() as uow:
            uow.record(replace(record, action=task.value, actor_roles=(service.value,), rules=error.rules))
            uow.session.commit()

    def acting(self, service: Service, task: Task) -> ByItself:
        """What carries out the transactions of this task, each with the events it asks for. Decided now. Raises `Denied`."""
        mandate = self.entrusted(service, task)

        def by_itself(act: Callable[[UnitOfWork], T]) -> T:
            with self.parts.write() as uow:
                answer = act(uow)
                for event, notes, originator in uow.consequences():
                    uow.record(self._own_record(event, {}, notes=notes, originator=originator, mandate=mandate))
                uow.session.commit()
            uow.follow()
            return answer

        return by_itself

    # ---- what is over
    def close_expired(self) -> int:
        """Close the shares whose time is over, each with its event; returns how many. Closing takes nobody."""
        return self._end_over(Task.SHARE_EXPIRE, lambda uow: uow.shares.over(uow.at, limit=1), close_expired, Event.SHARE_CLOSED)

    def end_deputies(self) -> int:
        """End the deputies whose time is over, each with its event; returns how many."""
        return self._end_over(Task.DEPUTY_EXPIRE, lambda uow: uow.deputies.over(uow.at, limit=1), end_over, Event.DEPUTY_ENDED)

    def end_expired_uploads(self) -> int:
        """Discard the uploads whose time is over, each with its event; returns how many."""
        return self._end_over(Task.UPLOAD_EXPIRE, lambda uow: uow.uploads.over(uow.at, limit=1), end_expired, Event.UPLOAD_EXPIRED)

    def _end_over(
        self, task: Task, over: Callable[[UnitOfWork], Sequence[Any]], end: Callable[[UnitOfWork], Sequence[Any]], event: Event
    ) -> int:
        with self.parts.read() as uow:  # nobody waits for a transaction that has nothing to do
            if not over(uow):
                return 0
        mandate = self.entrusted(Service.EXPIRY, task)
        with self.parts.write() as uow:
            for notes, originator in (ended := end(uow)):
                uow.record(self._own_record(event, {}, notes=notes, originator=originator, mandate=mandate))
            uow.session.commit()
        uow.follow()
        return len(ended)

    def end_all_sessions(self) -> None:
        """End every session, with one event: the clock was set back, and nobody knows any more how old they are."""
        mandate = self.entrusted(Service.EXPIRY, Task.SESSION_EXPIRE)
        with self.parts.write() as uow:
            ended: dict[str, Fact | list[Fact]] = {"cause": "clock", "count": uow.sessions.end_all(uow.at)}
            uow.record(self._own_record(Event.SESSION_ENDED, ended, mandate=mandate))
            uow.session.commit()

    # ---- the store, the log, the rules
    def report_objects(self, findings: Iterable[Finding]) -> int:
        """Note what a look at the store found, with an event for each fault that is new; returns how many these were."""
        mandate = self.entrusted(Service.STOREKEEPER, Task.OBJECT_REPORT)
        with self.parts.write() as uow:
            for event, notes, originator in (told := report_objects(uow, findings)):
                uow.record(self._own_record(event, notes.detail, notes=notes, originator=originator, mandate=mandate))
            uow.session.commit()
        return len(told)

    def adopt_policy(self) -> None:
        """Record that these rules are in force, and these tables in use, once for each change of them.

        Raises `Misconfigured` if nobody approved the rules.
        """
        with self.parts.read() as uow:
            due = adoption(uow) is not None or migration(uow) is not None
        if due:
            self.acting(Service.OPERATOR, Task.POLICY_ADOPT)(adopt)

    def sum_refusals(self, *, everything: bool = False) -> int:
        """Write the sums of strangers' refusals of past minutes; returns how many refusals they stand for."""
        mandate = self.entrusted(Service.SEQUENCER, Task.LOG_SUM_REFUSALS)  # before they are taken: what is refused is not lost
        sums = self.strangers.settle(None if everything else self.parts.clock.now())
        total = sum(count for _, count in sums)
        if total:
            self.own_event(Event.REFUSALS_SUMMED, {"addresses": len(sums), "refusals": total}, mandate=mandate)
        return total

    # ---- what is committed for them
    @contextmanager
    def bookkeeping(self) -> Iterator[UnitOfWork]:
        """A transaction without an event, for session rows only: no act, no disclosure."""
        with self.parts.write() as uow:
            yield uow
            uow.session.commit()

    def own_event(self, event: Event, detail: Mapping[str, str | int | bool], *, mandate: Mandate | None = None) -> None:
        """An event of the portal itself (sums, an alarm). All bodies' auditors may read it."""
        with self.parts.write() as uow:
            uow.record(self._own_record(event, detail, mandate=mandate))
            uow.session.commit()

    def _own_record(
        self,
        event: Event,
        detail: Mapping[str, Fact | list[Fact]],
        *,
        notes: Notes | None = None,
        originator: str = "",
        mandate: Mandate | None = None,
    ) -> Record:
        about = Record(event=event, policy_hash=self.parts.policies.hash, detail=dict(detail), originator=originator)
        if notes is None:
            about = replace(about, object_type="Portal", bodies=frozenset(self.parts.config.bodies))
            return _acted(about, mandate)
        kind, name = ("Share", notes.share) if notes.share is not None else ("Document", notes.document)
        bodies = frozenset({originator, *notes.bodies} - {""}) or frozenset(self.parts.config.bodies)
        about = replace(about, detail={**detail, **notes.detail}, private=notes.private, bodies=bodies)
        if notes.summed is not None:
            person, body, session = notes.summed
            about = replace(about, actor=person, actor_body=body, session=session)
        if name is None or not originator:
            return _acted(replace(about, object_type="Portal"), mandate)
        return _acted(replace(about, object_type=kind, object_id=str(name), document=notes.document, share=notes.share), mandate)


def _acted(about: Record, mandate: Mandate | None) -> Record:
    """The record of what a service did. A consequence for a person's act, such as an alarm, is no service's."""
    if mandate is None:
        return about
    if about.originator:
        return replace(about, private={**about.private, "service": mandate.service.value, "task": mandate.task.value})
    return replace(about, action=mandate.task.value, actor_roles=(mandate.service.value,), rules=mandate.rules)
