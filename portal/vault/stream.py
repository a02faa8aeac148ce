"""The payload of an age v1 file (C2SP.org/age): a 16-byte nonce, then STREAM of ChaCha20-Poly1305 in chunks of 64 KiB.

Chunk key: `HKDF-SHA256(file key, salt = nonce, info = "payload")`. Chunk nonce: 11-byte big-endian counter, then 01 for the final chunk
and 00 otherwise. Every chunk is full but the last, which is empty only in an empty payload. Nothing that does not authenticate is
ever returned.
"""

from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.kernel.merkle import RunningTree, leaf_hash
from portal.vault.errors import Broken

CHUNK = 65_536
TAG = 16
NONCE = 16
SEALED_CHUNK = CHUNK + TAG


def chunks_of(size: int) -> int:
    return max(1, -(-size // CHUNK))


def payload_size(size: int) -> int:
    """Bytes of the payload (nonce included) of a plaintext of `size` bytes."""
    return NONCE + size + TAG * chunks_of(size)


def derive(key: bytes, salt: bytes | None, info: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869), 32 bytes."""
    return HKDF(hashes.SHA256(), 32, salt, info).derive(key)


def commitment(key: bytes, nonce: bytes) -> bytes:
    """`kc`: what binds a payload to the one key it was sealed under. ChaCha20-Poly1305 itself does not commit to its key."""
    return derive(key, nonce, b"portal/kc/v1")


def _chunk_nonce(index: int, final: bool) -> bytes:
    return (index << 8 | final).to_bytes(12, "big")


class Sealing:
    """Seals a source of known or unknown length in constant memory. After the last byte: `size` (plain), `ph` (root over the chunks)."""

    def __init__(self, key: bytes, nonce: bytes, source: Iterable[bytes]) -> None:
        self._aead = ChaCha20Poly1305(derive(key, nonce, b"payload"))
        self._nonce = nonce
        self._source = source
        self._tree = RunningTree()
        self.size = 0

    @property
    def ph(self) -> bytes:
        """RFC 6962 root over the sealed chunks, each with its tag."""
        return self._tree.root()

    def __iter__(self) -> Iterator[bytes]:
        yield self._nonce
        plain, sealed = bytearray(CHUNK), bytearray(SEALED_CHUNK)
        room, out, fill, index = memoryview(plain), memoryview(sealed), 0, 0
        for piece in self._source:
            view = memoryview(piece)
            while len(view):
                if fill == CHUNK:  # more follows, so this chunk is not the last
                    yield self._seal(room, out, index, final=False)
                    index, fill = index + 1, 0
                taken = min(len(view), CHUNK - fill)
                room[fill : fill + taken] = view[:taken]
                fill, view = fill + taken, view[taken:]
                self.size += taken
        yield self._seal(room[:fill], out[: fill + TAG], index, final=True)

    def _seal(self, plain: memoryview, out: memoryview, index: int, *, final: bool) -> bytes:
        self._aead.encrypt_into(_chunk_nonce(index, final), plain, None, out)
        self._tree.append(leaf_hash(out))
        return bytes(out)


class Opening:
    """Opens ranges of a stored payload. `read(offset, length)` gives exactly those stored bytes.

    The final chunk is verified first: it authenticates the length, so that a payload cut at a chunk's edge is found out before a byte
    leaves.
    """

    def __init__(self, key: bytes, stored: int, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        body = stored - NONCE
        self._count = -(-body // SEALED_CHUNK)
        last = body - (self._count - 1) * SEALED_CHUNK
        if body < TAG or last < TAG or (last == TAG and self._count > 1):
            raise Broken("a payload of an impossible length")
        self._body = body
        self.size = body - TAG * self._count
        self._aead = ChaCha20Poly1305(derive(key, self._exactly(0, NONCE), b"payload"))
        self._final = self._chunk(self._count - 1)

    def range(self, offset: int, length: int) -> Iterator[bytes]:
        """The plaintext from `offset`, at most `length` bytes, chunk by chunk."""
        end = min(self.size, offset + length)
        while offset < end:
            index = offset // CHUNK
            plain = self._final if index == self._count - 1 else self._chunk(index)
            start = offset - index * CHUNK
            piece = plain[start : start + end - offset]
            yield piece
            offset += len(piece)

    def _chunk(self, index: int) -> bytes:
        start = index * SEALED_CHUNK
        data = self._exactly(NONCE + start, min(SEALED_CHUNK, self._body - start))
        try:
            return self._aead.decrypt(_chunk_nonce(index, index == self._count - 1), data, None)
        except InvalidTag as error:
            raise Broken(f"chunk {index} does not authenticate") from error

    def _exactly(self, offset: int, length: int) -> bytes:
        data = self._read(offset, length)
        if len(data) != length:
            raise Broken("a payload is shorter than its record says")
        return data
