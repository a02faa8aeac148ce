"""Hash trees of RFC 6962, section 2.1: leaf `SHA-256(00 || entry)`, node `SHA-256(01 || left || right)`, empty tree `SHA-256("")`.

Shared by the vault (`ph`, the root over a sealed object's ciphertext chunks) and the log (its tree of leaves).
"""

import hashlib
from collections.abc import Iterable


def leaf_hash(entry: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(b"\x00")
    digest.update(entry)  # not joined before: an entry may be long
    return digest.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class RunningTree:
    """A tree that only grows and remembers its right edge: O(log n) memory, O(1) amortised per leaf."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []  # (number of leaves below, hash), sizes falling

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash (32 bytes)."""
        self.size += 1
        count, digest = 1, leaf
        while self._edge and self._edge[-1][0] == count:
            digest = node_hash(self._edge.pop()[1], digest)
            count *= 2
        self._edge.append((count, digest))

    def root(self) -> bytes:
        if not self._edge:
            return hashlib.sha256(b"").digest()
        digest = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            digest = node_hash(left, digest)
        return digest


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    tree = RunningTree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()
