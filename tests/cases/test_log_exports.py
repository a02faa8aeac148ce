"""The log, to take along: what the page shows this reader and no more, each event proved, its beginning and its end in the log."""

import csv
import json
import subprocess
import sys
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from portal.audit.history import Entry
from portal.audit.inclusion import Proofs
from portal.cases import export_log
from portal.cases.log_as_ocsf import VERSION, as_ocsf
from portal.cases.read_log import EVENTS
from portal.gateway import flow
from portal.kernel.errors import Unauthenticated
from tests.cases.test_step_up import ASKS, unconfirmed
from tests.common import directions
from tests.common.house import Guest, House, shared
from tools.tour.sample import SAMORIA_TITLE
from tools.tour.stage import ROOT

ADMINISTRATORS = {"CTED": "greta", "OCT": "sven"}


either = directions.among_three


def taken(guest: Guest, path: str) -> bytes:
    answer = guest.get(path)
    assert answer.status_code == 200, answer.text[:500]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store, private"
    return answer.data


def lines(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.decode().removesuffix("\n").split("\n") if line]


def events_of(guest: Guest, narrowed: str = "") -> list[dict[str, Any]]:
    return lines(taken(guest, f"/audit/export.jsonl{narrowed}"))[1:-1]


def read_once(house: House) -> str:
    """A report is shared, its reader reads a page and asks for what is not theirs; all of it sequenced and signed. The share."""
    document, share = shared(house)
    reader = house.guest(house.cast.reader)
    assert reader.get(f"/received/{share}/pages/1").status_code == 200
    assert reader.get(f"/documents/{document}").status_code == 404
    house.worker.sequence()
    return share


def checked(house: House, content: bytes, folder: Path, *more: str) -> int:
    (folder / "taken.jsonl").write_bytes(content)
    (folder / "log.vkey").write_text(f"{house.parts.sequencer.key.verifier}\n")
    tool = [sys.executable, str(ROOT / "tools/verify_portal_export.py"), str(folder / "taken.jsonl")]
    return subprocess.run([*tool, "--key", str(folder / "log.vkey"), *more], capture_output=True, check=False).returncode


# ---- what is in them, and that it is so
def test_json_lines_are_checked_with_no_portal_by_both_bodies(either: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read_once(either)
    for login in (either.cast.auditor, either.cast.other_auditor):
        content = taken(either.guest(login), "/audit/export.jsonl")
        assert checked(either, content, tmp_path) == 0, capsys.readouterr()
        first, *found, last = lines(content)
        assert first["checkpoint"].startswith(either.parts.sequencer.key.name)
        assert last == {"end": True, "rows": len(found)}
        assert any(line["proof"] and "bodies" in line["check"] for line in found)
    assert any("shared" in line["check"] for line in found)


def test_every_change_to_a_file_is_found(house: House, tmp_path: Path) -> None:
    read_once(house)
    first, *found, last = lines(taken(house.guest(house.cast.auditor), "/audit/export.jsonl"))
    held = next(line for line in found if not line["waits"] and "bodies" in line["check"])
    for part, name, value in (
        ("event", "outcome", "refused"),
        ("event", "at", held["event"]["at"] + 1),
        ("event", "detail", {"page": 9}),
        ("event", "actor_roles", ["auditor", "reviewer", "uploader"]),
        ("check", "salt", "00" * 32),
        ("", "leaf", held["leaf"] + 1),
        ("", "proof", held["proof"][:-1]),
        ("", "proof", [*held["proof"], held["proof"][0]]),
    ):
        changed = json.loads(json.dumps(held))
        (changed[part] if part else changed)[name] = value
        content = "\n".join(json.dumps(line) for line in (first, changed, {**last, "rows": 1}))
        assert checked(house, content.encode(), tmp_path) == 1, (part, name)
    whole = [first, *found, last]
    for content in (whole[:-1], [*whole[:3], *whole[4:]], []):
        assert checked(house, "\n".join(map(json.dumps, content)).encode(), tmp_path) == 1
    other = first | {"checkpoint": first["checkpoint"].replace("\n", "\n1", 1)}
    assert checked(house, "\n".join(map(json.dumps, (other, *found, last))).encode(), tmp_path) == 1


def test_each_body_takes_along_what_its_page_shows_and_no_more(either: House) -> None:
    read_once(either)
    own, other = (events_of(either.guest(login)) for login in (either.cast.auditor, either.cast.other_auditor))
    by_id = {line["event"]["id"]: line["event"] for line in own}
    (probe,) = (line for line in other if line["event"].get("event") == "document.read" and line["event"]["code"] == "not_found")
    hidden = by_id[probe["event"]["id"]]
    # the originator reads of the probe in its own part, and of the act nothing else
    assert hidden["shared"] is False
    assert hidden["private"]["present"] is True
    assert "event" not in hidden
    assert "private" not in probe["event"]
    assert probe["event"]["object_id"] == ""
    read = next(line for line in other if line["event"].get("event") == "share.page_read")
    # of another body's staff nothing but the body
    theirs = by_id[read["event"]["id"]]
    assert read["event"]["who"]
    assert (theirs["who"], theirs["actor"], theirs["actor_roles"], theirs["session"], theirs["address"]) == (None, None, [], None, None)
    text = json.dumps(own)
    for line in other:
        if line["event"]["actor"] and line["event"]["actor_body"] == either.cast.other:
            assert line["event"]["actor"] not in text
    assert SAMORIA_TITLE not in json.dumps([own, other])
    # what only one body did is not in the other's file
    only = {line["event"]["id"] for line in own if line["event"].get("event") == "request.recorded"}
    assert only
    assert not only & {line["event"]["id"] for line in other}


def test_a_file_is_narrowed_as_the_page_is_and_what_it_was_narrowed_to_stays_out_of_the_log(house: House) -> None:
    read_once(house)
    auditor = house.guest(house.cast.auditor)
    assert {line["event"]["event"] for line in events_of(auditor, "?event=document.registered&outcome=done")} == {"document.registered"}
    assert events_of(auditor, "?document=NOBODY/HAS/IT") == []
    assert len(list(csv.reader(StringIO(taken(auditor, "/audit/export.csv?document=NOBODY/HAS/IT").decode("utf-8-sig"))))) == 1
    assert taken(auditor, "/audit/export.ocsf?document=NOBODY/HAS/IT") == b""
    facts = [row[0] for row in house.sql("select detail from audit_event where event in ('log.exported', 'log.export_ended')")]
    assert len(facts) == 8
    assert not any("NOBODY" in fact or "registered" in fact for fact in facts)
    assert json.loads(facts[0])["narrowed"] == ["event", "outcome"]
    assert auditor.get("/audit/export.csv?since=soon").status_code == 422


def test_the_beginning_and_the_end_are_events_and_the_end_names_the_file(house: House) -> None:
    read_once(house)
    auditor = house.guest(house.cast.auditor)
    for form in ("csv", "jsonl", "ocsf"):
        before = len(house.events())
        content = taken(auditor, f"/audit/export.{form}")
        assert house.events()[before:] == [("log.exported", "done", ""), ("log.export_ended", "done", "")]
        (told,) = (json.loads(row[0]) for row in house.sql("select detail from audit_event order by at desc, rowid desc limit 1"))
        assert (told["sha256"], told["format"]) == (sha256(content).hexdigest(), form)
        assert told["sent"] == len(content)
        assert told["rows"] > 3


def test_an_event_that_waits_for_its_leaf_says_so(house: House) -> None:
    read_once(house)
    auditor = house.guest(house.cast.auditor)
    auditor.get("/audit")
    newest = events_of(auditor, "?event=audit.read")[0]
    assert (newest["waits"], newest["leaf"], newest["proof"]) == (True, None, None)
    house.worker.sequence()
    newest = events_of(auditor, "?event=audit.read")[0]
    assert newest["waits"] is False
    assert newest["proof"]


def test_csv_says_what_the_page_says_and_nothing_of_it_is_run(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    read_once(house)
    head, *rows = csv.reader(StringIO(taken(house.guest(house.cast.auditor), "/audit/export.csv").decode("utf-8-sig"), newline=""))
    assert head[:4] == ["Leaf", "Leaf hash", "Event", "Time"]
    known = {line["event"]["id"]: line for line in events_of(house.guest(house.cast.auditor))}
    for row in (dict(zip(head, row, strict=True)) for row in rows):
        if row["Event"] in known and known[row["Event"]]["leaf"] is not None:
            assert row["Leaf hash"] == known[row["Event"]]["leaf_hash"]
    house.sql("update audit_event set code = '=1+1', action = '@SUM(A1)'")
    _, row, *_ = csv.reader(StringIO(taken(house.guest(house.cast.auditor), "/audit/export.csv").decode("utf-8-sig"), newline=""))
    assert dict(zip(head, row, strict=True))["Code"] in {"'=1+1", ""}
    assert b'"=' not in taken(house.guest(house.cast.auditor), "/audit/export.csv")


def test_the_checkpoint_is_taken_as_it_is_published(house: House) -> None:
    read_once(house)
    auditor = house.guest(house.cast.auditor)
    assert taken(auditor, "/audit/checkpoint") == (house.folder / "log" / "checkpoint").read_bytes()
    assert house.events()[-1] == ("log.checkpoint_taken", "done", "")


# ---- OCSF
SCHEMAS = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=VERSION))


def faults(event: dict[str, Any]) -> list[str]:
    """What an independent model of OCSF has against it."""
    name = SCHEMAS.lookup_class_name_from_uid(class_uid=event["class_uid"])
    validator = Draft202012Validator(SCHEMAS.get_class_schema(class_name=name, profiles=[]))
    return [f"{name}: {fault.json_path} {fault.message}" for fault in validator.iter_errors(event)]


def test_every_event_is_one_of_ocsf_by_an_independent_model(house: House) -> None:
    read_once(house)
    found = [
        each for login in (house.cast.auditor, house.cast.other_auditor) for each in lines(taken(house.guest(login), "/audit/export.ocsf"))
    ]
    assert [fault for event in found for fault in faults(event)] == []
    assert {event["class_uid"] for event in found} >= {3002, 6003, 6006}
    proof = next(event["unmapped"]["proof"] for event in found if "proof" in event["unmapped"])
    assert proof.startswith("c2sp.org/tlog-proof@v1\nindex ")
    assert proof.endswith((house.folder / "log" / "checkpoint").read_text())


def test_every_kind_of_event_there_is_has_a_class(house: House) -> None:
    classes = set()
    for event in ("", *EVENTS):
        entry = Entry(id=UUID(int=7), leaf_index=None, at=house.clock.at, outcome="done", actor_body="OCT", shared=bool(event), event=event)
        told = as_ocsf(entry, None, Proofs("", 0, lambda start, end: b""))
        assert faults(told) == []
        assert told["unmapped"]["waits"] is True
        classes.add(told["class_uid"])
    assert classes == {3001, 3002, 3005, 6003, 6006}


# ---- who may, and until when
def test_only_an_auditor_who_has_confirmed_takes_it_along(house: House) -> None:
    shared(house)
    for login in (house.cast.releasing, house.cast.confidentiality, house.cast.reader, house.cast.other_administrator):
        for form in ("csv", "jsonl", "ocsf"):
            assert house.guest(login).get(f"/audit/export.{form}").status_code == 403
            assert house.events()[-1] == ("log.exported", "refused", "denied")
    answer = unconfirmed(house, house.cast.auditor).get("/audit/export.csv")
    assert answer.status_code == 403
    assert ASKS in answer.text
    assert house.events()[-1] == ("log.exported", "refused", "step_up")
    assert house.guest(house.cast.auditor).get("/audit/export.csv").status_code == 200


def test_whose_role_ends_midway_gets_no_further_piece(either: House, monkeypatch: pytest.MonkeyPatch) -> None:
    read_once(either)
    monkeypatch.setattr(export_log, "PIECE", 3)
    monkeypatch.setattr(flow, "CADENCE", 1e9)  # nothing but the pieces themselves decide
    auditor = either.guest(either.cast.auditor)
    answer = auditor.client.get("/audit/export.jsonl", base_url="http://localhost:8000", buffered=False)
    pieces = answer.iter_encoded()
    got = next(pieces) + next(pieces)
    person = str(UUID(either.sql("select id from person where sub = ?", f"person-{either.cast.auditor}")[0][0]))
    assert either.guest(ADMINISTRATORS[either.cast.body]).post(f"/people/{person}/close").status_code == 302
    with pytest.raises(Unauthenticated):
        next(pieces)
    answer.close()
    assert either.events()[-1] == ("log.export_ended", "failed", "unauthenticated")
    told = json.loads(either.sql("select detail from audit_event order by at desc, rowid desc limit 1")[0][0])
    assert told["rows"] == 3
    assert len(lines(got)) == 4


def test_one_that_is_broken_off_is_told_with_what_left(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    read_once(house)
    monkeypatch.setattr(export_log, "PIECE", 3)
    answer = house.guest(house.cast.auditor).client.get("/audit/export.jsonl", base_url="http://localhost:8000", buffered=False)
    pieces = answer.iter_encoded()
    got = next(pieces) + next(pieces)
    answer.close()
    assert house.events()[-1] == ("log.export_ended", "failed", "abandoned")
    told = json.loads(house.sql("select detail from audit_event order by at desc, rowid desc limit 1")[0][0])
    assert (told["rows"], told["sha256"], told["sent"]) == (3, sha256(got).hexdigest(), len(got))


def test_a_changed_event_is_marked_and_raises_an_alarm_with_the_end(house: House, tmp_path: Path) -> None:
    read_once(house)
    house.sql("update audit_event set detail = '{' where event = 'document.registered'")
    content = taken(house.guest(house.cast.auditor), "/audit/export.jsonl")
    assert [line["event"]["event"] for line in lines(content)[1:-1] if line["event"]["damaged"]] == ["document.registered"]
    assert [event for event, _, _ in house.events()][-2:] == ["log.export_ended", "alarm.raised"]
    assert checked(house, content, tmp_path) == 1
