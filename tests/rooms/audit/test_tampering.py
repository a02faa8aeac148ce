"""Whatever is changed in the database or the published log is found, and placed as closely as can be told."""

from datetime import timedelta
from uuid import UUID

import pytest

from portal.audit.canonical import COMMITTED, event_entry
from portal.audit.checkpoint import FILE, Head
from portal.audit.findings import NAMED, Finding
from portal.audit.signing import LogKey, create_log_key
from portal.audit.tiles import Tile, bundle, published_entries
from portal.audit.verify import verify_log
from portal.kernel.errors import Misconfigured
from tests.rooms.audit.stage import ADA, NOON, Stage, reading


def some_event(log: Stage, index_below: int = 48, index_from: int = 16) -> tuple[UUID, int]:
    ((event_id, index),) = log.sql(
        "SELECT event_id, leaf_index FROM audit_leaf WHERE event_id IS NOT NULL AND leaf_index >= ? AND leaf_index < ? LIMIT 1",
        index_from,
        index_below,
    )
    assert isinstance(index, int)
    return UUID(str(event_id)), index


def only(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def one_byte_more(value: object) -> object:
    """The same value with its last byte changed; an empty one becomes something."""
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    if value is None:
        return UUID(int=1).hex
    text = str(value)
    return text[:-1] + chr(ord(text[-1]) ^ 1) if text else "x"


@pytest.mark.parametrize("tiles", [True, False], ids=["with tiles", "without tiles"])
@pytest.mark.parametrize("column", [name for name in COMMITTED if name != "id"])
def test_a_changed_byte_in_any_column_names_the_leaf_and_the_event(log: Stage, column: str, tiles: bool) -> None:
    event_id, index = some_event(log)
    ((before,),) = log.sql(f"SELECT {column} FROM audit_event WHERE id = ?", event_id.hex)
    log.sql(f"UPDATE audit_event SET {column} = ? WHERE id = ?", one_byte_more(before), event_id.hex)
    finding = only(log.verify(tiles=tiles).findings)
    ((kind, at),) = log.sql("SELECT event, at FROM audit_event WHERE id = ?", event_id.hex)
    assert finding.kind == "event_changed"
    assert (finding.leaf, finding.event) == (index, str(event_id))
    moment = (NOON + timedelta(microseconds=int(str(at)) - int(NOON.timestamp()) * 1_000_000)).isoformat(timespec="seconds")
    assert finding.text == f"leaf {index}: event {event_id} ({kind}, {moment}) no longer matches its leaf: the event was changed"


@pytest.mark.sqlite  # PostgreSQL's columns hold what their types hold
@pytest.mark.parametrize("column", [name for name in COMMITTED if name not in {"id", "private_part", "who", "address"}])
def test_a_value_that_is_no_value_at_all_names_the_leaf_and_stops_nothing(log: Stage, column: str) -> None:
    event_id, index = some_event(log)
    log.sql(f"UPDATE audit_event SET {column} = CAST(x'ff00fe' AS TEXT) WHERE id = ?", event_id.hex)
    finding = only(log.verify().findings)
    assert (finding.kind, finding.leaf) == ("event_changed", index)


@pytest.mark.sqlite
def test_spelling_an_id_in_capitals_is_a_change(log: Stage) -> None:
    event_id, index = some_event(log)
    log.sql("UPDATE audit_event SET actor = ? WHERE id = ?", ADA.hex.upper(), event_id.hex)
    assert only(log.verify().findings).leaf == index


def test_a_changed_id_leaves_a_leaf_without_event_and_an_event_without_leaf(log: Stage) -> None:
    event_id, index = some_event(log)
    log.sql("UPDATE audit_event SET id = ? WHERE id = ?", UUID(int=5).hex, event_id.hex)
    missing, extra = log.verify().findings
    assert (missing.kind, missing.leaf, missing.event) == ("event_missing", index, str(event_id))
    assert (extra.kind, extra.event) == ("event_extra", str(UUID(int=5)))


def test_a_removed_event_names_the_leaf(log: Stage) -> None:
    event_id, index = some_event(log)
    log.sql("DELETE FROM audit_event WHERE id = ?", event_id.hex)
    finding = only(log.verify().findings)
    assert finding.kind == "event_missing"
    assert finding.text == f"leaf {index}: event {event_id} is missing from audit_event"


@pytest.mark.parametrize("blank", [None, bytes(32), b"short", "text"])
def test_a_removed_event_cannot_pass_for_a_blank_leaf(log: Stage, blank: object) -> None:
    event_id, index = some_event(log)
    log.sql("UPDATE audit_leaf SET event_id = NULL, blank = ? WHERE event_id = ?", blank, event_id.hex)
    log.sql("DELETE FROM audit_event WHERE id = ?", event_id.hex)
    assert only(log.verify().findings).leaf == index


@pytest.mark.parametrize("tiles", [True, False], ids=["with tiles", "without tiles"])
@pytest.mark.parametrize("offset", [0, 1, 16, 17, 48])
def test_an_edited_leaf_is_named_as_such(log: Stage, offset: int, tiles: bool) -> None:
    event_id, index = some_event(log)
    ((entry,),) = log.sql("SELECT entry FROM audit_leaf WHERE leaf_index = ?", index)
    assert isinstance(entry, bytes)
    edited = entry[:offset] + bytes([entry[offset] ^ 1]) + entry[offset + 1 :]
    log.sql("UPDATE audit_leaf SET entry = ? WHERE leaf_index = ?", edited, index)
    finding = only(log.verify(tiles=tiles).findings)
    assert (finding.kind, finding.leaf) == ("leaf_changed", index)
    assert str(event_id) in finding.text


def rewrite(log: Stage) -> tuple[UUID, int]:
    """Change an event and make its leaf match."""
    event_id, index = some_event(log, 32)
    log.sql("UPDATE audit_event SET event = 'home.read' WHERE id = ?", event_id.hex)
    names = ", ".join(COMMITTED)
    (values,) = log.sql(f"SELECT {names} FROM audit_event WHERE id = ?", event_id.hex)
    log.sql("UPDATE audit_leaf SET entry = ? WHERE leaf_index = ?", event_entry(dict(zip(COMMITTED, values, strict=True))), index)
    return event_id, index


def test_an_event_rewritten_together_with_its_leaf_is_named_by_the_published_bundle(log: Stage) -> None:
    event_id, index = rewrite(log)
    event, leaf = log.verify().findings
    assert (event.kind, event.leaf, event.event) == ("event_changed", index, str(event_id))
    assert (leaf.kind, leaf.leaf) == ("leaf_changed", index)


def test_an_event_rewritten_together_with_its_leaf_is_placed_between_two_checkpoints_without_tiles(log: Stage) -> None:
    rewrite(log)
    ((micros,),) = log.sql("SELECT at FROM audit_checkpoint WHERE size = 32")
    signed = (NOON + timedelta(microseconds=int(str(micros)) - int(NOON.timestamp()) * 1_000_000)).isoformat(timespec="seconds")
    finding = only(log.verify(tiles=False, guard=False).findings)
    assert finding.kind == "interval_changed"
    assert finding.text == f"between sizes 16 and 32 (signed at {signed}) the log is not the one that was signed"


def test_an_event_rewritten_with_leaf_and_bundle_is_placed_between_two_checkpoints(log: Stage) -> None:
    _, index = rewrite(log)
    ((entry,),) = log.sql("SELECT entry FROM audit_leaf WHERE leaf_index = ?", index)
    entries = published_entries(log.log_dir, 0)
    assert entries is not None
    assert isinstance(entry, bytes)
    entries[index] = entry
    (log.log_dir / Tile("entries", 0, 48).path).write_bytes(bundle(entries))
    finding, tile = log.verify().findings
    assert (tile.kind, tile.text) == ("published_changed", "tile/0/000.p/48 does not hold the hashes of the leaves")
    assert finding.kind == "interval_changed"
    assert "between sizes 16 and 32 (signed at 2026-11-24" in finding.text


def test_an_edited_bundle_is_named_as_such(log: Stage) -> None:
    entries = published_entries(log.log_dir, 0)
    assert entries is not None
    entries[20] = entries[20][:-1] + bytes([entries[20][-1] ^ 1])
    (log.log_dir / Tile("entries", 0, 48).path).write_bytes(bundle(entries))
    finding = only(log.verify().findings)
    assert (finding.kind, finding.leaf) == ("published_changed", 20)


def test_a_missing_bundle_is_named(log: Stage) -> None:
    (log.log_dir / Tile("entries", 0, 48).path).unlink()
    finding = only(log.verify().findings)
    assert (finding.kind, finding.text) == ("published_missing", "tile/entries/000 is missing, short or damaged")


@pytest.fixture
def wide(stage: Stage) -> Stage:
    """Leaves enough for a full tile, an unfinished one, and one above them."""
    for _ in range(2):
        stage.happen(*[reading(number) for number in range(150)])
        stage.sequence()
    assert stage.verify().ok
    return stage


TILES = [Tile(0, 0), Tile(0, 1, 64), Tile(1, 0, 1)]


@pytest.mark.parametrize("tile", TILES, ids=lambda tile: tile.path)
def test_an_edited_hash_tile_is_named_as_such(wide: Stage, tile: Tile) -> None:
    file = wide.log_dir / tile.path
    content = file.read_bytes()
    for changed in (content[:-1] + bytes([content[-1] ^ 1]), content[:-32], b""):
        file.write_bytes(changed)
        finding = only(wide.verify().findings)
        assert (finding.kind, finding.text) == ("published_changed", f"{tile.path} does not hold the hashes of the leaves")
    assert wide.verify(tiles=False).ok


@pytest.mark.parametrize("tile", TILES, ids=lambda tile: tile.path)
def test_a_missing_hash_tile_is_named(wide: Stage, tile: Tile) -> None:
    (wide.log_dir / tile.path).unlink()
    finding = only(wide.verify().findings)
    assert (finding.kind, finding.text) == ("published_missing", f"{tile.path} is missing")


def test_a_hash_tile_is_not_blamed_for_what_was_changed_beside_it(wide: Stage) -> None:
    event_id, index = some_event(wide, 300, 0)
    wide.sql("UPDATE audit_event SET outcome = 'failed' WHERE id = ?", event_id.hex)
    entries = published_entries(wide.log_dir, 1)
    assert entries is not None
    entries[3] = entries[3][:-1] + bytes([entries[3][-1] ^ 1])
    (wide.log_dir / Tile("entries", 1, 64).path).write_bytes(bundle(entries))
    assert sorted((finding.kind, finding.leaf) for finding in wide.verify().findings) == [
        ("event_changed", index),
        ("published_changed", 259),
    ]


def test_a_tile_that_became_full_while_one_looked_serves_for_the_unfinished_one(wide: Stage) -> None:
    part = wide.log_dir / Tile(0, 1, 64).path
    (wide.log_dir / Tile(0, 1).path).write_bytes(part.read_bytes() + bytes(32 * 192))
    part.unlink()
    assert wide.verify().ok


def test_several_alterations_are_told_apart(log: Stage) -> None:
    event_id, first = some_event(log, 16, 0)
    other_id, second = some_event(log, 32, 16)
    last_id, third = some_event(log, 48, 32)
    log.sql("UPDATE audit_event SET outcome = 'refused' WHERE id = ?", event_id.hex)
    log.sql("UPDATE audit_leaf SET entry = zeroblob(49) WHERE leaf_index = ?", second)
    log.sql("DELETE FROM audit_event WHERE id = ?", last_id.hex)
    found = {(str(finding.kind), finding.leaf) for finding in log.verify(tiles=False).findings}
    assert found == {("event_changed", first), ("leaf_changed", second), ("event_missing", third)}
    assert str(other_id) in "".join(finding.text for finding in log.verify(tiles=False).findings)


def test_after_the_last_checkpoint_a_change_is_still_found(log: Stage) -> None:
    (event_id,) = log.happen(reading())
    log.batch()
    assert log.verify().ok
    log.sql("UPDATE audit_event SET code = 'x' WHERE id = ?", event_id.hex)
    finding = only(log.verify().findings)
    assert (finding.kind, finding.leaf) == ("event_changed", log.leaf_of(event_id))
    assert "no checkpoint tells" in finding.text


@pytest.mark.parametrize("tiles", [True, False], ids=["with tiles", "without tiles"])
def test_a_gap_is_named(log: Stage, tiles: bool) -> None:
    log.sql("DELETE FROM audit_leaf WHERE leaf_index IN (20, 21)")
    findings = log.verify(tiles=tiles).findings
    assert findings[0].text == "leaves 20 to 21 are missing from audit_leaf"
    assert {str(finding.kind) for finding in findings} <= {"leaf_missing", "event_extra"}


def test_a_leaf_moved_far_away_is_named(log: Stage) -> None:
    log.sql("UPDATE audit_leaf SET leaf_index = 1000000000000 WHERE leaf_index = 47")
    kinds = log.kinds(tiles=False)
    assert kinds[0] == "leaf_missing"


@pytest.mark.parametrize("value", [-1, pytest.param("text", marks=pytest.mark.sqlite)])
def test_a_leaf_outside_the_log_is_named(log: Stage, value: object) -> None:
    log.sql("INSERT INTO audit_leaf (leaf_index, entry) VALUES (?, ?)", value, bytes(49))
    assert log.kinds() == ["leaf_stray"]


def test_a_truncated_log_is_named_by_every_witness(log: Stage) -> None:
    log.sql("DELETE FROM audit_leaf WHERE leaf_index >= 32")
    log.sql("DELETE FROM audit_event WHERE id NOT IN (SELECT event_id FROM audit_leaf WHERE event_id IS NOT NULL)")
    log.sql("UPDATE log_head SET size = 32")
    texts = [finding.text for finding in log.verify().findings]
    assert len(texts) == 2
    assert texts[0].startswith("the log ends at size 32, but the stored checkpoint of size 48 (signed at 2026-11-24")
    assert texts[1].startswith("the log ends at size 32, but the guard has size 48")
    log.sql("DELETE FROM audit_checkpoint WHERE size = 48")
    assert log.kinds(guard=False) == ["log_short"]
    assert log.kinds(tiles=False) == ["log_short"]
    assert log.kinds(tiles=False, guard=False) == []  # nobody is left who remembers: that is what witnesses are for


@pytest.mark.parametrize("size", [16, 64])
def test_a_head_that_says_another_size_is_named(log: Stage, size: int) -> None:
    log.sql("UPDATE log_head SET size = ?", size)
    assert f"log_head says {size}" in only(log.verify().findings).text


def test_a_checkpoint_with_a_bad_signature_is_named(log: Stage) -> None:
    log.sql("UPDATE audit_checkpoint SET note = replace(note, char(10) || '32' || char(10), char(10) || '33' || char(10)) WHERE size = 32")
    finding = only(log.verify().findings)
    assert finding.kind == "checkpoint_bad"
    assert "of size 32" in finding.text
    assert "signature" in finding.text


def signed_by(log: Stage, key: LogKey, origin: str) -> str:
    ((root,),) = log.sql("SELECT root FROM audit_checkpoint WHERE size = 32")
    assert isinstance(root, bytes)
    return key.sign(Head(origin, 32, root).text)


def test_a_checkpoint_of_another_log_or_key_is_named(log: Stage) -> None:
    log.sql("UPDATE audit_checkpoint SET note = ? WHERE size = 32", signed_by(log, log.key, "portal.example/log2"))
    assert "is of the log 'portal.example/log2'" in only(log.verify().findings).text
    other = create_log_key(log.home / "other.key", log.key.name)
    log.sql("UPDATE audit_checkpoint SET note = ? WHERE size = 32", signed_by(log, other, log.key.name))
    assert "is not signed by" in only(log.verify().findings).text


@pytest.mark.parametrize(
    "change",
    [
        "root = zeroblob(32)",
        "root = x'00'",
        "size = 40",
        *(pytest.param(change, marks=pytest.mark.sqlite) for change in ("note = x'ff'", "at = 'noon'", "size = 'many'")),
    ],
)
def test_an_edited_row_of_a_checkpoint_is_named(log: Stage, change: str) -> None:
    log.sql(f"UPDATE audit_checkpoint SET {change} WHERE size = 32")
    assert log.kinds() == ["checkpoint_changed"]


def test_a_published_checkpoint_that_is_not_ours_is_named(log: Stage) -> None:
    (log.log_dir / FILE).write_text("anything")
    assert log.kinds() == ["checkpoint_bad", "published_missing"]
    (log.log_dir / FILE).write_bytes(b"\xff\xfe")
    assert log.kinds() == ["checkpoint_bad", "published_missing"]
    (log.log_dir / FILE).unlink()
    assert log.kinds() == ["published_missing"]


def test_two_signed_roots_of_one_size_are_named(log: Stage) -> None:
    (log.log_dir / FILE).write_text(log.key.sign(Head(log.key.name, 48, bytes(32)).text))
    assert log.kinds() == ["root_differs"]


def test_an_event_that_was_never_sequenced_is_named_when_it_is_late(log: Stage) -> None:
    (event_id,) = log.happen(reading())
    assert log.verify().ok
    finding = only(log.verify(later=timedelta(seconds=61)).findings)
    assert (finding.kind, finding.event) == ("event_waiting", str(event_id))


def test_an_event_that_was_taken_out_of_the_queue_is_named_at_once(log: Stage) -> None:
    (event_id,) = log.happen(reading())
    log.sql("DELETE FROM audit_pending")
    finding = only(log.verify().findings)
    assert (finding.kind, finding.event) == ("event_extra", str(event_id))


def test_an_event_slipped_into_the_table_is_named(log: Stage) -> None:
    event_id, _ = some_event(log)
    columns = ", ".join(name for name in COMMITTED if name != "id")
    log.sql(f"INSERT INTO audit_event (id, {columns}) SELECT ?, {columns} FROM audit_event WHERE id = ?", UUID(int=6).hex, event_id.hex)
    finding = only(log.verify().findings)
    assert (finding.kind, finding.event) == ("event_extra", str(UUID(int=6)))


def test_an_event_that_vanished_while_it_waited_is_named(log: Stage) -> None:
    (event_id,) = log.happen(reading())
    log.sql("DELETE FROM audit_event WHERE id = ?", event_id.hex)
    finding = only(log.verify().findings)
    assert (finding.kind, finding.event) == ("event_missing", str(event_id))


def test_two_events_that_change_places_are_named(log: Stage) -> None:
    (first, a), (second, b) = some_event(log, 32, 16), some_event(log, 48, 32)
    log.sql("UPDATE audit_leaf SET event_id = NULL WHERE leaf_index = ?", a)
    log.sql("UPDATE audit_leaf SET event_id = ? WHERE leaf_index = ?", first.hex, b)
    log.sql("UPDATE audit_leaf SET event_id = ? WHERE leaf_index = ?", second.hex, a)
    assert sorted((str(finding.kind), finding.leaf) for finding in log.verify().findings) == [("event_changed", a), ("event_changed", b)]


def test_a_flood_of_findings_is_counted_beyond_a_number(stage: Stage) -> None:
    stage.happen(*[reading(number) for number in range(NAMED + 44)])
    stage.sequence()
    stage.sql("UPDATE audit_event SET outcome = 'failed'")
    report = stage.verify()
    assert not report.ok
    assert (len(report.findings), report.more) == (NAMED, 44)


def test_a_sound_report_says_what_was_checked(log: Stage) -> None:
    report = log.verify()
    ((root,),) = log.sql("SELECT root FROM audit_checkpoint WHERE size = 48")
    assert (report.ok, report.size, report.root, report.checkpoints, report.checked_at) == (True, 48, root, 4, log.at)


def test_a_verification_that_began_earlier_is_not_fooled_by_what_was_signed_since(log: Stage) -> None:
    with log.database.read() as session:
        session.connection().exec_driver_sql("SELECT count(*) FROM audit_leaf").scalar()
        log.happen(reading())
        log.sequence()
        key = str(log.key.verifier)
        report = verify_log(session, log_dir=log.log_dir, verifier_key=key, guard_path=log.guard.path, at=log.at)
    assert (report.findings, report.size) == ((), 48)


def test_without_a_key_nothing_can_be_verified(log: Stage) -> None:
    with log.database.read() as session, pytest.raises(Misconfigured):
        verify_log(session, log_dir=None, verifier_key="portal.example/log1", at=log.at)


def test_a_leaf_entry_that_is_no_bytes_is_named(log: Stage) -> None:
    _, index = some_event(log)
    log.sql("UPDATE audit_leaf SET entry = 'text' WHERE leaf_index = ?", index)
    assert only(log.verify().findings).kind == "leaf_changed"
