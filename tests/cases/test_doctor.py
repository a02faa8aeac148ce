"""`portal doctor` on real installations: a healthy one is in order, and each thing that is broken is said in its own line."""

import json
import re
import shutil

import pytest

from portal.app import create_app, ready
from portal.cli.commands import main
from tests.cases.conftest import rewritten
from tests.cases.examining import Examined, changed, wrong
from tests.common.house import House, shared
from tests.common.rules import remark
from tools.tour.sample import SAMORIA_TITLE
from tools.tour.stage import ROOT

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
