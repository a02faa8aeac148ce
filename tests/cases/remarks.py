"""Saying, asking and answering in one call each, for the tests about them."""

from datetime import timedelta
from uuid import UUID

from werkzeug.test import TestResponse

from portal.kernel.sealing import Place, Sealed
from tests.common.house import House

ASKED = "What does the delegation mean by a partial transmission?"
ANSWERED = "That three carriers send nothing at weekends."
CLOSED = "an answer would not arrive"
SAID = "This agrees with what our own mission found."


def say(house: House, share: str, text: str = ASKED, login: str = "", **fields: str) -> TestResponse:
    """A reviewer of the recipient asks about page 1, unless the fields say otherwise."""
    house.clock.advance(timedelta(seconds=1))
    form = {"kind": "question", "page": "1", "passage": "", "text": text, **fields}
    return house.guest(login or house.cast.reader).post(f"/received/{share}/remarks", form)


def said(house: House, share: str, login: str = "") -> TestResponse:
    return house.guest(login or house.cast.reader).get(f"/received/{share}/remarks")


def remark_of(house: House, kind: str = "question") -> str:
    """The remark of this kind made last."""
    return str(UUID(house.sql("select id from remark where kind = ? order by made_at desc", kind)[0][0]))


def answer(house: House, document: str, text: str = ANSWERED, login: str = "", remark: str = "") -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    where = f"/documents/{document}/remarks/{remark or remark_of(house)}/answer"
    return house.guest(login or house.cast.confidentiality).post(where, {"text": text})


def read(house: House, document: str, login: str = "") -> TestResponse:
    return house.guest(login or house.cast.confidentiality).get(f"/documents/{document}/remarks")


def words_of(house: House, column: str, body: str) -> list[str]:
    """What is sealed in this column, opened with that body's key."""
    rows = house.sql(f"select id, {column} from remark")
    return [house.parts.holder._open_field(body, Place("remark", column, UUID(str(row))), Sealed(value)) for row, value in rows]


def told_reference(house: House) -> str:
    """With which a reader is named among those whose eyes only a share is for."""
    text = house.guest(house.cast.reader).get("/sessions").text
    return text.split("Your reference")[1].split('dir="ltr">')[1].split("<")[0]
