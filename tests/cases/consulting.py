"""Consulting a State, recording its answer, and keeping a file of it, in one call each, for the tests about them."""

from datetime import timedelta
from uuid import UUID

from werkzeug.test import TestResponse

from tests.common.house import House

NOTE = b"%PDF-1.7\nA note verbale about the Kestrel paragraph\n%%EOF\n"


def consult(house: House, document: str, login: str = "", **changes: str) -> TestResponse:
    last = (house.clock.now() + timedelta(days=14)).date().isoformat()
    said = {"state": "XSM", "reference": "CTED/NV/2026/44", "deadline": last} | changes
    return house.guest(login or house.cast.confidentiality).post(f"/documents/{document}/consultations", said)


def consultation_of(house: House) -> str:
    """The consultation opened last."""
    return str(UUID(house.sql("select id from communication where kind = 'consulted' order by done_at desc")[0][0]))


def answer(house: House, document: str, login: str = "", consultation: str = "", **changes: str) -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    said = {"answer": "no_objection", "reference": "SM/NV/2026/131", "dated": house.clock.now().date().isoformat()} | changes
    path = f"/documents/{document}/consultations/{consultation or consultation_of(house)}/answer"
    return house.guest(login or house.cast.confidentiality).post(path, {"received": "note verbale"} | said)


def attach(house: House, document: str, about: str, content: bytes = NOTE, login: str = "", name: str = "note.pdf") -> TestResponse:
    house.clock.advance(timedelta(seconds=1))
    guest = house.guest(login or house.cast.confidentiality)
    headers = {"X-CSRF-Token": guest.token(), "X-File-Name": name, "Accept": "application/json"}
    return guest.client.post(f"/documents/{document}/evidence/of/{about}", data=content, headers=headers)


def evidence_of(house: House) -> str:
    """The file kept last."""
    return str(UUID(house.sql("select id from communication where kind = 'evidence' order by done_at desc")[0][0]))
