import re
from pathlib import Path

import pytest

from portal.kernel.errors import Invalid, Misconfigured
from portal.registers.member_states import SAMPLES, MemberState, MemberStates, _read

REAL = MemberStates(samples=False)
INVENTED = MemberStates(samples=True)
CODE = re.compile(r"[A-Z]{3}")


def test_there_are_193_member_states_each_with_a_code_and_a_name_of_its_own() -> None:
    states = REAL.all()
    assert len(states) == 193
    assert len({state.code for state in states}) == len({state.name for state in states}) == 193
    assert all(CODE.fullmatch(state.code) for state in states)
    assert all(state.name == " ".join(state.name.split()) for state in states)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("TUR", "Türkiye"),
        ("CIV", "Côte d'Ivoire"),
        ("IRN", "Iran (Islamic Republic of)"),
        ("COG", "Congo"),
        ("COD", "Democratic Republic of the Congo"),
        ("PRK", "Democratic People's Republic of Korea"),
        ("KOR", "Republic of Korea"),
        ("GBR", "United Kingdom of Great Britain and Northern Ireland"),
        ("NLD", "Netherlands (Kingdom of the)"),
        ("SWZ", "Eswatini"),
        ("MKD", "North Macedonia"),
        ("SSD", "South Sudan"),
        ("NER", "Niger"),
        ("NGA", "Nigeria"),
    ],
)
def test_a_member_state_bears_its_name_in_the_united_nations(code: str, name: str) -> None:
    assert REAL.named(code) == MemberState(code, name)


@pytest.mark.parametrize("states", [REAL, INVENTED], ids=["real", "invented"])
def test_every_state_in_the_list_is_found_by_its_code(states: MemberStates) -> None:
    assert all(states.named(state.code) is state for state in states.all())


def test_the_list_is_in_order_of_names_whatever_their_accents() -> None:
    names = [state.name for state in REAL.all()]
    assert names[0] == "Afghanistan"
    assert names[-1] == "Zimbabwe"
    at = names.index("Côte d'Ivoire")
    assert names[at - 1 : at + 2] == ["Costa Rica", "Côte d'Ivoire", "Croatia"]
    at = names.index("Türkiye")
    assert names[at - 1 : at + 2] == ["Tunisia", "Türkiye", "Turkmenistan"]


@pytest.mark.parametrize("code", ["XXX", "ZZZ", "VAT", "PSE", "ENG", "", "tur", "TUR ", " TUR", "TU", "TURK", "Türkiye", "ＴＵＲ", "<b>"])
def test_an_unknown_state_is_refused_with_what_to_do(code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        REAL.named(code)
    assert refusal.value.faults.keys() == {"state"}
    sentence = refusal.value.faults["state"]
    assert sentence.endswith("from the list.")
    assert "<" not in sentence


def test_invented_states_have_codes_no_state_will_ever_have() -> None:
    assert {state.code for state in SAMPLES} == {"XSM", "XVL", "XTA", "XNO", "XDM"}
    assert all(re.fullmatch("X[A-Z]{2}", state.code) for state in SAMPLES)


@pytest.mark.parametrize("state", SAMPLES, ids=lambda state: state.code)
def test_an_invented_state_is_known_among_samples_and_nowhere_else(state: MemberState) -> None:
    assert INVENTED.named(state.code) == state
    with pytest.raises(Invalid) as refusal:
        REAL.named(state.code)
    assert state.code in refusal.value.faults["state"]


def test_a_portal_with_samples_names_no_real_state() -> None:
    assert set(INVENTED.all()) == set(SAMPLES)
    for state in REAL.all():
        with pytest.raises(Invalid) as refusal:
            INVENTED.named(state.code)
        assert "XSM" in refusal.value.faults["state"]
    assert not set(REAL.all()) & set(SAMPLES)


@pytest.mark.parametrize("line", ["FRA", "FR,France", "fra,France", "FRA,", "FRA,France,more", "AFG,Again", ""])
def test_a_list_with_a_line_that_is_no_state_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / "states.csv"
    file.write_text(f"code,name\nAFG,Afghanistan\n{line}\nZWE,Zimbabwe\n", encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"states\.csv, line 3"):
        _read(file)


def test_a_list_without_its_heading_is_refused_before_its_first_state_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "states.csv"
    file.write_text("AFG,Afghanistan\nZWE,Zimbabwe\n", encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"states\.csv, line 1"):
        _read(file)
