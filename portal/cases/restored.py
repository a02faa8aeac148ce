"""What a restore left behind: the database held against the floors, the log and the store. Looks, and changes nothing.

Floors, guard and published log are backed up apart from the database; whichever is newer tells what the older ones forgot. What was
closed stays closed: a document whose floor for a body is above its own epoch was closed to it by an act that its rows do not know.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from portal.audit.closings import Closing, closings, newest
from portal.audit.continuity import Restored, demand_continued
from portal.audit.lost import Lost, find_lost
from portal.cases.shred_document import objects_of
from portal.cases.uow import PORTAL, Parts, UnitOfWork
from portal.documents.models import Document
from portal.kernel.events import Event

Floors = Mapping[tuple[UUID, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A document that was closed to `bodies` by acts that its rows do not know. `floor` is the highest of their floors."""

    document: UUID
    symbol: str
    originator: str
    epoch: int
    floor: int
    bodies: tuple[str, ...]
    level: bool  # are all their floors the same, and one above the epoch, as an act leaves them that was broken off?


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What has to be done. `unsure`: acts that closed something may be lost without a trace, so that every share is closed.

    `raises`: floors to raise, and to what. `closing`: live shares whose keys lie under their floor. `withdrawn`: closed or vanished shares
    that have keys again. `shredded`: objects, with their store keys, that were shredded and have keys again. `stale`: documents of which
    nothing prepared counts any more. `unknown`: floors of documents that the register does not have.
    `floors_short`: the floors file has fewer lines than it had. `gone`: symbols of documents of which
    an object is not in the store. `unnamed`: objects in the store that no row names.
    """

    lost: Lost
    unsure: bool
    raises: tuple[tuple[UUID, str, int], ...]
    closing: tuple[UUID, ...]
    withdrawn: tuple[UUID, ...]
    shredded: tuple[tuple[UUID, str], ...]
    behind: tuple[Behind, ...]
    stale: tuple[UUID, ...]
    unknown: int
    newly_unknown: bool
    floors_short: bool
    gone: tuple[str, ...]
    unnamed: int

    @property
    def leaves(self) -> int:
        return self.lost.end - self.lost.first

    @property
    def to_do(self) -> bool:
        """Is there anything to change? Documents that wait for their request, and a store that lacks objects, are told and left."""
        found = self.raises, self.closing, self.withdrawn, self.shredded, [one for one in self.behind if not one.level]
        changed = self.leaves, self.lost.guard_behind, self.floors_short, self.unsure, self.newly_unknown
        return any(changed) or any(found)


def demand_not_restored(parts: Parts) -> None:
    """Raise `Restored` if a part was put back from a backup since the last reconciliation; `Rollback` if the log was changed."""
    log = parts.config.log
    sequencer = parts.sequencer
    with parts.read() as uow:
        demand_continued(uow.session, log_dir=log.path, guard=sequencer.guard, key=sequencer.key.verifier, floors=parts.holder.floor_lines)
    with parts.read() as uow:
        behind, shredded, unknown = _against(uow, parts.holder.floors())
        if not all(one.level for one in behind) or uow.objects.openable(shredded) or unknown > _acknowledged(uow):
            raise Restored("the floors know of closings that the database does not")


def assess(parts: Parts, *, published: Path | None, restored: bool) -> Plan:
    """Find out what a restore left behind. `published` is another copy of the published log; `restored` says that there surely was one.

    Raises `Rollback` if the database is no true beginning of what was signed, `Unrecoverable` if that cannot be continued.
    """
    folders = (parts.config.log.path, *([] if published is None else [published]))
    with parts.read() as uow:
        lost = find_lost(
            uow.session, folders=folders, guard=parts.sequencer.guard, key=parts.sequencer.key.verifier, at=uow.parts.clock.now()
        )
        raises = tuple(_raises(uow))
        floors = {**parts.holder.floors(), **{(key, body): floor for key, body, floor in raises}}
        behind, shredded, unknown = _against(uow, floors)
        short = lost.floors is not None and parts.holder.floor_lines() < lost.floors
        unsure = restored or (lost.end > lost.first and not _current(uow, lost, raises))
        live = uow.shares.live()
        under, withdrawn = _wraps(uow, floors)
        closing = {share.id for share in live if unsure or share.id in under}
        stale = {share.document_id for share in live if share.id in closing} | set(uow.proposals.undecided() if unsure else ())
        closing |= {share.id for share in live if share.document_id in stale}  # its floors rise: no key of any of its shares opens
        gone, unnamed = _store(uow)
        return Plan(
            lost=lost,
            unsure=unsure,
            raises=raises,
            closing=tuple(sorted(closing)),
            withdrawn=tuple(sorted(withdrawn)),
            shredded=tuple(uow.objects.openable(shredded)),
            behind=tuple(behind),
            stale=tuple(sorted(stale - {one.document for one in behind})),
            unknown=unknown,
            newly_unknown=unknown > _acknowledged(uow),
            floors_short=short,
            gone=gone,
            unnamed=unnamed,
        )


def _acknowledged(uow: UnitOfWork) -> int:
    """How many floors of unknown documents the last reconciliation met."""
    last = newest(uow.session, Event.RESTORE_RECONCILED, uow.holder.open_system_field)
    return 0 if last is None else int(last.private.get("unknown", 0))


def _current(uow: UnitOfWork, lost: Lost, raises: Iterable[tuple[UUID, str, int]]) -> bool:
    """Do the floors, with what the log tells, know of every closing in the tree that was signed?"""
    more = sum(floor - uow.holder.floor_of(key, body) for key, body, floor in raises)
    return lost.floors is not None and uow.holder.floor_lines() + more >= lost.floors


def _raises(uow: UnitOfWork) -> Iterator[tuple[UUID, str, int]]:
    """The floors that the verified log puts higher than the file does."""
    told: dict[tuple[UUID, str], int] = {}
    for closing in closings(uow.session):
        for body in _closed_to(uow, closing):
            own = body == closing.originator
            told[closing.document, body] = max(told.get((closing.document, body), 0), 1 if own else int(closing.facts.get("epoch", 0)))
        for object_id, body in (word.split("/", 1) for word in closing.facts.get("objects", ())):
            told[UUID(object_id), body] = 1  # of one share alone, and once (`cases.close_share`)
    for (document, body), floor in told.items():
        if floor > uow.holder.floor_of(document, body):
            yield document, body, floor


def _closed_to(uow: UnitOfWork, closing: Closing) -> list[str]:
    """For whom. Shredding closes to everybody, the originator included."""
    others = list(uow.others(closing.originator))
    if closing.event == "document.shredded":
        return [closing.originator, *others]
    told = closing.facts.get("closed", closing.facts.get("recipient", others))
    return [told] if isinstance(told, str) else list(told)


def _against(uow: UnitOfWork, floors: Floors) -> tuple[list[Behind], list[UUID], int]:
    """The documents behind their floors, the objects that were shredded, and how many floors are of documents nobody knows."""
    higher: dict[UUID, dict[str, int]] = {}
    shredded: list[UUID] = []
    unknown = 0
    for (key, body), floor in floors.items():
        if body.startswith(f"{PORTAL}/"):
            continue  # of a person, not of a document (`cases.erase_person`)
        document = uow.documents.get(key)
        if document is None:
            owner = _owner(uow, key)
            unknown += owner is None and uow.visits.get(key) is None  # what was asked of a visit is counted at its own
            shredded += [key] if owner is not None and owner.originator == body else []
        elif document.originator == body:
            shredded += objects_of(uow, document)
        elif "/" not in body and floor > document.epoch:  # a name with a stroke counts something: holds (`cases.kept`)
            higher.setdefault(key, {})[body] = floor
    return [_behind(uow, key, bodies) for key, bodies in sorted(higher.items())], shredded, unknown


def _behind(uow: UnitOfWork, key: UUID, floors: Mapping[str, int]) -> Behind:
    document = uow.documents.get(key)
    assert document is not None
    top = max(floors.values())
    return Behind(
        document=key,
        symbol=document.symbol,
        originator=document.originator,
        epoch=document.epoch,
        floor=top,
        bodies=tuple(sorted(floors)),
        level=top == document.epoch + 1,
    )


def _owner(uow: UnitOfWork, object_id: UUID) -> Document | None:
    """The document that an object belongs to."""
    document = uow.documents.of_object(object_id) or uow.renditions.of_object(object_id) or uow.communications.of_object(object_id)
    return None if document is None else uow.documents.get(document)


def _wraps(uow: UnitOfWork, floors: Floors) -> tuple[set[UUID], set[UUID]]:
    """Live shares with a key that is not at its floor, and shares that have keys though they are closed, or are no shares."""
    under, withdrawn = set(), set()
    for object_id, body, share_id, floor in uow.objects.granted():
        share = uow.shares.get(share_id)
        if share is None or uow.shares.closed(share_id):
            withdrawn.add(share_id)
        elif floor != floors.get((object_id, body), 0) + floors.get((share.document_id, body), 0):
            under.add(share_id)
    return under, withdrawn


def _store(uow: UnitOfWork) -> tuple[tuple[str, ...], int]:
    """Documents by symbol of which an object is gone, and how many objects no row names."""
    there = {key for key, _ in uow.parts.vault.keys()}  # noqa: SIM118
    gone = set()
    for object_id, key in uow.objects.stored():
        if key not in there:
            owner = _owner(uow, object_id)
            gone.add(owner.symbol if owner is not None else f"object {object_id}")
    known = sum(len(uow.objects.known(batch)) for batch in _batches(sorted(there)))
    return tuple(sorted(gone)), len(there) - known


def _batches(keys: list[str]) -> Iterator[list[str]]:
    return (keys[start : start + 500] for start in range(0, len(keys), 500))
