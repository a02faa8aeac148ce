"""Inclusion proofs (RFC 6962, section 2.1.1): that an entry is in the tree of a checkpoint; and the file form of c2sp.org/tlog-proof."""

import base64
from collections.abc import Iterator, Sequence

from portal.audit.consistency import LONGEST, Subtree
from portal.kernel.merkle import node_hash

#: The first line of such a proof.
FORM = "c2sp.org/tlog-proof@v1"


def path(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Hashes (32 bytes each) from the leaf's sibling up to the root's child, in a tree of `size` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    return list(_path(index, 0, size, subtree))


def _path(index: int, start: int, end: int, subtree: Subtree) -> Iterator[bytes]:
    """PATH(index, D[start:end]), `index` counted from the beginning of the log."""
    if end - start == 1:
        return
    split = start + (1 << (end - start - 1).bit_length() - 1)
    if index < split:
        yield from _path(index, start, split, subtree)
        yield subtree(split, end)
    else:
        yield from _path(index, split, end, subtree)
        yield subtree(start, split)


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


def proof_text(index: int, hashes: Sequence[bytes], note: str, *, extra: bytes) -> str:
    """The proof as text: what it is, what the entry is made of, the index, a line for each hash, an empty line, the checkpoint."""
    lines = [f"extra {base64.b64encode(extra).decode()}", f"index {index}", *(base64.b64encode(each).decode() for each in hashes)]
    return "\n".join([FORM, *lines, "", note])
