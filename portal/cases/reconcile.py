"""Set right what a restore left behind, before the portal serves again. Offline: nobody asks, and nothing is opened.

Order: floors, which only rise; what was shredded leaves the store; then one transaction with all the rest and its events; then the guard,
if it was lost; whoever calls sequences and signs, which brings the guard up.
A crash in between is mended by running it again. What closed a document and was lost must be recorded again by its officers: until then
nothing of it can be shared, for a restore must not make the portal forget what a State asked for.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from portal.audit.closings import newest
from portal.audit.lost import take_up
from portal.cases.close_share import close_share
from portal.cases.restored import Behind, Plan, assess
from portal.cases.standing import requests_in_force, seal_requests
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.documents.models import Document
from portal.kernel.errors import Misconfigured, Tampered
from portal.kernel.events import Event
from portal.sharing.models import Reason

T = TypeVar("T")


class ByItself(Protocol):
    """Runs an act of the portal's own in one transaction, with the events it asks for."""

    def __call__(self, act: Callable[[UnitOfWork], T], /) -> T: ...


def reconcile(parts: Parts, by_itself: ByItself, *, published: Path | None = None, restored: bool = False, dry_run: bool = False) -> Plan:
    """Find out what a restore left behind, and unless it is a trial set it right. Raises what `assess` raises; then nothing changed."""
    plan = assess(parts, published=published, restored=restored)
    if dry_run or not plan.to_do:
        return plan
    for key, body, floor in plan.raises:
        while parts.holder.floor_of(key, body) < floor:
            parts.holder.raise_floor(key, body)
    for _, store_key in plan.shredded:
        parts.vault.discard_key(store_key)
    by_itself(lambda uow: _carry_out(uow, plan))
    if not parts.sequencer.guard.path.exists():
        parts.sequencer.guard.create()  # the next signature brings it up to the tree, which was just followed through all that was signed
    return plan


def settle(parts: Parts, by_itself: ByItself, symbol: str, originator: str) -> None:
    """The originator's officers say that nothing has to be recorded again for this document: it is no longer behind its floors.

    Opens nothing: to share it still takes a new rendition and two officers. Raises `Misconfigured` if it is not behind.
    """
    by_itself(lambda uow: _settle(uow, symbol, originator))


def discard(parts: Parts, by_itself: ByItself) -> None:
    """Objects that no row named when a restore was reconciled may be swept from now on."""
    by_itself(lambda uow: uow.also(Event.RESTORE_DISCARDED, Notes(bodies=set(uow.parts.config.bodies)), originator=""))


def kept_from(uow: UnitOfWork) -> datetime | None:
    """Objects from before this moment are not to be swept: they may be documents that a restored database does not know."""
    opened = uow.holder.open_system_field
    reconciled, discarded = (newest(uow.session, event, opened) for event in (Event.RESTORE_RECONCILED, Event.RESTORE_DISCARDED))
    if reconciled is None or (discarded is not None and discarded.at >= reconciled.at):
        return None
    return reconciled.at


def _carry_out(uow: UnitOfWork, plan: Plan) -> None:
    lost = take_up(uow.session, plan.lost) if plan.leaves else 0
    counts = {body: {"shares": 0, "behind": 0} for body in uow.parts.config.bodies}
    sessions = uow.sessions.end_all(uow.at)
    for share_id in plan.withdrawn:
        uow.objects.withdraw(share_id)
    for share_id in plan.closing:
        share = uow.shares.get(share_id)
        if share is not None and not uow.shares.closed(share_id):
            close_share(uow, share, Reason.RESTORED, by=None)
            counts[share.originator]["shares"] += 1
    uow.objects.shred([object_id for object_id, _ in plan.shredded], uow.at)
    for one in plan.behind:
        _hold_back(uow, one)
        counts[one.originator]["behind"] += 1
    for key in plan.stale:
        document = uow.documents.get(key)
        if document is not None and _moved(uow, document, document.epoch + 1):
            _close(uow, document, document.epoch, uow.others(document.originator))
    told = Notes(private={"unknown": plan.unknown, "sessions": sessions}, bodies=set(uow.parts.config.bodies))
    told.detail |= {"first": plan.lost.first, "end": plan.lost.end, "lost": lost, "unsure": plan.unsure}
    uow.also(Event.RESTORE_RECONCILED, told, originator="")
    for body, found in counts.items():
        uow.also(Event.RESTORE_RECONCILED, Notes(detail={**found}), originator=body)


def _hold_back(uow: UnitOfWork, one: Behind) -> None:
    """Leave the document one step behind its floors: the next request mends it, however many acts were lost."""
    document = uow.documents.get(one.document)
    if document is not None and _moved(uow, document, one.floor - 1):
        _close(uow, document, one.floor, uow.others(document.originator))


def _close(uow: UnitOfWork, document: Document, floor: int, bodies: Sequence[str]) -> None:
    """No key from before opens again, and the log tells, should the floors be lost."""
    for body in bodies:
        while uow.holder.floor_of(document.id, body) < floor:
            uow.holder.raise_floor(document.id, body)
    told = Notes(document=document.id, detail={"epoch": floor, "closed": [*bodies]})
    uow.also(Event.RESTORE_CLOSED, told, originator=document.originator)


def _moved(uow: UnitOfWork, document: Document, epoch: int) -> bool:
    """What was prepared before counts no more. A document whose rows were changed is left: it opens to nobody as it is."""
    document = uow.held(document)
    try:
        requests_in_force(uow, document.id, document)
    except Tampered:
        return False
    document.epoch = epoch
    seal_requests(uow, document)
    return True


def _settle(uow: UnitOfWork, symbol: str, originator: str) -> None:
    found = [row for row in uow.documents.named(symbol) if row.originator == originator]
    if not found:
        raise Misconfigured(f"{originator} has no document {symbol}; nothing was changed")
    document = uow.held(found[0])
    floor = max(uow.holder.floor_of(document.id, body) for body in uow.others(originator))
    if floor <= document.epoch:
        raise Misconfigured(f"{symbol} is not behind its floors; nothing was changed")
    requests_in_force(uow, document.id, document)
    document.epoch = floor
    seal_requests(uow, document)
    uow.also(Event.RESTORE_SETTLED, Notes(document=document.id, detail={"epoch": floor}), originator=originator)
