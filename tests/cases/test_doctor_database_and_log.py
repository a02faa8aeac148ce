"""`portal doctor` on what is kept: the database, the store with its objects, and the log with its guard and checkpoints."""

import re
import sqlite3
from pathlib import Path
from uuid import UUID

import pytest

from tests.cases.conftest import rewritten
from tests.cases.examining import Examined, wrong
from tests.common.house import House, shared

# --- database ------------------------------------------------------------------------------------------------------------------------


def test_tables_that_are_old_or_missing_are_a_fault(well: House, examined: Examined) -> None:
    well.sql("update alembic_version set version_num = 'older'")
    assert any(re.fullmatch(r"fault the tables are at older, .*: run `portal migrate`", line) for line in examined()["database"])
    well.sql("delete from alembic_version")
    assert any("no tables of the portal: run `portal init`" in line for line in examined()["database"])


def test_a_database_out_of_reach_is_told_once(well: House, examined: Examined) -> None:
    rewritten(well.folder / "config.toml", "database", 'url = "sqlite:////nowhere/portal.db"')
    told = wrong(examined())
    assert any(line.startswith("fault the database failed: unable to open") for line in told["database"])
    for name in ("floors", "objects", "log"):
        assert told[name] == ["attention not looked at: the database cannot be used as it is: mend that first, then ask again"], name
    assert not (well.folder / "nowhere").exists()


@pytest.mark.sqlite
def test_a_database_that_is_not_there_is_not_made(well: House, examined: Examined) -> None:
    rewritten(well.folder / "config.toml", "database", 'url = "sqlite:///other.db"')
    assert any(line.startswith("fault") for line in examined()["database"])
    assert not (well.folder / "other.db").exists()


@pytest.mark.sqlite
def test_a_log_that_lost_its_triggers_is_a_fault(well: House, examined: Examined) -> None:
    well.sql("drop trigger audit_leaf_never_deleted")
    assert any("triggers that keep the log are gone (audit_leaf_never_deleted)" in line for line in examined()["database"])


@pytest.mark.postgresql
def test_a_role_that_can_change_the_log_is_a_fault(well: House, examined: Examined) -> None:
    well.sql("grant delete on audit_event to public")
    assert any(re.match(r"fault the role of database\.url can DELETE rows of audit_event: ", line) for line in examined()["database"])


@pytest.mark.sqlite
@pytest.mark.parametrize(("start", "end", "every"), [(20_000, -20_000, 97), (36, 40, 1)])
def test_a_damaged_page_is_a_fault(well: House, examined: Examined, start: int, end: int, every: int) -> None:
    """Pages that cannot be read, and a count of free pages that is wrong, which only the check of all of them sees."""
    shared(well)
    file = _at_rest(well)
    content = bytearray(file.read_bytes())
    content[start:end:every] = b"\7" * len(content[start:end:every])
    file.write_bytes(content)
    said = "is damaged" if start == 36 else "malformed"
    assert any(re.match(rf"fault .*{said}", line) for line in examined()["database"])


@pytest.mark.sqlite
def test_a_database_in_another_mode_is_a_fault_and_stays_so(well: House, examined: Examined) -> None:
    file = _at_rest(well)
    connection = sqlite3.connect(file)
    connection.execute("pragma journal_mode = delete")
    connection.close()
    assert any("is not in WAL mode" in line for line in examined()["database"])
    assert file.read_bytes()[18:20] == b"\1\1"


def _at_rest(house: House) -> Path:
    """The database's file with everything in it."""
    house.parts.database.close()
    connection = sqlite3.connect(house.folder / "portal.db")
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return house.folder / "portal.db"


# --- store, objects, log -------------------------------------------------------------------------------------------------------------


def test_a_store_that_is_gone_is_a_fault(well: House, examined: Examined) -> None:
    rewritten(well.folder / "config.toml", "store", 'path = "elsewhere"')
    told = examined()
    assert any(re.match(r"fault the store .* is not there: mount it", line) for line in told["store"])
    assert told["objects"] == ["attention not looked at: the store cannot be used: mend that first, then ask again"]
    assert not (well.folder / "elsewhere").exists()


def test_a_row_whose_object_is_gone_is_named(well: House, examined: Examined) -> None:
    shared(well)
    row, key = well.sql("select id, store_key from sealed_object")[0]
    well.parts.vault.discard_key(key)
    lines = examined()["objects"]
    assert any(re.match(rf"fault 1 rows name an object that the store does not hold \({UUID(row)}\)", line) for line in lines)


def test_a_row_that_nobody_has_a_key_of_misses_nothing(well: House, examined: Examined) -> None:
    shared(well)
    row, key = well.sql("select id, store_key from sealed_object")[0]
    well.parts.vault.discard_key(key)
    well.sql("delete from key_wrap where object_id = ?", row)
    assert "ok every object that a row names is in the store" in examined()["objects"]


def test_a_log_that_ends_before_what_was_signed_is_a_fault(well: House, examined: Examined) -> None:
    well.worker.sequence()
    well.sql("update log_head set size = 0")
    assert any(
        re.match(r"fault the log in the database has 0 leaves, but the guard was signed for [1-9]", line) for line in examined()["log"]
    )


def test_a_guard_that_is_gone_or_put_back_is_a_fault(well: House, examined: Examined) -> None:
    guard = well.folder / "keys" / "log.guard"
    first = guard.read_text()
    well.worker.sequence()
    guard.write_text(first)
    assert any("it was put back" in line for line in examined()["log"])
    guard.unlink()
    assert any(re.match(r"fault log\.guard .* cannot be read", line) for line in examined()["log"])


def test_a_published_checkpoint_that_nobody_signed_is_a_fault(well: House, examined: Examined) -> None:
    well.worker.sequence()
    file = well.folder / "log" / "checkpoint"
    file.write_text(re.sub(r"\n(\d+)\n", "\n1\n", file.read_text(), count=1))
    assert any("the published checkpoint cannot be relied on" in line for line in examined()["log"])


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "update audit_checkpoint set note = replace(note, 'portal.demo', 'portal.dem0')",
            "the newest checkpoint in the database cannot be",
        ),
        ("update audit_checkpoint set root = zeroblob(32)", "the newest checkpoint in the database was changed"),
    ],
)
def test_a_stored_checkpoint_that_was_changed_is_a_fault(well: House, examined: Examined, statement: str, said: str) -> None:
    well.worker.sequence()
    well.sql(statement)
    assert any(line.startswith(f"fault {said}") for line in examined()["log"])


def test_events_that_nobody_sequences_ask_for_attention(well: House, examined: Examined) -> None:
    well.sql("update audit_event set at = at - 7200000000")
    assert any(re.match(r"attention \d+ events wait for their place in the log, the oldest for 2 h: ", line) for line in examined()["log"])


def test_an_event_that_was_changed_is_found_by_the_full_look_only(well: House, examined: Examined) -> None:
    well.worker.sequence()
    well.sql("update audit_event set code = 'x'")
    assert not any(line.startswith("fault") for line in examined()["log"])
    assert any(re.match(r"fault leaf \d+: event .* no longer matches", line) for line in examined("--full")["log"])
