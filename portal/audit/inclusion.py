"""Inclusion proofs (RFC 6962, section 2.1.1): that an entry is in the tree that was signed; and the file form of c2sp.org/tlog-proof. Made
from published tiles.

An export is made under one checkpoint, that of its beginning: what came after it waits for the next.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from portal.audit.checkpoint import published_checkpoint, read_checkpoint
from portal.audit.consistency import LONGEST, Subtree, published_subtree, split_of
from portal.audit.signing import VerifierKey
from portal.kernel.merkle import node_hash

#: The first line of a proof as a file.
FORM = "c2sp.org/tlog-proof@v1"
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


def root_from(index: int, size: int, leaf: bytes, hashes: Sequence[bytes]) -> bytes | None:
    """The root that a leaf's hash and its proof lead to; None if the proof has another length than the place in the tree demands."""
    if not 0 <= index < size or len(hashes) > LONGEST:
        return None
    turns = []
    while size > 1:
        split = 1 << (size - 1).bit_length() - 1
        turns.append(index >= split)
        index, size = (index - split, size - split) if index >= split else (index, split)
    if len(turns) != len(hashes):
        return None
    for right, each in zip(reversed(turns), hashes, strict=True):
        leaf = node_hash(each, leaf) if right else node_hash(leaf, each)
    return leaf


def proof_text(index: int, hashes: Sequence[bytes], note: str, *, extra: bytes = b"") -> str:
    """The proof as text: what it is, what the entry is made of if that is given, the index, the hashes, an empty line, the checkpoint."""
    lines = [f"extra {base64.b64encode(extra).decode()}"] if extra else []
    lines += [f"index {index}", *(base64.b64encode(each).decode() for each in hashes)]
    return "\n".join([FORM, *lines, "", note])


@dataclass(frozen=True, slots=True)
class Proofs:
    """Proofs that lead to one checkpoint. `note` is as it was published, witnesses' lines included; empty before the first."""

    note: str
    size: int
    subtree: Subtree

    def of(self, index: int | None) -> list[str] | None:
        """The proof of a leaf, in base64; None if the checkpoint does not hold it. Raises `Tampered` if a tile is missing."""
        hashes = self._path(index)
        return None if hashes is None else [base64.b64encode(each).decode() for each in hashes]

    def text(self, index: int | None) -> str:
        """The same as c2sp.org/tlog-proof@v1, with the checkpoint; empty if that does not hold the leaf."""
        hashes = self._path(index)
        return "" if index is None or hashes is None else proof_text(index, hashes, self.note)

    def _path(self, index: int | None) -> list[bytes] | None:
        return None if index is None or index >= self.size else inclusion(index, self.size, self.subtree)


def proofs(directory: Path, key: VerifierKey) -> Proofs:
    """For the checkpoint that is published there now. Raises `BadNote` if the log did not sign it."""
    note = published_checkpoint(directory)
    size = read_checkpoint(note, key).size if note is not None else 0
    return Proofs(note or "", size, lru_cache(REMEMBERED)(published_subtree(directory, size)))
