"""Passages and renditions of a file that is in no portal: no person, no permit, nothing kept. The engine is the portal's own.

Whoever has the file in hand may read it; the portal's documents are not reached from here.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from portal.confidentiality.boxes import Box, Withheld, parse_boxes
from portal.confidentiality.render.build import build
from portal.confidentiality.render.finder import Alike as Alike
from portal.confidentiality.render.finder import alike, find_passages
from portal.confidentiality.render.found import Found as Found
from portal.confidentiality.render.inspection import inspect_pdf
from portal.confidentiality.render.proof import LeakFound as LeakFound
from portal.confidentiality.render.proof import Proof, prove
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.tesseract import installed
from portal.confidentiality.render.text_passages import NUMBERED as NUMBERED
from portal.confidentiality.render.text_passages import Kind as Kind
from portal.confidentiality.render.text_passages import Passage as Passage
from portal.confidentiality.render.text_passages import taken
from portal.kernel.errors import Invalid

_PAGE = re.compile(r"p(\d{1,5})")
_PLACE = re.compile(r"p\d+(?::.*)?")


@dataclass(frozen=True, slots=True)
class Outlined:
    found: Found
    alike: tuple[Alike, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A proved rendition. `alike`: kept passages with wording of withheld ones, where labels were given."""

    pdf: bytes
    pages: int
    withheld: Withheld
    proof: Proof
    alike: tuple[Alike, ...]


def outline_file(content: bytes) -> Outlined:
    """Raises `FileRefused` for a file that cannot be read."""
    found = find_passages(Sandbox(), [content])
    return Outlined(found, alike(found))


def render_file(content: bytes, asked: Sequence[str], *, title: str, language: str) -> Rendered:
    """A rendition without what is asked: labels, boxes ("p3:0.10,0.20,0.90,0.40"), pages ("p3").

    Raises `Invalid` for what the file does not have, `FileRefused`, `LeakFound` when the proof finds anything.
    """
    sandbox = Sandbox(tesseract=installed)
    labels = [piece for piece in asked if not _PLACE.fullmatch(piece.strip())]
    found = find_passages(sandbox, [content]) if labels else Found(inspect_pdf(sandbox, [content]).pages, ())
    gone = [passage for label in labels for passage in _labelled(found.passages, label)]
    pages, boxes = _places([piece.strip() for piece in asked if piece not in labels], found.pages)
    withheld = Withheld(frozenset(pages), (*boxes, *(box for passage in gone for box in passage.boxes)))
    built = build(sandbox, [content], withheld=withheld, title=title, language=language)
    proof = prove(sandbox, [content], built.pdf, built.pack, built.withheld, language)
    if not proof.ok:
        raise LeakFound(proof)
    names = {passage.label for passage in gone} - {""}
    shared = tuple(pair for pair in alike(found) if (pair.one in names) is not (pair.other in names))
    return Rendered(built.pdf, built.pages, built.withheld, proof, shared)


def _places(pieces: Sequence[str], last: int) -> tuple[list[int], list[Box]]:
    pages, boxes = [], list[Box]()
    for piece in pieces:
        match = _PAGE.fullmatch(piece)
        if match is None:
            boxes += parse_boxes(piece, last=last)
        elif 1 <= int(match[1]) <= last:
            pages.append(int(match[1]))
        else:
            raise Invalid({"withhold": f"The file has pages 1 to {last}; there is no page {int(match[1])}."})
    return pages, boxes


def _labelled(passages: Sequence[Passage], asked: str) -> tuple[Passage, ...]:
    named = {_squeezed(passage.label): passage.label for passage in passages if passage.label}
    label = named.get(_squeezed(asked)) or named.get(f"§{_squeezed(asked)}")
    if label is None:
        near = [known for known in named.values() if known.startswith(_squeezed(asked).partition("(")[0])][:8]
        like = f" There are, for example: {', '.join(near)}." if near else ""
        raise Invalid(
            {
                "withhold": f"No passage is labelled {asked!r}.{like} `portal passages` lists the labels of a file; "
                "what has none is withheld by a box, for example p3:0.10,0.20,0.90,0.40, or by its page, for example p3."
            }
        )
    return taken(passages, label)


def _squeezed(label: str) -> str:
    return "".join(unicodedata.normalize("NFKC", label).split()).rstrip(".")
