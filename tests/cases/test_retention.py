"""Retention through the whole portal: what a row names is kept, what failed is not, and what the store keeps holds nobody up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import portal.cases.keep_objects as keep_objects
from portal.cases.sweep import sweep
from portal.kernel.config import S3StoreSection
from portal.vault.errors import Retained
from portal.worker.objects import ObjectRounds
from tests.common.house import House, open_house, shared
from tests.common.s3server import S3Server
from tests.rooms.vault.test_s3_lock import HEADERS, PAYLOADS, Locked


@pytest.fixture
def locked(s3_server: S3Server) -> Iterator[Locked]:
    yield Locked(s3_server)
    for bucket in (PAYLOADS, HEADERS):
        s3_server.empty(bucket)


@pytest.fixture
def locking_house(template: Path, tmp_path: Path, locked: Locked) -> Iterator[House]:
    """A house whose store keeps payloads for a month. Governance mode, so that tests can clean up."""
    secret = tmp_path / "store-secret"
    lines = locked.server.written(PAYLOADS, secret).replace("keys/store-secret", str(secret))
    lines += f'header_bucket = "{HEADERS}"\nretention_days = 30\nretention_mode = "governance"\n'
    opened = open_house(template, tmp_path / "portal", store=lines)
    yield opened
    opened.close()


def rows(house: House) -> list[tuple[Any, ...]]:
    return house.sql("select store_key, created_at, kept_until from sealed_object order by created_at, id")


def held(house: House, key: str) -> datetime | None:
    """Until when the server keeps it."""
    try:
        house.parts.vault._store.delete(key)
    except Retained as error:
        return error.until
    return None


def test_what_a_row_names_is_kept_for_as_long_as_is_configured_and_its_header_is_not(locking_house: House, locked: Locked) -> None:
    house = locking_house
    shared(house)
    assert [row[2] for row in rows(house)] == [None] * 4
    house.worker.tick()
    for key, created, kept in rows(house):
        assert kept == created + timedelta(days=30) // timedelta(microseconds=1)
        assert held(house, key) == datetime.fromtimestamp(kept // 1_000_000, UTC)
    assert len(locked.versions(HEADERS)) == 4
    house.worker.tick()
    assert len(locked.versions()) == 4


def test_what_no_row_names_is_not_kept_and_is_collected(locking_house: House, locked: Locked) -> None:
    house = locking_house
    house.parts.vault.seal([b"left by a crash"], 15, house.parts.recovery["CTED"])
    house.worker.tick()
    house.age_objects(timedelta(hours=2))
    house.parts.vault._store._now = lambda: datetime.now(UTC).timestamp() + 7200
    assert sweep(house.parts).orphans == 1
    assert (locked.versions(), locked.versions(HEADERS)) == ([], [])


def test_a_crash_between_store_and_row_only_repeats_it(locking_house: House) -> None:
    house = locking_house
    house.guest("ada").deposit()
    kept = keep_objects.keep_objects(house.parts)  # and killed before it was noted
    assert len(kept.objects) == 2
    assert [row[2] for row in rows(house)] == [None, None]
    house.worker.tick()
    assert None not in [row[2] for row in rows(house)]
    assert keep_objects.keep_objects(house.parts).objects == []


def test_an_object_that_the_store_still_keeps_holds_up_no_sweep(locking_house: House, locked: Locked) -> None:
    """As after a row is gone, or says that it was shredded: header and orphans go, the payload when its time is over."""
    house = locking_house
    ada = house.guest("ada")
    ada.deposit()
    house.worker.tick()
    house.sql("update sealed_object set header = x''")
    house.parts.vault.seal([b"left by a crash"], 15, house.parts.recovery["CTED"])
    house.parts.vault._store._now = lambda: datetime.now(UTC).timestamp() + 7200
    for _ in range(2):
        swept = sweep(house.parts)
        assert (swept.retained, swept.findings) == (2, [])
    assert {name for name, _ in locked.versions()} == {row[0] for row in rows(house)}
    assert locked.versions(HEADERS) == []
    assert ObjectRounds(house.passage).tick() is None


def test_an_object_that_is_gone_before_it_was_kept_is_reported_and_the_others_are_kept(locking_house: House) -> None:
    house = locking_house
    ada = house.guest("ada")
    for n in range(2):
        ada.deposit(f"CTED/2026/XSM/{n}")
    house.parts.vault._store.delete(rows(house)[0][0])
    house.worker.tick()
    assert [row[2] is not None for row in rows(house)] == [False, True, True, True]
    assert house.sql("select count(*) from audit_event where event = 'store.object_missing'") == [(1,)]


def test_retention_that_is_switched_on_later_reaches_what_is_there_and_no_date_that_has_passed(
    locking_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = locking_house
    monkeypatch.setattr(keep_objects, "BATCH", 1)
    ada = house.guest("ada")
    for n in range(3):
        ada.deposit(f"CTED/2026/XSM/{n}")
    old = rows(house)[0][1] - timedelta(days=40) // timedelta(microseconds=1)
    house.sql("update sealed_object set created_at = ? where store_key = ?", old, rows(house)[0][0])
    house.worker.tick()
    assert all(row[2] is not None for row in rows(house))
    assert [held(house, row[0]) is not None for row in rows(house)] == [False] + [True] * 5


def test_without_retention_nothing_is_asked(house: House) -> None:
    house.guest("ada").deposit()
    assert keep_objects.keep_objects(house.parts) == keep_objects.Kept()
    assert not isinstance(house.config.store, S3StoreSection) or house.config.store.retention_days == 0
