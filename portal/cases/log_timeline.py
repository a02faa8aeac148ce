"""How many events there were, hour by hour, day by day or week by week, under the filter that is set."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from portal.audit.history import Filter
from portal.audit.sums import Sums
from portal.cases.log_filter import DAY
from portal.cases.names import day
from portal.cases.uow import UnitOfWork
from portal.kernel.permit import Permit

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
#: Up to so long the one, and then the other; and so many bars at most, the newest.
MOST_HOURS, MOST_DAYS, MOST_BARS = timedelta(days=2), timedelta(days=92), 104


@dataclass(frozen=True, slots=True)
class TimeBar:
    """`refused` holds what failed, too. `narrows`: what the filter says besides, to find just these events."""

    begins: datetime
    words: str
    done: int
    refused: int
    narrows: dict[str, str]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every bar from the first to the last, also those of nothing. `width`: hour, day or week. `cut`: older ones are left out."""

    width: str
    bars: list[TimeBar]
    cut: bool

    @property
    def highest(self) -> int:
        return max((bar.done + bar.refused for bar in self.bars), default=0)


def timeline(uow: UnitOfWork, permit: Permit, wanted: Filter) -> Timeline | None:
    """None if there is nothing to draw. It begins with the filter, or with the first event that this reader may see."""
    sums = Sums(uow.session, permit, wanted)
    first = wanted.since or sums.first()
    end = min(wanted.until or uow.at, uow.at) + timedelta(microseconds=1)  # what happens at this very moment is in it
    if first is None or first >= end:
        return None
    name, width = _width(end - first)
    begins = _aligned(first, width)
    places = -(-(end - begins) // width)
    begins += max(0, places - MOST_BARS) * width
    found = {bar.begins: bar for bar in sums.bars(begins, width)}
    bars = []
    for number in range(min(places, MOST_BARS)):
        at = begins + number * width
        bar = found.get(at)
        bars.append(TimeBar(at, _words(at, name), bar.done if bar else 0, bar.refused if bar else 0, _narrows(at, name)))
    return Timeline(name, bars, places > MOST_BARS)


def _width(span: timedelta) -> tuple[str, timedelta]:
    if span <= MOST_HOURS:
        return "hour", HOUR
    return ("day", DAY) if span <= MOST_DAYS else ("week", WEEK)


def _aligned(at: datetime, width: timedelta) -> datetime:
    """The full hour, the beginning of the day, or that of a Monday."""
    if width == HOUR:
        return at.replace(minute=0, second=0, microsecond=0)
    midnight = datetime.combine(at.date(), time(), at.tzinfo)
    return midnight - timedelta(days=at.weekday()) if width == WEEK else midnight


def _words(at: datetime, name: str) -> str:
    if name == "hour":
        return f"{day(at)}, {at:%H:%M}"
    return f"{day(at)} to {day(at + WEEK - DAY)}" if name == "week" else day(at)


def _narrows(at: datetime, name: str) -> dict[str, str]:
    last = at + WEEK - DAY if name == "week" else at
    days = {"since": at.date().isoformat(), "until": last.date().isoformat()}
    return days | {"from": f"{at:%H:%M}", "to": f"{at + HOUR:%H:%M}"} if name == "hour" else days
