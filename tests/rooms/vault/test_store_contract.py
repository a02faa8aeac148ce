"""What every store promises, asked of files and of a real S3 server alike."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest

import portal.vault.s3 as s3
from portal.kernel.errors import Misconfigured
from portal.kernel.ids import new_object_key
from portal.vault.errors import AlreadyThere, Broken, WrongSize
from portal.vault.objects import Vault
from portal.vault.store import HEADER_SUFFIX, FilesystemStore, Store
from tests.common.s3server import S3Server
from tests.rooms.vault.stage import RECIPIENT, Bucket, files_in

KEY = "ab12" + "0" * 36
#: The least that a server takes as a part. In these tests "large" is more than that.
SMALLEST_PART = 5 * 1024 * 1024


class Stage(Protocol):
    store: Store

    def at_rest(self) -> list[str]:
        """The name of everything stored, half-written things included."""
        ...

    def again(self) -> Store:
        """The store as another process opens it."""
        ...


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.store: Store = FilesystemStore(root)

    def at_rest(self) -> list[str]:
        return [path.name for path in files_in(self.root)]

    def again(self) -> Store:
        return FilesystemStore(self.root)


@pytest.fixture(params=["filesystem", "s3"])
def stage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    if request.param == "filesystem":
        return Folder(tmp_path)
    monkeypatch.setattr(s3, "PART", SMALLEST_PART)
    server: S3Server = request.getfixturevalue("s3_server")
    return Bucket(server)


@pytest.fixture
def store(stage: Stage) -> Store:
    return stage.store


def large(fill: int = 0) -> list[bytes]:
    """Two whole parts and a bit, in pieces that do not fit the parts."""
    content = bytes([fill]) + bytes(range(256)) * (2 * SMALLEST_PART // 256) + b"the end"
    return [content[at : at + 700_001] for at in range(0, len(content), 700_001)]


def test_what_was_put_is_there_for_every_process(stage: Stage) -> None:
    stage.store.put(KEY, [b"abc", b"", b"def"], 6)
    for store in (stage.store, stage.again()):
        assert store.stat(KEY) == 6
        assert store.get(KEY, 0, 6) == b"abcdef"
        assert store.get(KEY, 2, 3) == b"cde"
        assert store.get(KEY, 4, 0) == b""
    assert stage.at_rest() == [KEY]


@pytest.mark.parametrize("size", [0, 1, SMALLEST_PART - 1, SMALLEST_PART, SMALLEST_PART + 1, 2 * SMALLEST_PART])
def test_an_object_has_exactly_its_size_however_many_parts_that_makes(stage: Stage, size: int) -> None:
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    stage.store.put(KEY, [content[:1000], content[1000:]], size)
    assert stage.store.stat(KEY) == size
    assert stage.store.get(KEY, 0, size) == content
    assert stage.at_rest() == [KEY]


def test_a_range_may_span_parts(store: Store) -> None:
    content = b"".join(large())
    store.put(KEY, large(), len(content))
    for offset, length in ((SMALLEST_PART - 10, 20), (2 * SMALLEST_PART - 1, 3), (len(content) - 7, 7), (0, len(content))):
        assert store.get(KEY, offset, length) == content[offset : offset + length]


def test_a_range_beyond_the_end_and_a_missing_object_are_broken(store: Store) -> None:
    store.put(KEY, [b"abc"], 3)
    for offset, length in ((1, 3), (3, 1), (100, 5)):
        with pytest.raises(Broken, match="shorter"):
            store.get(KEY, offset, length)
    for ask in (lambda: store.get(KEY[::-1], 0, 1), lambda: store.get(KEY[::-1], 0, 0), lambda: store.stat(KEY[::-1])):
        with pytest.raises(Broken, match="gone"):
            ask()


def test_nothing_is_ever_overwritten(stage: Stage) -> None:
    content = b"".join(large(1))
    stage.store.put(KEY, [b"abc"], 3)
    stage.store.put(KEY[::-1], large(1), len(content))
    for key in (KEY, KEY[::-1]):
        for chunks in ([b"xyz"], [b"abc"], large(2)):
            with pytest.raises(AlreadyThere):
                stage.store.put(key, chunks, sum(map(len, chunks)))
    assert stage.store.get(KEY, 0, 3) == b"abc"
    assert stage.store.stat(KEY) == 3
    assert stage.store.get(KEY[::-1], 0, len(content)) == content
    assert sorted(stage.at_rest()) == sorted([KEY, KEY[::-1]])


def test_of_many_puts_at_the_same_moment_one_wins(stage: Stage) -> None:
    together = threading.Barrier(8)

    def put(content: bytes) -> bytes | None:
        together.wait()
        try:
            stage.store.put(KEY, [content], len(content))
        except AlreadyThere:
            return None
        return content

    with ThreadPoolExecutor(8) as pool:
        won = [content for content in pool.map(put, [bytes([n]) * 1000 for n in range(8)]) if content]
    assert len(won) == 1
    assert stage.store.get(KEY, 0, 1000) == won[0]
    assert stage.at_rest() == [KEY]


@pytest.mark.parametrize("chunks", [[], [b"ab"], [b"abc", b"d"], [b"abcdef"]])
def test_another_size_than_declared_leaves_nothing(stage: Stage, chunks: list[bytes]) -> None:
    with pytest.raises(WrongSize):
        stage.store.put(KEY, chunks, 3)
    assert stage.at_rest() == []


@pytest.mark.parametrize("off", [-1, 1])
def test_another_size_than_declared_leaves_nothing_of_a_large_object(stage: Stage, off: int) -> None:
    with pytest.raises(WrongSize):
        stage.store.put(KEY, large(), sum(map(len, large())) - off)
    assert stage.at_rest() == []


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, GeneratorExit])
def test_a_source_that_fails_leaves_nothing(stage: Stage, failure: type[BaseException]) -> None:
    begun = []

    def failing() -> Iterator[bytes]:
        yield from large()
        begun.extend(stage.at_rest())
        raise failure

    with pytest.raises(failure):
        stage.store.put(KEY, failing(), 3 * SMALLEST_PART)
    assert len(begun) == 1  # it had come to the store already
    assert stage.at_rest() == []


def test_an_object_is_not_seen_before_it_is_whole(store: Store) -> None:
    def watching() -> Iterator[bytes]:
        for chunk in large():
            yield chunk
            with pytest.raises(Broken, match="gone"):
                store.stat(KEY)
            assert list(store.list()) == []

    size = sum(map(len, large()))
    store.put(KEY, watching(), size)
    assert store.stat(KEY) == size


@pytest.mark.parametrize(
    "key", ["", "ab", "../" + KEY[3:], KEY.upper(), KEY + "\n", KEY + "0", KEY + ".txt", "/" + KEY[1:], KEY[:2] + "/" + KEY[3:]]
)
def test_a_key_of_another_shape_is_refused(store: Store, key: str) -> None:
    for ask in (lambda: store.put(key, [], 0), lambda: store.get(key, 0, 1), lambda: store.stat(key), lambda: store.delete(key)):
        with pytest.raises(ValueError, match="not a key"):
            ask()


def test_deleting_is_for_good_and_twice_is_no_fault(stage: Stage) -> None:
    stage.store.put(KEY, [b"abc"], 3)
    stage.store.put(KEY + HEADER_SUFFIX, [b"h"], 1)
    stage.store.delete(KEY)
    stage.store.delete(KEY)
    stage.store.delete(new_object_key())
    assert stage.at_rest() == [KEY + HEADER_SUFFIX]
    stage.store.put(KEY, [b"new"], 3)
    assert stage.store.get(KEY, 0, 3) == b"new"


def test_a_list_gives_keys_by_prefix_with_their_age(store: Store) -> None:
    other = "cd" + KEY[2:]
    for key in (KEY, KEY + HEADER_SUFFIX, other):
        store.put(key, [b"a"], 1)
    listed = dict(store.list())
    assert set(listed) == {KEY, KEY + HEADER_SUFFIX, other}
    assert all(timedelta(seconds=-5) < age < timedelta(minutes=1) for age in listed.values())
    assert {key for key, _ in store.list("cd")} == {other}
    assert {key for key, _ in store.list(KEY)} == {KEY, KEY + HEADER_SUFFIX}
    for prefix in ("../", "a/", "AB"):
        with pytest.raises(ValueError, match="begins"):
            list(store.list(prefix))


def test_a_put_that_is_under_way_is_not_swept(stage: Stage) -> None:
    def watching() -> Iterator[bytes]:
        yield from large()
        assert stage.again().sweep_temporaries(timedelta(hours=1)) == 0
        assert len(stage.at_rest()) == 1

    stage.store.put(KEY, watching(), sum(map(len, large())))
    assert stage.at_rest() == [KEY]


def test_what_a_crash_left_is_swept_and_nothing_else(stage: Stage) -> None:
    """A put whose process is gone is one that is never taken up again; here its source hangs until the sweep is over."""
    stage.store.put(KEY, [b"abc"], 3)

    def hanging() -> Iterator[bytes]:
        yield from large()
        assert stage.again().sweep_temporaries(timedelta(0)) == 1
        assert stage.at_rest() == [KEY]
        raise ConnectionAbortedError

    with pytest.raises(Exception):  # noqa: B017
        stage.store.put(KEY[::-1], hanging(), 3 * SMALLEST_PART)
    assert stage.at_rest() == [KEY]
    assert stage.store.get(KEY, 0, 3) == b"abc"


def test_a_vault_seals_and_opens_in_every_store(stage: Stage) -> None:
    vault, content = Vault(stage.store), b"".join(large())
    sealed, key = vault.seal(iter(large()), len(content), RECIPIENT)
    assert vault.open(sealed, key) == content
    assert b"".join(vault.stream(sealed, key)) == content
    stored = {name for name, _ in vault.keys()}  # noqa: SIM118
    assert stored == {sealed.store_key}
    vault.discard(sealed)
    assert stage.at_rest() == []


def test_a_store_that_is_not_there_is_not_an_empty_one(stage: Stage) -> None:
    opening = (lambda: stage.open(bucket="nowhere")) if isinstance(stage, Bucket) else (lambda: FilesystemStore(Path("/nowhere")))
    with pytest.raises(Misconfigured):
        opening()
