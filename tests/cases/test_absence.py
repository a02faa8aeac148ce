"""A hidden thing and an absent one are the same to whoever asks: in the answer, in the statements run, in the shape of what is recorded."""

from uuid import uuid4

from sqlalchemy import event

from portal.kernel.database import Base
from tests.common.house import Guest, House, shared


def trace(house: House, guest: Guest, path: str) -> list[str]:
    statements: list[str] = []

    def listen(connection, cursor, statement, parameters, context, many):  # type: ignore[no-untyped-def]
        statements.append(statement)

    engine = house.parts.database.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        guest.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return statements


def test_a_hidden_document_runs_the_same_statements_as_an_absent_one(house: House) -> None:
    document, _ = shared(house)
    omar = house.guest("omar")
    assert trace(house, omar, f"/documents/{document}") == trace(house, omar, f"/documents/{uuid4()}")


def test_a_share_of_another_body_runs_the_same_statements_as_an_absent_one(house: House) -> None:
    _, share = shared(house)
    elena = house.guest("elena")  # a reviewer of the originator: not the recipient
    assert trace(house, elena, f"/received/{share}/pages/1") == trace(house, elena, f"/received/{uuid4()}/pages/1")


def test_a_probe_leaves_an_event_of_the_same_shape_whether_it_hit_or_missed(house: House) -> None:
    document, _ = shared(house)
    omar = house.guest("omar")
    for path in (f"/documents/{document}", f"/documents/{uuid4()}"):
        assert omar.get(path).status_code == 404
    names = Base.metadata.tables["audit_event"].columns.keys()
    hit, miss = house.sql(f"select {', '.join(names)} from audit_event order by at desc, rowid desc limit 2")[::-1]
    for name, a, b in zip(names, hit, miss, strict=True):
        if name in {"id", "at", "salt"} or isinstance(a, bytes):
            assert len(a) == len(b) if isinstance(a, bytes) else type(a) is type(b)
        else:
            assert a == b, name


def test_the_originators_auditor_sees_the_probe_and_the_probers_auditor_only_that_it_missed(house: House) -> None:
    document, _ = shared(house)
    house.guest("omar").get(f"/documents/{document}")
    assert document in house.guest("farid").get("/audit").text
    assert document not in house.guest("rana").get("/audit").text
