"""What can be wrong with a stored object, told without any key: its payload or its header is gone, has another size, or other bytes.

`ph`, the root over the ciphertext's chunks, says that every byte is as it was sealed; headers are compared with the row's.
"""

from collections.abc import Callable
from typing import Final

from portal.kernel.merkle import RunningTree, leaf_hash
from portal.vault.errors import Broken
from portal.vault.store import HEADER_SUFFIX, Store
from portal.vault.stream import BATCH, NONCE, SEALED_CHUNK

PAYLOAD_GONE: Final = "payload_gone"
PAYLOAD_SIZE: Final = "payload_size"
PAYLOAD_CHANGED: Final = "payload_changed"
HEADER_GONE: Final = "header_gone"
HEADER_SIZE: Final = "header_size"
HEADER_CHANGED: Final = "header_changed"
#: Something is there and has its size, but not its bytes.
CHANGED = frozenset({PAYLOAD_CHANGED, HEADER_CHANGED})


def look(store: Store, key: str, size: int, header: bytes, bytes_of: tuple[bytes, bytes] | None) -> str:
    """The first thing wrong with the object, the payload before the header; "" if all is well.

    `bytes_of`: nonce and `ph` of the payload, to read every byte; None to look at sizes only.
    """
    if fault := _sized(store, key, size, PAYLOAD_GONE, PAYLOAD_SIZE):
        return fault
    if fault := _sized(store, key + HEADER_SUFFIX, len(header), HEADER_GONE, HEADER_SIZE):
        return fault
    if bytes_of is None:
        return ""
    nonce, ph = bytes_of
    try:
        if store.get(key, 0, NONCE) != nonce or payload_root(lambda offset, length: store.get(key, offset, length), size) != ph:
            return PAYLOAD_CHANGED
        if store.get(key + HEADER_SUFFIX, 0, len(header)) != header:
            return HEADER_CHANGED
    except Broken:  # it went, or shrank, while we read: the next look says which
        return PAYLOAD_CHANGED
    return ""


def payload_root(get: Callable[[int, int], bytes], size: int) -> bytes:
    """`ph` of the stored payload of this size, read in pieces of 1 MiB. `Broken` if it is shorter."""
    tree = RunningTree()
    for start in range(NONCE, size, SEALED_CHUNK * BATCH):
        piece = memoryview(get(start, min(SEALED_CHUNK * BATCH, size - start)))
        for at in range(0, len(piece), SEALED_CHUNK):
            tree.append(leaf_hash(piece[at : at + SEALED_CHUNK]))
    return tree.root()


def _sized(store: Store, key: str, size: int, gone: str, other: str) -> str:
    try:
        return "" if store.stat(key) == size else other
    except Broken:
        return gone
