"""A checkpoint that an auditor kept is what the database has to go on from, whatever else was put back with it."""

import shutil
from pathlib import Path

from portal.audit.checkpoint import sign_checkpoint
from portal.audit.signing import LogKey
from tests.common.house import House, shared
from tests.rooms.audit.mirror import portal
from tests.rooms.audit.stage import NOON, ORIGIN, Stage, reading


def signed(log: Stage, size: int, root: bytes) -> str:
    return sign_checkpoint(log.key, size, root, NOON).note


def kinds(log: Stage, note: str) -> list[str]:
    return [str(finding.kind) for finding in log.verify(since=note).findings]


def test_the_log_goes_on_from_what_was_kept(log: Stage) -> None:
    note = (log.log_dir / "checkpoint").read_text()
    assert kinds(log, note) == []
    log.happen(reading(1))
    log.sequence()
    report = log.verify(since=note)
    assert report.ok
    assert report.checkpoints == log.verify().checkpoints + 1


def test_a_log_that_was_cut_or_changed_is_told_by_what_was_kept(log: Stage) -> None:
    root = log.verify().root
    assert kinds(log, signed(log, 64, root)) == ["log_short"]
    assert kinds(log, signed(log, 48, bytes(32))) == ["root_differs"]
    assert kinds(log, signed(log, 40, bytes(32))) == ["interval_changed"]  # between two of its own, where no row of ours has a root


def test_what_the_log_did_not_sign_is_no_checkpoint(log: Stage) -> None:
    other = LogKey(ORIGIN, bytes(range(32)))
    assert kinds(log, sign_checkpoint(other, 48, log.verify().root, NOON).note) == ["checkpoint_bad"]
    assert kinds(log, "nothing") == ["checkpoint_bad"]


def test_the_command_remembers_what_was_in_order_and_nothing_else(house: House, tmp_path: Path) -> None:
    shared(house)
    house.worker.sequence()
    checkpoint, kept = house.config.log.path / "checkpoint", tmp_path / "kept"
    file = ["--config", str(house.folder / "config.toml"), "audit", "verify"]
    assert portal([*file, "--remember", str(kept)]) == 0
    assert kept.read_bytes() == checkpoint.read_bytes()
    assert portal([*file, "--since", str(kept)]) == 0
    other = tmp_path / "other"
    other.write_text(sign_checkpoint(house.parts.sequencer.key, 16, bytes(32), NOON).note)
    assert portal([*file, "--since", str(other), "--remember", str(kept)]) == 1
    assert kept.read_bytes() == checkpoint.read_bytes()
    assert portal([*file, "--max-age", "60"]) == 2  # a database has no witness
    assert portal(["audit", "verify", "--from-tiles", str(house.config.log.path)]) == 2  # a key from there would prove nothing
    key = tmp_path / "given.vkey"
    key.write_text(f"{house.parts.sequencer.key.verifier}\n")
    shutil.move(house.folder / "config.toml", tmp_path / "away.toml")
    published = ["audit", "verify", "--from-tiles", str(house.config.log.path), "--key", str(key)]
    assert portal([*published, "--since", str(kept)]) == 0  # with no configuration and no database
    assert portal([*published, "--since", str(other), "--remember", str(kept)]) == 1
    assert kept.read_bytes() == checkpoint.read_bytes()
