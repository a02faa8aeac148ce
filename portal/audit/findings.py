"""What a verification found: each finding says what is wrong and where."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

#: Findings named one by one; beyond, they are counted.
NAMED = 200


class Kind(StrEnum):
    EVENT_CHANGED = "event_changed"
    EVENT_MISSING = "event_missing"
    EVENT_EXTRA = "event_extra"
    EVENT_WAITING = "event_waiting"
    QUEUE_WRONG = "queue_wrong"
    LEAF_CHANGED = "leaf_changed"
    LEAF_MISSING = "leaf_missing"
    LEAF_STRAY = "leaf_stray"
    LOG_SHORT = "log_short"
    INTERVAL_CHANGED = "interval_changed"
    ROOT_DIFFERS = "root_differs"
    CHECKPOINT_BAD = "checkpoint_bad"
    CHECKPOINT_CHANGED = "checkpoint_changed"
    PUBLISHED_CHANGED = "published_changed"
    PUBLISHED_MISSING = "published_missing"
    GUARD_UNUSABLE = "guard_unusable"
    ROW_UNTOLD = "row_untold"
    ROW_MISSING = "row_missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """`leaf` and `event` are the place, where there is one; `text` names it too."""

    kind: Kind
    text: str
    leaf: int | None = None
    event: str | None = None


@dataclass(slots=True)
class Findings:
    """Collects; keeps the first `NAMED` and the number of the others."""

    named: list[Finding] = field(default_factory=list)
    more: int = 0

    def add(self, kind: Kind, text: str, *, leaf: int | None = None, event: str | None = None) -> None:
        if len(self.named) < NAMED:
            self.named.append(Finding(kind, text, leaf, event))
        else:
            self.more += 1


@dataclass(frozen=True, slots=True)
class Report:
    """`root` (32 bytes) is of the tree of `size` leaves, rebuilt from the events; `checkpoints` is how many signatures were checked.

    `more` counts findings beyond those that are named.
    """

    findings: tuple[Finding, ...]
    more: int
    size: int
    root: bytes
    checkpoints: int
    checked_at: datetime
    #: What is in order, and still to be known by whoever relies on the log.
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.findings and not self.more
