"""Consistency proofs: what grew is shown to have grown, and nothing else is."""

from pathlib import Path

import pytest

from portal.audit.consistency import holds, proof, published_subtree
from portal.audit.tiles import Edge, write_tile
from portal.kernel.errors import Tampered
from portal.kernel.merkle import leaf_hash
from tests.rooms.audit.stage import independent_root

ENTRIES = [bytes([number >> 8, number & 255]) for number in range(700)]


def subtree(start: int, end: int) -> bytes:
    return independent_root(ENTRIES[start:end])


def test_every_proof_between_small_trees_holds_and_no_changed_one() -> None:
    roots = [subtree(0, size) for size in range(34)]
    for new in range(34):
        for old in range(new + 1):
            hashes = proof(old, new, subtree)
            assert holds(old, roots[old], new, roots[new], hashes)
            if old in {0, new}:
                assert hashes == []
                continue
            other = leaf_hash(b"another")
            assert not holds(old, other, new, roots[new], hashes)
            assert not holds(old, roots[old], new, other, hashes)
            assert not holds(old, roots[old], new, roots[new], [*hashes, other])
            assert not holds(old, roots[old], new, roots[new], hashes[:-1])
            for place in range(len(hashes)):
                assert not holds(old, roots[old], new, roots[new], [*hashes[:place], other, *hashes[place + 1 :]])


def test_a_tree_does_not_shrink_nor_change_at_one_size() -> None:
    two, three, other = subtree(0, 2), subtree(0, 3), leaf_hash(b"another")
    assert not holds(3, three, 2, two, [])
    assert not holds(3, three, 2, two, [other])
    assert not holds(3, three, 3, other, [])
    assert not holds(0, other, 3, three, [other])
    with pytest.raises(ValueError, match="does not go on"):
        proof(3, 2, subtree)


def publish(folder: Path, size: int) -> None:
    edge = Edge()
    for entry in ENTRIES[:size]:
        for tile, content in edge.append(entry):
            write_tile(folder, tile, content)
    for tile, content in edge.partial():
        write_tile(folder, tile, content)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512, 700])
def test_subtrees_come_from_published_tiles(tmp_path: Path, size: int) -> None:
    publish(tmp_path, size)
    found = published_subtree(tmp_path, size)
    for start, end in ((0, 1), (0, size), (size - 1, size), (size // 2, size), (0, min(256, size)), (size & ~255, size)):
        if start < end:
            assert found(start, end) == subtree(start, end)
    for old in {1, size // 3 + 1, size}:
        assert holds(old, subtree(0, old), size, subtree(0, size), proof(old, size, found))


def test_a_tile_that_is_gone_is_said(tmp_path: Path) -> None:
    publish(tmp_path, 300)
    (tmp_path / "tile/0/001.p/44").unlink()
    with pytest.raises(Tampered, match="missing or short"):
        published_subtree(tmp_path, 300)(256, 300)
