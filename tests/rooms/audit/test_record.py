"""What may become an event: codes in the clear columns, words only under seal, one shape for hidden and absent."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from portal.audit.canonical import PRIVATE_SIZE, padded
from portal.audit.log import append
from portal.audit.record import Record, Unrecordable, is_body, joined, parted
from portal.kernel.database import Base
from portal.kernel.events import Event
from tests.rooms.audit.stage import Stage, probe, reading


@pytest.mark.parametrize(
    "changes",
    [
        {"object_id": "Report on Samoria"},
        {"object_id": "a,b"},
        {"code": "not found"},
        {"detail": {"title": "Visit to Velland"}},
        {"detail": {"States": "XSM"}},
        {"detail": {"states": ["XSM", "the second one"]}},
        {"detail": {"share": 0.5}},
        {"detail": {"nested": {"a": 1}}},
        {"rules": ("forbid, always",)},
        {"actor_roles": ("an uploader",)},
        {"bodies": frozenset({"CTED", ""})},
        {"bodies": frozenset({"cted"})},
        {"bodies": frozenset({"CTED,OCT"})},
        {"bodies": frozenset({"%"})},
        {"actor_body": "PORTAL"},
        {"originator": "PORTAL"},
        {"private": {"object": "x" * PRIVATE_SIZE}},
        {"private": {"object": None}},
    ],
)
def test_a_record_with_words_in_a_clear_column_does_not_get_in(stage: Stage, changes: dict[str, Any]) -> None:
    with pytest.raises(Unrecordable):
        stage.happen(reading(**changes))
    assert stage.sql("SELECT count(*) FROM audit_event") == [(0,)]
    assert stage.sql("SELECT count(*) FROM audit_pending") == [(0,)]


def test_an_event_and_its_place_in_the_queue_come_together_or_not_at_all(stage: Stage) -> None:
    with stage.database.write() as session:
        append(session, reading(), at=stage.tick(), sealer=stage.sealer)
        session.rollback()
    assert stage.sql("SELECT count(*) FROM audit_event") == [(0,)]
    (event_id,) = stage.happen(reading())
    assert stage.sql("SELECT event_id FROM audit_pending") == [(event_id.hex,)]


@pytest.mark.sqlite
def test_names_and_addresses_are_not_in_the_database_file(stage: Stage) -> None:
    stage.happen(reading(), probe({"object": "share-of-velland"}, "CTED"))
    stage.database.close()
    stored = b"".join(file.read_bytes() for file in stage.home.glob("portal.sqlite*"))
    assert b"reviewer" in stored
    for word in (b"Ada", b"Nordmark", b"192.0.2.7", b"velland"):
        assert word not in stored


@pytest.mark.sqlite
def test_hidden_and_absent_have_the_same_shape_in_every_column(stage: Stage) -> None:
    hidden = probe({"object": "8f14e45f-ceea-467f-a0e6-0d2b0b3b6a3b", "why": "withheld", "level": 2}, "CTED")
    stage.happen(hidden, probe({}, "CTED"), probe({}, ""))
    columns = [
        column.name for column in Base.metadata.tables["audit_event"].columns if column.name not in {"id", "at", "salt", "originator"}
    ]
    lengths = ", ".join(f"length({name}), typeof({name})" for name in columns)
    shapes = stage.sql(f"SELECT {lengths} FROM audit_event")
    assert len(set(shapes)) == 1
    sealed = {"who", "address", "private_part"}
    clear = ", ".join(name for name in columns if name not in sealed)
    assert len(set(stage.sql(f"SELECT {clear} FROM audit_event"))) == 1


def test_a_private_part_has_one_size_whatever_it_holds() -> None:
    assert len(padded({})) == len(padded({"object": "é" * 20})) == PRIVATE_SIZE
    assert len(padded({"o": "x" * (PRIVATE_SIZE - 8)})) == PRIVATE_SIZE
    with pytest.raises(Unrecordable):
        padded({"o": "x" * (PRIVATE_SIZE - 7)})


def test_roles_and_bodies_are_stored_in_one_order(stage: Stage) -> None:
    stage.happen(reading(actor_roles=("reviewer", "auditor", "auditor"), bodies=frozenset({"OCT", "CTED"})))
    assert stage.sql("SELECT actor_roles, bodies FROM audit_event") == [(",auditor,reviewer,", ",CTED,OCT,")]


def test_joined_codes_come_apart_again() -> None:
    assert parted(joined(["a", "b"])) == ("a", "b")
    assert joined([]) == ""
    assert parted("") == ()


@pytest.mark.parametrize("code", ["", "PORTAL", "cted", "C D", "C,D", "%", "_X", "X" * 33])
def test_what_is_no_code_of_a_body_is_refused(code: str) -> None:
    assert not is_body(code)
    assert is_body("CTED")


def test_a_record_is_frozen_and_does_not_print_its_words() -> None:
    record = reading(private={"object": "secret-id"})
    with pytest.raises(FrozenInstanceError):
        record.code = "x"  # type: ignore[misc]
    assert "Nordmark" not in repr(record)
    assert "secret-id" not in repr(record)
    assert Record(event=Event.HOME_READ).bodies == frozenset()
