"""Two policy folders compared by what they allow: is there anything that one lets somebody do and the other does not?

Proved, not tried: a comparison that finds nothing means that no question, of whomever about whatever, is answered otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import z3

from portal.kernel.vocabulary import Role
from tools.prove.rulebook import Folder, Rulebook
from tools.prove.schema import Ask
from tools.prove.story import Story, story
from tools.prove.translate import Words


@dataclass(frozen=True, slots=True)
class Difference:
    """More (`gained`) or less of an action in the new folder: which roles alone suffice for it, and the plainest example."""

    ask: Ask
    gained: bool
    roles: tuple[Role, ...]
    example: Story

    def told(self) -> str:
        roles = ", ".join(role.words.lower() for role in self.roles) or "nobody with one role alone"
        verb, which = ("gains", "new") if self.gained else ("loses", "old")
        return f"{self.ask.action} {verb} ({roles}). {self.example.told(f'only the {which} rules allow it')}"


def difference(old: Path, new: Path) -> list[Difference]:
    """Everything that `new` allows and `old` does not, and the other way round, by action. Raises `NotUnderstood`."""
    before, after = Rulebook.of(Folder.read(old)), Rulebook.of(Folder.read(new))
    words = Words(before.words.tables.joined(after.words.tables))
    before, after = Rulebook(before.folder, words, before.words.tables), Rulebook(after.folder, words, after.words.tables)
    return [found for ask in words.tables.every for found in _of(ask, before, after)]


def _of(ask: Ask, before: Rulebook, after: Rulebook) -> Iterator[Difference]:
    if before.allowed(ask).eq(after.allowed(ask)):
        return  # word for word
    for gained, one, other in ((True, after, before), (False, before, after)):
        claims = (one.allowed(ask), z3.Not(other.allowed(ask)))
        example = story(one, ask, *claims)
        if example is not None:
            roles = tuple(role for role in Role if story(one, ask, *claims, only=role) is not None)
            yield Difference(ask, gained, roles, example)
