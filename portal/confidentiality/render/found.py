"""What the finder makes of a document, as its child says it and as it is kept: every value is checked before it is used. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.shared import Shared
from portal.confidentiality.render.text_passages import Kind, Passage
from portal.confidentiality.render.words import clean

FORMAT = "portal/passages/v1"
_LABEL = re.compile(r"[A-Za-z0-9§().,#*†‡ ]{0,200}")
_TIMES = 1 << 24


@dataclass(frozen=True, slots=True)
class Found:
    """The passages of a document of so many pages, in reading order; no two have the same label. `shared`: which of them say the same."""

    pages: int
    passages: tuple[Passage, ...]
    shared: tuple[Shared, ...] = ()

    def __post_init__(self) -> None:
        labels = [passage.label for passage in self.passages if passage.label]
        if len(labels) != len(set(labels)):
            raise ValueError("two passages of one label")

    def to_text(self) -> str:
        passages = [passage_value(passage) for passage in self.passages]
        whole = {"format": FORMAT, "pages": self.pages, "passages": passages, "shared": self.shared}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "Found":
        """The inverse. Raises ValueError for anything else."""
        try:
            raw = json.loads(text)
            if raw["format"] != FORMAT:
                raise ValueError("another format")
            pages = whole(raw["pages"], 1, 100_000)
            passages = tuple(passage_of(value, pages) for value in raw["passages"])
            return cls(pages, passages, shared_of(raw["shared"], len(passages)))
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError("not what the finder found") from error


def passage_value(passage: Passage) -> dict[str, Any]:
    """A passage as JSON holds it."""
    boxes = [[box.page, *box.edges] for box in passage.boxes]
    head = {"kind": passage.kind.value, "label": passage.label, "depth": passage.depth, "notes": list(passage.notes)}
    return {**head, "boxes": boxes, "text": passage.text}


def passage_of(value: Mapping[str, Any], pages: int) -> Passage:
    """The inverse. Raises ValueError, KeyError or TypeError for anything else."""
    boxes = tuple(Box(whole(page, 1, pages), *edges) for page, *edges in value["boxes"])
    depth = None if value["depth"] is None else whole(value["depth"], 0, 9)
    label, notes, text = _label(value["label"]), tuple(_label(note) for note in value["notes"]), value["text"]
    if not boxes or not isinstance(text, str) or any(word != clean(word) for word in text.split(" ")):
        raise ValueError("not a passage")
    return Passage(Kind(value["kind"]), label, boxes, text, depth, notes)


def shared_of(value: Sequence[Sequence[Any]], passages: int) -> tuple[Shared, ...]:
    """Which of so many passages say the same. Raises ValueError or TypeError for anything else."""
    pairs = tuple(Shared(*(whole(number, 0, _TIMES) for number in pair)) for pair in value)
    if not all(pair.one < pair.other < passages and pair.times for pair in pairs):
        raise ValueError("not two passages")
    return pairs


def whole(value: object, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError("a number out of bounds")
    return value


def _label(value: Any) -> str:
    if not isinstance(value, str) or not _LABEL.fullmatch(value):
        raise ValueError("not a label")
    return value
