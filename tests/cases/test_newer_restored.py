"""A superseded share that was taken back alone stays closed whatever is put back from a backup."""

from uuid import UUID

from tests.cases.test_newer import newer
from tests.common.backups import back_up, command, in_order, page, refused, started
from tests.common.house import House


def taken_back(house: House, document: str, share: str) -> None:
    proposal = str(UUID(house.sql("select proposal_id from share where id = ?", UUID(share).hex)[0][0]))
    answer = house.guest("dana").post(f"/documents/{document}/proposals/{proposal}/recall", {"what": "superseded"})
    assert answer.status_code == 302
    house.worker.sequence()


def test_a_database_from_before_does_not_open_it_again_and_the_newer_one_is_closed_with_it_until_it_is_shared_again(house: House) -> None:
    document, first, second = newer(house)
    backup = back_up(house)
    taken_back(house, document, first)
    backup.restore("database")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    started(house)
    assert (page(house, first), page(house, second)) == (403, 403)
    assert "a restore closed it" in house.guest("ada").get(f"/documents/{document}").text
    in_order(house)


def test_older_floors_are_filled_again_from_the_log(house: House) -> None:
    document, first, second = newer(house)
    backup = back_up(house)
    taken_back(house, document, first)
    now = house.config.keyring.floors.read_bytes()
    assert b"OCT" in now
    backup.restore("floors")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    assert house.config.keyring.floors.read_bytes() == now
    started(house)
    assert (page(house, first), page(house, second)) == (403, 200)
    in_order(house)


def test_with_nothing_put_back_there_is_nothing_to_reconcile(house: House) -> None:
    document, first, second = newer(house)
    taken_back(house, document, first)
    started(house)
    assert (page(house, first), page(house, second)) == (403, 200)
    in_order(house)
