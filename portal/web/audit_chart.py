"""The timeline of the log as a picture made here, and as the figures it is made of."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from portal.cases.log_timeline import TimeBar, Timeline

#: Units of the picture: how wide a bar with its gap is, and how high the highest.
STEP, HIGH = 10, 100


def chart(timeline: Timeline | None, narrowed: Mapping[str, str]) -> dict[str, Any] | None:
    """For the template; None if there is nothing to draw. Every figure leads to its events, under the filter that is set."""
    if timeline is None or not timeline.highest:
        return None
    bars = timeline.bars
    return {
        "width": timeline.width,
        "cut": timeline.cut,
        "box": f"0 0 {len(bars) * STEP} {HIGH}",
        "bars": [_bar(number, bar, timeline.highest) for number, bar in enumerate(bars) if bar.done or bar.refused],
        "highest": timeline.highest,
        "first": bars[0].words,
        "last": bars[-1].words,
        "figures": [
            {"words": bar.words, "done": bar.done, "refused": bar.refused, "href": url_for("audit.index", **_with(narrowed, bar))}
            for bar in reversed(bars)
            if bar.done or bar.refused
        ],
    }


def _with(narrowed: Mapping[str, str], bar: TimeBar) -> dict[str, Any]:
    return {**narrowed, **bar.narrows}


def _bar(number: int, bar: TimeBar, highest: int) -> dict[str, Any]:
    """What was refused stands on what was done; whatever there is can be seen."""
    done = _height(bar.done, highest)
    refused = min(_height(bar.refused, highest), HIGH)
    done = min(done, HIGH - refused)
    return {
        "words": f"{bar.words}: {bar.done:,} done, {bar.refused:,} refused or failed",
        "x": number * STEP + 1,
        "width": STEP - 2,
        "done_y": HIGH - done,
        "done": done,
        "refused_y": HIGH - done - refused,
        "refused": refused,
    }


def _height(count: int, highest: int) -> int:
    return max(2, round(HIGH * count / highest)) if count else 0
