"""Rows keep objects and wraps as they are; a wrap that is gone is access that is gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.kernel.database import Base, Database
from portal.kernel.errors import Tampered
from portal.kernel.ids import new_id, new_object_key
from portal.vault.models import KeyWrap, SealedObjectRow
from portal.vault.register import Objects
from tests.rooms.vault.stage import SHARE, Exchange

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path}/vault.db")
    with database.write() as session:
        connection = session.connection()
        Base.metadata.create_all(connection, tables=[SealedObjectRow.metadata.tables[name] for name in ("sealed_object", "key_wrap")])
        yield session
    database.close()


def test_an_object_and_its_wraps_come_back_as_they_were(session: Session, exchange: Exchange) -> None:
    objects = Objects(session)
    objects.add(exchange.sealed, exchange.own, NOW)
    (granted,) = exchange.grant().wraps
    objects.add_wrap(granted, SHARE)
    session.expire_all()
    assert objects.get(exchange.sealed.id) == exchange.sealed
    assert objects.wrap(exchange.sealed.id, "CTED", None) == exchange.own
    assert objects.wrap(exchange.sealed.id, "OCT", SHARE) == granted
    assert objects.wrap(exchange.sealed.id, "OCT", None) is None
    assert objects.wrap(exchange.sealed.id, "CTED", SHARE) is None
    assert objects.known([exchange.sealed.store_key, new_object_key()]) == {exchange.sealed.store_key}


def test_withdrawing_a_share_deletes_its_wraps_only(session: Session, exchange: Exchange) -> None:
    objects = Objects(session)
    objects.add(exchange.sealed, exchange.own, NOW)
    (granted,) = exchange.grant().wraps
    objects.add_wrap(granted, SHARE)
    other = UUID(int=9)
    objects.add_wrap(granted, other)
    assert objects.withdraw(SHARE) == [(exchange.sealed.id, "OCT")]
    assert objects.wrap(exchange.sealed.id, "OCT", SHARE) is None
    assert objects.wrap(exchange.sealed.id, "OCT", other) == granted
    assert objects.wrap(exchange.sealed.id, "CTED", None) == exchange.own


def test_a_share_has_one_wrap_of_an_object_for_a_body(session: Session, exchange: Exchange) -> None:
    objects = Objects(session)
    objects.add(exchange.sealed, exchange.own, NOW)
    objects.add_wrap(exchange.own, SHARE)
    with pytest.raises(IntegrityError):
        objects.add_wrap(exchange.own, SHARE)


def test_a_wrap_hangs_on_an_object(session: Session, exchange: Exchange) -> None:
    session.add(KeyWrap.of(replace(exchange.own, object_id=new_id()), new_id(), None))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_row_that_is_gone_is_an_alarm(session: Session) -> None:
    with pytest.raises(Tampered):
        Objects(session).get(new_id())
