"""What of a document's passages is marked, and where their wording would stay. Pure.

A passage that was taken is marked wholly. Boxes that were drawn are held against the lines of each passage: wholly if they cover all its
height, in part if they reach into it. On the page that is shown they count as they will be painted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from portal.cases.marked import Chosen
from portal.confidentiality.boxes import Box
from portal.confidentiality.render.found import Found
from portal.confidentiality.render.shared import ROW
from portal.confidentiality.render.text_passages import Kind, Passage, taken_from

_ALL, _SOME = 0.9, 0.05  # of a passage's height
_BEGINS, _NUMBER = 90, 8  # letters of it that are said, of the number before them at most


class Marked(IntEnum):
    NOT = 0
    PARTLY = 1
    WHOLLY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageMark:
    """A passage that can be taken by its label. `level`: how deep it stands in the outline, from 0. `here`: its lines on the page shown.

    `marked`: with all that it takes. `goes_with`: the passage that was taken and takes this one; itself, if it was. `stands`: what requests
    in force keep of it already.
    """

    label: str
    kind: str
    level: int
    page: int
    begins: str
    here: tuple[Box, ...]
    marked: Marked
    goes_with: str
    stands: Marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """What goes says the same as what stays, in about so many words. `label` is "" where what stays has none."""

    goes: str
    stays: str
    label: str
    page: int
    words: int


def passage_marks(found: Found, now: Chosen, before: Chosen, *, page: int, painted: Iterable[Box]) -> tuple[PassageMark, ...]:
    """Every passage with a label. `now`: what is marked; `before`: what is in force; `painted`: as both grow on the page that is shown."""
    mine, stands = _marked(found, now, _grown(now, painted)), _marked(found, before, ())
    owners: dict[int, str] = {}
    for at, passage in enumerate(found.passages):
        if passage.label in now.labels:
            owners |= dict.fromkeys(taken_from(found.passages, at), passage.label)
    levels = _levels(found.passages)
    return tuple(
        PassageMark(
            label=passage.label,
            kind=passage.kind.value,
            level=levels[at],
            page=passage.boxes[0].page,
            begins=_begins(passage),
            here=tuple(box for box in passage.boxes if box.page == page),
            marked=_together(mine[place] for place in places),
            goes_with=owners.get(at, ""),
            stands=_together(stands[place] for place in places),
        )
        for at, passage in enumerate(found.passages)
        if passage.label
        for places in [taken_from(found.passages, at)]
    )


def echoes(found: Found, now: Chosen, before: Chosen, *, painted: Iterable[Box]) -> tuple[Echo, ...]:
    """Where the wording of what is marked stays: pairs of passages that say the same, of which one is marked and the other not wholly."""
    mine, stands = _marked(found, now, _grown(now, painted)), _marked(found, before, ())
    told = []
    for one, other, times in found.shared:
        for goes, stays in ((one, other), (other, one)):
            if mine[goes] and max(mine[stays], stands[stays]) < Marked.WHOLLY:
                passage = found.passages[stays]
                told.append(
                    Echo(
                        goes=_named(found.passages[goes]),
                        stays=_named(passage),
                        label=passage.label,
                        page=passage.boxes[0].page,
                        words=times + ROW - 1,
                    )
                )
    return tuple(dict.fromkeys(told))


def _grown(now: Chosen, painted: Iterable[Box]) -> tuple[Box, ...]:
    """What the boxes that are marked now became; not what is painted for what is in force alone."""
    return tuple(large for large in painted if any(large.covers(box) for box in now.boxes))


def _marked(found: Found, chosen: Chosen, grown: Sequence[Box]) -> list[Marked]:
    """Of each passage's own lines."""
    taken = set[int]()
    for at, passage in enumerate(found.passages):
        if passage.label in chosen.labels:
            taken.update(taken_from(found.passages, at))
    boxes: dict[int, list[Box]] = {}
    for box in (*chosen.boxes, *grown):
        boxes.setdefault(box.page, []).append(box)
    shares = [
        [1.0 if at in taken or box.page in chosen.pages else _share(box, boxes.get(box.page, ())) for box in passage.boxes]
        for at, passage in enumerate(found.passages)
    ]
    return [_judged(each) for each in shares]


def _judged(shares: Sequence[float]) -> Marked:
    if min(shares) >= _ALL:
        return Marked.WHOLLY
    return Marked.PARTLY if max(shares) > _SOME else Marked.NOT


def _share(box: Box, marks: Iterable[Box]) -> float:
    """How much of its height lies in marks."""
    covered, reached = 0.0, box.y0
    for mark in sorted((mark for mark in marks if mark.meets(box)), key=lambda mark: mark.y0):
        top, bottom = max(mark.y0, reached), min(mark.y1, box.y1)
        covered, reached = covered + max(0.0, bottom - top), max(reached, bottom)
    return covered / (box.y1 - box.y0)


def _together(marks: Iterable[Marked]) -> Marked:
    every = list(marks)
    return Marked.WHOLLY if min(every) is Marked.WHOLLY else Marked.PARTLY if max(every) else Marked.NOT


def _levels(passages: Sequence[Passage]) -> list[int]:
    """How deep each stands: those levels that the document has; what has no place in the sequence stands as deep as what is before it."""
    ranks = {depth: rank for rank, depth in enumerate(sorted({passage.depth for passage in passages if passage.depth is not None}))}
    levels, before = [], 0
    for passage in passages:
        before = before if passage.depth is None else ranks[passage.depth]
        levels.append(0 if passage.kind is Kind.FOOTNOTE else before)
    return levels


def _begins(passage: Passage) -> str:
    """Its first words, without the number that its label says."""
    number, _, rest = passage.text.partition(" ")
    text = rest if rest and len(number) <= _NUMBER and number.endswith((".", ")", "．", "）")) else passage.text
    return text if len(text) <= _BEGINS else text[:_BEGINS].rsplit(" ", 1)[0] + " …"


def _named(passage: Passage) -> str:
    return passage.label or f"text on page {passage.boxes[0].page}"
