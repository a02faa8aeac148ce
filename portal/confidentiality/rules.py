"""What a request says, and what follows from it. Pure: no database, no clock.

A request is words (sealed as one JSON text), a scope, and for `pages` the page numbers, which are words too: which pages a State asked
to keep is itself confidential.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from uuid import UUID

from portal.kernel.errors import Invalid, PortalError

_RANGE = re.compile(r"(\d{1,5})(?:\s*[-–]\s*(\d{1,5}))?")


class Withheld(PortalError):
    """The whole document is withheld from that body; there is nothing to prepare or propose."""

    status = 409
    code = "withheld"
    public = "A Member State asked to keep this whole document. Nothing can be prepared for another body while the request is in force."


@dataclass(frozen=True, slots=True)
class RequestWords:
    """What is sealed of a request. `pages` are 1-based, sorted; empty when the whole document is meant."""

    state: str
    reference: str
    dated: str
    received: str
    pages: tuple[int, ...] = ()

    def to_text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "RequestWords":
        raw = json.loads(text)
        return cls(raw["state"], raw["reference"], raw["dated"], raw["received"], tuple(raw["pages"]))

    @property
    def scope_words(self) -> str:
        if not self.pages:
            return "The whole document"
        return f"Page {self.pages[0]}" if len(self.pages) == 1 else f"Pages {pages_words(self.pages)}"


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


def pages_words(pages: Iterable[int]) -> str:
    """(2, 4, 5, 6) → "2, 4-6"."""
    runs: list[list[int]] = []
    for page in sorted(set(pages)):
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def covers(honoured: frozenset[UUID], in_force: Iterable[UUID]) -> bool:
    """Does a rendition that honours these requests honour every request in force?"""
    return frozenset(in_force) <= honoured
