"""The rounds that send the log on. They have a thread of their own: a receiver that does not answer delays nothing else."""

import logging
import threading
import time
from functools import partial

from portal.cases.send_log import send_log
from portal.gateway.passage import Passage
from portal.kernel.errors import Denied
from portal.kernel.log_sections import SyslogEntry
from portal.kernel.services import Service, Task

log = logging.getLogger("portal.outbox")

#: Seconds until a receiver that failed is tried again.
REST = 30.0
#: Deliveries to one receiver before the others have their turn.
TURNS = 20


class Outbox:
    def __init__(self, passage: Passage, stop: threading.Event) -> None:
        self._passage = passage
        self._stop = stop
        self._receivers = passage.parts.config.log.syslog
        self._not_before: dict[str, float] = {}

    def tick(self) -> int:
        """One round to every receiver that is due; how many events were taken."""
        return sum(self._send(each) for each in self._receivers if time.monotonic() >= self._not_before.get(each.name, 0.0))

    def _send(self, receiver: SyslogEntry) -> int:
        acting = partial(self._passage.acting, Service.SEQUENCER, Task.LOG_SEND)
        taken = 0
        try:
            for _ in range(TURNS):
                sent = send_log(self._passage.parts, acting, receiver)
                taken += sent
                if not sent or self._stop.is_set():
                    break
        except OSError as error:
            self._not_before[receiver.name] = time.monotonic() + REST
            log.error("the receiver %s of the log took nothing: %s; again in %.0f s", receiver.name, error, REST)
        except Denied as error:
            log.error("the log is not sent on: %s", error.detail)
        return taken
