"""An auditor reads what touches their body: no other rows, no other body's names, nothing of what is hidden."""

from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.audit.history import MOST, READING, Cursor, Entry, Filter, Page, count, latest_detail, search
from portal.audit.record import Outcome, Record
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from tests.rooms.audit.stage import ADA, BEN, NOON, REPORT, Stage, auditor, probe, reading

SECRET = "8f14e45f-ceea-467f-a0e6-0d2b0b3b6a3b"


def read(stage: Stage, body: str, wanted: Filter | None = None, **options: Any) -> Page:
    with stage.database.read() as session:
        return search(session, auditor(body), wanted or Filter(), sealer=stage.sealer, **options)


def how_many(stage: Stage, body: str, wanted: Filter) -> int:
    with stage.database.read() as session:
        return count(session, auditor(body), wanted)


def at_home(**changes: object) -> Record:
    """Somebody of the Directorate records a request: nobody else's business."""
    values = {
        "event": Event.REQUEST_RECORDED,
        "actor": BEN,
        "actor_body": "CTED",
        "actor_roles": ("confidentiality_officer",),
        "who": "Ben Tarsia",
        "address": "192.0.2.99",
        "object_type": "Document",
        "object_id": str(REPORT),
        "bodies": frozenset({"CTED"}),
        "originator": "CTED",
        "private": {"state": "XSM"},
    }
    return reading(**{**values, **changes})


def test_a_body_finds_nothing_that_does_not_touch_it(stage: Stage) -> None:
    stage.happen(at_home(), at_home(originator=""), at_home(bodies=frozenset(), originator=""))
    assert read(stage, "OCT").entries == ()
    assert how_many(stage, "OCT", Filter()) == 0
    assert how_many(stage, "OCT", Filter(document=REPORT)) == 0
    assert how_many(stage, "CTED", Filter()) == 2


def test_a_code_that_is_part_of_another_finds_nothing(stage: Stage) -> None:
    stage.happen(reading(bodies=frozenset({"OCTA"}), originator=""), reading(bodies=frozenset({"XOCT"}), originator=""))
    stage.happen(reading(bodies=frozenset({"O_T"}), originator=""))
    assert read(stage, "OCT").entries == ()


@pytest.mark.parametrize("body", ["", "PORTAL", "%", "oct", ",", "OCT,CTED"])
def test_a_reader_without_a_proper_body_reads_nothing(stage: Stage, body: str) -> None:
    stage.happen(reading(originator="", bodies=frozenset()))
    for call in (read, lambda *arguments: how_many(*arguments, Filter())):
        with pytest.raises(RuntimeError, match="not the code of a body"):
            call(stage, body)


def test_a_permit_for_something_else_does_not_read_the_log(stage: Stage) -> None:
    permits: list[Permit] = [auditor("OCT", action) for action in Action if action not in READING]
    assert {Action.AUDIT_READ, Action.AUDIT_EXPORT} == READING
    with stage.database.read() as session:
        for permit in permits:
            with pytest.raises(RuntimeError, match="does not read the log"):
                search(session, permit, Filter(), sealer=stage.sealer)
            with pytest.raises(RuntimeError, match="does not read the log"):
                count(session, permit, Filter())


def test_one_sees_ones_own_staff_by_name(stage: Stage) -> None:
    stage.happen(reading(3))
    stage.sequence()
    (entry,) = read(stage, "OCT").entries
    assert (entry.who, entry.address, entry.actor, entry.session) == ("Ada Nordmark", "192.0.2.7", ADA, UUID(int=77))
    assert (entry.event, entry.outcome, entry.action, entry.object_id) == ("share.page_read", "done", "share:read", "share-3")
    assert (entry.actor_roles, entry.rules, entry.detail) == (("reviewer",), ("recipient-reads",), {"page": 4})
    assert (entry.document, entry.share, entry.policy_hash) == (REPORT, UUID(int=503), "5d41402abc4b2a76")
    assert (entry.private, entry.shared, entry.damaged) == (None, True, False)
    assert entry.leaf_index == stage.leaf_of(entry.id)


def test_of_another_bodys_staff_one_sees_the_body_only(stage: Stage) -> None:
    stage.happen(reading(private={"object": SECRET}))
    (entry,) = read(stage, "CTED").entries
    assert entry.actor_body == "OCT"
    assert (entry.who, entry.address, entry.actor, entry.session, entry.actor_roles) == (None, None, None, None, ())
    assert (entry.event, entry.detail, entry.leaf_index) == ("share.page_read", {"page": 1}, None)
    assert entry.private == {"object": SECRET}
    assert "Nordmark" not in str([getattr(entry, field.name) for field in fields(Entry)])


def test_another_bodys_staff_cannot_be_found_by_their_id(stage: Stage) -> None:
    stage.happen(reading())
    assert how_many(stage, "CTED", Filter(actor=ADA)) == 0
    assert how_many(stage, "OCT", Filter(actor=ADA)) == 1


def test_the_originator_sees_of_a_probe_only_what_is_theirs(stage: Stage) -> None:
    stage.happen(probe({"object": SECRET, "present": True}, "CTED"))
    stage.sequence()
    (entry,) = read(stage, "CTED").entries
    shown = {field.name for field in fields(Entry) if str(getattr(entry, field.name)) not in {"None", "", "()", "{}", "False"}}
    assert shown == {"id", "leaf_index", "at", "outcome", "actor_body", "private"}
    assert entry.private == {"object": SECRET, "present": True}


@pytest.mark.parametrize(
    "wanted",
    [Filter(event=Event.SHARE_PAGE_READ), Filter(actor=ADA), Filter(document=REPORT), Filter(share=UUID(int=500))],
)
def test_a_filter_on_what_the_originator_may_not_see_does_not_find_it(stage: Stage, wanted: Filter) -> None:
    stage.happen(reading(bodies=frozenset({"OCT"})))
    assert how_many(stage, "OCT", wanted) == 1
    assert how_many(stage, "CTED", wanted) == 0
    assert read(stage, "CTED", wanted).entries == ()
    assert how_many(stage, "CTED", Filter(outcome=Outcome.DONE, body="OCT", since=NOON)) == 1


def test_hidden_and_absent_are_one_to_the_auditor_of_whoever_probed(stage: Stage) -> None:
    stage.happen(probe({"object": SECRET}, "CTED"), probe({}, "CTED"), probe({}, ""))
    stage.sequence()
    entries = read(stage, "OCT").entries
    varying = {"id", "at", "leaf_index"}
    shapes = {str([getattr(entry, field.name) for field in fields(Entry) if field.name not in varying]) for entry in entries}
    assert len(entries) == 3
    assert len(shapes) == 1
    assert entries[0].object_id == ""
    assert entries[0].private is None
    for wanted in (Filter(outcome=Outcome.REFUSED), Filter(event=Event.SHARE_PAGE_READ), Filter(actor=ADA), Filter(body="OCT")):
        assert how_many(stage, "OCT", wanted) == 3


def test_a_strangers_address_is_nobodys(stage: Stage) -> None:
    stage.happen(reading(actor=None, actor_body="", actor_roles=(), who="", bodies=frozenset({"CTED", "OCT"})))
    (entry,) = read(stage, "OCT").entries
    assert (entry.who, entry.address) == (None, None)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(), [3, 2, 1, 0]),
        (Filter(event=Event.SHARE_APPROVED), [2]),
        (Filter(outcome=Outcome.REFUSED), [1]),
        (Filter(document=UUID(int=8)), [3]),
        (Filter(share=UUID(int=501)), [1]),
        (Filter(body="CTED"), [2]),
        (Filter(actor=ADA), [3, 1, 0]),
        (Filter(since=NOON + timedelta(milliseconds=20)), [3, 2, 1]),
        (Filter(until=NOON + timedelta(milliseconds=20)), [0]),
        (Filter(actor=ADA, outcome=Outcome.DONE), [3, 0]),
        (Filter(event=Event.SHARE_APPROVED, outcome=Outcome.REFUSED), []),
    ],
)
def test_filters_find_what_fits_and_count_what_they_find(stage: Stage, wanted: Filter, numbers: list[int]) -> None:
    stage.happen(
        reading(0),
        reading(1, outcome=Outcome.REFUSED),
        reading(2, event=Event.SHARE_APPROVED, actor=BEN, actor_body="CTED"),
        reading(3, document=UUID(int=8)),
    )
    found = read(stage, "OCT", wanted)
    assert [entry.object_id for entry in found.entries] == [f"share-{number}" for number in numbers]
    assert how_many(stage, "OCT", wanted) == len(numbers)
    assert found.older is None


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
def test_paging_meets_every_entry_once_newest_first_even_at_one_instant(stage: Stage, limit: int) -> None:
    stage.happen(*[reading(number) for number in range(10)])
    stage.sql("UPDATE audit_event SET at = (SELECT min(at) FROM audit_event) WHERE id IN (SELECT id FROM audit_event LIMIT 6)")
    seen: list[Entry] = []
    before = None
    for _ in range(11):
        page = read(stage, "OCT", before=before, limit=limit)
        seen += page.entries
        if page.older is None:
            break
        before = Cursor.parse(str(page.older))
    assert len({entry.id for entry in seen}) == len(seen) == 10
    assert [(entry.at, entry.id.hex) for entry in seen] == sorted(((entry.at, entry.id.hex) for entry in seen), reverse=True)


def test_a_page_has_an_upper_limit(stage: Stage) -> None:
    stage.happen(*[reading(number) for number in range(MOST + 1)])
    assert len(read(stage, "OCT", limit=10_000).entries) == MOST
    assert len(read(stage, "OCT", limit=0).entries) == 1


@pytest.mark.parametrize("text", ["", ".", "1", "x.y", "1.2", "9" * 40 + "." + "0" * 32])
def test_a_place_in_the_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Cursor.parse(text)


@pytest.mark.parametrize("column", ["who", "address", "private_part", "detail"])
def test_what_was_damaged_is_marked_and_does_not_close_the_log(stage: Stage, column: str) -> None:
    stage.happen(reading(actor_body="CTED", private={"object": "x"}), at_home())
    value = "'{'" if column == "detail" else "zeroblob(60)"
    stage.sql(f"UPDATE audit_event SET {column} = {value} WHERE object_id = 'share-0'")
    sound, damaged = read(stage, "CTED").entries
    assert damaged.damaged
    assert not sound.damaged


def test_a_sealed_name_moved_to_another_event_does_not_open(stage: Stage) -> None:
    first, second = stage.happen(reading(), reading(who="Eve Damaria"))
    stage.sql("UPDATE audit_event SET who = (SELECT who FROM audit_event WHERE id = ?) WHERE id = ?", second.hex, first.hex)
    moved = read(stage, "OCT").entries[1]
    assert (moved.id, moved.who, moved.damaged) == (first, None, True)


def test_the_portal_finds_the_facts_of_its_newest_event(stage: Stage) -> None:
    with stage.database.read() as session:
        assert latest_detail(session, Event.POLICY_ADOPTED) == {}
    stage.happen(*[reading(event=Event.POLICY_ADOPTED, detail={"policy": name}) for name in ("a", "b")])
    stage.happen(reading(event=Event.POLICY_ADOPTED, detail={"policy": "c"}, outcome=Outcome.FAILED))
    with stage.database.read() as session:
        assert latest_detail(session, Event.POLICY_ADOPTED) == {"policy": "b"}
    stage.sql("UPDATE audit_event SET detail = '['")
    with stage.database.read() as session, pytest.raises(Tampered):
        latest_detail(session, Event.POLICY_ADOPTED)


bodies = st.frozensets(st.sampled_from(["CTED", "OCT", "OCTA"]), max_size=3)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(bodies, st.sampled_from(["", "CTED", "OCT"]), st.sampled_from(["", "CTED", "OCT"])), min_size=1, max_size=8))
def test_in_any_log_each_body_reads_exactly_what_touches_it(stage: Stage, events: list[tuple[frozenset[str], str, str]]) -> None:
    made = {}
    for readers, originator, actor_body in events:
        record = reading(bodies=readers, originator=originator, actor_body=actor_body, private={"object": SECRET})
        (event_id,) = stage.happen(record)
        made[event_id] = record
    for body in ("CTED", "OCT"):
        found = {entry.id: entry for entry in read(stage, body, limit=MOST).entries if entry.id in made}
        assert set(found) == {key for key, record in made.items() if body in record.bodies or record.originator == body}
        for key, entry in found.items():
            record = made[key]
            assert entry.shared == (body in record.bodies)
            assert (entry.who is not None) == (entry.shared and record.actor_body == body)
            assert (entry.private is not None) == (record.originator == body)
            assert (entry.event != "") == entry.shared
