"""Checks of the whole log, in a thread of their own: the log goes on being sequenced meanwhile, however long one takes."""

import logging
import threading

from portal.cases.check_log import is_due, run_check
from portal.gateway.passage import Passage
from portal.kernel.services import Service, Task

log = logging.getLogger("portal.worker")


class LogChecks:
    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._thread: threading.Thread | None = None

    def tick(self) -> None:
        """Begin a check that is due, unless one runs here. Does not wait for it."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._passage.parts.read() as uow:
            if not is_due(uow):
                return
        self._thread = threading.Thread(target=self._safely, name="portal-log-check", daemon=True)
        self._thread.start()

    def run(self) -> bool:
        """Do what is due, and wait for it; False if nothing was, or another process does it."""
        return run_check(self._passage.parts, lambda: self._passage.acting(Service.SEQUENCER, Task.LOG_CHECK))

    def _safely(self) -> None:
        try:
            self.run()
        except Exception:  # it is ended as broken off in the next round
            log.exception("a check of the log was broken off")
