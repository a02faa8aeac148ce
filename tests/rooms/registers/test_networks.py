"""Networks of bodies: the shipped ones are those of the joint report, and a file that is wrong is refused with every fault."""

from pathlib import Path

import pytest

from portal.kernel.errors import Misconfigured
from portal.registers.networks import NETWORKS, load_networks
from tests.policy.worlds import BODIES, FOLDER


def written(folder: Path, *tables: str) -> Path:
    file = folder / NETWORKS
    file.write_text("\n".join(f"[[network]]\n{table}" for table in tables))
    return file


def test_the_shipped_networks_are_the_twelve_working_groups_in_the_report_s_order() -> None:
    found = load_networks(FOLDER / NETWORKS, BODIES)
    assert [network.code for network in found] == [f"WG-{number}" for number in range(1, 13)]
    assert len({network.name for network in found}) == 12
    assert all(network.members == () for network in found)  # who belongs to which is not ours to say


def test_members_are_bodies_of_this_portal(tmp_path: Path) -> None:
    (found,) = load_networks(written(tmp_path, 'code = "WG-1"\nname = "One"\nmembers = ["OCT", "CTED"]'), BODIES)
    assert found.members == ("OCT", "CTED")


FAULTS = {
    'code = "wg 1"\nname = "One"\nmembers = []': "cannot be used",
    'code = 1\nname = "One"\nmembers = []': "cannot be used",
    'code = "WG-1"\nname = " "\nmembers = []': "has no name",
    'code = "WG-1"\nname = "One"\nmembers = ["OCT", "OCT"]': "no list of different codes",
    'code = "WG-1"\nname = "One"\nmembers = ["NONE"]': "NONE is no body of this portal",
    'code = "WG-1"\nname = "One"\nmembers = [["OCT"]]': "is no body of this portal",
    'code = "WG-1"\nname = "One"\nmembers = "OCT"': "no list of different codes",
    'code = "WG-1"\nname = "One"': "write code, name and members",
    'code = "WG-1"\nname = "One"\nmembers = []\nlead = "OCT"': "write code, name and members",
}


@pytest.mark.parametrize(("table", "word"), FAULTS.items())
def test_a_network_that_is_wrong_is_refused(tmp_path: Path, table: str, word: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        load_networks(written(tmp_path, table), BODIES)
    assert word in refused.value.detail


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    twice = 'code = "WG-1"\nname = "One"\nmembers = []'
    with pytest.raises(Misconfigured) as refused:
        load_networks(written(tmp_path, twice, 'code = "x"\nname = "X"\nmembers = []', twice), BODIES)
    assert "network 2: the code 'x'" in refused.value.detail
    assert "network 3: the code WG-1 stands already" in refused.value.detail


@pytest.mark.parametrize("text", ["[[network", 'name = "x"', "network = 3"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / NETWORKS).write_text(text)
    with pytest.raises(Misconfigured, match=NETWORKS):
        load_networks(tmp_path / NETWORKS, BODIES)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="put the shipped one back"):
        load_networks(tmp_path / NETWORKS, BODIES)
