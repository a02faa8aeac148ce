"""Consistency proofs (RFC 6962, section 2.1.2): that a tree only grew. Made from published tiles, checked by whoever kept an older root."""

from collections.abc import Callable, Iterator
from pathlib import Path

from portal.audit.tiles import WIDTH, Tile, published_hashes
from portal.kernel.errors import Tampered
from portal.kernel.merkle import node_hash, root_of

#: The root over the leaves from the first to before the second.
Subtree = Callable[[int, int], bytes]
#: More hashes than a tree of 2^63 leaves needs.
LONGEST = 63


def proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """Hashes (32 bytes each) that lead from the root at `old` leaves to that at `new`; none if either needs no proof."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not go on from one of {old}")
    return [] if old in {0, new} else list(_proof(old, 0, new, True, subtree))


def _proof(old: int, start: int, end: int, whole: bool, subtree: Subtree) -> Iterator[bytes]:
    """SUBPROOF(old, D[start:end], whole), `old` counted from `start`."""
    if old == end - start:
        if not whole:
            yield subtree(start, end)
        return
    split = split_of(end - start)
    if old <= split:
        yield from _proof(old, start, start + split, whole, subtree)
        yield subtree(start + split, end)
    else:
        yield from _proof(old - split, start + split, end, False, subtree)
        yield subtree(start, start + split)


def holds(old: int, old_root: bytes, new: int, new_root: bytes, hashes: list[bytes]) -> bool:
    """Does the proof lead from one root to the other? The algorithm of RFC 9162, section 2.1.4.2."""
    if old == 0:
        return not hashes
    if old == new:
        return not hashes and old_root == new_root
    if old > new or not hashes:
        return False
    left, right = old - 1, new - 1
    if old & (old - 1) == 0:
        hashes = [old_root, *hashes]
    while left & 1:
        left, right = left >> 1, right >> 1
    before = after = hashes[0]
    for each in hashes[1:]:
        if right == 0:
            return False
        if left & 1 or left == right:
            before, after = node_hash(each, before), node_hash(each, after)
            while left and not left & 1:
                left, right = left >> 1, right >> 1
        else:
            after = node_hash(after, each)
        left, right = left >> 1, right >> 1
    return right == 0 and before == old_root and after == new_root


def published_subtree(directory: Path, size: int) -> Subtree:
    """Subtrees of the log published there, of at least `size` leaves. Raises `Tampered` if a tile is missing or short."""

    def subtree(start: int, end: int) -> bytes:
        count = end - start
        if count & (count - 1) or start % count:
            split = split_of(count)
            return node_hash(subtree(start, start + split), subtree(start + split, end))
        level = (count.bit_length() - 1) // 8
        first, wanted = start >> 8 * level, count >> 8 * level
        index, at = divmod(first, WIDTH)
        tile = Tile(level, index, min(WIDTH, (size >> 8 * level) - index * WIDTH))
        hashes = published_hashes(directory, tile)
        if hashes is None or len(hashes) < 32 * (at + wanted):
            raise Tampered(f"{tile.path} is missing or short")
        return root_of([hashes[32 * place : 32 * place + 32] for place in range(at, at + wanted)])

    return subtree


def split_of(count: int) -> int:
    """The largest power of two that is smaller."""
    return 1 << (count - 1).bit_length() - 1
