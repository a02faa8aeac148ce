"""Which States may be named: the Member States of the United Nations, or invented ones, never both.

The Member States stand in `member_states.csv`: ISO 3166-1 alpha-3 code and English short name as in UNTERM. The invented ones have codes
that ISO 3166-1 leaves to its users (XAA to XZZ). A portal that holds samples names invented States only, so that no demonstration ever
shows an assessment of a real State; any other portal does not know the invented ones.
"""

import csv
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from portal.kernel.errors import Invalid, Misconfigured

LIST = Path(__file__).with_name("member_states.csv")


@dataclass(frozen=True, slots=True)
class MemberState:
    """`code` is ISO 3166-1 alpha-3; `name` the English short name."""

    code: str
    name: str


SAMPLES = (
    MemberState("XDM", "Federal Republic of Damaria"),
    MemberState("XNO", "Kingdom of Nordmark"),
    MemberState("XSM", "Republic of Samoria"),
    MemberState("XTA", "Republic of Tarsia"),
    MemberState("XVL", "Principality of Velland"),
)


class MemberStates:
    """The States this portal may name."""

    def __init__(self, samples: bool) -> None:
        """Name invented States only if `samples`, Member States only if not."""
        self._samples = samples
        states = sorted(SAMPLES if samples else _read(LIST), key=_place)
        self._by_code = {state.code: state for state in states}

    def all(self) -> tuple[MemberState, ...]:
        """Every State that may be named, by name; accents do not change the order."""
        return tuple(self._by_code.values())

    def named(self, code: str) -> MemberState:
        """The State with this code, in capitals. `Invalid` about the field `state` if this portal names none with it."""
        if state := self._by_code.get(code):
            return state
        if self._samples:
            sentence = f"This portal holds samples and names invented States only: choose one of {', '.join(self._by_code)}."
        elif re.fullmatch(r"[A-Z]{3}", code):
            sentence = f"No Member State has the code {code}. Choose one from the list."
        else:
            sentence = "Give the State by its code of three capital letters (ISO 3166-1 alpha-3), or choose one from the list."
        raise Invalid({"state": sentence})


def _read(file: Path) -> tuple[MemberState, ...]:
    """The list as it stands; a line that is no State, or a code that stands twice, is `Misconfigured`."""
    states: dict[str, MemberState] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, strict=True)
        if next(rows, None) != ["code", "name"]:
            raise Misconfigured(f"{file.name}, line 1: the first line must be code,name")
        for number, row in enumerate(rows, start=2):
            if len(row) != 2 or not re.fullmatch(r"[A-Z]{3}", row[0]) or not row[1].strip() or row[0] in states:
                raise Misconfigured(f"{file.name}, line {number}: give one code of three capital letters, used once, and a name")
            states[row[0]] = MemberState(row[0], row[1])
    return tuple(states.values())


def _place(state: MemberState) -> str:
    """Where a name stands in a list: Côte under Cote."""
    letters = unicodedata.normalize("NFKD", state.name)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()
