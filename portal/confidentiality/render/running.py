"""Running titles: what stands at the head or foot of most pages. Pure.

A page that is left out has one too, and every page that stays repeats it. If each of these had to be looked at, nobody would look. So what
a withheld page says at its edge alone, and most pages say at theirs, is told once and asks for no look at each. Everything else is
told page by page: what the withheld page says besides, be it the same words, and all that boxes take, which somebody marked.
"""

from collections.abc import Mapping, Sequence, Set

from portal.confidentiality.render.wording import wording
from portal.confidentiality.render.words import Line, as_text

_EDGE = 0.1  # of the page's height, above and below
_LEAST = 3  # pages: two that begin alike are no running title


def edges(lines: Sequence[Line]) -> list[str]:
    """The lines at the head and at the foot of a page."""
    return [as_text([line]) for line in lines if all(word.box[3] <= _EDGE or word.box[1] >= 1 - _EDGE for word in line)]


def without(text: str, lines: Sequence[str]) -> list[str]:
    """What is left of a text when each of these lines is taken out of it, once: what it says a second time stays."""
    pieces = [wording(text).tokens]
    for line in (wording(line).tokens for line in lines):
        for index, piece in enumerate(pieces):
            at = next((at for at in range(len(piece) - len(line) + 1) if line and piece[at : at + len(line)] == line), None)
            if at is not None:
                pieces[index : index + 1] = [piece[:at], piece[at + len(line) :]]
                break
    return [" ".join(piece) for piece in pieces]


def running(edge: Mapping[int, str], said: Set[str]) -> frozenset[str]:
    """Of these sequences those that stand at the edges (by kept page, without spaces) of most kept pages, and of three at least."""

    def often(run: str) -> bool:
        return (found := sum(run in text for text in edge.values())) >= _LEAST and 2 * found > len(edge)

    return frozenset(filter(often, said))
