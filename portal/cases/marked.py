"""What an officer has marked, as one text: boxes as they were drawn and passages as they were taken, in that order. Pure.

A passage stands there by its label, with "_" for a space; no label has one itself: "p3:0.1000,0.2000,0.9000,0.4000 §16(e) Annex_I,_§1".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from portal.confidentiality.boxes import Box, boxes_text, parse_boxes
from portal.confidentiality.render.found import Found
from portal.confidentiality.render.text_passages import taken_from
from portal.confidentiality.rules import RequestWords

#: What doors may call a box, without knowing the room it comes from.
Mark = Box


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is kept of a document's pages: pages, and boxes, of which `of_labels` are those of the passages that are taken whole."""

    pages: frozenset[int] = frozenset()
    boxes: tuple[Box, ...] = ()
    labels: tuple[str, ...] = ()
    of_labels: tuple[Box, ...] = ()

    def said(self, words: RequestWords) -> RequestWords:
        """The same words about this."""
        return replace(words, pages=tuple(sorted(self.pages)), boxes=self.boxes, labels=self.labels, of_labels=self.of_labels)


def written(marked: Iterable[Box | str]) -> str:
    return " ".join(mark.replace(" ", "_") if isinstance(mark, str) else boxes_text([mark]) for mark in marked)


def is_drawn(text: str) -> bool:
    """Are there only boxes in this text, so that it can be read without knowing the passages?"""
    return all(piece.startswith("p") and ":" in piece for piece in text.split())


def parse_marked(text: str, *, last: int, found: Found | None) -> tuple[Box | str, ...]:
    """The inverse of `written`, each once. Raises `Invalid` for `boxes`: what is wrong with a box, or neither a box nor a passage."""
    known = set() if found is None else {passage.label for passage in found.passages if passage.label}
    pieces = list(dict.fromkeys(text.split()))
    labels = {piece: label for piece in pieces if (label := piece.replace("_", " ")) in known}
    parse_boxes(" ".join(piece for piece in pieces if piece not in labels), last=last)  # what is wrong, or that they are too many
    marked = (labels[piece] if piece in labels else parse_boxes(piece, last=last)[0] for piece in pieces)
    return tuple(dict.fromkeys(marked))


def boxes_of(found: Found, label: str) -> tuple[Box, ...]:
    """What taking this passage takes on all pages."""
    place = next(at for at, passage in enumerate(found.passages) if passage.label == label)
    return tuple(box for at in taken_from(found.passages, place) for box in found.passages[at].boxes)


def by_labels(words: RequestWords, found: Found | None) -> tuple[str, ...]:
    """The passages that a request keeps, if these were all taken whole, nothing else was, and what was found has every one; else none."""
    known = set() if found is None else {passage.label for passage in found.passages}
    wholly = not words.pages and set(words.boxes) == set(words.of_labels)
    return words.labels if wholly and set(words.labels) <= known else ()


def chosen(marked: Iterable[Box | str], pages: Iterable[int], found: Found | None) -> Chosen:
    """Labels in reading order; one that goes with another is not said beside it."""
    every = list(marked)
    boxes, labels = {mark for mark in every if isinstance(mark, Box)}, {mark for mark in every if isinstance(mark, str)}
    if found is None or not labels:
        return Chosen(frozenset(pages), tuple(sorted(boxes)))
    said, gone = [], set[int]()
    for at, passage in enumerate(found.passages):
        if passage.label in labels and at not in gone:
            said.append(passage.label)
            gone.update(taken_from(found.passages, at))
    of_labels = {box for at in gone for box in found.passages[at].boxes}
    return Chosen(frozenset(pages), tuple(sorted(boxes | of_labels)), tuple(said), tuple(sorted(of_labels)))
