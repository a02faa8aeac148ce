"""What is asked to be kept: as a form says it, as it is recorded, and as a request is narrowed to it. Pure."""

import json
from dataclasses import dataclass
from datetime import date

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.models import Scope
from portal.confidentiality.rules import RequestWords


@dataclass(frozen=True, slots=True)
class Asked:
    """`withheld_from` and `until` as the row of a request holds them."""

    words: RequestWords
    scope: Scope
    withheld_from: str
    until: date | None

    def to_text(self) -> str:
        until = None if self.until is None else self.until.isoformat()
        said = {"words": self.words.to_text(), "scope": self.scope, "withheld_from": self.withheld_from, "until": until}
        return json.dumps(said, sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Asked":
        raw = json.loads(text)
        until = None if raw["until"] is None else date.fromisoformat(raw["until"])
        return cls(RequestWords.from_text(raw["words"]), Scope(raw["scope"]), raw["withheld_from"], until)

    def within(self, other: "Asked") -> bool:
        """Does it keep nothing from anybody that the other does not keep? The day ends nothing, and may be any."""
        return _bodies_within(self.withheld_from, other.withheld_from) and _kept_within(self, other)


def _bodies_within(one: str, other: str) -> bool:
    return other == "*" or (one != "*" and set(one.split(",")) <= set(other.split(",")))


def _kept_within(one: Asked, other: Asked) -> bool:
    if other.scope is Scope.DOCUMENT:
        return True
    if one.scope is Scope.DOCUMENT:
        return False
    kept, stays = (Withheld(frozenset(words.pages), words.boxes) for words in (other.words, one.words))
    return stays.within(kept)
