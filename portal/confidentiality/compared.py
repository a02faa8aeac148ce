"""What two renditions of one version leave out, page by page, and where it differs. Pure.

What counts is what is painted, for that is what the reader lacks; the boxes as drawn where a rendition does not say what it painted.
"""

from dataclasses import dataclass
from enum import StrEnum

from portal.confidentiality.boxes import Box, Withheld, pages_words


class Change(StrEnum):
    ADDED = "added"
    MORE = "more"
    SAME = "same"
    OTHER = "other"  # some of it more, some less
    LESS = "less"
    GONE = "gone"

    @property
    def opens(self) -> bool:
        """May something be seen that could not be seen before?"""
        return self in {Change.OTHER, Change.LESS, Change.GONE}


@dataclass(frozen=True, slots=True)
class PageChange:
    page: int
    before: str
    now: str
    change: Change


def page_changes(before: Withheld, now: Withheld) -> list[PageChange]:
    """Every page of which either leaves something out."""
    pages = {*before.pages, *now.pages} | {box.page for box in (*before.boxes, *before.grown, *now.boxes, *now.grown)}
    return [PageChange(page, _words(before, page), _words(now, page), _change(_on(before, page), _on(now, page))) for page in sorted(pages)]


def changes_words(changes: list[PageChange]) -> str:
    """ "added on page 4; more on page 5; no longer kept on page 9"; empty if nothing differs."""
    said = []
    for change, words in _SAID.items():
        if pages := [row.page for row in changes if row.change is change]:
            said.append(f"{words} on {'page' if len(pages) == 1 else 'pages'} {pages_words(pages)}")
    return "; ".join(said)


_SAID = {
    Change.ADDED: "added",
    Change.MORE: "more is kept",
    Change.OTHER: "otherwise",
    Change.LESS: "less is kept",
    Change.GONE: "no longer kept",
}


def _on(withheld: Withheld, page: int) -> tuple[Box, ...]:
    """What is painted on a page: a single whole box if it is left out."""
    painted = tuple(box for box in (withheld.grown or withheld.boxes) if box.page == page)
    whole = page in withheld.pages or any(box.whole for box in painted)
    return (Box(page, 0.0, 0.0, 1.0, 1.0),) if whole else painted


def _words(withheld: Withheld, page: int) -> str:
    painted = _on(withheld, page)
    if any(box.whole for box in painted):
        return "The whole page"
    drawn = len(withheld.on(page)) or len(painted)
    return "" if not painted else "A passage" if drawn == 1 else f"{drawn} passages"


def _change(before: tuple[Box, ...], now: tuple[Box, ...]) -> Change:
    if not before or not now:
        return Change.ADDED if now else Change.GONE
    still, already = _covers(now, before), _covers(before, now)
    if still:
        return Change.SAME if already else Change.MORE
    return Change.LESS if already else Change.OTHER


def _covers(wide: tuple[Box, ...], narrow: tuple[Box, ...]) -> bool:
    return all(any(one.covers(box) for one in wide) for box in narrow)
