"""A portal put back from a backup starts closed; once it is reconciled, what was closed after the backup is still closed."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from portal.app import create_app, ready, unserved
from portal.audit.continuity import Restored
from portal.audit.guard import Rollback
from portal.audit.lost import Unrecoverable
from portal.cases.offline import reconcile, verify
from portal.cases.sequence_log import sequence_batch
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.errors import PortalError
from portal.kernel.events import Event
from tests.common import databases
from tests.common.backups import Backup, back_up, command, started
from tests.common.house import House, proposal_of, shared

FIRST_PAGE = "/received/{}/pages/1"


def page(house: House, share: str, login: str = "omar") -> int:
    return house.guest(login).get(FIRST_PAGE.format(share)).status_code


def recalled(house: House, document: str) -> None:
    assert house.guest("dana").recall(document, proposal_of(house)).status_code == 302
    house.worker.sequence()


def own_page(house: House, document: str) -> int:
    """The originator looks at a page of the rendition."""
    rendition = str(UUID(house.sql("select id from rendition")[0][0]))
    return house.guest("ada").get(f"/documents/{document}/renditions/{rendition}/pages/1").status_code


def refused(house: House) -> None:
    """It serves nothing, and says what to do in one sentence; whoever starts it another way is refused as well."""
    with pytest.raises(Restored, match=r"^restored from a backup \([^\n]*\): run `portal restore reconcile`$"):
        ready(house.config)
    with pytest.raises(Restored):
        create_app(house.config, clock=house.clock, background=False)


def in_order(house: House) -> tuple[str, ...]:
    """The log verifies; returns what is noted of it."""
    house.worker.sequence()
    report = verify(house.config)
    assert report.ok, report.findings
    return report.notes


@pytest.fixture
def before_a_recall(house: House) -> tuple[Backup, str, str]:
    """A document was shared, a backup was made, and then it was recalled."""
    document, share = shared(house)
    assert page(house, share) == 200
    backup = back_up(house)
    recalled(house, document)
    return backup, document, share


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
    assert [row[0] for row in counts] == ['{"behind":0,"shares":0}', '{"end":48,"first":32,"lost":16,"unsure":false}']
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
    assert "3 objects in the store have no row" in capsys.readouterr().out
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


# ---- what is no restore
def test_a_crash_is_never_taken_for_a_restore(house: House) -> None:
    document, _ = shared(house)
    ready(house.config)  # events that wait for their leaves
    with house.parts.write() as uow:
        sequence_batch(uow)
        uow.session.commit()
    ready(house.config)  # leaves that were not signed
    backup = back_up(house)
    house.guest("carla").withhold(document, "2")
    house.worker.sequence()
    shutil.copy(backup.folder / "log" / "checkpoint", house.config.log.path / "checkpoint")
    ready(house.config)  # the guard moved, the checkpoint did not
    house.sql("delete from audit_checkpoint where size = (select max(size) from audit_checkpoint)")
    ready(house.config)  # nor was it stored
    house.parts.holder.raise_floor(UUID(document), "OCT")
    ready(house.config)  # an act that was broken off after raising the floor
    with house.config.keyring.floors.open("ab") as floors:
        floors.write(b'{"body": "OC')
    ready(house.config)  # a line that was never finished
    assert command(house, "restore", "reconcile") == 0
    assert ("restore.reconciled", "done", "") not in house.events()


def test_a_published_log_that_is_older_or_gone_is_written_again(house: House, before_a_recall: tuple[Backup, str, str]) -> None:
    backup, _, _ = before_a_recall
    backup.restore("published")
    started(house)
    assert in_order(house) == ()
    shutil.rmtree(house.config.log.path)
    started(house)
    assert in_order(house) == ()


def test_a_log_that_went_another_way_is_no_restore_and_nothing_is_changed(house: House, before_a_recall: tuple[Backup, str, str]) -> None:
    backup, _, _ = before_a_recall
    signed = back_up(house, "signed")
    backup.restore("database", "guard", "published", "floors")
    started(house)
    for number in range(9):
        house.guest("ada").register(f"CTED/2026/{number}")
        house.worker.sequence()
    signed.restore("guard", "published", "floors")
    with pytest.raises(Rollback):
        ready(house.config)
    before = house.everything_at_rest() if not house.s3 else {}
    events = house.events()
    assert command(house, "restore", "reconcile") == 2
    assert house.events() == events
    assert {name: content for name, content in house.everything_at_rest().items() if name in before and "portal.db" not in name} == {
        name: content for name, content in before.items() if "portal.db" not in name
    }


def test_an_event_that_was_changed_in_the_backup_is_no_restore(
    house: House, before_a_recall: tuple[Backup, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Its leaf is as it was signed; what the log says of closings is believed only if its events are as well."""
    backup, _, _ = before_a_recall
    backup.restore("database")
    house.sql("update audit_event set outcome = 'refused' where event = 'request.recorded'")
    events = house.events()
    assert command(house, "restore", "reconcile") == 2
    assert "the log is not in order: leaf" in capsys.readouterr().err
    assert house.events() == events


def test_without_the_published_leaves_the_log_cannot_go_on_and_nothing_is_changed(
    house: House, before_a_recall: tuple[Backup, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    backup, _, _ = before_a_recall
    elsewhere = house.folder / "elsewhere"
    shutil.copytree(house.config.log.path, elsewhere)
    backup.restore("database", "published")
    refused(house)
    events = house.events()
    assert command(house, "restore", "reconcile") == 2
    assert "put the published log back" in capsys.readouterr().err
    assert house.events() == events
    refused(house)
    assert command(house, "restore", "reconcile", "--published", str(elsewhere)) == 0
    started(house)
    in_order(house)


def test_a_published_entry_that_was_changed_is_not_taken_up(house: House, before_a_recall: tuple[Backup, str, str]) -> None:
    backup, _, _ = before_a_recall
    backup.restore("database")
    bundle = max((house.config.log.path / "tile" / "entries").rglob("*"), key=lambda file: (file.is_file(), file.name))
    content = bundle.read_bytes()
    bundle.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    passage, _ = unserved(house.config)
    with pytest.raises(Rollback):
        reconcile(passage.parts, passage.by_itself)
    bundle.unlink()
    with pytest.raises(Unrecoverable):
        reconcile(passage.parts, passage.by_itself)
    passage.parts.database.close()


# ---- running it
def test_a_healthy_installation_is_left_as_it_is(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    shared(house)
    house.worker.sequence()
    before, guard = house.events(), house.config.log.guard.read_bytes()
    for _ in range(2):
        assert command(house, "restore", "reconcile") == 0
        assert capsys.readouterr().out == "Nothing tells of a restore: nothing was changed.\n"
    assert (house.events(), house.config.log.guard.read_bytes()) == (before, guard)


def test_a_second_run_changes_nothing(house: House, before_a_recall: tuple[Backup, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    backup, _, _ = before_a_recall
    backup.restore("database", "guard")
    assert command(house, "restore", "reconcile") == 0
    before = (house.events(), house.config.keyring.floors.read_bytes(), house.config.log.guard.read_bytes())
    capsys.readouterr()
    assert command(house, "restore", "reconcile") == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert (house.events(), house.config.keyring.floors.read_bytes(), house.config.log.guard.read_bytes()) == before


def test_a_trial_says_what_would_be_done_and_changes_nothing(
    house: House, before_a_recall: tuple[Backup, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    backup, _, _ = before_a_recall
    backup.restore("database", "guard")
    before = (house.events(), house.objects(), house.config.keyring.floors.read_bytes(), house.config.log.guard.read_bytes())
    leaves = house.sql("select count(*) from audit_leaf")
    assert command(house, "restore", "reconcile", "--dry-run") == 0
    assert capsys.readouterr().out.startswith("This would be done:\n- leaves ")
    assert (house.events(), house.objects(), house.config.keyring.floors.read_bytes(), house.config.log.guard.read_bytes()) == before
    assert house.sql("select count(*) from audit_leaf") == leaves
    refused(house)


@pytest.mark.parametrize("after", [False, True])
def test_a_reconciliation_that_was_cut_off_is_run_again(house: House, before_a_recall: tuple[Backup, str, str], after: bool) -> None:
    """Before its transaction, when only floors were raised, and after it, when the guard was not yet moved."""
    backup, _, share = before_a_recall
    backup.restore("database", "guard")
    passage, _ = unserved(house.config)

    def cut_off(act: Callable[[UnitOfWork], Any]) -> Any:
        if after:
            passage.by_itself(act)
        raise SystemExit

    with pytest.raises(SystemExit):
        reconcile(passage.parts, cut_off)
    passage.parts.database.close()
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    started(house)
    assert page(house, share) == 403
    (note,) = in_order(house)
    assert "declared at leaf" in note


def test_an_event_that_waited_when_the_backup_was_made_is_its_own_leaf_again(house: House) -> None:
    house.guest("ada").register()
    house.worker.sequence()
    house.guest("ada").register("CTED/2026/2")  # waits
    waiting = house.sql("select count(*) from audit_pending")[0][0]
    house.parts.database.close()
    folder = house.folder / "backup"
    folder.mkdir()
    databases.keep(house.config.database.url, folder / "database")
    house.worker.sequence()
    assert waiting > 0
    Backup(house, folder, {}).restore("database")
    refused(house)
    assert command(house, "restore", "reconcile") == 0
    started(house)
    in_order(house)
    doubled = "select count(*) from audit_leaf where event_id is not null group by event_id having count(*) > 1"
    assert house.sql(doubled) == []
    entries = house.sql("select count(*), count(distinct entry) from audit_leaf")
    assert entries[0][0] == entries[0][1]
    # It stands in the range that was declared lost, and can still not be taken away: the declaration says how many are.
    said = "select l.leaf_index from audit_leaf l join audit_event e on e.id = l.event_id where e.event = 'restore.reconciled'"
    end = min(row[0] for row in house.sql(said)) // 16 * 16
    taken = house.sql("select max(leaf_index) from audit_leaf where event_id is not null and leaf_index < ?", end)[0][0]
    house.sql(f"update audit_leaf set event_id = null where leaf_index = {taken}")
    report = verify(house.config)
    assert "event_missing" in {str(finding.kind) for finding in report.findings}
    assert report.notes == ()


# ---- what the verification believes
def test_an_event_that_was_taken_away_is_no_restore(house: House, before_a_recall: tuple[Backup, str, str]) -> None:
    """Whoever edits the database can leave a leaf without its event; only a declaration in the tree itself explains that."""
    house.sql("update audit_leaf set event_id = null where event_id = (select id from audit_event where event = 'share.recalled')")
    house.sql("delete from audit_event where event = 'share.recalled'")
    report = verify(house.config)
    assert [str(finding.kind) for finding in report.findings] == ["event_missing"]
    assert report.notes == ()


def test_a_declared_range_hides_no_further_event(house: House) -> None:
    document, _ = shared(house)
    backup = back_up(house)
    recalled(house, document)
    backup.restore("database")
    assert command(house, "restore", "reconcile") == 0
    started(house)
    assert len(in_order(house)) == 1
    leaf = house.sql("select max(leaf_index) from audit_leaf where event_id is null and blank is null")[0][0]
    for changed in (
        # one more leaf without its event, after the range
        f"update audit_leaf set event_id = null, blank = null where leaf_index = {leaf + 1}",
        # the declaration is gone
        "delete from audit_event where event = 'restore.reconciled'",
    ):
        house.sql(changed)
        report = verify(house.config)
        assert "event_missing" in {str(finding.kind) for finding in report.findings}


def test_a_declaration_made_later_is_not_believed(house: House) -> None:
    """The log went on with these events in it, so no restore lost them."""
    document, _ = shared(house)
    recalled(house, document)
    (leaf,) = house.sql("select leaf_index from audit_leaf l join audit_event e on e.id = l.event_id where e.event = 'share.recalled'")[0]
    for _ in range(2):
        house.guest("ada")
        house.guests.clear()
        house.worker.sequence()
    passage = house.passage
    said = Notes(detail={"first": leaf, "end": leaf + 1, "lost": 1}, bodies={"CTED", "OCT"})
    passage.by_itself(lambda uow: uow.also(Event.RESTORE_RECONCILED, said, originator=""))
    house.worker.sequence()
    house.sql(f"update audit_leaf set event_id = null where leaf_index = {leaf}")
    house.sql("delete from audit_event where event = 'share.recalled'")
    report = verify(house.config)
    assert [str(finding.kind) for finding in report.findings] == ["event_missing"]


# ---- the store
def test_rows_whose_objects_are_gone_are_named_by_symbol(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    backup = back_up(house)
    house.guest("ada").deposit("CTED/2026/9")
    house.worker.sequence()
    backup.restore("store")
    ready(house.config)
    assert command(house, "restore", "reconcile") == 1
    said = capsys.readouterr().out
    assert "Nothing tells of a restore" in said
    assert "lacks objects of 1 documents; put the store back: CTED/2026/9" in said
