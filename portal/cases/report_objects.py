"""What is wrong with stored objects: an event for each, once, for the auditors of the body it belongs to; and a list of them all.

A fault is reported when it is new for its object; when it is gone, the object may be reported again.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from portal.audit.record import Fact
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.events import Event
from portal.vault.looking import CHANGED

log = logging.getLogger("portal.sweep")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at an object found: a code of `portal.vault.looking`, or "" for nothing. `whole`: every byte was read."""

    object_id: UUID
    fault: str
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingObject:
    """An object that is not as it was sealed, as the last look found it. `document` is None where no version or rendition names it."""

    object_id: UUID
    store_key: str
    fault: str
    originator: str
    document: UUID | None


def report_objects(uow: UnitOfWork, findings: Iterable[Finding]) -> list[tuple[Event, Notes, str]]:
    """Note what was found. Returns what to record of each fault that is new: event, notes, and originator ("" if nothing says whose it is).

    The caller commits.
    """
    new = []
    for finding in sorted(findings, key=lambda finding: finding.object_id):  # always in this order: two that report wait for each other
        if finding.whole:
            uow.objects.note_checked(finding.object_id, uow.at)
        if not uow.objects.note_fault(finding.object_id, finding.fault):
            continue
        if not finding.fault:
            log.info("object %s is in order again", finding.object_id)
            continue
        log.error("object %s is not in order: %s", finding.object_id, finding.fault)
        event = Event.STORE_OBJECT_DAMAGED if finding.fault in CHANGED else Event.STORE_OBJECT_MISSING
        detail: dict[str, Fact | list[Fact]] = {"object": str(finding.object_id), "fault": finding.fault}
        new.append((event, Notes(document=_document_of(uow, finding.object_id), detail=detail), uow.objects.own_body(finding.object_id)))
    return new


def missing_objects(uow: UnitOfWork, limit: int = 1000) -> list[MissingObject]:
    """The objects that are gone or damaged, as the sweeps found them: at most `limit`."""
    return [
        MissingObject(
            object_id=row.id,
            store_key=row.store_key,
            fault=row.fault,
            originator=uow.objects.own_body(row.id),
            document=_document_of(uow, row.id),
        )
        for row in uow.objects.faulty(limit)
    ]


def _document_of(uow: UnitOfWork, object_id: UUID) -> UUID | None:
    return uow.documents.of_object(object_id) or uow.renditions.of_object(object_id) or uow.communications.of_object(object_id)
