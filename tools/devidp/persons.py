"""The invented persons, from a TOML file: `[[person]]` with login, name, email, groups and label; `[[organisation]]` with prefix and name.

A person stands under the organisation whose prefix their first group begins with, or under "No organisation".
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOWHERE = "No organisation"


@dataclass(frozen=True, slots=True)
class Person:
    login: str
    name: str
    email: str
    groups: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Section:
    """An organisation and its persons, as the page shows them."""

    title: str
    persons: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Persons:
    by_login: dict[str, Person]
    sections: tuple[Section, ...]


def read_persons(path: Path) -> Persons:
    """Read the file; raise `ValueError` with a sentence for what is wrong in it, `OSError` if it cannot be read."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is not valid TOML: {error}") from error
    persons = [_person(entry, n) for n, entry in enumerate(raw.get("person", []), 1)]
    by_login = {person.login: person for person in persons}
    if not persons or len(by_login) != len(persons):
        raise ValueError(f"{path}: name at least one person, and each login once")
    titles = {str(entry["prefix"]): str(entry["name"]) for entry in raw.get("organisation", [])}
    sorted_in: dict[str, list[Person]] = {title: [] for title in (*titles.values(), NOWHERE)}
    for person in persons:
        prefix = person.groups[0].split("-")[0] if person.groups else ""
        sorted_in[titles.get(prefix, NOWHERE)].append(person)
    return Persons(by_login, tuple(Section(title, tuple(some)) for title, some in sorted_in.items() if some))


def _person(entry: dict[str, Any], number: int) -> Person:
    groups = entry.get("groups")
    texts = [entry.get(key) for key in ("login", "name", "email", "label")]
    if not all(isinstance(text, str) and text for text in texts) or not isinstance(groups, list):
        raise ValueError(f"person {number}: give login, name, email and label as texts, and groups as a list")
    login, name, email, label = (str(text) for text in texts)
    return Person(login, name, email, tuple(str(group) for group in groups), label)
