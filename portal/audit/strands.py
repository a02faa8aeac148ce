"""Three copies of the log, walked side by side, and which of them was signed.

The same leaf can be had from the event itself (computed anew), from `audit_leaf`, and from the published bundle. Each copy grows a
tree of its own as soon as it differs from the others. Where a checkpoint's root is met, the copy that has this root is the truth: what
the others held instead is what was changed, and all go on from the truth, so that one alteration does not hide the next.

The published hash tiles are compared on the way: each must be the one that one of the copies gives.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from portal.audit.findings import NAMED, Findings, Kind
from portal.audit.tiles import ENTRIES, WIDTH, Edge, Tile, published_hashes
from portal.kernel.merkle import RunningTree, leaf_hash


class Source(StrEnum):
    EVENTS = "events"
    LEAVES = "leaves"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Difference:
    """A leaf on which the copies do not agree. `event` describes what `audit_event` holds for it.

    Where nothing is published, the published entry is the stored one, and `published` is False.
    """

    index: int
    event: str
    event_id: str | None
    entries: dict[Source, bytes]
    published: bool


@dataclass(slots=True)
class Strands:
    """`together` while all copies were equal since the last checkpoint: then one tree serves all three.

    `published` is how many leaves the tiles in `log_dir` must hold; without a directory none are looked at.
    """

    findings: Findings
    log_dir: Path | None = None
    published: int = 0
    together: bool = True
    _trees: dict[Source, RunningTree] = field(default_factory=lambda: dict.fromkeys(Source, RunningTree()))
    _edges: dict[Source, Edge] = field(default_factory=lambda: dict.fromkeys(Source, Edge()))
    _unsettled: list[Difference] = field(default_factory=list)

    def append(self, entry: bytes) -> None:
        """A leaf on which the copies agree."""
        digest = leaf_hash(entry)
        for tree in [self._trees[Source.EVENTS]] if self.together else self._trees.values():
            tree.append(digest)
        self._compare_tiles(dict.fromkeys([Source.EVENTS] if self.together else Source, entry))

    def append_different(self, difference: Difference) -> None:
        """A leaf on which they do not."""
        if self.together:
            self._trees = {source: copy.deepcopy(tree) for source, tree in self._trees.items()}
            self._edges = {source: edge.copy() for source, edge in self._edges.items()}
            self.together = False
        for source, tree in self._trees.items():
            tree.append(leaf_hash(difference.entries[source]))
        self._compare_tiles(difference.entries)
        if len(self._unsettled) < NAMED:
            self._unsettled.append(difference)
        else:
            self.findings.more += 1

    def root(self) -> bytes:
        """The root of the tree that was rebuilt from the events."""
        return self._trees[Source.EVENTS].root()

    def settle(self, root: bytes) -> bool:
        """Whether some copy has this root. If so, the others' differences become findings, and all go on from it."""
        for source in (Source.LEAVES, Source.EVENTS, Source.PUBLISHED):
            if self._trees[source].root() == root:
                for difference in self._unsettled:
                    self._blame(difference, source)
                self._unsettled.clear()
                self._trees = dict.fromkeys(Source, self._trees[source])
                self._edges = dict.fromkeys(Source, self._edges[source])
                self.together = True
                return True
        return False

    def give_up(self) -> None:
        """No checkpoint tells which copy is the truth: report that they differ."""
        for difference in self._unsettled:
            entries, index = difference.entries, difference.index
            if entries[Source.EVENTS] != entries[Source.LEAVES]:
                text = f"leaf {index}: {difference.event} no longer matches its leaf; no checkpoint tells which of the two was changed"
                self.findings.add(Kind.EVENT_CHANGED, text, leaf=index, event=difference.event_id)
            else:
                text = f"leaf {index}: audit_leaf and {_bundle(index)} differ; no checkpoint tells which of the two was changed"
                self.findings.add(Kind.LEAF_CHANGED, text, leaf=index, event=difference.event_id)
        self._unsettled.clear()

    def leave_tiles(self) -> None:
        """A leaf is lost, so that no later tile can be computed: look at no more of them."""
        self.log_dir = None

    def _compare_tiles(self, entries: Mapping[Source, bytes]) -> None:
        """Grow the edges by these entries; compare each hash tile that is completed now, and at the published end the unfinished ones."""
        if self.log_dir is None or self._edges[Source.EVENTS].size >= self.published:
            return
        edges = [self._edges[source] for source in entries]
        made = [edge.append(entry) for edge, entry in zip(edges, entries.values(), strict=True)]
        if edges[0].size == self.published:
            made = [[*tiles, *edge.partial()] for edge, tiles in zip(edges, made, strict=True)]
        for copies in zip(*made, strict=True):
            tile = copies[0][0]
            if tile.level == ENTRIES:
                continue
            found = published_hashes(self.log_dir, tile)
            if found is None:
                self.findings.add(Kind.PUBLISHED_MISSING, f"{tile.path} is missing")
            elif found not in {content for _, content in copies}:
                self.findings.add(Kind.PUBLISHED_CHANGED, f"{tile.path} does not hold the hashes of the leaves")

    def _blame(self, difference: Difference, truth: Source) -> None:
        entries, index = difference.entries, difference.index
        if entries[Source.EVENTS] != entries[truth]:
            text = f"leaf {index}: {difference.event} no longer matches its leaf: the event was changed"
            self.findings.add(Kind.EVENT_CHANGED, text, leaf=index, event=difference.event_id)
        if entries[Source.LEAVES] != entries[truth]:
            text = f"leaf {index}: the entry in audit_leaf was changed; it belongs to {difference.event}"
            self.findings.add(Kind.LEAF_CHANGED, text, leaf=index, event=difference.event_id)
        if difference.published and entries[Source.PUBLISHED] != entries[truth]:
            self.findings.add(Kind.PUBLISHED_CHANGED, f"leaf {index}: its entry in {_bundle(index)} was changed", leaf=index)


def _bundle(index: int) -> str:
    return Tile(ENTRIES, index // WIDTH).path
