"""Find the passages of a PDF: numbered paragraphs, sections, annexes, tables, footnotes, each with its label and boxes.

The parent half; the child half is `contents.contents`. The text is the original's: show it to nobody but its originator.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.arrival import page_count, whole
from portal.confidentiality.render.refusal import RenderFailed
from portal.confidentiality.render.remote import Content
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.text_passages import Kind, Passage
from portal.confidentiality.render.wire import SMALL, Frame
from portal.confidentiality.render.wording import wording
from portal.confidentiality.render.words import clean

_JOB = "portal.confidentiality.render.contents:contents"
_LONGEST = 16 << 20
_MOST = 100_000  # passages of a document
_LABEL = re.compile(r"[A-Za-z0-9§().,#*†‡ ]{0,200}")
_SEQUENCE = 12  # words in a row that two passages share: fewer are the names of bodies


@dataclass(frozen=True, slots=True)
class Found:
    """What the finder makes of a document of so many pages. No two passages have the same label."""

    pages: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """Two passages say the same in `times` sequences of twelve words. By their labels, or by the page where one has none."""

    one: str
    other: str
    times: int


def find_passages(sandbox: Sandbox, chunks: Content) -> Found:
    """Read a PDF in the sandbox. Raises `FileRefused` (the file), `RenderFailed` (us)."""
    with sandbox.run(_JOB, {"max_pages": sandbox.max_pages}, chunks) as answers:
        pages = page_count(answers.expect("DOCU", SMALL), sandbox.max_pages)
        found: list[Passage] = []
        while (frame := answers.next(PASS=_LONGEST)) is not None:
            found.append(_passage(frame, pages))
            if len(found) > _MOST:
                raise RenderFailed("more passages than a document can have")
    labels = [passage.label for passage in found if passage.label]
    if len(labels) != len(set(labels)):
        raise RenderFailed("two passages of one label")
    return Found(pages, tuple(found))


def _passage(frame: Frame, pages: int) -> Passage:
    """One passage, every value checked before it is used."""
    try:
        value = frame.json()
        boxes = tuple(Box(whole(page, 1, pages), *edges) for page, *edges in value["boxes"])
        depth = None if value["depth"] is None else whole(value["depth"], 0, 9)
        label, notes, text = _label(value["label"]), tuple(_label(note) for note in value["notes"]), value["text"]
        if not boxes or not isinstance(text, str) or any(word != clean(word) for word in text.split(" ")):
            raise ValueError("not a passage")
        return Passage(Kind(value["kind"]), label, boxes, text, depth, notes)
    except (ValueError, KeyError, TypeError) as error:
        raise RenderFailed("a passage of the child is not one") from error


def _label(value: Any) -> str:
    if not isinstance(value, str) or not _LABEL.fullmatch(value):
        raise ValueError("not a label")
    return value


def alike(passages: Sequence[Passage]) -> tuple[Alike, ...]:
    """Passages with the same wording, in reading order: who withholds one must look at the other."""
    said: dict[tuple[str, ...], list[int]] = {}
    for at, passage in enumerate(passages):
        for sequence in wording(_spaced(passage.text)).sequences(_SEQUENCE):
            said.setdefault(sequence, []).append(at)
    times: dict[tuple[int, int], int] = {}
    for places in said.values():
        for one, other in pairwise(places):
            if passages[one].label or passages[other].label:
                times[one, other] = times.get((one, other), 0) + 1
    return tuple(Alike(_name(passages[one]), _name(passages[other]), count) for (one, other), count in sorted(times.items()))


def _name(passage: Passage) -> str:
    return passage.label or f"text on page {passage.pages[0]}"


def _spaced(text: str) -> str:
    """Chinese signs one by one: nothing else parts them."""
    return re.sub(r"([\u3400-\u9fff])", r" \1 ", text)
