"""Words with their boxes, and the shape in which they cross from child to parent. Boxes are fractions of the page, from its top left."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Box = tuple[float, float, float, float]  # left, top, right, bottom

MAX_WORD = 300
MAX_WORDS = 60_000
_UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
_JOINERS = "\u200c\u200d"  # they change how Persian and Indic words are written


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    box: Box


Line = tuple[Word, ...]


def clean(text: str) -> str:
    """Only characters that can stand in a word: no controls, soft hyphens, private or unassigned code points."""
    return "".join(c for c in text if c in _JOINERS or unicodedata.category(c) not in _UNWANTED)


def right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)


def as_text(lines: Sequence[Line]) -> str:
    return "".join(" ".join(word.text for word in line) + "\n" for line in lines)


def to_json(lines: Sequence[Line]) -> list[list[list[object]]]:
    return [[[word.text, *(round(edge, 5) for edge in word.box)] for word in line] for line in lines]


def from_json(value: Any) -> tuple[Line, ...]:
    """The lines again. Raises ValueError for anything that `to_json` would not have written."""
    if not isinstance(value, list) or sum(len(line) if isinstance(line, list) else MAX_WORDS for line in value) > MAX_WORDS:
        raise ValueError("not lines of words")
    return tuple(tuple(_word(item) for item in line) for line in value)


def _word(item: Any) -> Word:
    if not isinstance(item, list) or len(item) != 5 or not isinstance(item[0], str):
        raise ValueError("not a word")
    text, edges = item[0], item[1:]
    if not text or len(text) > MAX_WORD or text != clean(text):
        raise ValueError("not the text of a word")
    if not all(type(edge) in (int, float) and math.isfinite(edge) and 0 <= edge <= 1 for edge in edges):
        raise ValueError("not a box")
    left, top, right, bottom = map(float, edges)
    if left > right or top > bottom:
        raise ValueError("not a box")
    return Word(text, (left, top, right, bottom))
