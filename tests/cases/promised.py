"""What the portal promises of documents and shares, in plain Python: what may be done next, and who reads what now.

Written apart from the portal: no row, no rule, no key. `sequences.py` does the same acts on both and compares.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Seen(Enum):
    """What a reviewer of its recipient has of a share."""

    NOTHING = "nothing"
    STUB = "stub"
    CONTENT = "content"


@dataclass(eq=False)
class Share:
    """From the moment it is proposed; `given` once a second officer approved. `source`: the share it was passed on from."""

    id: str
    recipient: str
    use: str
    opens: datetime | None
    ends: datetime | None
    source: "Share | None"
    given: bool = False
    closed_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.closed_at is not None or (self.ends is not None and self.ends <= now)

    def seen(self, now: datetime) -> Seen:
        """What was closed before its embargo ended never was."""
        if not self.given or (self.opens is not None and min(now, self.closed_at or now) < self.opens):
            return Seen.NOTHING
        if self.is_over(now) or (self.source is not None and self.source.is_over(now)):
            return Seen.STUB
        return Seen.CONTENT


@dataclass(eq=False)
class Asked:
    """That a share goes on to this body."""

    id: str
    share: Share
    body: str
    declined: bool = False


@dataclass(eq=False)
class Proposal:
    id: str
    share: Share
    by: str
    epoch: int
    asked: Asked | None
    answered: bool = False


@dataclass(eq=False)
class Document:
    """`epoch` counts what closed it; `prepared`: for whom, and at which of them. `holds`: by whom each was placed."""

    id: str
    symbol: str
    epoch: int = 0
    withheld: bool = False
    prepared: dict[str, int] = field(default_factory=dict)
    renditions: int = 0
    proposals: list[Proposal] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    holds: dict[str, str] = field(default_factory=dict)
    shredding: tuple[str, str, int] | None = None  # its id, by whom, how many renditions there were
    shredded: bool = False

    @property
    def shares(self) -> list[Share]:
        return [proposal.share for proposal in self.proposals if proposal.share.given]

    def open_to(self, body: str) -> list[Share]:
        return [share for share in self.shares if share.recipient == body and share.closed_at is None]

    # ---- what may be done
    def may_open(self) -> bool:
        return not self.withheld and not self.shredded

    def may_propose(self, body: str) -> bool:
        current = self.prepared.get(body) == self.epoch
        return self.may_open() and current and not self.open_to(body) and not any(self._waits(one, body) for one in self.proposals)

    def _waits(self, proposal: Proposal, body: str) -> bool:
        return not proposal.answered and proposal.epoch == self.epoch and proposal.share.recipient == body

    def may_approve(self, proposal: Proposal, by: str, now: datetime) -> bool:
        """Two persons, nothing closed since, and what it comes of is still open."""
        standing = proposal.asked is None or not proposal.asked.share.is_over(now)
        return self.may_open() and not proposal.answered and proposal.epoch == self.epoch and by != proposal.by and standing

    def may_ask(self, share: Share, body: str, now: datetime) -> bool:
        before = [asked for asked in self.asked if asked.share is share and asked.body == body]
        return share.seen(now) is Seen.CONTENT and share.source is None and all(self.stage(asked) == "not agreed" for asked in before)

    def may_consent(self, asked: Asked, now: datetime) -> bool:
        return self.stage(asked) == "asked" and not asked.share.is_over(now) and self.may_propose(asked.body)

    def stage(self, asked: Asked) -> str:
        """A proposal that something closed before anybody decided answers nothing."""
        if asked.declined:
            return "not agreed"
        for proposal in reversed([one for one in self.proposals if one.asked is asked]):
            if proposal.answered:
                return "agreed" if proposal.share.given else "not agreed"
            if proposal.epoch == self.epoch:
                return "forwarded"
        return "asked"

    def may_shred(self, by: str) -> bool:
        if self.shredding is None or self.holds:
            return False
        _, proposed_by, renditions = self.shredding
        return by != proposed_by and renditions == self.renditions

    # ---- what happens then
    def close(self, share: Share, now: datetime) -> None:
        """And what was passed on from it."""
        share.closed_at = share.closed_at or now
        for further in self.shares:
            if further.source is share and further.closed_at is None:
                self.close(further, now)

    def close_all(self, now: datetime) -> None:
        self.epoch += 1
        for share in self.shares:
            self.close(share, now)

    def recall(self, body: str, now: datetime) -> None:
        self.epoch += 1
        for share in self.open_to(body):
            self.close(share, now)

    def end(self, now: datetime) -> None:
        """What is over is closed by itself."""
        for share in self.shares:
            if share.is_over(now):
                self.close(share, now)
