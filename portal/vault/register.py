"""The rows of sealed objects and their key wraps. A wrap that is gone is access that is gone."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, delete, func, select, update
from sqlalchemy.orm import Session

from portal.kernel.errors import Tampered
from portal.kernel.ids import new_id
from portal.vault.holder import Wrap
from portal.vault.models import KeyWrap, SealedObjectRow
from portal.vault.objects import SealedObject
from portal.vault.store import TRANSIENT_SUFFIX


class Objects:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, sealed: SealedObject, wrap: Wrap, at: datetime) -> None:
        """Record an object together with its originator's wrap."""
        self._session.add(SealedObjectRow.of(sealed, at))
        self._session.flush()
        self.add_wrap(wrap, None)

    def add_wrap(self, wrap: Wrap, share_id: UUID | None) -> None:
        self._session.add(KeyWrap.of(wrap, new_id(), share_id))
        self._session.flush()

    def get(self, object_id: UUID) -> SealedObject:
        row = self._session.get(SealedObjectRow, object_id)
        if row is None:
            raise Tampered(f"no row for sealed object {object_id}")
        return row.sealed()

    def wrap(self, object_id: UUID, body: str, share_id: UUID | None) -> Wrap | None:
        """The wrap for this body and share, or None where there is none: then there is no key either."""
        statement = select(KeyWrap).where(KeyWrap.object_id == object_id, KeyWrap.body == body)
        statement = statement.where(KeyWrap.share_id.is_(None) if share_id is None else KeyWrap.share_id == share_id)
        row = self._session.scalar(statement)
        return None if row is None else row.wrap()

    def remove(self, object_ids: Sequence[UUID]) -> Sequence[str]:
        """Delete the rows of these objects with every wrap of them; returns the store keys that no row names any more."""
        keys: list[str] = []
        for start in range(0, len(object_ids), 500):
            batch = list(object_ids[start : start + 500])
            keys += self._session.scalars(select(SealedObjectRow.store_key).where(SealedObjectRow.id.in_(batch))).all()
            self._session.execute(delete(KeyWrap).where(KeyWrap.object_id.in_(batch)))
            self._session.execute(delete(SealedObjectRow).where(SealedObjectRow.id.in_(batch)))
        return keys

    @staticmethod
    def held_by(body: str) -> ScalarSelect[Any]:
        """Bytes of plaintext that this body has its own, originator's wraps of."""
        found = select(func.coalesce(func.sum(SealedObjectRow.size), 0)).join(KeyWrap, KeyWrap.object_id == SealedObjectRow.id)
        return found.where(KeyWrap.body == body, KeyWrap.share_id.is_(None)).scalar_subquery()

    def withdraw(self, share_id: UUID) -> Sequence[tuple[UUID, str]]:
        """Delete every wrap of a share; returns what was withdrawn as (object, body)."""
        rows = self._session.execute(select(KeyWrap.object_id, KeyWrap.body).where(KeyWrap.share_id == share_id)).all()
        self._session.execute(delete(KeyWrap).where(KeyWrap.share_id == share_id))
        return [(object_id, body) for object_id, body in rows]

    def granted(self) -> Sequence[tuple[UUID, str, UUID, int]]:
        """Every wrap for another body as (object, body, share, floor)."""
        columns = (KeyWrap.object_id, KeyWrap.body, KeyWrap.share_id, KeyWrap.floor)
        rows = self._session.execute(select(*columns).order_by(KeyWrap.share_id, KeyWrap.object_id))
        return [(object_id, body, share_id, floor) for object_id, body, share_id, floor in rows if share_id is not None]

    def present(self, object_id: UUID) -> bool:
        return self._session.get(SealedObjectRow, object_id) is not None

    def openable(self, object_ids: Sequence[UUID]) -> Sequence[tuple[UUID, str]]:
        """Those of these that somebody still has a key to, online or by recovery, as (object, store key)."""
        wrapped = select(KeyWrap.id).where(KeyWrap.object_id == SealedObjectRow.id).exists()
        statement = select(SealedObjectRow.id, SealedObjectRow.store_key).where(SealedObjectRow.id.in_(object_ids))
        rows = self._session.execute(statement.where(wrapped | (func.length(SealedObjectRow.header) > 0)))
        return [(object_id, key) for object_id, key in rows]

    def stored(self) -> Iterator[tuple[UUID, str]]:
        """Every object that has a key, as (object, store key)."""
        statement = select(SealedObjectRow.id, SealedObjectRow.store_key).where(func.length(SealedObjectRow.header) > 0)
        yield from ((object_id, key) for object_id, key in self._session.execute(statement))

    def shred(self, object_ids: Collection[UUID], at: datetime) -> None:
        """Delete every wrap of these objects, whoever's, and their headers: when this commits, no key of theirs is left here."""
        self._session.execute(delete(KeyWrap).where(KeyWrap.object_id.in_(object_ids)))
        rows = update(SealedObjectRow).where(SealedObjectRow.id.in_(object_ids))
        self._session.execute(rows.values(header=None, shredded_at=at))

    def keys_of(self, object_ids: Collection[UUID]) -> Sequence[str]:
        """Under which keys these objects lie in the store."""
        return self._session.scalars(select(SealedObjectRow.store_key).where(SealedObjectRow.id.in_(object_ids))).all()

    def within(self, prefix: str, after: str, limit: int) -> Sequence[SealedObjectRow]:
        """Objects whose store key begins with `prefix` and comes after `after`, in the order of the keys."""
        keys = SealedObjectRow.store_key
        found = select(SealedObjectRow).where(keys >= prefix, keys < prefix + "g", keys > after)  # keys are hexadecimal
        return self._session.scalars(found.order_by(keys).limit(limit)).all()

    def longest_unchecked(self, limit: int) -> Sequence[SealedObjectRow]:
        """Those whose bytes were not looked at for the longest time, or never. Shredded ones are not looked at."""
        checked = SealedObjectRow.checked_at
        found = select(SealedObjectRow).where(SealedObjectRow.header != b"").order_by(checked.nulls_first(), SealedObjectRow.id)
        return self._session.scalars(found.limit(limit)).all()

    def unkept(self, limit: int) -> Sequence[SealedObjectRow]:
        """The oldest objects that the store was not told to keep; those that are gone come when they are back."""
        there = SealedObjectRow.kept_until.is_(None), SealedObjectRow.header != b"", SealedObjectRow.fault == ""
        lasting = ~SealedObjectRow.store_key.endswith(TRANSIENT_SUFFIX)
        found = select(SealedObjectRow).where(*there, lasting)
        return self._session.scalars(found.order_by(SealedObjectRow.created_at).limit(limit)).all()

    def faulty(self, limit: int) -> Sequence[SealedObjectRow]:
        """Objects with which the last look found something wrong."""
        found = select(SealedObjectRow).where(SealedObjectRow.fault != "").order_by(SealedObjectRow.store_key)
        return self._session.scalars(found.limit(limit)).all()

    def note_kept(self, object_id: UUID, until: datetime) -> None:
        self._session.execute(update(SealedObjectRow).where(SealedObjectRow.id == object_id).values(kept_until=until))

    def note_checked(self, object_id: UUID, at: datetime) -> None:
        self._session.execute(update(SealedObjectRow).where(SealedObjectRow.id == object_id).values(checked_at=at))

    def note_fault(self, object_id: UUID, fault: str) -> bool:
        """Note what was found wrong, or "" for nothing any more. True if that is new: of two portals that look, one is told so."""
        row = update(SealedObjectRow).where(SealedObjectRow.id == object_id, SealedObjectRow.fault != fault)
        return bool(self._session.execute(row.values(fault=fault).returning(SealedObjectRow.id)).all())

    def own_body(self, object_id: UUID) -> str:
        """The body the object belongs to: it has the wrap that hangs on no share. "" if there is none."""
        own = select(KeyWrap.body).where(KeyWrap.object_id == object_id, KeyWrap.share_id.is_(None))
        return self._session.scalar(own) or ""

    def known(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of these store keys some row names."""
        return frozenset(self._session.scalars(select(SealedObjectRow.store_key).where(SealedObjectRow.store_key.in_(keys))))
