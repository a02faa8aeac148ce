"""A portal put back from a backup starts closed; once it is reconciled, what was closed after the backup is still closed."""

import json
import shutil
from datetime import timedelta
from uuid import UUID

import pytest

from portal.app import ready
from portal.audit.guard import Rollback
from portal.kernel.errors import PortalError
from tests.common.backups import Backup, back_up, command, in_order, page, recalled, refused, started
from tests.common.house import House, proposal_of, shared


def own_page(house: House, document: str) -> int:
    """The originator looks at a page of the rendition."""
    rendition = str(UUID(house.sql("select id from rendition")[0][0]))
    return house.guest("ada").get(f"/documents/{document}/renditions/{rendition}/pages/1").status_code


def test_a_database_from_before_a_recall_is_refused_until_it_is_reconciled_and_the_recall_holds(
    house: House, before_a_recall: tuple[Backup, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    backup, document, share = before_a_recall
    backup.restore("database")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    said = capsys.readouterr().out
    assert "taken up as published" in said
    assert "1 shares were closed" in said
    assert "CTED/2026/XSM/3 of CTED: a request or a recall is lost" in said
    started(house)
    assert page(house, share) == 403
    assert "No longer available" in house.guest("omar").get("/received").text
    assert own_page(house, document) == 200
    assert house.sql("select count(*) from key_wrap where body = 'OCT'") == [(0,)]
    assert house.sql("select reason from closure") == [("restored",)]
    assert house.sql("select bodies from audit_event where event = 'restore.closed'") == [
        (",CTED,",)
    ]  # that it was closed is its own to know
    counts = house.sql("select detail from audit_event where event = 'restore.reconciled' and bodies like '%OCT%' order by detail")
    behind, gap = (json.loads(row[0]) for row in counts)
    assert behind == {"behind": 0, "shares": 0}
    assert gap["end"] - gap["first"] == gap["lost"] > 0
    assert gap["unsure"] is False
    (note,) = in_order(house)
    assert "declared at leaf" in note


def test_what_was_recalled_and_forgotten_is_shared_again_only_after_an_officer_recorded_it_or_settled_it(
    house: House, before_a_recall: tuple[Backup, str, str]
) -> None:
    backup, document, _ = before_a_recall
    backup.restore("database")
    assert command(house, "restore", "reconcile") == 0
    started(house)
    ada = house.guest("ada")
    assert ada.prepare(document).status_code == 409
    assert ("rendition.built", "failed", "behind") in house.events()
    assert command(house, "restore", "settle", "CTED", "CTED/2026/XSM/3") == 0
    started(house)
    ada = house.guest("ada")
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document).status_code == 302
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302
    newest = str(UUID(house.sql("select share_id from key_wrap where body = 'OCT'")[0][0]))
    assert page(house, newest) == 200
    assert command(house, "restore", "settle", "CTED", "CTED/2026/XSM/3") == 2


@pytest.mark.parametrize("asked", [("2",), ("2", "1"), ("", "2", "3")])
def test_requests_lost_with_the_database_hold_until_one_is_recorded_again(house: House, asked: tuple[str, ...]) -> None:
    document, share = shared(house)
    backup = back_up(house)
    for pages in asked:
        assert house.guest("carla").withhold(document, pages).status_code == 302
    house.worker.sequence()
    backup.restore("database")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    started(house)
    assert page(house, share) == 403
    assert house.guest("ada").prepare(document).status_code == 409
    assert house.guest("carla").withhold(document, "2").status_code == 302
    assert house.guest("ada").prepare(document).status_code == 302
    in_order(house)


def test_a_share_made_after_the_backup_is_gone_and_its_rendition_is_kept_from_the_sweep(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = back_up(house)
    _, share = shared(house)
    house.worker.sequence()
    backup.restore("database")
    refused(house)
    before = house.objects()
    assert command(house, "restore", "reconcile") == 0
    assert "4 objects in the store have no row" in capsys.readouterr().out
    started(house)
    assert page(house, share) == 404
    house.age_objects(timedelta(hours=2))
    house.worker.tick()
    assert house.objects() == before
    in_order(house)
    assert command(house, "restore", "discard") == 0
    started(house)
    house.age_objects(timedelta(hours=2))
    house.worker.tick()
    assert house.objects() == set()


def test_all_sessions_of_before_end(house: House, before_a_recall: tuple[Backup, str, str]) -> None:
    backup, _, _ = before_a_recall
    backup.restore("database")
    assert command(house, "restore", "reconcile") == 0
    assert house.sql("select count(*) from session where revoked_at is null") == [(0,)]


def test_older_floors_are_refused_and_filled_again_from_the_log(house: House) -> None:
    document, _ = shared(house)
    backup = back_up(house)
    recalled(house, document)
    assert house.guest("ada").prepare(document).status_code == 302
    assert house.guest("ada").propose(document).status_code == 302
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302
    again = str(UUID(house.sql("select share_id from key_wrap where body = 'OCT'")[0][0]))
    assert house.guest("carla").withhold(house.guest("ada").deposit("CTED/2026/9")).status_code == 302
    house.worker.sequence()
    now = house.config.keyring.floors.read_bytes()
    backup.restore("floors")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    assert sorted(house.config.keyring.floors.read_bytes().splitlines()) == sorted(now.splitlines())
    started(house)
    assert page(house, again) == 200
    in_order(house)


def test_a_lost_floors_file_is_made_anew_from_the_log(house: House, before_a_recall: tuple[Backup, str, str]) -> None:
    house.config.keyring.floors.unlink()
    with pytest.raises(PortalError, match="make it anew, empty"):
        ready(house.config)
    house.config.keyring.floors.touch(0o600)
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    _, document, _ = before_a_recall
    assert started(house).parts.holder.floor_of(UUID(document), "OCT") == 2


@pytest.mark.parametrize("lost", [False, True])
def test_a_guard_put_back_or_lost_is_brought_up_to_what_was_signed(
    house: House, before_a_recall: tuple[Backup, str, str], lost: bool
) -> None:
    backup, _, _ = before_a_recall
    now = house.config.log.guard.read_bytes()
    if lost:
        house.config.log.guard.unlink()
        with pytest.raises(PortalError, match=r"log\.guard"):
            ready(house.config)
    else:
        backup.restore("guard")
        refused(house)
    assert command(house, "restore", "reconcile") == 0
    assert house.config.log.guard.read_bytes() != now
    started(house)
    assert in_order(house) == ()


def test_with_the_floors_as_old_as_the_database_every_share_is_closed(
    house: House, before_a_recall: tuple[Backup, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The log tells that something happened, and nothing tells what: it may have been a recall."""
    backup, _, share = before_a_recall
    backup.restore("database", "floors")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    assert "every share is among them" in capsys.readouterr().out
    started(house)
    assert page(house, share) == 403
    in_order(house)


def test_with_database_and_guard_old_the_published_log_tells(house: House, before_a_recall: tuple[Backup, str, str]) -> None:
    backup, _, share = before_a_recall
    backup.restore("database", "guard", "floors")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    started(house)
    assert page(house, share) == 403
    in_order(house)


def test_if_everything_is_old_only_a_copy_from_elsewhere_tells(house: House, before_a_recall: tuple[Backup, str, str]) -> None:
    backup, _, share = before_a_recall
    elsewhere = house.folder / "elsewhere"
    shutil.copytree(house.config.log.path, elsewhere)
    backup.restore("database", "guard", "floors", "published", "store")
    ready(house.config)  # this cannot be noticed here: docs/backup-and-restore.md says so
    assert command(house, "restore", "reconcile", "--published", str(elsewhere)) == 0
    started(house)
    assert page(house, share) == 403
    (note,) = in_order(house)
    assert "declared at leaf" in note


def test_whoever_knows_of_a_restore_that_nothing_tells_of_can_say_so(house: House, before_a_recall: tuple[Backup, str, str]) -> None:
    backup, _, share = before_a_recall
    backup.restore("database", "guard", "floors", "published")
    assert command(house, "restore", "reconcile", "--restored") == 0
    started(house)
    assert page(house, share) == 403
    assert in_order(house) == ()


@pytest.mark.parametrize("kind", ["two acts", "a document that is gone"])
def test_newer_floors_alone_tell_that_the_database_is_old(house: House, kind: str) -> None:
    document, share = shared(house)
    backup = back_up(house)
    if kind == "two acts":
        house.guest("carla").withhold(document, "2")
    else:
        document = house.guest("ada").deposit("CTED/2026/9")
    house.guest("carla").withhold(document)
    house.worker.sequence()
    backup.restore("database", "guard", "published")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    started(house)
    assert page(house, share) == (403 if kind == "two acts" else 200)
    in_order(house)


def test_what_was_shredded_is_not_opened_by_an_old_database(house: House) -> None:
    """Shredding raises the floor of the document for its originator itself, after its keys are gone."""
    document, share = shared(house)
    house.parts.holder.raise_floor(UUID(document), "CTED")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    assert house.sql("select count(*) from key_wrap") == [(0,)]
    assert house.sql("select count(*) from sealed_object where length(header) > 0") == [(0,)]
    assert house.objects() == set()
    started(house)
    assert page(house, share) in {403, 404, 500}


def test_floors_that_lost_a_line_which_no_act_explains_are_counted_anew(house: House) -> None:
    """An act that was broken off raised a floor; the log does not know of it, and the portal must start again all the same."""
    document, share = shared(house)
    backup = back_up(house)
    house.parts.holder.raise_floor(UUID(document), "OCT")
    house.guest("ada").register("CTED/2026/9")
    house.worker.sequence()
    backup.restore("floors")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    started(house)
    assert page(house, share) == 200
    in_order(house)


def test_what_a_reconciliation_closed_no_key_from_a_backup_opens(house: House) -> None:
    _, share = shared(house)
    row = house.sql("select * from key_wrap where body = 'OCT'")[0]
    back_up(house)
    assert command(house, "restore", "reconcile", "--restored") == 0
    house.sql(f"insert into key_wrap values ({','.join('?' * len(row))})", *row)
    house.sql("delete from closure")
    started(house)
    assert page(house, share) == 500
    assert ("share.page_read", "failed", "tampered") in house.events()


def test_a_database_put_back_under_a_running_portal_closes_it(house: House, before_a_recall: tuple[Backup, str, str]) -> None:
    backup, document, _ = before_a_recall
    ada = house.guest("ada")
    house.worker.sequence()
    backup.restore("database")
    with pytest.raises(Rollback):
        house.worker.sequence()
    assert ada.get(f"/documents/{document}").status_code == 503
    assert house.stranger().get("/health").status_code == 503
