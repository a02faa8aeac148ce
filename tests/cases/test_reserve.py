"""When the disk is nearly full nothing is opened, served or taken in any more; what closes something is still done, with its event."""

from pathlib import Path
from uuid import UUID

import pytest

from portal.kernel.actions import CLOSING_ACTIONS, OPENING_ACTIONS
from portal.kernel.reserve import Reserve
from tests.common.house import House, proposal_of, shared

NEARLY_FULL = "The portal&#39;s disk is nearly full"


@pytest.fixture
def full(house: House) -> House:
    """A share, and a proposal that waits; then more is kept in reserve than any disk has."""
    shared(house)
    uploader = house.guest(house.cast.uploader)
    document = uploader.deposit(f"{house.cast.body}/2026/XSM/4")
    assert uploader.prepare(document).status_code == 302
    assert uploader.propose(document).status_code == 302
    house.guest(house.cast.reader)
    house.parts.reserve.room, house.parts.reserve._asked = 1 << 60, float("-inf")
    return house


def test_nothing_is_served_opened_or_taken_in(full: House) -> None:
    share = UUID(full.sql("select id from share")[0][0])
    read = full.guest(full.cast.reader).get(f"/received/{share}/pages/1")
    assert read.status_code == 503
    assert NEARLY_FULL in read.text
    assert full.guest(full.cast.releasing).approve(proposal_of(full)).status_code == 503
    uploader = full.guest(full.cast.uploader)
    assert uploader.post("/visits", {"state": "XSM", "start": "2026-10-05", "end": "2026-10-09", "place": "Capital"}).status_code == 503
    assert full.sql("select count(*) from share") == [(1,)]
    assert [code for _, outcome, code in full.events(outcome="failed")] == ["nearly_full"] * 3
    assert full.stranger().get("/health").status_code == 503


def test_what_closes_is_done_and_recorded(full: House) -> None:
    carla, document = full.guest(full.cast.confidentiality), UUID(full.sql("select document_id from share")[0][0])
    assert carla.get(f"/documents/{document}").status_code == 200
    assert carla.withhold(str(document)).status_code == 302
    assert full.sql("select count(*) from closure") == [(1,)]
    assert ("request.recorded", "done", "") in full.events()
    full.worker.sequence()
    assert full.sql("select count(*) from audit_pending") == [(0,)]


def test_who_may_not_do_it_does_not_learn_of_the_disk(full: House) -> None:
    assert full.guest(full.cast.reader).approve(proposal_of(full)).status_code == 404
    assert full.stranger().get("/documents").status_code == 401


def test_the_reserve_is_of_the_fullest_disk(tmp_path: Path) -> None:
    assert not Reserve((tmp_path, tmp_path / "not/there/yet"), 1).is_touched()
    assert Reserve((tmp_path,), 1 << 60).is_touched()
    assert not OPENING_ACTIONS & CLOSING_ACTIONS
