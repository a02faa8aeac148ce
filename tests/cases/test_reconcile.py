"""What is no restore is left as it is; a reconciliation may be cut off and run again; the verification believes no more than it must."""

import shutil
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from portal.app import ready, unserved
from portal.audit.guard import Rollback
from portal.audit.lost import Unrecoverable
from portal.cases.offline import reconcile, verify
from portal.cases.sequence_log import sequence_batch
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.events import Event
from portal.kernel.services import Service, Task
from tests.common import databases
from tests.common.backups import Backup, back_up, command, in_order, page, recalled, refused, started
from tests.common.house import House, shared


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
        reconcile(passage.parts, passage.acting(Service.OPERATOR, Task.RESTORE_RECONCILE))
    bundle.unlink()
    with pytest.raises(Unrecoverable):
        reconcile(passage.parts, passage.acting(Service.OPERATOR, Task.RESTORE_RECONCILE))
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
            passage.acting(Service.OPERATOR, Task.RESTORE_RECONCILE)(act)
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
    passage.acting(Service.OPERATOR, Task.RESTORE_RECONCILE)(lambda uow: uow.also(Event.RESTORE_RECONCILED, said, originator=""))
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
