"""What `portal doctor` said, for the tests about it; the fixtures `well` and `examined` stand in conftest.py."""

from collections.abc import Callable

from tests.common.house import House

Examined = Callable[..., dict[str, list[str]]]


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
