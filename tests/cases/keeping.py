"""Holding and shredding in one call each, for the tests about them."""

from datetime import timedelta
from uuid import UUID

from werkzeug.test import TestResponse

from tests.common.house import House


def propose(house: House, document: str, login: str = "", reason: str = "Retention is over") -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    return house.guest(login or house.cast.confidentiality).post(f"/documents/{document}/shredding", {"reason": reason})


def waiting(house: House) -> str:
    """The proposal made last."""
    return last(house, "shredding_proposed")


def last(house: House, act: str) -> str:
    return str(UUID(house.sql("select id from keeping where act = ? order by done_at desc", act)[0][0]))


def confirm(house: House, document: str, login: str = "", symbol: str | None = None) -> TestResponse:
    path = f"/documents/{document}/shredding/{waiting(house)}/confirm"
    return house.guest(login or house.cast.releasing).post(path, {"symbol": house.cast.symbol if symbol is None else symbol})


def hold(house: House, document: str, login: str = "", reason: str = "Case 12 of the Tribunal") -> TestResponse:
    return house.guest(login or house.cast.confidentiality).post(f"/documents/{document}/holds", {"reason": reason})


def lift(house: House, document: str, login: str) -> TestResponse:
    return house.guest(login).post(f"/documents/{document}/holds/{last(house, 'held')}/lift")


def on_sqlite(house: House) -> bool:
    return house.config.database.url.startswith("sqlite")
