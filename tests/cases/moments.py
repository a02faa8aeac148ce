"""Moments of a house: another one, with everybody still signed in."""

from datetime import UTC, datetime, timedelta

from tests.common.house import House


def at(house: House, moment: datetime) -> None:
    """It is this moment, and everybody is still signed in."""
    house.clock.at = moment
    micros = int(moment.timestamp() * 1_000_000)
    house.sql("update session set created_at = ?, last_seen = ?", micros, micros)


def midnight(house: House, days: int) -> datetime:
    """The beginning of the day so many days from now."""
    return datetime.combine(house.clock.now().date() + timedelta(days=days), datetime.min.time(), UTC)
