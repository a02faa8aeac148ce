"""The payload of an age v1 file (C2SP.org/age): a 16-byte nonce, then STREAM of ChaCha20-Poly1305 in chunks of 64 KiB.

Sealing is one pass in constant memory. Opening checks the final chunk first, which authenticates the length, and then gives only what
it has authenticated; anything else is `Broken`.
"""

import hmac
import secrets
from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from portal.kernel.merkle import RunningTree, leaf_hash
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
        self._sealed = False

    @property
    def ph(self) -> bytes:
        """The root of RFC 6962 over the sealed chunks, each with its tag."""
        if not self._sealed:
            raise RuntimeError("the root is known after the last byte")
        return self._tree.root()

    def __iter__(self) -> Iterator[bytes]:
        source, self._source = self._source, None
        if source is None:
            raise RuntimeError("a sealing runs once: other bytes under the same key and nonce would break the cipher")
        return self._run(source)

    def _run(self, source: Iterable[bytes]) -> Iterator[bytes]:
        yield self.nonce
        batch = min(BATCH, _chunks_of(self._size))
        plain, out = memoryview(bytearray(CHUNK * batch)), memoryview(bytearray(SEALED_CHUNK * batch))
        fill = came = 0
        for piece in source:
            rest = memoryview(piece)
            came += len(rest)
            if came > self._size:
                raise WrongSize(self._size, "more came")
            while rest:
                if fill == len(plain):  # more follows, so that no chunk in here is the final one
                    yield bytes(out[: self._seal(plain, out, final=False)])
                    fill = 0
                step = min(len(rest), len(plain) - fill)
                plain[fill : fill + step] = rest[:step]
                fill, rest = fill + step, rest[step:]
        if came < self._size:
            raise WrongSize(self._size, f"{came} came")
        yield bytes(out[: self._seal(plain[:fill], out, final=True)])
        self._sealed = True

    def _seal(self, plain: memoryview, out: memoryview, *, final: bool) -> int:
        """Seal the batch into `out`; returns how many bytes that took."""
        end = 0
        for at in range(0, max(1, len(plain)), CHUNK):
            chunk = plain[at : at + CHUNK]
            sealed = out[end : end + len(chunk) + TAG]
            nonce = _chunk_nonce(self._tree.size, final=final and at + len(chunk) == len(plain))
            self._cipher.encrypt_into(nonce, chunk, None, sealed)
            self._tree.append(leaf_hash(sealed))
            end += len(sealed)
        return end


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
        self._open(self._chunks - 1, self._chunks)

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Plaintext from `offset`; like a slice, shorter where the object ends. Opens only the chunks it needs."""
        if offset < 0 or (length is not None and length < 0):
            raise ValueError("a range below zero")
        end = self.size if length is None else min(self.size, offset + length)
        if end <= offset:
            return b""
        first = offset // CHUNK
        plain = self._open(first, -(-end // CHUNK))
        return plain[offset - first * CHUNK : end - first * CHUNK]

    def stream(self, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The same as `read`, in pieces of 1 MiB at most."""
        if offset < 0 or (length is not None and length < 0):
            raise ValueError("a range below zero")
        end = self.size if length is None else min(self.size, offset + length)
        last = -(-end // CHUNK) if end > offset else 0
        for first in range(offset // CHUNK, last, BATCH):
            plain = self._open(first, min(first + BATCH, last))
            low, high = max(0, offset - first * CHUNK), end - first * CHUNK
            yield plain if low == 0 and high >= len(plain) else plain[low:high]

    def _open(self, first: int, end: int) -> bytes:
        """Chunks `first` to `end` (not included): all of them, or `Broken`."""
        start, stop = first * SEALED_CHUNK, min(end * SEALED_CHUNK, self._body)
        sealed = memoryview(self._get(NONCE + start, stop - start))
        if len(sealed) != stop - start:
            raise Broken("the stored payload is shorter than recorded")
        plain = bytearray(len(sealed) - TAG * (end - first))
        view = memoryview(plain)
        for index in range(first, end):
            at = index - first
            chunk, target = sealed[at * SEALED_CHUNK : (at + 1) * SEALED_CHUNK], view[at * CHUNK : (at + 1) * CHUNK]
            try:
                self._cipher.decrypt_into(_chunk_nonce(index, final=index == self._chunks - 1), chunk, None, target)
            except InvalidTag as error:
                raise Broken(f"chunk {index} of the payload does not open") from error
        return bytes(plain)
