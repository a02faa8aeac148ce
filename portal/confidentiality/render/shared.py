"""Which passages say the same: who withholds one must look at the other. Pure."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from portal.confidentiality.render.wording import wording

ROW = 12  # words in a row that two passages share: fewer are the names of bodies


class Shared(NamedTuple):
    """The passages in these two places, in reading order, have `times` sequences of twelve words in common."""

    one: int
    other: int
    times: int


def shared_wording(texts: Sequence[str]) -> tuple[Shared, ...]:
    """Each passage with the next that says the same, so that those that go and those that stay meet somewhere along the row."""
    said: dict[tuple[str, ...], list[int]] = {}
    for at, text in enumerate(texts):
        for sequence in wording(spaced(text)).sequences(ROW):
            said.setdefault(sequence, []).append(at)
    times: dict[tuple[int, int], int] = {}
    for places in said.values():
        for pair in pairwise(places):
            times[pair] = times.get(pair, 0) + 1
    return tuple(Shared(*pair, count) for pair, count in sorted(times.items()))


def spaced(text: str) -> str:
    """Chinese signs one by one: nothing else parts them."""
    return re.sub(r"([\u3400-\u9fff])", r" \1 ", text)
