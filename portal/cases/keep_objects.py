"""Retention: once a row names a payload, the store is told until when to keep it, whatever anybody asks. Only where it is configured.

Never before the row: what failed must be collectable. What a crash left untold is told at the next round.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from portal.cases.report_objects import Finding
from portal.cases.uow import Parts, UnitOfWork
from portal.kernel.config import S3StoreSection
from portal.vault.errors import Broken

#: Objects in a round.
BATCH = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store was told, to be noted; and what was found wrong on the way."""

    objects: list[tuple[UUID, datetime]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def keep_objects(parts: Parts) -> Kept:
    """Tell the store to keep the oldest objects it was not told to keep. Raises `Unavailable`; what was told is told again then."""
    kept, store = Kept(), parts.config.store
    if not isinstance(store, S3StoreSection) or not store.retention_days:
        return kept
    with parts.read() as uow:
        rows = uow.objects.unkept(BATCH)
    soon = parts.clock.now() + timedelta(minutes=1)
    for row in rows:
        until = row.created_at + timedelta(days=store.retention_days)
        try:
            if until > soon:  # a server takes no date that has passed
                parts.vault.keep(row.sealed(), until)
            kept.objects.append((row.id, until))
        except Broken:
            kept.findings.append(Finding(row.id, parts.vault.check(row.sealed(), whole=False)))
    return kept


def note_kept(uow: UnitOfWork, kept: Kept) -> None:
    for object_id, until in kept.objects:
        uow.objects.note_kept(object_id, until)
