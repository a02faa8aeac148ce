"""The store keeps its promises, every object that a row names is there, and nothing waits that a sweep should have taken."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.doctor.findings import Finding, attention, fault, ok
from portal.cases.doctor.site import Site
from portal.cases.sweep import GRACE
from portal.kernel.errors import PortalError
from portal.kernel.ids import new_object_key
from portal.vault.errors import AlreadyThere, Broken
from portal.vault.models import KeyWrap, SealedObjectRow
from portal.vault.register import Objects
from portal.vault.s3 import S3Store
from portal.vault.store import HEADER_SUFFIX, Store

#: An object that no row names is swept within the hour after `GRACE`. One that waits longer means that nobody sweeps.
LATE = 2 * GRACE + timedelta(minutes=15)
_SIZE = 100_000
_PAGE = 500


def store(site: Site) -> Iterator[Finding]:
    """Opens, and keeps what it promises on an object that is put, read, put again, listed and deleted."""
    opened = site.demanded_store()
    if isinstance(opened, S3Store):
        yield ok("the bucket is there and keeps versions and locks as the configuration says")
        kept = opened.retention()
        if kept:
            yield attention(f"the bucket keeps what is put into it ({kept}), so nothing was put to try it", "see docs/database.md")
            return
    yield round_trip(opened)


def round_trip(opened: Store) -> Finding:
    """One object, put and taken away again, whatever comes between."""
    key, content = new_object_key(), secrets.token_bytes(_SIZE)
    advice = "use another store, or mend this one: what it acknowledges must stay as it is"
    try:
        opened.put(key, [content], _SIZE)
        try:
            broken = _broken_promise(opened, key, content)
        finally:
            opened.delete(key)
        if broken:
            return fault(f"the store does not keep its promises: {broken}", advice)
        try:
            opened.stat(key)
            return fault("the store does not keep its promises: what was deleted is still there", advice)
        except Broken:
            pass
    except PortalError as error:
        return fault(error.detail or error.code, "mend the store: nothing can be deposited until then")
    return ok("an object was put, read in whole and in part, listed, not overwritten, and deleted")


def _broken_promise(opened: Store, key: str, content: bytes) -> str:
    """What it did otherwise than promised; empty if nothing."""
    if opened.stat(key) != _SIZE or opened.get(key, 0, _SIZE) != content:
        return "what was put comes back otherwise"
    if opened.get(key, 70_000, 100) != content[70_000:70_100]:
        return "a part of an object is not that part"
    if [name for name, _ in opened.list(key)] != [key]:
        return "what was put is not listed"
    try:
        opened.put(key, [bytes(_SIZE)], _SIZE)
    except AlreadyThere:
        return "" if opened.get(key, 0, _SIZE) == content else "an object that was there was overwritten"
    return "an object that was there was put again"


def objects(site: Site) -> Iterator[Finding]:
    """Rows whose object is gone, and objects that no row names."""
    opened = site.opened_store()
    with site.reading() as session:
        missing = objects_without_payload(session, opened)
    if missing:
        with site.reading() as session:  # an object may have gone properly meanwhile, its row and keys first
            missing = [
                row for row in missing if row in set(session.scalars(select(KeyWrap.object_id).where(KeyWrap.object_id.in_(missing))))
            ]
    if missing:
        named = ", ".join(str(row) for row in missing[:5]) + (", …" if len(missing) > 5 else "")
        yield fault(
            f"{len(missing)} rows name an object that the store does not hold ({named})",
            "restore the store from its backup; until then these open nothing",
        )
    else:
        yield ok("every object that a row names is in the store")
    yield from _damaged(site)
    yield from _orphans(site, opened)


def _damaged(site: Site) -> Iterator[Finding]:
    """What sweeps found wrong when they last read objects whole."""
    with site.reading() as session:
        found = [f"{row.id} ({row.fault})" for row in Objects(session).faulty(1000)]
    if found:
        named = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        yield fault(f"sweeps found {len(found)} objects that are not as they were sealed ({named})", "restore them from the store's backup")


def objects_without_payload(session: Session, opened: Store) -> Sequence[UUID]:
    """Objects that some body has a key of and whose payload the store does not hold.

    Needs a session that has read nothing yet: rows are read before the store is listed, as an object comes before its row.
    """
    keyed = select(SealedObjectRow.id, SealedObjectRow.store_key).where(SealedObjectRow.id.in_(select(KeyWrap.object_id)))
    named = session.execute(keyed).all()
    there = {key for key, _ in opened.list() if not key.endswith(HEADER_SUFFIX)} if named else set()
    return [row for row, key in named if key not in there]


def _orphans(site: Site, opened: Store) -> Iterator[Finding]:
    """Waiting objects that no row names, and for how long the oldest has waited. No sweep keeps a record: what it left tells of it."""
    aged = [(key, age) for key, age in opened.list() if age > GRACE and not key.endswith(HEADER_SUFFIX)]
    waiting: list[timedelta] = []
    with site.reading() as session:
        for start in range(0, len(aged), _PAGE):
            page = aged[start : start + _PAGE]
            known = Objects(session).known([key for key, _ in page])
            waiting += [age for key, age in page if key not in known]
    if not waiting:
        yield ok("no object waits to be swept")
        return
    hours = max(waiting).total_seconds() / 3600
    said = f"{len(waiting)} objects that no row names wait to be swept, the oldest for {hours:.0f} h"
    if max(waiting) > LATE:
        yield attention(said, "the portal sweeps every hour while it serves: does it run, and does its log say why the sweep failed?")
    else:
        yield ok(said)
