"""The published tree (c2sp.org/tlog-tiles): hash tiles and entry bundles, 256 wide, as files.

A file is written once and never changes; a partial one goes when its full one is there. What is already there with the right bytes
is left alone, so that writing again after a crash costs reading only.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from portal.audit.durable import write_durably
from portal.kernel.merkle import leaf_hash, root_of

WIDTH = 256
ENTRIES = "entries"


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a tile stands: `level` is a number or `entries`; a `width` below 256 makes it partial."""

    level: int | str
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]`, N in groups of three digits, all but the last with an x in front."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        suffix = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{'/'.join(groups)}{suffix}"


def bundle(entries: list[bytes]) -> bytes:
    """Entries of at most 65,535 bytes, each after its length as two bytes, big-endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundle(content: bytes) -> list[bytes]:
    """The entries of a bundle; `ValueError` if it ends inside one."""
    entries, offset = [], 0
    while offset < len(content):
        end = offset + 2 + int.from_bytes(content[offset : offset + 2], "big")
        if end > len(content) or offset + 2 > len(content):
            raise ValueError("the bundle ends inside an entry")
        entries.append(content[offset + 2 : end])
        offset = end
    return entries


@dataclass(slots=True)
class Edge:
    """The right edge of a growing tree: the unfinished tile of each level and the unfinished bundle. Constant memory per level."""

    size: int = 0
    last: bytes = b""
    _levels: list[list[bytes]] = field(default_factory=list)
    _entries: list[bytes] = field(default_factory=list)

    def copy(self) -> "Edge":
        return copy.deepcopy(self)

    def append(self, entry: bytes) -> list[tuple[Tile, bytes]]:
        """Add one entry; returns each tile that it completes."""
        completed: list[tuple[Tile, bytes]] = []
        self.size += 1
        self.last = entry
        self._entries.append(entry)
        if len(self._entries) == WIDTH:
            completed.append((Tile(ENTRIES, self.size // WIDTH - 1), bundle(self._entries)))
            self._entries = []
        digest, level = leaf_hash(entry), 0
        while True:
            if level == len(self._levels):
                self._levels.append([])
            hashes = self._levels[level]
            hashes.append(digest)
            if len(hashes) < WIDTH:
                return completed
            completed.append((Tile(level, self.size // WIDTH ** (level + 1) - 1), b"".join(hashes)))
            digest, self._levels[level], level = root_of(hashes), [], level + 1

    def partial(self) -> Iterator[tuple[Tile, bytes]]:
        """The unfinished tiles of the tree as it is."""
        if self._entries:
            yield Tile(ENTRIES, self.size // WIDTH, len(self._entries)), bundle(self._entries)
        for level, hashes in enumerate(self._levels):
            if hashes:
                yield Tile(level, self.size // WIDTH ** (level + 1), len(hashes)), b"".join(hashes)

    def root(self) -> bytes:
        """The root of the tree (RFC 6962): each level's hashes, with what the levels below amount to at its right."""
        carried: list[bytes] = []
        for hashes in self._levels:
            if hashes or carried:
                carried = [root_of([*hashes, *carried])]
        return carried[0] if carried else root_of([])


def write_tile(directory: Path, tile: Tile, content: bytes) -> None:
    """Make sure the tile stands there, durably."""
    file = directory / tile.path
    try:
        if file.read_bytes() == content:
            return
    except OSError:  # missing or unreadable: written anew, or the write says what is wrong
        pass
    write_durably(file, content)


def drop_partials(directory: Path, tile: Tile) -> None:
    """Remove the partial tiles that the full `tile` replaces."""
    folder = directory / f"{tile.path}.p"
    if folder.is_dir():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def published_hashes(directory: Path, tile: Tile) -> bytes | None:
    """The hashes of a tile as published; those of a partial one may stand in the full one that replaced it. None if there are none."""
    whole = Tile(tile.level, tile.index)
    for candidate in (tile, whole, tile):  # as in `published_entries`: perhaps it is replaced while we look
        try:
            content = (directory / candidate.path).read_bytes()
        except FileNotFoundError:
            continue
        except OSError:
            return None
        return content if candidate is tile else content[: 32 * tile.width]
    return None


def published_entries(directory: Path, index: int) -> list[bytes] | None:
    """The entries of a bundle as published, from the full file or the widest partial one; None if there is none, or it is damaged."""
    whole = directory / Tile(ENTRIES, index).path
    partial = whole.with_name(f"{whole.name}.p")
    widths = sorted((int(file.name) for file in partial.glob("*") if re.fullmatch(r"[1-9][0-9]{0,2}", file.name)), reverse=True)
    # The full one is asked for again at the end: it replaces the partial ones, perhaps while we look.
    for width in (WIDTH, *widths[:1], WIDTH):
        try:
            entries = unbundle((directory / Tile(ENTRIES, index, width).path).read_bytes())
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return None
        return entries if len(entries) == width else None
    return None
