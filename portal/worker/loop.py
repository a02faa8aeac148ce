"""The background loop. Any number may run beside each other; each job is safe to repeat and heals what a crash left.

Each job is a task of a service, decided before it begins; only the gateway commits. What runs is one tuple, and nothing beside it.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from portal.cases.end_sessions import latest_use, was_set_back
from portal.cases.erase_person import finish_erasures, unfinished
from portal.cases.reading_sessions import end_reading, ended_readings
from portal.cases.reconcile import ByItself
from portal.cases.sequence_log import keep_checkpoint, publish_log, sequence_batch
from portal.cases.shred_document import finish_shreddings
from portal.cases.uow import UnitOfWork
from portal.gateway.passage import Passage
from portal.kernel.errors import Denied, Tampered
from portal.kernel.services import Service, Task
from portal.worker.checks import LogChecks
from portal.worker.objects import ObjectRounds
from portal.worker.outbox import Outbox

log = logging.getLogger("portal.worker")

#: Seconds between two looks at what waits, between two heartbeats of the log, and between two rounds over sign-ins nobody finished.
CADENCE, HEARTBEAT, TIDYING = 1.0, 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Job:
    """What the loop does in each round, or once in `every` seconds. `beside`: in a thread of its own, as it may have to wait long."""

    name: str
    do: Callable[[], object]
    every: float = 0.0
    beside: bool = False


class Worker:
    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._parts = passage.parts
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._last_checkpoint = float("-inf")
        self._objects = ObjectRounds(passage)
        self.outbox = Outbox(passage, self._stop)
        self.checks = LogChecks(passage)
        self._unpublished = False
        self._latest: datetime | None = None
        #: Everything that the loop does.
        self.jobs = (
            Job("mind the clock", self._mind_the_clock),
            Job("sum refusals", passage.sum_refusals),
            Job("close shares", passage.close_expired),
            Job("end deputies", passage.end_deputies),
            Job("end uploads", passage.end_expired_uploads),
            Job("sequence the log", self.sequence),
            Job("check the log", self.checks.tick),
            Job("tidy", self._tidy, every=TIDYING),
            Job("finish shreddings", self._finish_shreddings, every=TIDYING),
            Job("finish erasures", self._finish_erasures, every=TIDYING),
            Job("look after objects", self._objects.tick),
            Job("send the log", self.outbox.tick, beside=True),
        )
        self._begun: dict[str, float] = {}

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, args=(self.tick,), name="portal-worker", daemon=True)
        self._thread.start()
        for job in self.jobs:
            if job.beside:
                threading.Thread(target=self._run, args=(job.do,), name=f"portal-worker, {job.name}", daemon=True).start()

    def stop(self) -> None:
        """Stop after the current step; write what is still to be summed and sequenced."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._passage.sum_refusals(everything=True)
        self.sequence()

    def sequence(self) -> int:
        """Give every pending event its place, and publish a checkpoint. Returns how many leaves were added.

        A log that cannot go on because it was put back or changed closes the portal: what cannot be signed is served to nobody.
        """
        try:
            return self._sequence()
        except Tampered:
            self._passage.closed = True
            raise

    def _sequence(self) -> int:
        sequencing = self._passage.acting(Service.SEQUENCER, Task.LOG_SEQUENCE)
        if self._last_checkpoint == float("-inf"):
            self._publish(sequencing)  # takes up what an earlier run left unpublished or unkept, before anything is added
        added = 0
        while True:
            taken = sequencing(sequence_batch)
            if not taken:
                break
            added += taken
            self._unpublished = True
        if self._unpublished or time.monotonic() - self._last_checkpoint > HEARTBEAT:
            self._publish(sequencing)
        return added

    def _publish(self, sequencing: ByItself) -> None:
        with self._parts.read() as uow:
            checkpoint = publish_log(uow)
        sequencing(lambda uow: keep_checkpoint(uow, checkpoint))
        self._last_checkpoint, self._unpublished = time.monotonic(), False

    def tick(self) -> None:
        """One round of everything that is due. A task that the rules refuse is left out, which the log tells; the others are done."""
        for job in self.jobs:
            if job.beside or time.monotonic() - self._begun.get(job.name, float("-inf")) < job.every:
                continue
            self._begun[job.name] = time.monotonic()
            try:
                job.do()
            except Denied as error:
                log.error("a task was refused and is not done: %s", error.detail)

    def _tidy(self) -> None:
        """Forget sign-ins that nobody finished, and sum what was read in sessions, or of shares, that are over."""
        expiring = self._passage.acting(Service.EXPIRY, Task.SESSION_EXPIRE)
        expiring(_forget)
        with self._parts.read() as uow:
            over = ended_readings(uow)
        for reading in over:
            expiring(partial(_end_reading, reading))

    def _finish_shreddings(self) -> None:
        self._passage.entrusted(Service.STOREKEEPER, Task.SHREDDING_FINISH)
        with self._parts.read() as uow:
            finish_shreddings(uow)

    def _finish_erasures(self) -> None:
        """Names that a restore or a crash left, and addresses of strangers whose time is over."""
        with self._parts.read() as uow:
            if not unfinished(uow):
                return
        self._passage.acting(Service.EXPIRY, Task.NAMES_EXPIRE)(finish_erasures)

    def _mind_the_clock(self) -> None:
        """A clock that was set back would let sessions last longer than their limits: all of them end, with an event."""
        with self._parts.read() as uow:
            now, latest = uow.at, self._latest or latest_use(uow)
        if was_set_back(now, latest):
            self._passage.end_all_sessions()
            latest = now
        self._latest = max(now, latest)

    def _run(self, do: Callable[[], object]) -> None:
        while not self._stop.wait(CADENCE):
            try:
                do()
            except Exception:
                log.exception("%s failed; it goes on in a moment", threading.current_thread().name)
                self._stop.wait(5 * CADENCE)


def _end_reading(reading: tuple[UUID, UUID], uow: UnitOfWork) -> None:
    end_reading(uow, *reading)


def _forget(uow: UnitOfWork) -> None:
    """Sign-ins that nobody finished, and counts of failed ones that are over."""
    uow.sessions.forget_unfinished(uow.at)
    uow.throttle.forget(uow.at)
