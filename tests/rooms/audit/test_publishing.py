"""Publishing the log: what stands in the folder goes on, and neither another history nor anything damaged is written there."""

import shutil
from pathlib import Path

import pytest

from portal.audit.cosignature import WitnessKey
from portal.audit.publishing import Unpublishable, publish_log
from portal.audit.signing import BadNote, LogKey
from portal.kernel.errors import Misconfigured
from tests.rooms.audit.mirror import Mirror
from tests.rooms.audit.stage import ORIGIN, Stage


def published(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_shorter_log_another_one_or_other_things_are_never_overwritten(mirror: Mirror, tmp_path: Path) -> None:
    older = shutil.copytree(mirror.stage.log_dir, tmp_path / "older")
    mirror.grow()
    mirror.publish()
    before = published(mirror.folder)
    with pytest.raises(Unpublishable, match="64 leaves already"):
        publish_log(older, mirror.folder, mirror.stage.key.verifier)
    with pytest.raises(BadNote, match="another log"):
        _publish_other(mirror)
    assert published(mirror.folder) == before
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/letter").write_text("Dear")
    with pytest.raises(Misconfigured, match="empty folder"):
        publish_log(mirror.stage.log_dir, tmp_path / "letters", mirror.stage.key.verifier)
    with pytest.raises(Misconfigured, match="the log itself"):
        publish_log(mirror.stage.log_dir, mirror.stage.log_dir, mirror.stage.key.verifier)
    assert published(tmp_path / "letters") == {"letter": b"Dear"}


def _publish_other(mirror: Mirror) -> None:
    """A log of the same origin and another key, published where ours stands."""
    other = Mirror(mirror.stage, mirror.folder.parent / "other")
    other.publish()
    key = LogKey(ORIGIN, bytes(range(32)))
    other.rebuild(other.entries(), key)
    publish_log(other.folder, mirror.folder, key.verifier)


def test_another_history_is_not_published_and_nothing_is_written(mirror: Mirror, tmp_path: Path) -> None:
    fork = Mirror(mirror.stage, tmp_path / "fork")
    fork.publish()
    fork.rebuild([*fork.entries()[:40], *[b"\x01" + bytes([number]) * 48 for number in range(24)]], mirror.stage.key)
    before = published(mirror.folder)
    with pytest.raises(Unpublishable, match="first 48 leaves"):
        publish_log(fork.folder, mirror.folder, mirror.stage.key.verifier)
    assert published(mirror.folder) == before


@pytest.mark.parametrize("content", [b"", bytes(48 * 51)])
def test_damaged_entries_are_not_published(mirror: Mirror, tmp_path: Path, content: bytes) -> None:
    (mirror.stage.log_dir / "tile/entries/000.p/48").write_bytes(content)
    with pytest.raises(Unpublishable):
        publish_log(mirror.stage.log_dir, tmp_path / "new", mirror.stage.key.verifier)
    assert published(tmp_path / "new") == {}


def test_a_log_that_signed_nothing_yet_is_not_published(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no checkpoint yet"):
        publish_log(stage.log_dir, tmp_path / "mirror", stage.key.verifier)


def test_keys_and_policy_stand_beside_the_log(mirror: Mirror) -> None:
    assert (mirror.folder / "policy").read_text().splitlines() == [f"log {mirror.stage.key.verifier}", "quorum none"]
    keys = [WitnessKey(f"{name}.example/w", name[:1].encode() * 32).verifier for name in ("one", "two")]
    publish_log(mirror.stage.log_dir, mirror.folder, mirror.stage.key.verifier, keys, 1)
    lines = [f"witness {key.name} {key}" for key in keys]
    policy = [f"log {mirror.stage.key.verifier}", *lines, "group witnesses 1 one.example/w two.example/w", "quorum witnesses"]
    assert (mirror.folder / "policy").read_text().splitlines() == policy
    assert [(mirror.folder / f"witness-{number}.vkey").read_text() for number in (1, 2)] == [f"{key}\n" for key in keys]
