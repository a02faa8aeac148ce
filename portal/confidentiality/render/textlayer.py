"""The content of a rendition's page: its picture as an artifact, then invisible words. `write` and `read` are each other's mirror.

`read` takes nothing but what `write` writes: so the proof knows that a page has no other operator in it.
"""

import re
from collections.abc import Sequence

from portal.confidentiality.render.words import Line, right_to_left

_HEAD = re.compile(rb"/Artifact BMC q ([0-9.]+) 0 0 ([0-9.]+) 0 0 cm /I Do Q EMC BT 3 Tr\n")
_WORD = re.compile(rb"/F [0-9.]+ Tf [0-9.]+ Tz (-?)1 0 0 1 [0-9.]+ -?[0-9.]+ Tm <([0-9a-f]*)> Tj\n")
_OPEN = re.compile(rb"/P <</MCID ([0-9]+)>> BDC\n")


def write(points: tuple[float, float], lines: Sequence[Line]) -> bytes:
    """Content stream for a page of this size (points): one marked sequence a line.

    Letters stand in the order in which they are spoken. A word that is read from right to left is set mirrored from its right edge, so that
    each letter is where it is seen as well: readers that go by the order and readers that go by the place find the same word.
    """
    width, height = points
    out = [f"/Artifact BMC q {width:.2f} 0 0 {height:.2f} 0 0 cm /I Do Q EMC BT 3 Tr\n"]
    for number, line in enumerate(lines):
        out.append(f"/P <</MCID {number}>> BDC\n")
        for word in line:
            left, top, right, bottom = word.box
            start, mirrored = (right, "-") if right_to_left(word.text) else (left, "")
            size = max(1.0, (bottom - top) * height)
            natural = 0.5 * size * (len(word.text.encode("utf-16-be")) // 2)
            stretch = max(1.0, 100 * (right - left) * width / max(natural, 0.01))
            base = height - bottom * height + 0.2 * size
            code = (word.text + " ").encode("utf-16-be").hex()
            out.append(f"/F {size:.2f} Tf {stretch:.2f} Tz {mirrored}1 0 0 1 {start * width:.2f} {base:.2f} Tm <{code}> Tj\n")
        out.append("EMC\n")
    out.append("ET")
    return "".join(out).encode("ascii")


def read(content: bytes, points: tuple[float, float]) -> tuple[tuple[str, ...], ...]:
    """The words of each line. Raises ValueError for content that `write` would not have written."""
    head = _HEAD.match(content)
    if head is None or (head[1], head[2]) != tuple(f"{edge:.2f}".encode("ascii") for edge in points):
        raise ValueError("the page does not begin with its picture")
    at, lines = head.end(), list[tuple[str, ...]]()
    while opened := _OPEN.match(content, at):
        if int(opened[1]) != len(lines):
            raise ValueError("lines out of order")
        at, words = opened.end(), []
        while word := _WORD.match(content, at):
            words.append(_text(word[2], mirrored=bool(word[1])))
            at = word.end()
        if content[at : at + 4] != b"EMC\n":
            raise ValueError("an operator that is not ours")
        at += 4
        lines.append(tuple(words))
    if content[at:] != b"ET":
        raise ValueError("an operator that is not ours")
    return tuple(lines)


def _text(code: bytes, *, mirrored: bool) -> str:
    text = bytes.fromhex(code.decode("ascii")).decode("utf-16-be")
    if not text.endswith(" ") or " " in text[:-1] or right_to_left(text) is not mirrored:
        raise ValueError("not one word")
    return text[:-1]
