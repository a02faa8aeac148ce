"""The background loop: it heals what a crash left, and gives up nothing."""

from datetime import timedelta

import pytest

from portal.cases.offline import verify
from portal.cases.sequence_log import sequence_batch
from portal.cases.sweep import sweep
from tests.common.house import House


def test_leaves_that_a_crash_left_unpublished_are_published_at_the_next_start(house: House) -> None:
    house.worker.sequence()
    house.guest("ada").register()
    with house.parts.write() as uow:  # what a worker did before it was killed
        assert sequence_batch(uow)
        uow.session.commit()
    assert not house.sql("select 1 from audit_pending")
    house.worker._last_checkpoint = float("-inf")  # a new process
    house.worker.sequence()
    sizes = house.sql("select max(size) from audit_checkpoint"), house.sql("select size from log_head")
    assert sizes[0] == sizes[1]
    assert verify(house.config).ok


def test_a_publication_that_failed_is_tried_again_without_new_events(house: House) -> None:
    house.worker.sequence()
    house.guest("ada").register()
    log = house.folder / "log"
    log.rename(house.folder / "log-away")
    (house.folder / "log").write_text("not a directory")
    with pytest.raises(OSError):
        house.worker.sequence()
    (house.folder / "log").unlink()
    (house.folder / "log-away").rename(log)
    house.worker.sequence()
    assert house.sql("select max(size) from audit_checkpoint") == house.sql("select size from log_head")
    assert verify(house.config).ok


def test_an_object_that_no_row_names_is_collected_after_an_hour_and_no_other(house: House) -> None:
    house.guest("ada").deposit()
    kept = house.objects()
    orphan, _ = house.parts.vault.seal([b"left by a crash"], 15, house.parts.recovery["CTED"])
    assert sweep(house.parts).orphans == 0  # too young: its row may still come
    house.age_objects(timedelta(hours=2))
    assert sweep(house.parts).orphans == 1
    assert house.objects() == kept
    assert orphan.store_key not in "".join(kept)
