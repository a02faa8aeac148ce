"""The rows of sealed objects and their key wraps. A wrap that is gone is access that is gone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, delete, func, select
from sqlalchemy.orm import Session

from portal.kernel.errors import Tampered
from portal.kernel.ids import new_id
from portal.vault.holder import Wrap
from portal.vault.models import KeyWrap, SealedObjectRow
from portal.vault.objects import SealedObject


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

    def known(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of these store keys some row names."""
        return frozenset(self._session.scalars(select(SealedObjectRow.store_key).where(SealedObjectRow.store_key.in_(keys))))
