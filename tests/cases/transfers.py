"""Handing over by other means, and answering for it, in one call each, for the tests about them."""

from datetime import timedelta
from uuid import UUID

from werkzeug.test import TestResponse

from portal.kernel.sealing import Place, Sealed
from tests.common.house import House, proposal_of

HEADING = "Handed over by other means"
TO_WHOM = "Registry, pouch 17"
NOTE = "Handed to the courier at nine."


def today(house: House) -> str:
    return house.clock.now().date().isoformat()


def record(house: House, document: str, share: str, login: str = "", **fields: str) -> TestResponse:
    """A releasing officer records two copies on paper by pouch, unless the fields say otherwise."""
    house.clock.advance(timedelta(seconds=1))
    form = {"means": "pouch", "went": "paper", "day": today(house), "to_whom": TO_WHOM, "copies": "2", "note": NOTE, **fields}
    return house.guest(login or house.cast.releasing).post(f"/documents/{document}/shares/{share}/transfers", form)


def prepare(house: House, document: str, share: str, login: str = "") -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    return house.guest(login or house.cast.releasing).post(f"/documents/{document}/shares/{share}/prepared")


def transfer_of(house: House) -> str:
    """The transfer recorded last."""
    return str(UUID(house.sql("select id from transfer order by recorded_at desc")[0][0]))


def number_of(house: House) -> str:
    """The number of the copy prepared last."""
    return str(house.sql("select number from prepared_copy order by prepared_at desc")[0][0])


def receive(house: House, share: str, login: str = "", digest: str = "", transfer: str = "") -> TestResponse:
    where = f"/received/{share}/transfers/{transfer or transfer_of(house)}/receipt"
    return house.guest(login or house.cast.reader).post(where, {"digest": digest})


def give_back(house: House, share: str, login: str = "", transfer: str = "", **fields: str) -> TestResponse:
    where = f"/received/{share}/transfers/{transfer or transfer_of(house)}/return"
    return house.guest(login or house.cast.reader).post(where, {"what": "destroyed", "day": today(house), **fields})


def strike(house: House, document: str, login: str = "", reason: str = "It was another document.", transfer: str = "") -> TestResponse:
    where = f"/documents/{document}/transfers/{transfer or transfer_of(house)}/strike"
    return house.guest(login or house.cast.releasing).post(where, {"reason": reason})


def received(house: House, share: str, login: str = "") -> TestResponse:
    return house.guest(login or house.cast.reader).get(f"/received/{share}/transfers")


def seen(house: House, document: str, login: str = "") -> TestResponse:
    return house.guest(login or house.cast.confidentiality).get(f"/documents/{document}/seen")


def page_of(house: House, document: str, login: str = "") -> str:
    return house.guest(login or house.cast.releasing).get(f"/documents/{document}").text


def recall(house: House, document: str) -> None:
    assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302


def words_of(house: House, column: str, body: str) -> list[str]:
    """What is sealed in this column, opened with that body's key."""
    rows = house.sql(f"select id, {column} from transfer")
    return [house.parts.holder._open_field(body, Place("transfer", column, UUID(str(row))), Sealed(value)) for row, value in rows]


def count(house: House, table: str = "transfer") -> int:
    return int(house.sql(f"select count(*) from {table}")[0][0])
