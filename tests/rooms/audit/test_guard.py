"""What was signed cannot be taken back: no smaller and no other tree gets a signature."""

import os
from pathlib import Path
from threading import Thread

import pytest

from portal.audit.checkpoint import FILE, Head
from portal.audit.guard import EMPTY_ROOT, Guard, Rollback
from portal.audit.sequencer import Inconsistent
from portal.kernel.errors import Misconfigured
from tests.common import databases
from tests.rooms.audit.stage import ORIGIN, Stage, reading


def keep(stage: Stage, name: str) -> None:
    """A backup of the database."""
    stage.database.close()
    databases.keep(stage.url, stage.home / name)


def put_back(stage: Stage, name: str) -> None:
    """Its return."""
    stage.database.close()
    databases.put_back(stage.url, stage.home / name)


def published(stage: Stage) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in stage.log_dir.rglob("*") if file.is_file()}


@pytest.mark.parametrize("restarted", [True, False], ids=["new process", "same process"])
def test_an_older_database_is_not_signed(stage: Stage, restarted: bool) -> None:
    stage.happen(reading())
    stage.sequence()
    keep(stage, "backup")
    stage.happen(reading())
    stage.sequence()
    before = published(stage)
    put_back(stage, "backup")
    if restarted:
        stage.restart()
    with pytest.raises(Rollback, match="16 leaves, but 32"):
        stage.publish()
    assert published(stage) == before
    assert {"log_short"} <= set(stage.kinds())


@pytest.mark.parametrize("rounds", [1, 2, 17])
@pytest.mark.parametrize("restarted", [True, False], ids=["new process", "same process"])
def test_an_older_database_that_grew_again_is_not_signed(stage: Stage, restarted: bool, rounds: int) -> None:
    stage.happen(reading())
    stage.sequence()
    keep(stage, "backup")
    stage.happen(reading())
    stage.sequence()
    before = published(stage)
    put_back(stage, "backup")
    for _ in range(rounds):
        stage.happen(reading())
        stage.batch()
    if restarted:
        stage.restart()
    with pytest.raises(Rollback):
        stage.publish()
    assert published(stage) == before


def test_an_old_leaf_that_was_changed_is_not_signed_again(stage: Stage) -> None:
    stage.happen(*[reading(number) for number in range(300)])
    stage.sequence()
    before = published(stage)
    stage.sql("UPDATE audit_leaf SET entry = ? WHERE leaf_index = 7", b"\x01" + bytes(48))
    stage.happen(reading())
    stage.batch()
    stage.restart()
    with pytest.raises(Rollback, match="not those that were signed"):
        stage.publish()
    assert published(stage) == before


def test_a_tree_with_a_gap_is_not_signed(stage: Stage) -> None:
    stage.happen(reading())
    stage.batch()
    stage.sql("DELETE FROM audit_leaf WHERE leaf_index = 7")
    with pytest.raises(Inconsistent, match="leaf 7"):
        stage.publish()
    assert published(stage) == {}


def test_an_emptied_log_is_not_signed(stage: Stage) -> None:
    stage.happen(reading())
    stage.sequence()
    for table in ("audit_leaf", "audit_event", "log_head", "audit_checkpoint"):
        stage.sql(f"DELETE FROM {table}")
    stage.restart()
    with pytest.raises(Rollback):
        stage.publish()


def test_without_its_guard_nothing_is_signed(stage: Stage) -> None:
    stage.happen(reading())
    stage.sequence()
    stage.guard.path.unlink()
    with pytest.raises(Misconfigured, match=r"log\.guard"):
        stage.publish()
    assert "guard_unusable" in stage.kinds()


def test_a_guard_that_was_put_back_is_found(stage: Stage) -> None:
    stage.happen(reading())
    stage.sequence()
    old = stage.guard.path.read_bytes()
    stage.happen(reading())
    stage.sequence()
    stage.guard.path.write_bytes(old)
    assert stage.kinds() == ["guard_unusable"]
    with pytest.raises(Rollback, match="put back"):
        stage.publish()


def test_two_signers_wait_for_each_other(stage: Stage) -> None:
    stage.happen(reading())
    stage.batch()
    other = Thread(target=stage.publish)
    with stage.guard.held():
        other.start()
        other.join(timeout=0.3)
        assert other.is_alive()
        assert not (stage.log_dir / FILE).exists()
    other.join(timeout=30)
    assert (stage.log_dir / FILE).exists()


def test_a_guard_with_another_root_is_found_and_stops_the_log(stage: Stage) -> None:
    stage.happen(reading())
    stage.sequence()
    stage.guard.advance(16, bytes(32))
    assert stage.kinds() == ["root_differs"]
    with pytest.raises(Rollback):
        stage.publish()


def test_a_guard_is_made_once(stage: Stage) -> None:
    with pytest.raises(Misconfigured, match="never replace it"):
        stage.guard.create()
    assert stage.guard.path.stat().st_mode & 0o777 == 0o600
    stage.happen(reading())
    stage.sequence()
    assert stage.guard.path.stat().st_mode & 0o777 == 0o600
    assert stage.guard.read().size == 16


EMPTY = Head(ORIGIN, 0, EMPTY_ROOT).text.encode()


@pytest.mark.parametrize(
    "damage", [b"", b"portal/guard/v1\n", EMPTY, b"portal/guard/v2\n" + EMPTY, b"portal/guard/v1\n" + EMPTY[:-1], b"\xff"]
)
def test_a_damaged_guard_stops_the_log(stage: Stage, damage: bytes) -> None:
    stage.guard.path.write_bytes(damage)
    with pytest.raises(Misconfigured):
        stage.publish()


def test_the_guard_of_another_log_is_refused(tmp_path: Path) -> None:
    Guard(tmp_path / "guard", "portal.example/log2").create()
    with pytest.raises(Misconfigured, match="is of the log"):
        Guard(tmp_path / "guard", ORIGIN).read()


def test_a_guard_that_others_may_write_is_refused(tmp_path: Path) -> None:
    guard = Guard(tmp_path / "guard", ORIGIN)
    guard.create()
    os.chmod(guard.path, 0o620)
    with pytest.raises(Misconfigured, match="chmod 600"):
        guard.read()
