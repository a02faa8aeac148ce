"""The store on files: whole or not at all, never over another, and nothing left behind."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.kernel.errors import Misconfigured, Unavailable
from portal.kernel.ids import new_object_key
from portal.vault.errors import AlreadyThere, Broken, WrongSize
from portal.vault.store import HEADER_SUFFIX, FilesystemStore
from tests.rooms.vault.stage import files_in

KEY = "ab12" + "0" * 36


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def store(root: Path) -> FilesystemStore:
    return FilesystemStore(root)


def test_what_was_put_is_there_and_only_its_owner_may_read_it(store: FilesystemStore, root: Path) -> None:
    old = os.umask(0)
    try:
        store.put(KEY, [b"abc", b"", b"def"], 6)
    finally:
        os.umask(old)
    assert store.stat(KEY) == 6
    assert store.get(KEY, 0, 6) == b"abcdef"
    assert store.get(KEY, 2, 3) == b"cde"
    file = root / "ab" / "12" / KEY
    assert files_in(root) == [file]
    assert file.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in (root / "ab", root / "ab" / "12")} == {0o700}


def test_a_range_beyond_the_end_and_a_missing_object_are_broken(store: FilesystemStore) -> None:
    store.put(KEY, [b"abc"], 3)
    with pytest.raises(Broken, match="shorter"):
        store.get(KEY, 1, 3)
    for ask in (lambda: store.get(KEY[::-1], 0, 1), lambda: store.stat(KEY[::-1])):
        with pytest.raises(Broken, match="gone"):
            ask()


def test_nothing_is_ever_overwritten(store: FilesystemStore, root: Path) -> None:
    store.put(KEY, [b"abc"], 3)
    with pytest.raises(AlreadyThere):
        store.put(KEY, [b"xyz"], 3)
    assert store.get(KEY, 0, 3) == b"abc"
    assert len(files_in(root)) == 1


def test_what_cannot_fit_is_refused_before_its_first_byte_is_taken(store: FilesystemStore, root: Path) -> None:
    source = iter([b"abc"])
    with pytest.raises(Unavailable):
        store.put(KEY, source, 1 << 50)
    assert next(source) == b"abc"
    assert files_in(root) == []


def test_an_object_longer_than_what_is_sent_on_its_way_at_once_is_whole(store: FilesystemStore) -> None:
    pieces = [bytes([number]) * 1_000_003 for number in range(40)]
    store.put(KEY, iter(pieces), 40 * 1_000_003)
    assert store.get(KEY, 0, store.stat(KEY)) == b"".join(pieces)


@pytest.mark.parametrize("chunks", [[], [b"ab"], [b"abc", b"d"], [b"abcdef"]])
def test_another_size_than_declared_leaves_nothing(store: FilesystemStore, root: Path, chunks: list[bytes]) -> None:
    with pytest.raises(WrongSize):
        store.put(KEY, chunks, 3)
    assert files_in(root) == []


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, GeneratorExit])
def test_a_source_that_fails_leaves_nothing(store: FilesystemStore, root: Path, failure: type[BaseException]) -> None:
    def failing() -> Iterator[bytes]:
        yield b"ab"
        assert len(files_in(root)) == 1
        raise failure

    with pytest.raises(failure):
        store.put(KEY, failing(), 3)
    assert files_in(root) == []


def test_an_object_is_not_seen_before_it_is_whole(store: FilesystemStore) -> None:
    def watching() -> Iterator[bytes]:
        yield b"ab"
        with pytest.raises(Broken, match="gone"):
            store.stat(KEY)
        assert list(store.list()) == []
        yield b"c"

    store.put(KEY, watching(), 3)
    assert store.stat(KEY) == 3


def test_an_object_and_its_folder_are_on_disk_before_put_returns(
    store: FilesystemStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file, then its folder; and the folder again when something is deleted."""
    synced: list[str] = []
    real = os.fsync

    def watching(handle: int) -> None:
        real(handle)
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))

    monkeypatch.setattr(os, "fsync", watching)
    store.put(KEY, [b"abc"], 3)
    folder = str(root / "ab" / "12")
    assert synced[:2] == [str(root), str(root / "ab")]
    assert synced[2].startswith(folder + "/.")
    assert synced[3:] == [folder]
    store.delete(KEY)
    assert synced[4:] == [folder]


@pytest.mark.parametrize(
    "key", ["", "ab", "../" + KEY[3:], KEY.upper(), KEY + "\n", KEY + "0", KEY + ".txt", "/" + KEY[1:], KEY[:2] + "/" + KEY[3:]]
)
def test_a_key_of_another_shape_is_refused(store: FilesystemStore, key: str) -> None:
    for ask in (lambda: store.put(key, [], 0), lambda: store.get(key, 0, 1), lambda: store.stat(key), lambda: store.delete(key)):
        with pytest.raises(ValueError, match="not a key"):
            ask()


def test_a_link_in_place_of_an_object_is_not_followed(store: FilesystemStore, root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"abc")
    (root / "ab" / "12").mkdir(parents=True)
    (root / "ab" / "12" / KEY).symlink_to(secret)
    with pytest.raises(Unavailable):
        store.get(KEY, 0, 3)


def test_deleting_is_for_good_and_twice_is_no_fault(store: FilesystemStore, root: Path) -> None:
    store.put(KEY, [b"abc"], 3)
    store.put(KEY + HEADER_SUFFIX, [b"h"], 1)
    store.delete(KEY)
    store.delete(KEY)
    store.delete(new_object_key())
    assert [path.name for path in files_in(root)] == [KEY + HEADER_SUFFIX]


def test_a_list_gives_keys_by_prefix_with_their_age(store: FilesystemStore, root: Path) -> None:
    other = "cd" + KEY[2:]
    for key in (KEY, KEY + HEADER_SUFFIX, other):
        store.put(key, [b"a"], 1)
    os.utime(root / "cd" / "12" / other, (0, 0))
    (root / "ab" / "12" / "README").write_text("not ours")
    (root / "cd" / "12" / KEY).write_text("in the wrong place")
    listed = dict(store.list())
    assert set(listed) == {KEY, KEY + HEADER_SUFFIX, other}
    assert listed[KEY] < timedelta(minutes=5) < listed[other]
    assert {key for key, _ in store.list("cd")} == {other}
    with pytest.raises(ValueError, match="begins"):
        list(store.list("../"))


def test_leftovers_of_a_crash_are_swept_and_nothing_else(store: FilesystemStore, root: Path) -> None:
    store.put(KEY, [b"abc"], 3)
    folder = root / "ab" / "12"
    old, fresh = folder / f".{KEY}.00.part", folder / f".{KEY}.01.part"
    for path in (old, fresh):
        path.write_bytes(b"ab")
    for path in (old, folder / KEY):
        os.utime(path, (0, 0))
    assert store.sweep_temporaries() == 1
    assert sorted(files_in(root)) == sorted([fresh, folder / KEY])


def test_a_store_that_is_not_mounted_is_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="mount it"):
        FilesystemStore(tmp_path / "nowhere")


def test_a_store_out_of_reach_is_unavailable(store: FilesystemStore, root: Path) -> None:
    (root / "ab").write_text("a file where a folder should be")
    with pytest.raises(Unavailable):
        store.put(KEY, [b"a"], 1)
    with pytest.raises(Unavailable):
        store.get(KEY, 0, 1)
