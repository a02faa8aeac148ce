"""What a request says, and what follows from it. Pure: no database, no clock.

A request is words (sealed as one JSON text), a scope, and for `pages` and `passages` the page numbers and boxes, which are words too:
which passages a State asked to keep is itself confidential.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from portal.confidentiality.boxes import Box, Withheld, boxes_text, stored_boxes
from portal.kernel.errors import Invalid, PortalError

_RANGE = re.compile(r"(\d{1,5})(?:\s*[-–]\s*(\d{1,5}))?")


class Ground(StrEnum):
    """On whose account something is kept back: a State asked for it, or the originator's own redaction. The mark is the same."""

    STATE = "state"
    THIRD_PARTY = "third_party"
    PERSONAL_DATA = "personal_data"
    OTHER_STATE = "other_state"

    @property
    def words(self) -> str:
        return {
            Ground.STATE: "Request of a Member State",
            Ground.THIRD_PARTY: "Own redaction: third party",
            Ground.PERSONAL_DATA: "Own redaction: personal data",
            Ground.OTHER_STATE: "Own redaction: another State",
        }[self]


class WhollyWithheld(PortalError):
    """The whole document is withheld from that body; there is nothing to prepare or propose."""

    status = 409
    code = "withheld"
    heading = "Kept back as a whole"
    public = "A Member State asked to keep this whole document. Nothing can be prepared for another body while the request is in force."


@dataclass(frozen=True, slots=True)
class RequestWords:
    """What is sealed of a request. `pages` are 1-based, sorted; without pages and boxes the whole document is meant.

    `labels` are the passages that were taken whole, in reading order; `boxes` holds the boxes of these, which are `of_labels`, and those
    that were drawn. `version` is the one that they are marked on; of the whole document it says nothing. Of the originator's own redaction
    the State, the day and the way are empty, and `reference` says why.
    """

    state: str
    reference: str
    dated: str
    received: str
    pages: tuple[int, ...] = ()
    boxes: tuple[Box, ...] = ()
    ground: Ground = Ground.STATE
    labels: tuple[str, ...] = ()
    of_labels: tuple[Box, ...] = ()
    version: int = 1

    def to_text(self) -> str:
        said = {"state": self.state, "reference": self.reference, "dated": self.dated, "received": self.received, "ground": self.ground}
        kept = {"pages": list(self.pages), "boxes": boxes_text(self.boxes)}
        taken = {"labels": list(self.labels), "of_labels": boxes_text(self.of_labels), "version": self.version}
        return json.dumps({**said, **kept, **taken}, sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "RequestWords":
        """The inverse; what a text from before there were boxes, labels, grounds or versions does not say is as it was then."""
        raw = json.loads(text)
        boxes, ground = stored_boxes(raw.get("boxes", "")), Ground(raw.get("ground", Ground.STATE))
        labels, of_labels, version = tuple(raw.get("labels", ())), stored_boxes(raw.get("of_labels", "")), int(raw.get("version", 1))
        heard = (raw["state"], raw["reference"], raw["dated"], raw["received"])
        return cls(*heard, tuple(raw["pages"]), boxes, ground, labels, of_labels, version)

    @property
    def drawn(self) -> tuple[Box, ...]:
        """The boxes that no label accounts for."""
        return tuple(box for box in self.boxes if box not in set(self.of_labels))

    @property
    def scope_words(self) -> str:
        """ "§16(e), §17 and 2 passages on page 3"."""
        pages = frozenset(self.pages)
        words = Withheld(pages, self.drawn).words
        if self.labels:
            parts = [*self.labels, *filter(None, (Withheld(pages).words, Withheld(pages, self.drawn).passage_words))]
            words = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
        return words[:1].upper() + words[1:] if words else "The whole document"


def bodies_text(bodies: Iterable[str], others: Iterable[str]) -> str:
    """From whom a request withholds, as stored: `*`, every other body, if none is named. Raises `Invalid` (field `bodies`)."""
    named = sorted(set(bodies))
    if not set(named) <= set(others):
        raise Invalid({"bodies": "Choose from the other bodies in the list."})
    text = ",".join(named) or "*"
    if len(text) > 255:
        raise Invalid({"bodies": "These are too many to name. Withhold it from every other body."})
    return text


def parse_pages(text: str, *, last: int) -> tuple[int, ...]:
    """ "2, 4-6" → (2, 4, 5, 6). Raises `Invalid` for anything else, and for pages the document does not have."""
    found: set[int] = set()
    for part in filter(None, (piece.strip() for piece in re.split(r"[,;]", text))):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise Invalid({"pages": f"{part!r} is not a page or a range of pages. Write, for example: 2, 4-6"})
        first, end = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= end <= last:
            raise Invalid({"pages": f"The document has pages 1 to {last}; {part} is not among them."})
        found.update(range(first, end + 1))
    if not found:
        raise Invalid({"pages": "Name the pages to withhold, for example: 2, 4-6"})
    return tuple(sorted(found))


def covers(honoured: frozenset[UUID], in_force: Iterable[UUID]) -> bool:
    """Does a rendition that honours these requests honour every request in force?"""
    return frozenset(in_force) <= honoured
