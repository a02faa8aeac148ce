"""Objects in the vault: sealed whole or not at all, opened as sealed or not at all."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portal.kernel.errors import Misconfigured, Tampered
from portal.vault.age import open_header
from portal.vault.errors import Broken, WrongSize
from portal.vault.objects import FileKey, SealedObject, Vault
from portal.vault.store import HEADER_SUFFIX
from portal.vault.stream import CHUNK, SEALED_CHUNK
from tests.rooms.vault.stage import IDENTITY, RECIPIENT, files_in, new_exchange, permit
from tests.rooms.vault.test_stream import two_key_payload


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


def stored(root: Path, sealed: SealedObject) -> Path:
    return root / sealed.store_key[:2] / sealed.store_key[2:4] / sealed.store_key


def test_what_was_sealed_opens_whole_in_part_and_as_a_stream(vault: Vault) -> None:
    plain = os.urandom(3 * CHUNK + 77)
    sealed, key = vault.seal([plain[:1000], plain[1000:]], len(plain), RECIPIENT)
    assert vault.open(sealed, key) == plain
    assert vault.open(sealed, key, CHUNK - 5, 10) == plain[CHUNK - 5 : CHUNK + 5]
    assert vault.open(sealed, key, len(plain), 10) == b""
    assert b"".join(vault.stream(sealed, key)) == plain


def test_nothing_in_the_store_is_in_clear(vault: Vault, root: Path) -> None:
    sealed, _ = vault.seal([b"Samoria " * 100], 800, RECIPIENT)
    for path in files_in(root):
        assert b"Samoria" not in path.read_bytes()
        assert str(sealed.id) not in str(path)


def test_header_and_payload_together_are_for_the_recovery_identity(vault: Vault, root: Path) -> None:
    sealed, key = vault.seal([b"abc"], 3, RECIPIENT)
    header = stored(root, sealed).with_name(sealed.store_key + HEADER_SUFFIX).read_bytes()
    assert header == sealed.header
    assert open_header(header, IDENTITY) == key


def test_two_seals_of_the_same_bytes_have_nothing_in_common(vault: Vault) -> None:
    (first, first_key), (second, second_key) = (vault.seal([b"abc"], 3, RECIPIENT) for _ in range(2))
    assert first_key != second_key
    for name in ("id", "store_key", "nonce", "kc", "ph", "header"):
        assert getattr(first, name) != getattr(second, name)


@pytest.mark.parametrize("chunks", [[], [b"ab"], [b"ab", b"cd"], [b"abcd"], [b"abc", b"d"]])
def test_a_source_of_another_size_leaves_nothing(vault: Vault, root: Path, chunks: list[bytes]) -> None:
    with pytest.raises(WrongSize):
        vault.seal(chunks, 3, RECIPIENT)
    assert files_in(root) == []


def test_a_source_that_fails_late_leaves_nothing(vault: Vault, root: Path) -> None:
    def failing() -> Iterator[bytes]:
        for _ in range(20):
            yield bytes(CHUNK)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vault.seal(failing(), 40 * CHUNK, RECIPIENT)
    assert files_in(root) == []


def test_a_recipient_that_is_none_stops_before_the_source_is_touched(vault: Vault, root: Path) -> None:
    source = iter([b"abc"])
    with pytest.raises(Misconfigured):
        vault.seal(source, 3, "age1nobody")
    assert next(source) == b"abc"
    assert files_in(root) == []


def test_a_header_that_cannot_be_stored_takes_the_payload_with_it(vault: Vault, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk between the two: the name of the sidecar is taken."""
    key = "ab" * 20
    monkeypatch.setattr("portal.vault.objects.new_object_key", lambda: key)
    vault.seal([b"abc"], 3, RECIPIENT)
    (root / "ab" / "ab" / key).unlink()
    with pytest.raises(Exception, match="exists"):
        vault.seal([b"abc"], 3, RECIPIENT)
    assert files_in(root) == []


@pytest.mark.parametrize("size", [90, 2 * CHUNK + 90])
@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-1],
        lambda raw: raw + b"\0",
        lambda raw: b"",
        lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
        lambda raw: bytes([raw[0] ^ 1]) + raw[1:],
        lambda raw: raw[: len(raw) // 2],
    ],
)
def test_a_damaged_object_yields_not_one_byte(vault: Vault, root: Path, size: int, damage: Callable[[bytes], bytes]) -> None:
    sealed, key = vault.seal([os.urandom(size)], size, RECIPIENT)
    path = stored(root, sealed)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Broken):
        vault.open(sealed, key, 0, 1)
    with pytest.raises(Broken):
        vault.stream(sealed, key)  # before anything is asked of it


def test_a_byte_changed_in_the_middle_stops_the_stream_there(vault: Vault, root: Path) -> None:
    plain = os.urandom(40 * CHUNK)
    sealed, key = vault.seal([plain], len(plain), RECIPIENT)
    path = stored(root, sealed)
    raw = bytearray(path.read_bytes())
    raw[16 + 20 * SEALED_CHUNK] ^= 1
    path.write_bytes(raw)
    got = b""
    with pytest.raises(Broken):  # noqa: PT012
        for piece in vault.stream(sealed, key):
            got += piece
    assert plain.startswith(got)
    assert len(got) == 16 * CHUNK
    assert vault.open(sealed, key, 0, 10) == plain[:10]
    with pytest.raises(Broken):
        vault.open(sealed, key, 20 * CHUNK, 10)


def test_objects_swapped_in_the_store_do_not_open(vault: Vault, root: Path) -> None:
    (first, first_key), (second, second_key) = (vault.seal([word], 3, RECIPIENT) for word in (b"abc", b"xyz"))
    here, there = stored(root, first), stored(root, second)
    one, other = here.read_bytes(), there.read_bytes()
    here.write_bytes(other)
    there.write_bytes(one)
    for sealed, key in ((first, first_key), (second, second_key), (first, second_key)):
        with pytest.raises(Broken):
            vault.open(sealed, key)


def test_a_gone_object_is_an_alarm(vault: Vault, root: Path) -> None:
    sealed, key = vault.seal([b"abc"], 3, RECIPIENT)
    stored(root, sealed).unlink()
    with pytest.raises(Tampered, match="gone"):
        vault.open(sealed, key)


def test_a_key_that_is_not_the_committed_one_opens_nothing(vault: Vault) -> None:
    sealed, key = vault.seal([b"abc"], 3, RECIPIENT)
    for wrong in (replace(sealed, kc=bytes(32)), replace(sealed, kc=key.commitment(bytes(16)))):
        with pytest.raises(Broken, match="the key is not the one"):
            vault.open(wrong, key)
    with pytest.raises(Broken, match="the key is not the one"):
        vault.open(sealed, FileKey.new())


def test_a_payload_made_to_open_under_two_keys_opens_under_the_committed_one_only(vault: Vault, root: Path) -> None:
    honest, second = FileKey.new(), FileKey.new()
    payload = two_key_payload(honest, second)
    sealed, _ = vault.seal([bytes(32)], 32, RECIPIENT)
    stored(root, sealed).write_bytes(payload)
    sealed = replace(sealed, nonce=payload[:16], kc=honest.commitment(payload[:16]))
    assert len(vault.open(sealed, honest)) == 32
    for ask in (vault.open, vault.stream):
        with pytest.raises(Broken, match="the key is not the one"):
            ask(sealed, second)


def test_a_recorded_size_that_does_not_fit_is_refused(vault: Vault) -> None:
    sealed, key = vault.seal([b"abc"], 3, RECIPIENT)
    for wrong in (replace(sealed, size=2), replace(sealed, payload_size=sealed.payload_size + 1)):
        with pytest.raises(Broken):
            vault.open(wrong, key)


def test_discarding_removes_both_and_twice_is_no_fault(vault: Vault, root: Path) -> None:
    sealed, key = vault.seal([b"abc"], 3, RECIPIENT)
    vault.discard(sealed)
    vault.discard(sealed)
    assert files_in(root) == []
    with pytest.raises(Broken, match="gone"):
        vault.open(sealed, key)


def test_the_sweep_sees_payloads_with_their_age_and_a_payload_without_header_too(vault: Vault, root: Path) -> None:
    sealed, _ = vault.seal([b"abc"], 3, RECIPIENT)
    old, _ = vault.seal([b"abc"], 3, RECIPIENT)
    os.utime(stored(root, old), (0, 0))
    stored(root, old).with_name(old.store_key + HEADER_SUFFIX).unlink()
    keys = dict(vault.keys())
    assert set(keys) == {sealed.store_key, old.store_key}
    assert keys[sealed.store_key] < timedelta(hours=1) < keys[old.store_key]
    vault.discard_key(old.store_key)
    assert set(dict(vault.keys())) == {sealed.store_key}
    assert vault.sweep_temporaries() == 0


def test_sealed_wrapped_unwrapped_and_opened(tmp_path: Path) -> None:
    exchange = new_exchange(tmp_path)
    key = exchange.holder.open(permit("CTED"), exchange.own, exchange.label)
    assert len(exchange.vault.open(exchange.sealed, key)) == 1000
