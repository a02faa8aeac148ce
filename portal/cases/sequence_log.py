"""The three steps that turn recorded events into a signed tree. Each is one transaction of the worker's, and safe to repeat."""

from portal.audit.checkpoint import Checkpoint
from portal.audit.sequencer import store_checkpoint, take_batch
from portal.cases.uow import UnitOfWork


def sequence_batch(uow: UnitOfWork) -> int:
    """Give waiting events their leaves; returns how many events were taken, 0 when none wait."""
    batch = take_batch(uow.session, signed=uow.parts.sequencer.guard.read().size)
    return 0 if batch is None else batch.events


def publish_log(uow: UnitOfWork) -> Checkpoint:
    """Write the tree's files and sign it. Needs a unit of work that has read nothing yet."""
    return uow.parts.sequencer.publish(uow.session, at=uow.at)


def keep_checkpoint(uow: UnitOfWork, checkpoint: Checkpoint) -> None:
    store_checkpoint(uow.session, checkpoint)
