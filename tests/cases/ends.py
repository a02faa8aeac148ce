"""Dates, reviews, lowering and the archive in one call each, for the tests about them."""

from datetime import timedelta
from uuid import UUID

from werkzeug.test import TestResponse

from portal.cases.kept import enter_act
from portal.documents.keeping import Act
from tests.cases.keeping import last
from tests.common.house import House

WHY = "The mission ended, and the report was made public in part"


def in_days(house: House, days: int) -> str:
    return (house.clock.now().date() + timedelta(days=days)).isoformat()


def schedule(house: House, document: str, due: str = "review", day: str = "", login: str = "", reason: str = WHY) -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    fields = {"due": due, "day": day, "reason": reason}
    return house.guest(login or house.cast.confidentiality).post(f"/documents/{document}/dates", fields)


def review(house: House, document: str, outcome: str = "keep", day: str = "", login: str = "", reason: str = WHY) -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    fields = {"outcome": outcome, "day": day or in_days(house, 365), "reason": reason}
    return house.guest(login or house.cast.confidentiality).post(f"/documents/{document}/reviews", fields)


def propose(house: House, document: str, level: str = "0", login: str = "", reason: str = WHY) -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    return house.guest(login or house.cast.confidentiality).post(f"/documents/{document}/lowering", {"level": level, "reason": reason})


def agree(house: House, document: str, login: str = "") -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    where = f"/documents/{document}/lowering/{last(house, 'lowering_proposed')}/agree"
    return house.guest(login or house.cast.releasing).post(where)


def withdraw(house: House, document: str, login: str = "") -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    where = f"/documents/{document}/lowering/{last(house, 'lowering_proposed')}/withdraw"
    return house.guest(login or house.cast.confidentiality).post(where)


def archive(house: House, document: str, login: str = "", reason: str = WHY) -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    return house.guest(login or house.cast.releasing).post(f"/documents/{document}/archive", {"reason": reason})


def unarchive(house: House, document: str, login: str = "") -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    return house.guest(login or house.cast.both).post(f"/documents/{document}/archive/{last(house, 'archived')}/end")


def both(house: House, document: str) -> dict[str, str]:
    """The ids of a proposal to lower this document and of its archiving, entered past the rules: a request may be in force on it."""
    person = UUID(house.sql("select id from person where body = ?", house.cast.body)[0][0])
    with house.parts.write() as uow:
        found = uow.documents.get(UUID(document))
        assert found is not None
        entered = uow.held(found)
        acts = {
            "lowering_id": enter_act(uow, entered, Act.LOWERING_PROPOSED, by=person, reason=WHY, level=0),
            "archiving_id": enter_act(uow, entered, Act.ARCHIVED, by=person, reason=WHY),
        }
        ids = {name: str(act.id) for name, act in acts.items()}
        uow.session.commit()
    return ids
