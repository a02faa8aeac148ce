"""Send the log on to where a body watches: what touches it, in coded columns, without names and private parts (docs/log-exports.md).

That it began is an event of that body. That a receiver does not take it stops nothing: it is told by health and by `portal doctor`.
"""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from portal.audit import outbox
from portal.audit.syslog import deliver, message
from portal.cases.reconcile import ByItself
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.kernel.events import Event
from portal.kernel.log_sections import SyslogEntry


def send_log(parts: Parts, acting: Callable[[], ByItself], receiver: SyslogEntry) -> int:
    """One delivery; how many events it had. Raises `OSError` if the receiver did not take it: then the place stays where it was."""
    with parts.read() as uow:
        due = outbox.due(uow.session, receiver.name, receiver.body)
    if due.new:
        acting()(partial(_begin, receiver=receiver))
    if not due.sent:
        if due.end - due.start >= outbox.STRIDE:
            acting()(partial(_moved, receiver=receiver, due=due))
        return 0
    host = urlsplit(parts.config.portal.public_url).hostname or ""
    moving = acting()  # before anything leaves
    try:
        deliver(receiver, [message(each, host) for each in due.sent])
    except OSError:
        moving(partial(_failed, receiver=receiver))
        raise
    moving(partial(_moved, receiver=receiver, due=due))
    return len(due.sent)


def receivers_fail(uow: UnitOfWork) -> bool:
    """Is there a receiver that has not taken the log for some time?"""
    found = (outbox.standing(uow.session, entry.name, entry.body) for entry in uow.parts.config.log.syslog)
    return any(each.failing_since is not None for each in found)


def _begin(uow: UnitOfWork, *, receiver: SyslogEntry) -> None:
    if outbox.begin(uow.session, receiver.name, receiver.body):
        uow.also(Event.LOG_SENDING_BEGAN, Notes(detail={"receiver": receiver.name}, bodies={receiver.body}), originator="")


def _moved(uow: UnitOfWork, *, receiver: SyslogEntry, due: outbox.Due) -> None:
    outbox.move(uow.session, receiver.name, receiver.body, due)


def _failed(uow: UnitOfWork, *, receiver: SyslogEntry) -> None:
    outbox.fail(uow.session, receiver.name, receiver.body, uow.at)
