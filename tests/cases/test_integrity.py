"""The page of the log's integrity, and the check of the whole that an auditor asks for there."""

import re
import threading
from datetime import timedelta
from uuid import UUID

import pytest

from portal.cases.check_log import place_of
from tests.common.house import House, shared

PAGE, PRESS = "/audit/integrity", "/audit/integrity/verify"


def words(house: House, login: str) -> str:
    page = house.guest(login).get(PAGE)
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.split("<main", 1)[1]).split())


def made(house: House, event: str) -> list[str]:
    return [row[0] for row in house.sql("select detail from audit_event where event = ? order by at", event)]


def test_a_whole_log_is_checked_and_said_to_be_in_order_to_both_bodies(house: House) -> None:
    shared(house)
    house.worker.sequence()
    farid, rana = house.guest("farid"), house.guest("rana")
    assert "Nobody has asked for a check yet" in words(house, "farid")
    assert farid.post(PRESS).status_code == 302
    assert "It begins" in words(house, "farid")
    assert house.worker.checks.run()
    said = words(house, "farid")
    assert re.search(r"In order [\d,]+ leaves checked", said), said
    assert "by Farid" in said
    assert "Farid" not in words(house, "rana")  # what of it is the other body's
    assert "In order" in words(house, "rana")
    assert len(made(house, "audit.check_begun")) == len(made(house, "audit.check_ended")) == 1
    assert '"ended":"in_order"' in made(house, "audit.check_ended")[0]
    assert house.sql("select action, rules from audit_event where event = 'audit.check_ended'") == [("log:check", ",P80-sequencer,")]
    assert rana.get(f"{PAGE}/progress").json["state"] == "in_order"


def test_a_changed_event_is_found_and_told_by_kind_and_leaf_alone(house: House) -> None:
    document, share = shared(house)
    house.worker.sequence()
    house.sql("update audit_event set outcome = 'refused' where event = 'document.registered'")
    house.guest("rana").post(PRESS)
    house.worker.checks.run()
    said = words(house, "rana")
    assert "Not in order" in said
    assert re.search(r"An event was changed after it was written: leaf \d+", said), said
    for trace in ("registered", document, share, str(UUID(document).hex)):
        assert trace not in said, trace


def test_one_check_at_a_time(house: House) -> None:
    farid, rana = house.guest("farid"), house.guest("rana")
    farid.post(PRESS)
    rana.post(PRESS)
    assert house.sql("select count(*) from log_check") == [(1,)]
    assert len(made(house, "audit.check_begun")) == 1
    with place_of(house.parts).taken() as tell:
        assert tell is not None
        assert not house.worker.checks.run()  # another process does it
    assert house.worker.checks.run()
    assert not house.worker.checks.run()
    rana.post(PRESS)
    assert house.sql("select count(*) from log_check") == [(2,)]


def test_how_far_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that takes its time, in a thread, as the background loop does it."""
    import portal.audit.verify as verify

    monkeypatch.setattr(verify, "_PAGE", 4)
    shared(house)
    house.worker.sequence()
    house.guest("farid").post(PRESS)
    reached, go_on, step = threading.Event(), threading.Event(), verify._Walk._leaf

    def slow(walk: verify._Walk, index: int, row: verify.Row) -> None:
        if index == 6:
            reached.set()
            assert go_on.wait(20)
        step(walk, index, row)

    monkeypatch.setattr(verify._Walk, "_leaf", slow)
    house.worker.checks.tick()
    assert reached.wait(20)
    said = words(house, "farid")
    assert re.search(r"It runs 4 of [\d,]+ leaves", said), said
    before = len(house.events())
    told = house.guest("farid").get(f"{PAGE}/progress").json
    assert (told["state"], told["done"]) == ("running", 4)
    assert len(house.events()) == before
    house.guest("rana").post(PRESS)
    assert house.sql("select count(*) from log_check") == [(1,)]
    go_on.set()
    assert house.worker.checks._thread is not None
    house.worker.checks._thread.join(20)
    assert "In order" in words(house, "farid")


def test_a_check_that_died_is_shown_as_broken_off_and_can_be_begun_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.cases import check_log

    farid = house.guest("farid")
    farid.post(PRESS)

    def dies(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(check_log, "_look", dies)
        with pytest.raises(MemoryError):
            house.worker.checks.run()
    assert "Broken off" in words(house, "farid")
    house.clock.at += timedelta(seconds=1)
    farid.post(PRESS)
    house.worker.checks.run()
    assert "In order" in words(house, "farid")
    assert ["broken_off" in detail for detail in made(house, "audit.check_ended")] == [True, False]


def test_a_result_that_somebody_wrote_is_not_relied_on(house: House) -> None:
    house.guest("farid").post(PRESS)
    house.worker.checks.run()
    house.sql("update log_check set leaves = leaves + 1")
    assert "Not to be relied on" in words(house, "farid")


@pytest.mark.parametrize("login", ["ada", "greta", "dana"])
def test_nobody_else_has_it_checked_or_sees_the_page(house: House, login: str) -> None:
    guest = house.guest(login)
    assert guest.post(PRESS).status_code in {403, 404}
    assert guest.get(PAGE).status_code in {403, 404}
    assert house.sql("select count(*) from log_check") == [(0,)]


def test_signatures_and_the_guard(house: House) -> None:
    house.guest("farid")
    house.worker.sequence()
    said = words(house, "farid")
    assert "The portal’s signature Holds" in said
    assert "In place" in said
    house.config.log.guard.unlink()
    checkpoint = house.config.log.path / "checkpoint"
    checkpoint.write_text(checkpoint.read_text().replace("\n1", "\n2", 1))
    said = words(house, "farid")
    assert "The portal’s signature Does not hold" in said
    assert "Cannot be used" in said
