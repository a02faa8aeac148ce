"""Inclusion proofs (RFC 6962, section 2.1.1): that an entry is in the tree that was signed. Made from published tiles.

An export is made under one checkpoint, that of its beginning: what came after it waits for the next.
"""

import base64
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from portal.audit.checkpoint import published_checkpoint, read_checkpoint
from portal.audit.consistency import Subtree, published_subtree, split_of
from portal.audit.signing import VerifierKey

#: Subtrees that are remembered: neighbours in the log share nearly all of them.
REMEMBERED = 1 << 12


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The hashes (32 bytes each) from the leaf at `index` to the root at `size` leaves, lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + split_of(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


@dataclass(frozen=True, slots=True)
class Proofs:
    """Proofs that lead to one checkpoint. `note` is as it was published, witnesses' lines included; empty before the first."""

    note: str
    size: int
    subtree: Subtree

    def of(self, index: int | None) -> list[str] | None:
        """The proof of a leaf, in base64; None if the checkpoint does not hold it. Raises `Tampered` if a tile is missing."""
        if index is None or index >= self.size:
            return None
        return [base64.b64encode(each).decode() for each in inclusion(index, self.size, self.subtree)]

    def text(self, index: int | None) -> str:
        """The same as c2sp.org/tlog-proof@v1, with the checkpoint; empty if that does not hold the leaf."""
        hashes = self.of(index)
        return "" if hashes is None else "\n".join(["c2sp.org/tlog-proof@v1", f"index {index}", *hashes, "", self.note])


def proofs(directory: Path, key: VerifierKey) -> Proofs:
    """For the checkpoint that is published there now. Raises `BadNote` if the log did not sign it."""
    note = published_checkpoint(directory)
    size = read_checkpoint(note, key).size if note is not None else 0
    return Proofs(note or "", size, lru_cache(REMEMBERED)(published_subtree(directory, size)))
