"""The store against the rows: collect sealed objects that no row names, and find rows whose object is gone or has another size.

Safe beside an upload, beside another portal that sweeps, and with clocks that are off:
* what is listed comes first, the rows second: who looks for a row looks after the object was listed;
* an object without a row is left alone for `GRACE`. Some servers date an upload in parts from its beginning, so it counts from its header,
  which is put after it; a payload without header is collected if two sweeps in a row have seen it so;
* an object that was not listed is asked for by name before it counts as gone;
* what was there when a restore was reconciled is left alone: it may be a document that the restored database does not know.

No transaction is open while the store is asked.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from portal.cases.reconcile import kept_from
from portal.cases.report_objects import Finding
from portal.cases.uow import Parts
from portal.kernel.errors import Unavailable
from portal.vault.errors import Retained
from portal.vault.models import SealedObjectRow
from portal.vault.store import HEADER_SUFFIX, Stored

log = logging.getLogger("portal.sweep")

#: An object younger than this may still get its row.
GRACE = timedelta(hours=1)
#: How many objects are looked at together, how many rows are read at once, how many faults a sweep tells of, how many failures it bears.
TOGETHER, ROWS, MOST, FAILURES = 20_000, 2_000, 100, 3


@dataclass(slots=True)
class Swept:
    """What a sweep did: orphans removed, objects it could not remove because the store keeps them, faults found or gone."""

    orphans: int = 0
    retained: int = 0
    failures: int = 0
    findings: list[Finding] = field(default_factory=list)
    lonely: set[str] = field(default_factory=set)
    kept: timedelta | None = None  # orphans at least this old are left alone since a restore


def sweep(parts: Parts, lonely: set[str] | None = None) -> Swept:
    """One round over everything. `lonely`: the payloads without a header that the last round found; what it finds replaces them."""
    swept, before = Swept(kept=_kept(parts)), lonely if lonely is not None else set()
    for prefix, stored in _batches(parts, ""):
        _compare(parts, prefix, stored, before, swept)
    parts.vault.sweep_temporaries(GRACE)
    if lonely is not None:
        lonely.clear()
        lonely |= swept.lonely
    return swept


def _kept(parts: Parts) -> timedelta | None:
    with parts.read() as uow:
        kept = kept_from(uow)
        return None if kept is None else uow.at - kept


def _batches(parts: Parts, prefix: str) -> Iterator[tuple[str, dict[str, Stored]]]:
    """Everything stored in pieces that fit in memory: those whose keys begin with a prefix, which is as short as that allows."""
    found = list(islice(parts.vault.listed(prefix), TOGETHER + 1))
    if len(found) <= TOGETHER or len(prefix) == 40:
        yield prefix, {entry.key: entry for entry in found}
        return
    for digit in "0123456789abcdef":
        yield from _batches(parts, prefix + digit)


def _compare(parts: Parts, prefix: str, stored: dict[str, Stored], lonely: set[str], swept: Swept) -> None:
    unnamed = {key.removesuffix(HEADER_SUFFIX) for key in stored}
    after = ""
    while True:
        with parts.read() as uow:
            rows = uow.objects.within(prefix, after, ROWS)
        if not rows:
            break
        after = rows[-1].store_key
        for row in rows:
            unnamed.discard(row.store_key)
            _look_at(parts, row, stored, swept)
    for key in sorted(unnamed):
        _look_at_orphan(parts, key, stored, lonely, swept)


def _look_at(parts: Parts, row: SealedObjectRow, stored: dict[str, Stored], swept: Swept) -> None:
    """A row says what must be there. One that was shredded says that nothing must."""
    if not row.header:
        if row.store_key in stored or row.store_key + HEADER_SUFFIX in stored:
            _remove(parts, row.store_key, swept)
        return
    payload, header = stored.get(row.store_key), stored.get(row.store_key + HEADER_SUFFIX)
    fits = payload is not None and payload.size == row.payload_size and header is not None and header.size == len(row.header)
    sized = row.fault.endswith(("_gone", "_size"))
    if fits != sized or len(swept.findings) >= MOST:  # as it was at the last look
        return
    try:
        swept.findings.append(Finding(row.id, parts.vault.check(row.sealed(), whole=False)))
    except Unavailable as error:
        _bear(swept, error)


def _look_at_orphan(parts: Parts, key: str, stored: dict[str, Stored], lonely: set[str], swept: Swept) -> None:
    there = [stored[name] for name in (key, key + HEADER_SUFFIX) if name in stored]
    if min(entry.age for entry in there) <= GRACE:
        return
    if swept.kept is not None and max(entry.age for entry in there) >= swept.kept:
        return
    if len(there) == 1 and there[0].key == key and key not in lonely:
        swept.lonely.add(key)
        return
    if _remove(parts, key, swept):
        swept.orphans += 1


def _remove(parts: Parts, key: str, swept: Swept) -> bool:
    try:
        parts.vault.discard_key(key)
    except Retained:
        swept.retained += 1
        return False
    except Unavailable as error:
        _bear(swept, error)
        return False
    return True


def _bear(swept: Swept, error: Unavailable) -> None:
    """One object that the store does not let go is no reason to leave the others; a store that is down is."""
    swept.failures += 1
    if swept.failures >= FAILURES:
        raise error
    log.warning("an object could not be looked at or removed: %s", error.detail)
