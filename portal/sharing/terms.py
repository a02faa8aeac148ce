"""The terms of a share: how its recipient may use it, and until when. Two officers agree to their text; keys are bound to its hash."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from portal.sharing.eyes import is_reference


class Use(StrEnum):
    """What a recipient may do, each more than the one before. What left the portal cannot be taken back, only asked for."""

    VIEW_ONLY = "view_only"
    DOWNLOAD = "download"
    FILE = "file"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Use.VIEW_ONLY: "View only, watermarked",
    Use.DOWNLOAD: "Watermarked copy allowed",
    Use.FILE: "File allowed, without watermark",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """`until` is the last day (UTC) on which the share is open; None has no end. `opens`, of an embargo, is the first one.

    `eyes`: the references of those persons of the recipient for whom alone it is; empty if it is for all its reviewers.
    """

    use: Use = Use.VIEW_ONLY
    until: date | None = None
    opens: date | None = None
    eyes: frozenset[str] = frozenset()

    def to_text(self) -> str:
        """The canonical text: the same terms, the same bytes."""
        written: dict[str, str | int | list[str]] = {"use": self.use.value, "v": 1}
        if self.until is not None:
            written["until"] = self.until.isoformat()
        if self.opens is not None:
            written["opens"] = self.opens.isoformat()
        if self.eyes:
            written["eyes"] = sorted(self.eyes)
        return json.dumps(written, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "Terms":
        """Raises ValueError for a text that `to_text` would not have written: what is not understood opens nothing."""
        written = json.loads(text)
        if not isinstance(written, dict):
            raise ValueError("no terms")
        until, opens = (None if day is None else date.fromisoformat(day) for day in (written.get("until"), written.get("opens")))
        eyes = written.get("eyes", [])
        terms = cls(Use(str(written.get("use"))), until, opens, frozenset(map(str, eyes if isinstance(eyes, list) else [eyes])))
        if terms.to_text() != text or not all(map(is_reference, terms.eyes)):
            raise ValueError("terms of another kind")
        return terms

    @property
    def downloadable(self) -> bool:
        """May a copy with the reader's name leave the portal? Then the PDF's key is granted, too."""
        return self.use in {Use.DOWNLOAD, Use.FILE}

    @property
    def fetchable(self) -> bool:
        """May the stored PDF itself leave, with nobody's name on it?"""
        return self.use is Use.FILE

    @property
    def ends_at(self) -> datetime | None:
        """The first instant at which the share is closed."""
        if self.until is None:
            return None
        return datetime.combine(self.until + timedelta(days=1), time(0), UTC)

    def is_over(self, at: datetime) -> bool:
        return self.ends_at is not None and at >= self.ends_at

    @property
    def opens_at(self) -> datetime | None:
        """The first instant at which its recipient may know of the share; None from the beginning."""
        return None if self.opens is None else datetime.combine(self.opens, time(0), UTC)

    def is_embargoed(self, at: datetime) -> bool:
        """Is, or was, the share not to be known of at this moment?"""
        return self.opens_at is not None and at < self.opens_at

    def is_for(self, reference: str) -> bool:
        """Is it for a reviewer of the recipient who has this reference?"""
        return not self.eyes or reference in self.eyes

    @property
    def words(self) -> str:
        eyes = ", eyes only" if self.eyes else ""
        opens = "" if self.opens is None else f", from {self.opens.day} {self.opens:%b %Y}"
        until = "" if self.until is None else f", until {self.until.day} {self.until:%b %Y}"
        return self.use.words + eyes + opens + until


def terms_digest(text: str) -> bytes:
    """What a key wrap and a statement of two officers name the terms by."""
    return hashlib.sha256(text.encode()).digest()
