"""Members of networks: imported from a list as a whole, strictly, with one event; what is wrong changes nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.app import create_app, ready, unserved
from portal.cli.commands import main
from portal.registers.networks import NETWORKS, load_networks
from tests.cases.conftest import rewritten
from tests.common.house import House
from tests.policy.worlds import FOLDER

Say = Callable[..., tuple[int, str]]


@pytest.fixture
def rules(house: House) -> Path:
    """The house's rules, in a folder that the import may change."""
    rewritten(house.folder / "config.toml", "policy", 'path = "rules"')
    return Path(shutil.copytree(FOLDER, house.folder / "rules"))


@pytest.fixture
def say(house: House, rules: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run `portal networks …`: its exit code, and what it printed."""

    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(
            ["--config", str(house.folder / "config.toml"), "networks", *words], create_app=create_app, ready=ready, unserved=unserved
        )
        printed = capsys.readouterr()
        return code, printed.out + (printed.err if code == 2 else "")

    return run


@pytest.fixture
def listed(tmp_path: Path) -> Callable[..., str]:
    def write(*lines: str) -> str:
        file = tmp_path / "members.csv"
        file.write_text("\n".join(["network,body", *lines, ""]), encoding="utf-8")
        return str(file)

    return write


def test_members_are_taken_as_the_list_says_and_everything_else_stays(
    house: House, rules: Path, say: Say, listed: Callable[..., str]
) -> None:
    code, said = say("import", listed("WG-11,OCT", "WG-11,CTED", "WG-2,CTED"))
    assert code == 0
    assert "WG-2  Countering the Financing of Terrorism: CTED\n" in said
    assert "WG-11  Gender-Sensitive Approach to Preventing and Countering Terrorism: OCT, CTED\n" in said
    assert said.endswith("3 new, 0 gone.\n")
    assert say("show") == (0, said.removesuffix("3 new, 0 gone.\n"))
    shipped = (FOLDER / NETWORKS).read_text(encoding="utf-8").splitlines()
    changed = [line for line, was in zip((rules / NETWORKS).read_text(encoding="utf-8").splitlines(), shipped, strict=True) if line != was]
    assert changed == ['members = ["CTED"]', 'members = ["OCT", "CTED"]']
    code, said = say("import", listed("WG-11,OCT"))
    assert said.endswith("0 new, 2 gone.\n")
    assert [network.members for network in load_networks(rules / NETWORKS, ("CTED", "OCT")) if network.members] == [("OCT",)]


def test_each_import_that_changes_something_leaves_one_event_of_the_operator(house: House, say: Say, listed: Callable[..., str]) -> None:
    for _ in range(2):
        assert say("import", listed("WG-1,OCT"))[0] == 0
    assert say("show")[0] == 0
    found = house.sql("select action, actor_roles, bodies, detail from audit_event where event = 'networks.imported'")
    assert [row[:3] for row in found] == [("networks:import", ",operator,", ",CTED,OCT,")]
    assert '"added":["WG-1:OCT"]' in found[0][3]


WRONG = {
    "an unknown network": ("WG-13,OCT", "line 2: 'WG-13' is no network"),
    "an unknown body": ("WG-1,NATO", "line 2: 'NATO' is no body of this portal"),
    "a name in place of a code": ("Border Management,OCT", "line 2: 'Border Management' is no network"),
    "a line twice": ("WG-1,OCT\nWG-1,OCT", "line 3: OCT stands already under WG-1"),
    "a column too many": ("WG-1,OCT,lead", "line 2: write a network and a body"),
    "an empty line": ("\nWG-1,OCT", "line 2: write a network and a body"),
    "a space": ("WG-1, OCT", "line 2: ' OCT' is no body"),
    "a quote that is not closed": ('WG-1,"OCT', "cannot be read"),
    "two faults": ("WG-0,OCT\nWG-1,X", "line 3: 'X' is no body"),
}


@pytest.mark.parametrize(("lines", "word"), WRONG.values(), ids=WRONG)
def test_a_list_that_is_wrong_changes_nothing(
    house: House, rules: Path, say: Say, listed: Callable[..., str], lines: str, word: str
) -> None:
    code, said = say("import", listed(lines, "WG-2,CTED"))
    assert (code, word in said) == (2, True), said
    assert (rules / NETWORKS).read_bytes() == (FOLDER / NETWORKS).read_bytes()
    assert house.sql("select count(*) from audit_event where event = 'networks.imported'") == [(0,)]


@pytest.mark.parametrize("text", [b"", b"body,network\nOCT,WG-1\n", b"network;body\n", b"\xff\xfe", b"network,body\nWG-1,\x00\n"])
def test_a_file_that_is_no_such_list_changes_nothing(rules: Path, say: Say, tmp_path: Path, text: bytes) -> None:
    (tmp_path / "members.csv").write_bytes(text)
    assert say("import", str(tmp_path / "members.csv"))[0] == 2
    assert (rules / NETWORKS).read_bytes() == (FOLDER / NETWORKS).read_bytes()


def test_a_file_of_networks_that_is_written_otherwise_is_not_guessed_at(
    house: House, rules: Path, say: Say, listed: Callable[..., str]
) -> None:
    file = rules / NETWORKS
    file.write_text(file.read_text(encoding="utf-8").replace("members = []", "members=[]", 1), encoding="utf-8")
    before = file.read_bytes()
    code, said = say("import", listed("WG-1,OCT"))
    assert (code, "fill it in by hand" in said, file.read_bytes()) == (2, True, before)


def test_an_import_that_broke_off_is_told_and_not_written_over(house: House, rules: Path, say: Say, listed: Callable[..., str]) -> None:
    (rules / "networks.new").write_text("half")
    code, said = say("import", listed("WG-1,OCT"))
    assert (code, "another import runs" in said) == (2, True)
    assert house.sql("select count(*) from audit_event where event = 'networks.imported'") == [(0,)]
