"""The published log, checked by `tools/verify_portal_log.py` alone: what was changed there is found, and what is sound is called so.

Whoever holds the folder, or the portal's database and files, is the attacker; the log's key is theirs only where a test says so.
"""

import base64
from pathlib import Path

import pytest

from portal.audit.signing import LogKey
from portal.audit.tiles import unbundle
from portal.kernel.merkle import leaf_hash
from tests.rooms.audit.mirror import Mirror
from tests.rooms.audit.stage import ORIGIN


def test_a_published_log_is_in_order_and_so_is_what_it_grows_to(mirror: Mirror) -> None:
    assert mirror.verdict() == (0, f"In order: 48 leaves of {ORIGIN}, root {mirror.publish().root.hex()[:16]}\n")
    kept = mirror.kept()
    mirror.grow(300)
    assert mirror.publish().size == 352
    assert mirror.verdict("--since", str(kept))[0] == 0
    files = {str(file.relative_to(mirror.folder)) for file in mirror.folder.rglob("*") if file.is_file()}
    assert files == {
        "checkpoint",
        "log.vkey",
        "policy",
        "tile/0/000",
        "tile/0/001.p/96",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/96",
    }
    assert (mirror.folder / "log.vkey").read_text() == f"{mirror.stage.key.verifier}\n"


def test_it_remembers_for_the_next_time_only_what_was_in_order(mirror: Mirror, tmp_path: Path) -> None:
    remembered = tmp_path / "remembered"
    assert mirror.verdict("--remember", str(remembered))[0] == 0
    assert remembered.read_bytes() == (mirror.folder / "checkpoint").read_bytes()
    remembered.unlink()
    (mirror.folder / "tile/0/000.p/48").write_bytes(bytes(48 * 32))
    assert mirror.verdict("--remember", str(remembered))[0] == 1
    assert not remembered.exists()


def test_a_forged_entry_is_found_although_its_stored_hash_fits(either: Mirror) -> None:
    bundle, hashes = either.folder / "tile/entries/000.p/48", either.folder / "tile/0/000.p/48"
    content = bytearray(bundle.read_bytes())
    content[51 * 7 + 30] ^= 1
    bundle.write_bytes(content)
    hashes.write_bytes(b"".join(leaf_hash(entry) for entry in unbundle(bytes(content))))
    code, said = either.verdict()
    assert code == 1
    assert "the entries do not give the root that was signed" in said


@pytest.mark.parametrize("file", ["tile/0/000.p/48", "tile/entries/000.p/48"])
def test_an_edited_tile_is_found(either: Mirror, file: str) -> None:
    content = bytearray((either.folder / file).read_bytes())
    content[-1] ^= 1
    (either.folder / file).write_bytes(content)
    assert either.verdict()[0] == 1


@pytest.mark.parametrize("file", ["tile/0/000.p/48", "tile/entries/000.p/48"])
def test_a_truncation_is_found(either: Mirror, file: str) -> None:
    whole = (either.folder / file).read_bytes()
    for content in (whole[:-1], whole[:-51], whole + bytes(51), b""):
        (either.folder / file).write_bytes(content)
        assert either.verdict()[0] == 1
    (either.folder / file).unlink()
    assert either.verdict()[0] == 1


def test_a_log_that_shrank_is_found_by_whoever_kept_a_checkpoint(either: Mirror) -> None:
    kept = either.kept()
    either.rebuild(either.entries()[:32], either.stage.key)  # the portal itself, with its key
    assert either.verdict()[0] == 0
    code, said = either.verdict("--since", str(kept))
    assert code == 1
    assert "has shrunk" in said


@pytest.mark.parametrize("size", [48, 64])
def test_a_rollback_that_grew_again_and_a_fork_are_found_by_whoever_kept_a_checkpoint(either: Mirror, size: int) -> None:
    kept, entries = either.kept(), either.entries()
    other = [b"\x01" + bytes([number]) * 48 for number in range(size - 32)]
    either.rebuild([*entries[:32], *other], either.stage.key)
    assert either.verdict()[0] == 0
    code, said = either.verdict("--since", str(kept))
    assert code == 1
    assert "the history was rewritten" in said


def test_another_key_under_the_same_name_is_refused(either: Mirror) -> None:
    other = LogKey(ORIGIN, bytes(range(32)))
    code, said = either.verdict(key=str(other.verifier))
    assert (code, "is not signed by" in said) == (1, True)
    either.rebuild(either.entries(), other)
    assert either.verdict()[0] == 1


def test_a_signature_that_was_touched_is_refused(either: Mirror) -> None:
    note = (either.folder / "checkpoint").read_text()
    head, _, line = note.rpartition(" ")
    raw = bytearray(base64.b64decode(line.strip()))
    raw[20] ^= 1
    (either.folder / "checkpoint").write_text(f"{head} {base64.b64encode(raw).decode()}\n")
    code, said = either.verdict()
    assert (code, f"the signature of {ORIGIN} is wrong" in said) == (1, True)


def test_what_cannot_be_checked_is_not_called_in_order(either: Mirror) -> None:
    assert either.verdict(key="no key")[0] == 2
    (either.folder / "checkpoint").unlink()
    assert either.verdict()[0] == 2
