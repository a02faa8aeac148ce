"""`portal doctor` on real installations: a healthy one is in order, and each thing that is broken is said in its own line."""

import json
import os
import re
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.app import create_app, ready
from portal.cases.doctor.examine import CHECKS, opened, report
from portal.cases.doctor.findings import Grade
from portal.cases.doctor.site import Site
from portal.cli.commands import main
from portal.kernel.clock import SetClock
from portal.vault import keyring as rings
from tests.cases.conftest import rewritten
from tests.common.clamd import serving
from tests.common.house import House, shared
from tests.common.rules import remark
from tests.conftest import CHEAP
from tools.tour.sample import SAMORIA_TITLE
from tools.tour.stage import ROOT

Examined = Callable[..., dict[str, list[str]]]


@pytest.fixture
def well(house: House) -> Iterator[House]:
    """A house as `portal init` leaves one, in a process that is started as it should be."""
    before, limits = os.umask(0o077), resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, limits[1]))
    for folder in (house.folder, house.folder / "keys", house.folder / "objects"):
        if folder.exists():
            folder.chmod(0o700)
    yield house
    resource.setrlimit(resource.RLIMIT_CORE, limits)
    os.umask(before)


@pytest.fixture
def examined(well: House, capsys: pytest.CaptureFixture[str]) -> Examined:
    """Runs the command: for each check, its lines without their name, as `grade text`. The exit code must fit."""

    def run(*words: str, file: Path | None = None) -> dict[str, list[str]]:
        capsys.readouterr()
        code = main(["--config", str(file or well.folder / "config.toml"), "doctor", *words], create_app=create_app, ready=ready)
        *lines, last = capsys.readouterr().out.splitlines()
        told: dict[str, list[str]] = {check.name: [] for check in CHECKS}
        for line in lines:
            grade, name, text = line.split(maxsplit=2)
            told[name].append(f"{grade} {text}")
        counted = [sum(line.startswith(grade) for lines in told.values() for line in lines) for grade in ("ok", "attention", "fault")]
        assert last == "{} ok, {} attention, {} fault".format(*counted)
        assert code == (1 if counted[2] else 0)
        return told

    return run


def wrong(told: dict[str, list[str]]) -> dict[str, list[str]]:
    """What is not in order, by check. What this very machine lacks is left out: its kernel's layers, its disk, and anybody's witness."""
    here = {"sandbox", "process", "space"}
    fine = ("ok ", "attention no witness has to sign the log")
    found = {name: [line for line in lines if not line.startswith(fine)] for name, lines in told.items()}
    return {name: lines for name, lines in found.items() if lines and name not in here}


def changed(house: House, old: str, new: str) -> None:
    file = house.folder / "config.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


# --- in order ------------------------------------------------------------------------------------------------------------------------


def test_a_healthy_installation_is_in_order(well: House, examined: Examined) -> None:
    shared(well)
    well.worker.sequence()
    told = examined()
    assert wrong(told) == {}
    assert [name for name, lines in told.items() if not lines] == []
    assert not any(line.startswith("fault") for lines in told.values() for line in lines)


def test_all_of_it_is_looked_at_on_request(well: House, examined: Examined) -> None:
    shared(well)
    well.worker.sequence()
    told = examined("--full")
    assert wrong(told) == {}
    assert any(line.startswith("ok verified: ") for line in told["log"])


def test_nothing_is_changed_by_looking(well: House, examined: Examined) -> None:
    shared(well)
    well.worker.sequence()
    before = well.everything_at_rest()
    examined("--full")
    after = well.everything_at_rest()
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} <= {"portal.db-shm"}  # of the moment


def test_a_program_can_read_it(well: House, capsys: pytest.CaptureFixture[str]) -> None:
    (well.folder / "keys" / "floors.jsonl").unlink()
    capsys.readouterr()
    code = main(["--config", str(well.folder / "config.toml"), "doctor", "--json"], create_app=create_app, ready=ready)
    told = json.loads(capsys.readouterr().out)
    assert (code, told["sound"]) == (1, False)
    assert {tuple(sorted(finding)) for finding in told["findings"]} == {("advice", "check", "grade", "text")}
    assert any(finding["check"] == "floors" and finding["grade"] == "fault" and finding["advice"] for finding in told["findings"])


def test_without_a_configuration_there_is_nothing_to_look_at(well: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(well.folder / "none.toml"), "doctor"], create_app=create_app, ready=ready) == 2
    assert "cannot be read" in capsys.readouterr().err


# --- nothing is given away -----------------------------------------------------------------------------------------------------------


def test_no_secret_key_or_word_is_printed(well: House, examined: Examined) -> None:
    document, share = shared(well)
    well.worker.sequence()
    keys = well.folder / "keys"
    secrets = {(keys / name).read_text().strip() for name in ("passphrase", "client-secret")}
    secrets |= {json.loads((keys / "keyring.json").read_text())["bodies"]["CTED"]["recovery"]}
    secrets |= set(re.findall(r"[A-Za-z0-9+/=]{40,}", (keys / "log.key").read_text()))
    secrets |= {key for (key,) in well.sql("select store_key from sealed_object")}
    for file in keys.iterdir():
        file.chmod(0o644)
    well.sql("update key_wrap set floor = 7, kek = 'OCT/9' where share_id is not null")
    for (key,) in well.sql("select store_key from sealed_object"):
        well.parts.vault.discard_key(key)
    for url in ("postgresql://portal:pass-word@127.0.0.1:1/portal", "mysql://root:pass-word@localhost/portal", ""):
        if url:
            rewritten(well.folder / "config.toml", "database", f'url = "{url}"')
        said = "\n".join(line for lines in examined("--full").values() for line in lines)
        for word in (*secrets, "pass-word", SAMORIA_TITLE, "Samoria", document, share, well.cast.symbol):
            assert word not in said


# --- what is broken is said ----------------------------------------------------------------------------------------------------------


def test_an_unknown_key_is_named_and_the_rest_is_looked_at(well: House, examined: Examined) -> None:
    changed(well, "[server]\n", "[server]\nsecret_door = true\n")
    told = wrong(examined())
    assert list(told) == ["configuration"]
    assert re.fullmatch(r"fault server\.secret_door is not a key the portal knows.*: mend it in .*config\.toml", told["configuration"][0])


def test_a_broken_section_leaves_the_others_to_be_looked_at(well: House, examined: Examined) -> None:
    rewritten(well.folder / "config.toml", "keyring", "path = 3")
    told = wrong(examined())
    assert set(told) == {"configuration", "keyring", "floors"}
    assert told["floors"] == [
        "attention not looked at: the section [keyring] of the configuration cannot be used: mend that first, then ask again"
    ]


@pytest.mark.parametrize(
    ("section", "lines"),
    [
        ("database", 'url = "mysql://portal@localhost/portal"'),
        (
            "store",
            'kind = "s3"\nendpoint = "s3.invalid"\nbucket = "b"\naccess_key = "a"\nsecret_key_file = "keys/passphrase"\nsecure = false',
        ),
    ],
)
def test_an_address_that_would_not_be_safe_is_not_tried(well: House, examined: Examined, section: str, lines: str) -> None:
    rewritten(well.folder / "config.toml", section, lines)
    told = wrong(examined())
    assert len(told["configuration"]) == 1
    assert told[section] == [
        f"attention not looked at: the section [{section}] of the configuration cannot be used: mend that first, then ask again"
    ]


def test_a_file_that_is_no_toml_still_lets_the_machine_be_looked_at(well: House, examined: Examined) -> None:
    (well.folder / "config.toml").write_text("portal = [\n")
    told = examined()
    assert any("is not valid TOML" in line for line in told["configuration"])
    assert told["process"] == [line for line in told["process"] if "not looked at" not in line]
    assert told["log"] == [
        "attention not looked at: the section [log] of the configuration cannot be used: mend that first, then ask again"
    ]


@pytest.mark.parametrize("name", ["keyring.json", "passphrase", "client-secret", "log.key", "log.guard", "floors.jsonl"])
def test_a_secret_file_that_others_may_read_is_a_fault(well: House, examined: Examined, name: str) -> None:
    (well.folder / "keys" / name).chmod(0o640)
    assert any(re.fullmatch(rf"fault .*{name} can be read by others: chmod 600 .*", line) for line in examined()["files"])


@pytest.mark.sqlite
def test_a_database_that_others_may_read_is_a_fault(well: House, examined: Examined) -> None:
    (well.folder / "portal.db").chmod(0o644)
    assert any("the database" in line and line.startswith("fault") for line in examined()["files"])


def test_a_folder_of_secrets_is_closed_to_others(well: House, examined: Examined) -> None:
    (well.folder / "keys").chmod(0o755)
    assert any(re.fullmatch(r"attention the folder of .* can be read by others: chmod 700 .*", line) for line in examined()["files"])
    (well.folder / "keys").chmod(0o770)
    assert any(re.fullmatch(r"fault the folder of .* can be changed by others: chmod 700 .*", line) for line in examined()["files"])


def test_rules_that_others_may_write_are_a_fault(well: House, examined: Examined) -> None:
    shutil.copytree(ROOT / "policies", well.folder / "rules")
    changed(well, f'path = "{ROOT / "policies"}"', 'path = "rules"')
    (well.folder / "rules").chmod(0o757)
    assert any(re.fullmatch(r"fault the rules .* can be changed by others: chmod go-w .*", line) for line in examined()["files"])


def test_files_of_another_user_are_named(well: House) -> None:
    stranger = os.geteuid() + 1
    lines = [f.line for name, f in report(replace(opened(well.folder / "config.toml"), user=stranger)).findings if name == "files"]
    if os.geteuid():
        assert any(f"belongs to user {os.geteuid()}, and this is user {stranger}" in line for line in lines)
    else:  # what is root's is safe from that user
        os.chown(well.folder / "keys" / "passphrase", 4711, -1)
        lines = [f.line for name, f in report(opened(well.folder / "config.toml")).findings if name == "files"]
        assert any("passphrase belongs to user 4711, and this is user 0" in line for line in lines)


def test_a_file_that_is_gone_is_named(well: House, examined: Examined) -> None:
    (well.folder / "keys" / "client-secret").unlink()
    assert any(re.fullmatch(r"fault the client's secret .* is not there: .*", line) for line in examined()["files"])


def test_rules_with_a_hole_are_a_fault(well: House, examined: Examined) -> None:
    shutil.copytree(ROOT / "policies", well.folder / "rules")
    changed(well, f'path = "{ROOT / "policies"}"', 'path = "rules"')
    for file in (well.folder / "rules").glob("*.cedar"):
        file.write_text(re.sub(r"\bforbid\b", "permit", file.read_text()))
    assert any(line.startswith("fault ") for line in examined()["policies"])


def test_rules_that_are_not_those_adopted_ask_for_attention(well: House, examined: Examined) -> None:
    shutil.copytree(ROOT / "policies", well.folder / "rules")
    changed(well, f'path = "{ROOT / "policies"}"', 'path = "rules"')
    assert wrong(examined()) == {}
    remark(well.folder / "rules", "a remark")
    assert re.fullmatch(
        r"attention the portal adopted policy [0-9a-f]{8} last, in .*: a start adopts it only.*", examined()["policies"][-1]
    )


def test_rules_without_their_proofs_are_a_fault(well: House, examined: Examined) -> None:
    shutil.copytree(ROOT / "policies", well.folder / "rules")
    changed(well, f'path = "{ROOT / "policies"}"', 'path = "rules"')
    (well.folder / "rules" / "proofs.json").unlink()
    assert any("have no certificate of their proofs" in line for line in examined()["policies"])


def test_an_open_umask_and_core_dumps_ask_for_attention(well: House, examined: Examined) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (min(4096, hard) if hard != resource.RLIM_INFINITY else 4096, hard))
    os.umask(0o027)
    lines = examined()["process"]
    assert (hard == 0) or any("core dump when it dies: ulimit -c 0" in line for line in lines)
    assert "attention with umask 027 new files could be read by others: umask 077, or UMask=0077 for systemd" in lines
    mask = os.umask(0o077)
    assert mask == 0o027


def test_a_sandbox_that_does_not_start_is_a_fault(well: House, examined: Examined) -> None:
    changed(well, "[server]\n", "[render]\nseconds = 0\n\n[server]\n")
    assert any(line.startswith("fault the process that parses files does not start") for line in examined()["sandbox"])


def test_a_limit_under_which_files_do_not_fit_asks_for_attention(well: House, examined: Examined) -> None:
    """As they are by default 4 GB do: what is large is read piece by piece."""
    assert not any("may not fit" in line for line in examined()["sandbox"])
    changed(well, "[server]\n", "[render]\nmemory_bytes = 600000000\n\n[server]\n")
    told = examined()["sandbox"]
    assert any(re.match(r"attention in 600000000 bytes .*: set render\.memory_bytes to 634217728 or more", line) for line in told)


def test_who_reads_scans_is_told(well: House, examined: Examined) -> None:
    found = [line for line in examined()["sandbox"] if "scans" in line]
    assert len(found) == 1
    assert re.fullmatch(r"ok scans are read, and redacted pages once more, by tesseract 5\S* \(.*\beng\b.*\)", found[0])
    changed(well, "[server]\n", "[render]\nread_scans = false\n\n[server]\n")
    assert "ok scans are not read (render.read_scans)" in examined()["sandbox"]


def test_it_says_whether_office_files_are_taken(well: House, examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    assert examined()["office"] == ["ok office files are taken; LibreOffice makes a PDF of each in a bubble"]
    with monkeypatch.context() as patch:
        patch.setattr("portal.confidentiality.render.bubble._BWRAP", "false")
        assert examined()["office"][0].startswith("attention office files fail: bubblewrap makes no bubble here")
        patch.setattr("portal.confidentiality.render.bubble._BWRAP", "no-such-bwrap")
        (line,) = examined()["office"]
        assert line.startswith("attention office files are refused, PDF only is taken: not installed: no-such-bwrap")
        assert "apt-get install bubblewrap" in line
    changed(well, "[server]\n", "[office]\nenabled = false\n\n[server]\n")
    assert examined()["office"] == ["ok PDF only is taken, as office.enabled says"]


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


# --- keys ----------------------------------------------------------------------------------------------------------------------------


def test_a_keyring_that_does_not_open_is_a_fault(well: House, examined: Examined) -> None:
    (well.folder / "keys" / "passphrase").write_text("another\n")
    told = wrong(examined())
    assert list(told) == ["keyring"]
    assert re.fullmatch(r"fault the passphrase does not open the keyring .*", told["keyring"][0])


def test_a_body_without_keys_and_keys_without_a_body_are_named(well: House, examined: Examined) -> None:
    changed(well, '[[body]]\ncode = "CTED"', '[[body]]\ncode = "LEGAL"\nname = "Legal"\nshort = "Legal"\n\n[[body]]\ncode = "CTED"')
    assert any("the keyring has no keys for LEGAL" in line for line in examined()["keyring"])
    _new_keyring(well, "CTED", "OCT", "LEGAL", "OTHER")
    assert any(re.match(r"attention the keyring has keys for OTHER, which", line) for line in examined()["keyring"])


def test_a_keyring_of_another_installation_is_a_fault(well: House, examined: Examined) -> None:
    well.guest("ada")
    assert any(line == "ok the keyring is the one that the database was written with" for line in examined()["keyring"])
    _new_keyring(well, "CTED", "OCT")
    assert any("the newest account in the database was not written with this keyring" in line for line in examined()["keyring"])


def test_wraps_under_a_key_that_is_gone_are_a_fault(well: House, examined: Examined) -> None:
    shared(well)
    well.sql("update key_wrap set kek = 'OCT/9' where body = 'OCT'")
    assert any("wraps under keys that the keyring lacks (OCT/9 of OCT)" in line for line in examined()["keyring"])


@pytest.mark.parametrize(("kind", "state"), [("register", "decrypt_only"), ("keks", "decrypt_only")])
def test_a_body_without_an_active_key_is_a_fault(well: House, examined: Examined, kind: str, state: str) -> None:
    _edit_keyring(well, lambda bodies: bodies["OCT"][kind][0].update(state=state))
    lines = examined()["keyring"]
    assert any(re.match(r"fault OCT: no key is active \(.*decrypt-only", line) for line in lines)
    assert any(line.startswith("ok CTED: keys wrap and open") for line in lines)


def test_wraps_under_a_key_that_was_destroyed_are_a_fault(well: House, examined: Examined) -> None:
    shared(well)
    _edit_keyring(well, lambda bodies: bodies["OCT"]["keks"].append({"id": "OCT/9", "state": "destroyed", "sealed": ""}))
    assert any("OCT/9 destroyed" in line for line in examined()["keyring"])
    well.sql("update key_wrap set kek = 'OCT/9' where body = 'OCT'")
    assert any("wraps under keys that the keyring lacks (OCT/9 of OCT)" in line for line in examined()["keyring"])


def _edit_keyring(house: House, edit: Callable[[dict[str, Any]], object]) -> None:
    """As somebody with the passphrase would."""
    file = house.folder / "keys" / "keyring.json"
    document = json.loads(file.read_text())
    edit(document["bodies"])
    root = rings._root((house.folder / "keys" / "passphrase").read_text().strip(), document["kdf"])
    document["mac"] = rings._mac(root, document)
    file.write_text(json.dumps(document))


def _new_keyring(house: House, *bodies: str) -> None:
    file = house.folder / "keys" / "keyring.json"
    file.unlink()
    rings.create_keyring(file, (house.folder / "keys" / "passphrase").read_text().strip(), bodies, **CHEAP)


def test_floors_that_are_gone_are_a_fault_and_are_not_made(well: House, examined: Examined) -> None:
    (well.folder / "keys" / "floors.jsonl").unlink()
    assert any("is missing: it says what was closed to whom" in line for line in examined()["floors"])
    assert not (well.folder / "keys" / "floors.jsonl").exists()


def test_floors_older_than_the_database_are_a_fault(well: House, examined: Examined) -> None:
    document, _ = shared(well, withheld="")
    well.guest(well.cast.releasing).recall(document, str(UUID(well.sql("select proposal_id from share")[0][0])))
    uploader = well.guest(well.cast.uploader)
    assert uploader.prepare(document).status_code == 302
    assert uploader.propose(document).status_code == 302
    proposal = str(UUID(well.sql("select id from proposal where id not in (select proposal_id from decision)")[0][0]))
    assert well.guest(well.cast.releasing).approve(proposal).status_code == 302
    assert wrong(examined()) == {}
    (well.folder / "keys" / "floors.jsonl").write_text("")
    assert any(
        re.match(r"fault .* is older than the database: [1-9]\d* wraps are above their floor", line) for line in examined()["floors"]
    )


def test_wraps_under_their_floor_ask_for_attention(well: House, examined: Examined) -> None:
    document, _ = shared(well)
    well.parts.holder.raise_floor(UUID(document), well.cast.other)
    assert any(re.match(r"attention [1-9]\d* wraps are under their floor", line) for line in examined()["floors"])


def test_floors_that_cannot_be_read_are_a_fault(well: House, examined: Examined) -> None:
    (well.folder / "keys" / "floors.jsonl").write_text("nonsense\n")
    assert "fault the floors file holds a line that is none of ours" in examined()["floors"]


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


# --- elsewhere -----------------------------------------------------------------------------------------------------------------------


def test_a_provider_out_of_reach_or_of_another_name_is_a_fault(well: House, examined: Examined) -> None:
    issuer = well.config.identity.provider[0].issuer
    changed(well, f'issuer = "{issuer}"', 'issuer = "http://127.0.0.1:1"')
    assert any(
        re.match(r"fault the sign-in service 'demo': .*did not answer.*: nobody can sign in", line) for line in examined()["provider"]
    )
    changed(well, 'issuer = "http://127.0.0.1:1"', f'issuer = "{issuer}/"')
    assert any("calls itself by another name" in line for line in examined()["provider"])


def test_a_provider_that_signs_in_another_way_is_a_fault(well: House, examined: Examined) -> None:
    changed(well, 'client_id = "portal"', 'client_id = "portal"\nalgorithms = ["RS256"]')
    assert any(
        re.match(r"fault the sign-in service 'demo' signs with ES256, which its algorithms", line) for line in examined()["provider"]
    )


@pytest.mark.parametrize(
    ("by", "grade"), [(5, Grade.OK), (-5, Grade.OK), (90, Grade.ATTENTION), (-90, Grade.ATTENTION), (400, Grade.FAULT)]
)
def test_a_clock_that_is_wrong_is_told_by_how_much(well: House, by: int, grade: Grade) -> None:
    site: Site = replace(opened(well.folder / "config.toml"), clock=SetClock(datetime.now(UTC) + timedelta(seconds=by)))
    told = [finding for name, finding in report(site).findings if name == "clock"]
    assert told[0].text.startswith("the clock of the sign-in service 'demo'")
    assert {finding.grade for finding in told} == {grade}
    clocks = {re.sub(r" (agrees|is).*", "", finding.text) for finding in told}
    assert ("the store's clock" in clocks) == (well.s3 is not None)
    assert ("the database's clock" in clocks) == (well.config.database.url.startswith("postgresql"))


def test_a_virus_scanner_that_is_configured_answers_or_is_a_fault(well: House, examined: Examined, tmp_path: Path) -> None:
    assert examined()["scanner"] == ["ok no virus scanner is configured: files are taken unscanned"]
    with serving(tmp_path / "c") as clamd:
        changed(well, "[server]\n", f'[clamd]\nsocket = "{clamd.socket}"\n\n[server]\n')
        (line,) = examined()["scanner"]
        assert line.startswith("ok the virus scanner answers: ClamAV ")
    assert any(
        re.match(r"fault the virus scanner cannot be reached .* so no file is taken: does it run", line) for line in examined()["scanner"]
    )
    changed(well, "[clamd]\n", "[clamd]\nrequired = false\n")
    assert any(line.startswith("attention the virus scanner cannot be reached") for line in examined()["scanner"])


def test_a_folder_of_places_that_others_may_change_or_that_cannot_be_made_is_a_fault(well: House, examined: Examined) -> None:
    places = well.config.places
    places.mkdir(mode=0o700)
    assert not any("places" in line for line in examined()["sandbox"])
    places.chmod(0o770)
    assert any("the folder of places" in line and "can be changed by others" in line for line in examined()["sandbox"])
    changed(well, "[server]\n", '[render]\nplaces = "/nowhere/places"\n\n[server]\n')
    assert any("cannot be made, so no file can be taken" in line for line in examined()["sandbox"])
