"""Confirming, lifting and narrowing requests in one call each, for the tests about them."""

from datetime import timedelta
from uuid import UUID

from werkzeug.test import TestResponse

from tests.common.house import House

REASON = "Note SM/NV/2026/60: the State agrees"


def request_of(house: House) -> str:
    """The request recorded last."""
    return str(UUID(house.sql("select id from request order by recorded_at desc, rowid desc")[0][0]))


def waiting(house: House) -> str:
    """The proposal made last."""
    asked = "select id from request_act where act in ('lifting_proposed', 'narrowing_proposed') order by done_at desc"
    return str(UUID(house.sql(asked)[0][0]))


def confirm(house: House, document: str, login: str) -> TestResponse:
    return house.guest(login).post(f"/documents/{document}/requests/{request_of(house)}/confirm")


def propose(house: House, document: str, login: str = "", *, request: str = "", **form: str) -> TestResponse:
    """To lift it; with pages, boxes, bodies or a day, to narrow it to these, of the first version."""
    house.clock.advance(timedelta(seconds=1))
    said = {"reason": REASON, "what": "part" if form else "all", "version": "1"} | form
    path = f"/documents/{document}/requests/{request or request_of(house)}/lifting"
    return house.guest(login or house.cast.confidentiality).post(path, said)


def withdraw(house: House, document: str, login: str) -> TestResponse:
    return house.guest(login).post(f"/documents/{document}/liftings/{waiting(house)}/withdraw")


def agree(house: House, document: str, login: str = "") -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    return house.guest(login or house.cast.releasing).post(f"/documents/{document}/liftings/{waiting(house)}/agree")


def lifted(house: House, document: str, **form: str) -> None:
    """Proposed by one officer and agreed to by another."""
    assert propose(house, document, **form).status_code == 302
    assert agree(house, document).status_code == 302
