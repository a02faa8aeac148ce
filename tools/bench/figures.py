"""What a row of the benchmarks is: ours against theirs, in turn, medians, one run on one machine."""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

#: Runs of each that count, after one of each that does not.
RUNS = 5
MIB, GIB = 1 << 20, 1 << 30


class NotThere(Exception):
    """A row cannot be measured here; the text says what is lacking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`ratio` is ours over theirs: with a rate more is better, with a time or an amount less.

    `noise`, where two things that should be equal are compared, is how far apart equal things measure here.
    """

    name: str
    ours: float
    theirs: float
    unit: str
    target: float
    better: Literal["higher", "lower"]
    runs: int = RUNS
    noise: float = 0.0

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs

    @property
    def met(self) -> bool:
        return self.ratio >= self.target - self.noise if self.better == "higher" else self.ratio <= self.target + self.noise

    def json(self) -> dict[str, str | float]:
        """As `build/bench.json` has it; the unit is told in the table."""
        return {
            "name": self.name,
            "ratio": round(self.ratio, 4),
            "target": self.target,
            "better": self.better,
            "runs": self.runs,
            "ours": round(self.ours, 4),
            "theirs": round(self.theirs, 4),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One or a few figures that are measured on one stage. `measure` gets an empty folder of its own; it raises `NotThere`."""

    name: str
    measure: Callable[[Path], Iterable[Figure]]


def alternating(ours: Callable[[], float], theirs: Callable[[], float], runs: int = RUNS) -> tuple[float, float]:
    """Medians of `runs` runs each, taken in turn, after one run of each that does not count."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(runs)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def timed(act: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
