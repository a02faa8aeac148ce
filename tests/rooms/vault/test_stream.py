"""The payload: sizes, chunks, ranges, and the promise that no byte comes out that was not authenticated."""

import hashlib
import itertools
import secrets
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.vault.errors import Broken, WrongSize
from portal.vault.filekey import FileKey
from portal.vault.stream import BATCH, CHUNK, SEALED_CHUNK, Opening, Sealing, payload_size, plain_size

KEY = FileKey(bytes(range(16)))
SIZES = [0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, BATCH * CHUNK, BATCH * CHUNK + 1, (BATCH + 1) * CHUNK, 6 * BATCH * CHUNK + 1]


def words(size: int) -> bytes:
    """Bytes that repeat at no chunk's distance."""
    return (b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1)))[:size]


def whole(sealing: Sealing) -> bytes:
    return b"".join(map(bytes, sealing))


def sealed(plain: bytes) -> bytes:
    return whole(Sealing(KEY, [plain], len(plain)))


def getter(payload: bytes) -> Callable[[int, int], bytes]:
    return lambda offset, length: payload[offset : offset + length]


def opened(payload: bytes, nonce: bytes | None = None) -> bytes:
    """By range and as a stream; both must say the same."""
    opening = Opening(KEY, payload[:16] if nonce is None else nonce, len(payload), getter(payload))
    plain = opening.read()
    assert b"".join(opening.stream()) == plain
    return plain


@pytest.mark.parametrize("size", [-1, 0, 16, 31, 16 + SEALED_CHUNK + 1, 16 + SEALED_CHUNK + 16, 16 + 2 * SEALED_CHUNK + 16])
def test_a_size_that_no_payload_has_is_broken(size: int) -> None:
    """The last two: an empty final chunk after full ones."""
    with pytest.raises(Broken, match="no payload has"):
        plain_size(size)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens(size: int) -> None:
    payload = sealed(words(size))
    assert len(payload) == payload_size(size)
    assert plain_size(len(payload)) == size
    assert opened(payload) == words(size)


def test_the_payload_of_a_fixed_key_and_nonce_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checked by hand against the stock tool. If this goes red, the format changed, and it must not."""
    monkeypatch.setattr(secrets, "token_bytes", lambda count: bytes(range(100, 100 + count)))
    plain = words(BATCH * CHUNK + 70_000)
    sealing = Sealing(KEY, [plain], len(plain))
    payload = whole(sealing)
    assert hashlib.sha256(payload).hexdigest() == "a000025ccfd98926dcc0ed7df1fe5eca1ce32e8cc58ba66f96aea2bb4f4301a4"
    assert sealing.ph.hex() == "71f95279c892ea633c5860f361f8f706759a7a1aeb3e6582ce70093e2f40f700"
    assert KEY.commitment(sealing.nonce).hex() == "a9d0fff8ab4b1ebef3513e02cfb4d000b7e4c5c8044a8ddcc33d1f3d051b3885"


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 3 * CHUNK), max_size=12))
def test_how_the_source_is_cut_makes_no_difference(cuts: list[int]) -> None:
    plain = words(3 * CHUNK)
    edges = sorted({0, len(plain), *cuts})
    pieces = [plain[start:end] for start, end in itertools.pairwise(edges)]
    pieces.insert(1, b"")
    payload = whole(Sealing(KEY, iter(pieces), len(plain)))
    assert opened(payload) == plain


@pytest.mark.parametrize("step", [700_001, BATCH * CHUNK - 1, BATCH * CHUNK + 1, 3 * BATCH * CHUNK])
def test_pieces_that_straddle_batches_are_sealed_whole(step: int) -> None:
    plain = words(3 * BATCH * CHUNK + 777)
    payload = whole(Sealing(KEY, [plain[at : at + step] for at in range(0, len(plain), step)], len(plain)))
    assert opened(payload) == plain


@pytest.mark.parametrize(("offset", "length"), [(-1, None), (-1, 5), (0, -1), (-1, -1)])
def test_a_range_below_zero_is_a_fault_of_whoever_asks(offset: int, length: int | None) -> None:
    opening = Opening(KEY, _LONG_SEALED[:16], len(_LONG_SEALED), getter(_LONG_SEALED))
    with pytest.raises(ValueError, match=r"^a range below zero$"):
        opening.read(offset, length)
    with pytest.raises(ValueError, match=r"^a range below zero$"):
        opening.stream(offset, length)


def test_a_size_below_zero_is_a_fault_of_whoever_seals() -> None:
    with pytest.raises(ValueError, match=r"^a size below zero$"):
        Sealing(KEY, [], -1)


def test_a_chunk_that_does_not_open_is_named() -> None:
    payload = bytearray(_LONG_SEALED)
    payload[16 + 2 * SEALED_CHUNK] ^= 1
    opening = Opening(KEY, bytes(payload[:16]), len(payload), getter(bytes(payload)))
    with pytest.raises(Broken, match=r"^chunk 2 of the payload does not open$"):
        opening.read()


@settings(max_examples=40, deadline=None)
@given(offset=st.integers(0, 5 * CHUNK), length=st.integers(0, 3 * CHUNK) | st.none())
def test_a_range_is_a_slice(offset: int, length: int | None) -> None:
    plain = _LONG
    opening = Opening(KEY, _LONG_SEALED[:16], len(_LONG_SEALED), getter(_LONG_SEALED))
    assert opening.read(offset, length) == plain[offset : None if length is None else offset + length]


@pytest.mark.parametrize("offset", [0, 1, CHUNK, 16 * CHUNK - 1, 16 * CHUNK, 20 * CHUNK + 7, 33 * CHUNK + 5, 40 * CHUNK])
@pytest.mark.parametrize("length", [None, 0, 1, CHUNK, 2 * CHUNK + 1, 17 * CHUNK, 100 * CHUNK])
def test_a_range_of_several_batches_is_streamed_as_the_slice_it_is_and_reads_no_other_chunk(offset: int, length: int | None) -> None:
    asked: list[int] = []

    def get(start: int, size: int) -> bytes:
        asked.extend(range((start - 16) // SEALED_CHUNK, -(-(start - 16 + size) // SEALED_CHUNK)))
        return _LONGER_SEALED[start : start + size]

    opening = Opening(KEY, _LONGER_SEALED[:16], len(_LONGER_SEALED), get)
    asked.clear()
    end = len(_LONGER) if length is None else min(len(_LONGER), offset + length)
    assert b"".join(opening.stream(offset, length)) == _LONGER[offset:end]
    assert asked == (list(range(offset // CHUNK, -(-end // CHUNK))) if offset < end else [])


_LONGER = words(33 * CHUNK + 5)
_LONGER_SEALED = sealed(_LONGER)
_LONG = words(4 * CHUNK + 5)
_LONG_SEALED = sealed(_LONG)


def test_a_range_reads_the_final_chunk_first_and_then_only_what_it_needs() -> None:
    asked: list[tuple[int, int]] = []

    def get(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return _LONG_SEALED[offset : offset + length]

    opening = Opening(KEY, _LONG_SEALED[:16], len(_LONG_SEALED), get)
    assert asked == [(0, 16), (16 + 4 * SEALED_CHUNK, 5 + 16)]
    opening.read(CHUNK + 1, 10)
    assert asked[2:] == [(16 + SEALED_CHUNK, SEALED_CHUNK)]
    assert opening.read(CHUNK + 1, 0) == opening.read(len(_LONG)) == b""
    assert len(asked) == 3  # nothing is asked for to give nothing


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_changed_byte_yields_nothing(data: st.DataObject) -> None:
    payload = bytearray(_SHORT_SEALED)
    place = data.draw(st.integers(0, len(payload) - 1))
    payload[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Broken):
        opened(bytes(payload), _SHORT_SEALED[:16])


_SHORT_SEALED = sealed(words(90))


def test_every_truncation_and_extension_yields_nothing() -> None:
    for end in range(len(_SHORT_SEALED)):
        with pytest.raises(Broken):
            opened(_SHORT_SEALED[:end], _SHORT_SEALED[:16])
    for more in (1, 15, 16, 17, SEALED_CHUNK):
        with pytest.raises(Broken):
            opened(_SHORT_SEALED + bytes(more))


def test_a_payload_cut_at_a_chunk_is_refused_before_its_first_byte() -> None:
    for chunks in (1, 2, 3):
        cut = _LONG_SEALED[: 16 + chunks * SEALED_CHUNK]
        with pytest.raises(Broken):
            Opening(KEY, cut[:16], len(cut), getter(cut))


def test_swapped_or_repeated_chunks_are_refused() -> None:
    nonce, body = _LONG_SEALED[:16], _LONG_SEALED[16:]
    chunks = [body[at : at + SEALED_CHUNK] for at in range(0, len(body), SEALED_CHUNK)]
    for order in ([1, 0, 2, 3, 4], [0, 0, 2, 3, 4], [0, 1, 3, 2, 4]):
        payload = nonce + b"".join(chunks[place] for place in order)
        with pytest.raises(Broken):
            opened(payload)


def _by_hand(chunks: list[tuple[int, bool, bytes]]) -> bytes:
    """A payload with whatever counters and final flags one likes."""
    nonce = bytes(16)
    cipher = ChaCha20Poly1305(KEY.payload_key(nonce))
    return nonce + b"".join(cipher.encrypt((index << 8 | final).to_bytes(12, "big"), plain, None) for index, final, plain in chunks)


@pytest.mark.parametrize(
    "chunks",
    [
        [(0, False, words(10))],
        [(1, True, words(10))],
        [(0, True, words(CHUNK)), (1, True, words(5))],
        [(0, False, words(CHUNK)), (1, False, words(5))],
        [(0, False, words(CHUNK)), (1, True, b"")],
        [(0, False, words(CHUNK)), (0, True, words(5))],
        [(0, False, words(CHUNK)), (1, True, words(5)), (2, True, words(5))],
        [(0, False, words(CHUNK - 1)), (1, True, words(5))],
        [],
    ],
)
def test_wrong_flags_counters_and_chunks_are_refused(chunks: list[tuple[int, bool, bytes]]) -> None:
    with pytest.raises(Broken):
        opened(_by_hand(chunks))


def test_the_same_by_hand_opens_if_it_is_right() -> None:
    assert opened(_by_hand([(0, False, words(CHUNK)), (1, True, words(5))])) == words(CHUNK) + words(5)


def test_another_nonce_than_the_recorded_one_is_refused() -> None:
    with pytest.raises(Broken, match=r"^the payload's nonce is not the recorded one$"):
        opened(_SHORT_SEALED, bytes(16))


def test_a_store_that_gives_less_than_asked_is_refused() -> None:
    opening = Opening(KEY, _LONG_SEALED[:16], len(_LONG_SEALED), getter(_LONG_SEALED))
    opening._get = lambda offset, length: _LONG_SEALED[offset : offset + length - 1]
    with pytest.raises(Broken, match=r"^the stored payload is shorter than recorded$"):
        opening.read(0, 10)


@pytest.mark.parametrize("pieces", [[], [b"ab"], [b"abc", b"d", b"e"], [b"abcde"], [b"abcd", b"", b"e"]])
def test_a_source_of_another_size_is_told(pieces: list[bytes]) -> None:
    with pytest.raises(WrongSize) as told:
        list(Sealing(KEY, pieces, 4))
    came = sum(map(len, pieces))
    assert told.value.detail == f"announced 4 bytes, {'more' if came > 4 else came} came"


def test_a_source_that_runs_over_is_stopped_before_a_final_chunk_comes_out() -> None:
    out: list[bytes] = []
    with pytest.raises(WrongSize):
        out.extend(map(bytes, Sealing(KEY, [words(CHUNK), b"x"], CHUNK)))
    assert b"".join(out)[16:] == b""


def test_a_sealing_runs_once_and_tells_its_root_only_at_the_end() -> None:
    sealing = Sealing(KEY, [b"abc"], 3)
    with pytest.raises(RuntimeError):
        sealing.ph  # noqa: B018
    list(sealing)
    assert len(sealing.ph) == 32
    with pytest.raises(RuntimeError, match=r"^a sealing runs once: other bytes"):
        list(sealing)


def test_a_piece_that_is_looked_at_too_late_is_a_fault_and_never_other_bytes() -> None:
    """The buffer is filled again meanwhile: what a store would write then was sealed for another place."""
    _, *pieces = Sealing(KEY, [words(3 * BATCH * CHUNK)], 3 * BATCH * CHUNK)
    assert len(pieces) == 3
    for piece in pieces:
        with pytest.raises(ValueError, match="released"):
            bytes(piece)


def root_of_chunks(chunks: list[bytes]) -> bytes:
    if len(chunks) == 1:
        return hashlib.sha256(b"\0" + chunks[0]).digest()
    split = 1
    while split * 2 < len(chunks):
        split *= 2
    return hashlib.sha256(b"\1" + root_of_chunks(chunks[:split]) + root_of_chunks(chunks[split:])).digest()


@pytest.mark.parametrize("size", [0, 1, CHUNK, 4 * CHUNK + 5, 3 * BATCH * CHUNK + 5])
def test_ph_is_the_root_of_rfc_6962_over_the_chunks(size: int) -> None:
    sealing = Sealing(KEY, [words(size)], size)
    body = whole(sealing)[16:]
    assert sealing.ph == root_of_chunks([body[at : at + SEALED_CHUNK] for at in range(0, len(body), SEALED_CHUNK)])


def test_a_payload_that_opens_under_two_keys_has_two_commitments() -> None:
    """Such a payload can be made; only `kc` says which key was meant."""
    first, second = KEY, FileKey(bytes(range(16, 32)))
    payload = two_key_payload(first, second)
    plains = [Opening(key, payload[:16], len(payload), getter(payload)).read() for key in (first, second)]
    assert plains[0] != plains[1]
    assert first.commitment(payload[:16]) != second.commitment(payload[:16])


def two_key_payload(first: FileKey, second: FileKey) -> bytes:
    """One chunk of two blocks whose Poly1305 tag is right under both keys: two linear equations in two unknowns."""
    prime, base, nonce = (1 << 130) - 5, 1 << 128, bytes(16)
    secret = []
    for key in (first, second):
        block = Cipher(algorithms.ChaCha20(key.payload_key(nonce), bytes(4) + (1).to_bytes(12, "big")), None).encryptor().update(bytes(32))
        r = int.from_bytes(block[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
        secret.append((r, int.from_bytes(block[16:], "little")))
    lengths = (32 << 64) + base
    for tag in range(10_000):
        (a, b, e), (c, d, f) = ((r**3, r**2, (tag - s) % base - lengths * r) for r, s in secret)
        inverse = pow(a * d - b * c, -1, prime)
        x, y = (e * d - b * f) * inverse % prime, (a * f - e * c) * inverse % prime
        if base <= x < 2 * base and base <= y < 2 * base:
            return nonce + (x - base).to_bytes(16, "little") + (y - base).to_bytes(16, "little") + tag.to_bytes(16, "little")
    raise AssertionError("no such payload found")
