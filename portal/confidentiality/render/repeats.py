"""Where wording of what is kept back still stands: the pages, and how often; never the words. Pure.

The proof reports it of the version that was rendered (`Proof.repeated`). What other versions say under the same requests is looked for
here, in the words of the finished pages. An officer looks at the pages and judges.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.confidentiality.boxes import Box, Withheld, pages_words
from portal.confidentiality.render.findings import Repeat
from portal.confidentiality.render.shared import spaced
from portal.confidentiality.render.text_passages import Passage
from portal.confidentiality.render.wording import Secrets, wording

#: Words in a row: versions of one report share more of them by chance than the pages of one version.
ROW = 6
_SLIVER = 0.002  # of a page's height


@dataclass(frozen=True, slots=True)
class Repeats:
    """`uncompared`: versions whose wording could not be had. `looked_for`: false for what was prepared before anything of this was kept.

    `running`: a title that runs over most pages stands on a withheld one, too. It is told, and asks for no look at each page.
    """

    pages: tuple[Repeat, ...] = ()
    uncompared: tuple[int, ...] = ()
    looked_for: bool = True
    running: bool = False

    def __bool__(self) -> bool:
        """Is there anything to look at?"""
        return bool(self.pages or self.uncompared or not self.looked_for)

    def to_text(self) -> str:
        pages = [[row.page, row.sequences] for row in self.pages]
        return json.dumps({"pages": pages, "uncompared": list(self.uncompared), "running": self.running}, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> "Repeats":
        raw = json.loads(text)
        return cls(
            tuple(Repeat(page, times) for page, times in raw["pages"]), tuple(raw["uncompared"]), running=bool(raw.get("running", False))
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """What an officer reads; nothing if there is nothing to look at."""
        said = []
        if self.pages:
            named = pages_words(row.page for row in self.pages)
            said.append(f"Page {named} still shows" if len(self.pages) == 1 else f"Pages {named} still show")
            said[0] += " wording of what is kept back: look whether it may go across"
        if self.uncompared:
            said.append(f"What is kept back could not be compared with version {pages_words(self.uncompared)}: look at every page")
        if self.running:
            said.append("A line at the head or foot of most pages stands on a page that is left out, too: look whether it may go across")
        if not self.looked_for:
            said.append("Wording that stands elsewhere was not looked for when this was prepared: prepare it anew, or look at every page")
        return tuple(said)


def together(*found: Iterable[Repeat]) -> tuple[Repeat, ...]:
    """Each page once, with the most that was found on it."""
    most: dict[int, int] = {}
    for row in (row for rows in found for row in rows):
        most[row.page] = max(row.sequences, most.get(row.page, 0))
    return tuple(Repeat(page, times) for page, times in sorted(most.items()))


def kept_texts(passages: Sequence[Passage], kept: Withheld) -> tuple[str, ...]:
    """What a version says in the passages of which anything is kept back."""

    def goes(passage: Passage) -> bool:
        return any(box.page in kept.pages or any(_reaches(mark, box) for mark in kept.boxes) for box in passage.boxes)

    return tuple(passage.text for passage in passages if goes(passage))


def _reaches(mark: Box, box: Box) -> bool:
    """Further than the rows of two passages that stand close reach into one another."""
    return mark.meets(box) and min(mark.y1, box.y1) - max(mark.y0, box.y0) > _SLIVER


def still_said(texts: Iterable[str], pages: Sequence[str]) -> tuple[Repeat, ...]:
    """Where six words in a row of these texts (a shorter one whole), an address or a long number stand in the words of these pages."""
    secrets = Secrets(length=ROW)
    secrets.add(spaced(text) for text in texts)
    found = ((number, secrets.found_in(wording(spaced(text)))) for number, text in enumerate(pages, start=1))
    return tuple(Repeat(number, len(said)) for number, said in found if said)
