"""The payload of an age v1 file (C2SP.org/age): a 16-byte nonce, then STREAM of ChaCha20-Poly1305 in chunks of 64 KiB.

Sealing is one pass in constant memory. Opening checks the final chunk first, which authenticates the length, and then gives only what
it has authenticated; anything else is `Broken`.
"""

import hmac
import secrets
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from portal.kernel.merkle import RunningTree, leaf_hash
from portal.vault.ahead import ahead
from portal.vault.errors import Broken, WrongSize
from portal.vault.filekey import FileKey

CHUNK = 64 * 1024
TAG = 16
SEALED_CHUNK = CHUNK + TAG
NONCE = 16
#: Chunks handled at once: 1 MiB.
BATCH = 16


def payload_size(size: int) -> int:
    """Bytes of the payload that `size` bytes of plaintext become."""
    return NONCE + size + TAG * _chunks_of(size)


def plain_size(payload: int) -> int:
    """Bytes of plaintext in a payload of this size; `Broken` if no payload has it (an empty final chunk after a full one, too)."""
    body = payload - NONCE
    chunks = -(-body // SEALED_CHUNK)
    last = body - (chunks - 1) * SEALED_CHUNK
    if body < TAG or last < TAG or (chunks > 1 and last == TAG):
        raise Broken(f"no payload has {payload} bytes")
    return body - TAG * chunks


def _chunks_of(size: int) -> int:
    return max(1, -(-size // CHUNK))


def _chunk_nonce(index: int, *, final: bool) -> bytes:
    return (index << 8 | final).to_bytes(12, "big")


class _Buffers:
    """Memory for batches, used again: new memory costs more than the cipher."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._spare: list[memoryview] = []

    def take(self) -> memoryview:
        try:
            return self._spare.pop()
        except IndexError:
            return memoryview(bytearray(self._size))

    def give(self, buffer: memoryview) -> None:
        self._spare.append(buffer)


class Sealing:
    """Plaintext in, payload out, once. `nonce` is known from the start, `ph` when the last byte has been taken.

    Raises `WrongSize` as soon as the source gives more bytes than `size`, or when it ends with fewer: then what came out is waste.
    """

    def __init__(self, key: FileKey, chunks: Iterable[bytes], size: int) -> None:
        if size < 0:
            raise ValueError("a size below zero")
        self.nonce = secrets.token_bytes(NONCE)
        self._cipher = ChaCha20Poly1305(key.payload_key(self.nonce))
        self._source: Iterable[bytes] | None = chunks
        self._size = size
        self._tree = RunningTree()
        self._batch = min(BATCH, _chunks_of(size))
        self._buffers = _Buffers(SEALED_CHUNK * self._batch)
        self._sealed = False

    @property
    def ph(self) -> bytes:
        """The root of RFC 6962 over the sealed chunks, each with its tag."""
        if not self._sealed:
            raise RuntimeError("the root is known after the last byte")
        return self._tree.root()

    def __iter__(self) -> Iterator[memoryview]:
        """The payload in pieces. Each may be looked at until the next is asked for, and not after."""
        source, self._source = self._source, None
        if source is None:
            raise RuntimeError("a sealing runs once: other bytes under the same key and nonce would break the cipher")
        return self._run(source)

    def _run(self, source: Iterable[bytes]) -> Iterator[memoryview]:
        yield memoryview(self.nonce)
        for buffer, size, leaves in ahead(self._batches(source)):
            for leaf in leaves:
                self._tree.append(leaf)
            with buffer[:size] as payload:  # released at the end: whoever looks at it later is told, and not given other bytes
                yield payload
            self._buffers.give(buffer)
        self._sealed = True

    def _batches(self, source: Iterable[bytes]) -> Iterator[Callable[[], tuple[memoryview, int, list[bytes]]]]:
        """One task for each `BATCH` of chunks. Each chunk is in one task only, so its nonce is used once."""
        room = CHUNK * self._batch
        plain, fill, came, first = self._buffers.take(), 0, 0, 0
        for piece in source:
            rest = memoryview(piece)
            came += len(rest)
            if came > self._size:
                raise WrongSize(self._size, "more came")
            while rest:
                if fill == room:  # more follows, so that no chunk in here is the final one
                    yield partial(self._seal, first, plain, room, final=False)
                    plain, fill, first = self._buffers.take(), 0, first + BATCH  # another one: the task still reads this
                step = min(len(rest), room - fill)
                plain[fill : fill + step] = rest[:step]
                fill, rest = fill + step, rest[step:]
        if came < self._size:
            raise WrongSize(self._size, f"{came} came")
        yield partial(self._seal, first, plain, fill, final=True)

    def _seal(self, first: int, plain: memoryview, size: int, *, final: bool) -> tuple[memoryview, int, list[bytes]]:
        """Chunks from number `first` on: a buffer that begins with them sealed, how many bytes they take, the leaf of each."""
        out, end = self._buffers.take(), 0
        leaves: list[bytes] = []
        for at in range(0, max(1, size), CHUNK):
            chunk = plain[at : min(at + CHUNK, size)]
            sealed = out[end : end + len(chunk) + TAG]
            nonce = _chunk_nonce(first + len(leaves), final=final and at + len(chunk) == size)
            self._cipher.encrypt_into(nonce, chunk, None, sealed)
            leaves.append(leaf_hash(sealed))
            end += len(sealed)
        self._buffers.give(plain)
        return out, end, leaves


class Opening:
    """A payload to be read, in whole or in part. `get(offset, length)` gives exactly these bytes of the stored payload.

    Raises `Broken` at once if the nonce is another, or if the final chunk is not where `payload` says that the payload ends.
    """

    def __init__(self, key: FileKey, nonce: bytes, payload: int, get: Callable[[int, int], bytes]) -> None:
        self.size = plain_size(payload)
        self._body = payload - NONCE
        self._chunks = _chunks_of(self.size)
        self._get = get
        if not hmac.compare_digest(get(0, NONCE), nonce):
            raise Broken("the payload's nonce is not the recorded one")
        self._cipher = ChaCha20Poly1305(key.payload_key(nonce))
        self._buffers = _Buffers(CHUNK * min(BATCH, self._chunks))
        self._open(self._chunks - 1, self._chunks, memoryview(bytearray(CHUNK)))

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Plaintext from `offset`; like a slice, shorter where the object ends. Opens only the chunks it needs."""
        end = self._end(offset, length)
        if end <= offset:
            return b""
        first, after = offset // CHUNK, -(-end // CHUNK)
        plain = self._open(first, after, memoryview(bytearray(CHUNK * (after - first))))
        return bytes(plain[offset - first * CHUNK : end - first * CHUNK])

    def stream(self, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The same as `read`, in pieces of 1 MiB at most; one piece is opened ahead of the one that is asked for."""
        end = self._end(offset, length)
        last = -(-end // CHUNK) if end > offset else 0
        return self._pieces(offset, end, last)

    def _end(self, offset: int, length: int | None) -> int:
        """Where a range ends: at the object's end at the latest."""
        if offset < 0 or (length is not None and length < 0):
            raise ValueError("a range below zero")
        return self.size if length is None else min(self.size, offset + length)

    def _pieces(self, offset: int, end: int, last: int) -> Iterator[bytes]:
        firsts = range(offset // CHUNK, last, BATCH)
        opened = ahead(partial(self._batch, first, min(first + BATCH, last)) for first in firsts)
        for first, (buffer, size) in zip(firsts, opened, strict=True):
            yield bytes(buffer[max(0, offset - first * CHUNK) : min(size, end - first * CHUNK)])
            self._buffers.give(buffer)

    def _batch(self, first: int, last: int) -> tuple[memoryview, int]:
        buffer = self._buffers.take()
        return buffer, len(self._open(first, last, buffer))

    def _open(self, first: int, end: int, into: memoryview) -> memoryview:
        """Chunks `first` to `end` (not included), at the beginning of `into`: all of them, or `Broken`."""
        start, stop = first * SEALED_CHUNK, min(end * SEALED_CHUNK, self._body)
        sealed = memoryview(self._get(NONCE + start, stop - start))
        if len(sealed) != stop - start:
            raise Broken("the stored payload is shorter than recorded")
        plain = into[: len(sealed) - TAG * (end - first)]
        for index in range(first, end):
            at = index - first
            chunk, target = sealed[at * SEALED_CHUNK : (at + 1) * SEALED_CHUNK], plain[at * CHUNK : (at + 1) * CHUNK]
            try:
                self._cipher.decrypt_into(_chunk_nonce(index, final=index == self._chunks - 1), chunk, None, target)
            except InvalidTag as error:
                raise Broken(f"chunk {index} of the payload does not open") from error
        return plain
