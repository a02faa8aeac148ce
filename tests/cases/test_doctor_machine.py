"""`portal doctor` on the machine and what stands around it: who may read its files, its process, its sandbox, and the services it asks."""

import os
import re
import resource
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.cases.doctor.examine import opened, report
from portal.cases.doctor.findings import Grade
from portal.cases.doctor.site import Site
from portal.kernel.clock import SetClock
from tests.cases.examining import Examined, changed
from tests.common.clamd import serving
from tests.common.house import House
from tools.tour.stage import ROOT

# --- files ---------------------------------------------------------------------------------------------------------------------------


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


# --- process and sandbox -------------------------------------------------------------------------------------------------------------


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


def test_a_folder_of_places_that_others_may_change_or_that_cannot_be_made_is_a_fault(well: House, examined: Examined) -> None:
    places = well.config.places
    places.mkdir(mode=0o700)
    assert not any("places" in line for line in examined()["sandbox"])
    places.chmod(0o770)
    assert any("the folder of places" in line and "can be changed by others" in line for line in examined()["sandbox"])
    changed(well, "[server]\n", '[render]\nplaces = "/nowhere/places"\n\n[server]\n')
    assert any("cannot be made, so no file can be taken" in line for line in examined()["sandbox"])


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
