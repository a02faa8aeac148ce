"""What a page rests on is looked at once: a snapshot does not move. An act that writes looks each time."""

import re
from collections import Counter

from sqlalchemy import event

from portal.cases.uow import REMEMBERED
from tests.common.house import House, shared


def test_a_snapshot_looks_once_and_an_act_that_writes_looks_each_time(house: House) -> None:
    looks: list[str] = []
    with house.parts.read() as uow:
        assert [uow.once("it", lambda: len(looks) or looks.append("read") or "found") for _ in range(3)] == ["found"] * 3
    assert looks == ["read"]
    with house.parts.write() as uow:
        assert [uow.once("it", lambda: looks.append("write") or len(looks)) for _ in range(3)] == [2, 3, 4]
    assert looks == ["read", "write", "write", "write"]


def test_who_walks_the_whole_register_needs_no_more_memory(house: House) -> None:
    with house.parts.read() as uow:
        assert [uow.once(number, lambda at=number: at * 2) for number in range(3 * REMEMBERED)] == list(range(0, 6 * REMEMBERED, 2))
        assert len(uow._seen) <= REMEMBERED


def test_a_documents_page_looks_at_what_was_requested_of_it_once(house: House) -> None:
    document, _ = shared(house)
    ada, asked = house.guest("ada"), Counter[str]()

    def listen(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.update(re.findall(r"\bFROM (request|request_act|request_place|keeping_act) \nWHERE \1\.document_id", statement))

    event.listen(house.parts.database.engine, "before_cursor_execute", listen)
    assert ada.get(f"/documents/{document}").status_code == 200
    assert asked["request"] == asked["request_act"] == asked["request_place"] == 1, asked
