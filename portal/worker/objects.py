"""The rounds over the store: retention for what is new, a sweep every hour, a few objects read whole. A store that is down delays them."""

import logging
import time
from functools import partial

from portal.cases.check_objects import check_objects
from portal.cases.keep_objects import keep_objects, note_kept
from portal.cases.report_objects import Finding
from portal.cases.sweep import sweep
from portal.gateway.passage import Passage
from portal.kernel.errors import Unavailable
from portal.kernel.services import Service, Task

log = logging.getLogger("portal.worker")

#: Seconds between two sweeps, and until the store is asked again after it did not answer.
SWEEP, PAUSE = 3600.0, 60.0


class ObjectRounds:
    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._parts = passage.parts
        self._next_sweep = float("-inf")
        self._paused_until = float("-inf")
        self._lonely: set[str] = set()

    def tick(self) -> None:
        """Do what is due."""
        if time.monotonic() < self._paused_until:
            return
        try:
            self.keep()
            if time.monotonic() >= self._next_sweep:
                self.sweep()
                self._next_sweep = time.monotonic() + SWEEP
        except Unavailable as error:
            log.warning("the store cannot be looked after: %s; again in %.0f s", error.detail, PAUSE)
            self._paused_until = time.monotonic() + PAUSE

    def keep(self) -> None:
        keeping = self._passage.acting(Service.STOREKEEPER, Task.OBJECT_KEEP)
        while True:
            kept = keep_objects(self._parts)
            if not kept.objects and not kept.findings:
                return
            keeping(partial(note_kept, kept=kept))
            self._report(kept.findings)

    def sweep(self) -> None:
        self._passage.entrusted(Service.STOREKEEPER, Task.OBJECT_SWEEP)
        swept = sweep(self._parts, self._lonely)
        self._report(swept.findings)  # before the store is asked for more
        self._report(check_objects(self._parts))
        if swept.orphans or swept.retained:
            log.info("swept: %d objects that no row names, %d that the store still keeps", swept.orphans, swept.retained)

    def _report(self, findings: list[Finding]) -> None:
        if findings:
            self._passage.report_objects(findings)
