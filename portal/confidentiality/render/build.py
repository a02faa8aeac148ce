"""Make a rendition: the child draws, the parent encodes. Pages are never dropped and numbers never change.

A withheld page is replaced by a notice; nothing of it but its size reaches the parent. Boxes are painted in the child, grown to whole
lines (`grow`): of what lies under them nothing reaches the parent either.
"""

import unicodedata
from dataclasses import dataclass

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.arrival import arrived, page_count, tree_of
from portal.confidentiality.render.assemble import Assembly
from portal.confidentiality.render.pack import write_pack
from portal.confidentiality.render.places import Stage
from portal.confidentiality.render.remote import Content
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.wire import SMALL
from portal.confidentiality.render.words import as_text
from portal.kernel.errors import Invalid

_JOB = "portal.confidentiality.render.raster:raster"


@dataclass(frozen=True, slots=True)
class BuiltRendition:
    """A rendition that is not yet proved: never share one before `prove` says ok. `dropped_words` stood in the file but are not seen.

    `withheld` is what was asked, with the boxes as they have grown; a page whose box is `whole` is withheld altogether.
    """

    pdf: bytes
    pack: bytes
    pages: int
    withheld: Withheld
    kept_words: int
    dropped_words: int


def build(sandbox: Sandbox, chunks: Content, *, withheld: Withheld, title: str, language: str = "en") -> BuiltRendition:
    """A rendition without what is `withheld`. `title` must be neutral: it is written into the file as it is.

    `language` (BCP 47) is the text's, told to screen readers; the marks are in it as well, if it is one of the six.

    Raises `FileRefused` (the file), `RenderFailed` (us), `Invalid` (a page that the document does not have, a title with controls).
    """
    _check_words(title, language)
    boxes = [[b.page, *b.edges] for b in withheld.boxes]
    header = {"max_pages": sandbox.max_pages, "withheld": sorted(withheld.pages), "boxes": boxes, "language": language}
    with sandbox.run(_JOB, header, chunks, *sandbox.reading(language)) as answers:
        pages = page_count(answers.expect("DOCU", SMALL), sandbox.max_pages)
        if withheld.last > pages:
            raise _no_such_page()
        assembly, packed, kept, dropped = Assembly(title, language), [], 0, 0
        grown: list[Box] = []
        lines: list[int] = []
        for number in range(1, pages + 1):
            page = arrived(answers, number, withheld=number in withheld.pages, boxes=withheld.on(number), language=language)
            assembly.add(page.points, page.picture, page.lines)
            packed.append((page.picture.file(), as_text(page.lines)))
            kept += sum(map(len, page.lines)) if page.kept else 0
            dropped += page.dropped
            grown += page.grown
            lines.append(len(page.lines))
            sandbox.tell(Stage.BUILDING, number)
        leaves = tree_of(answers, lines)
        answers.end()
    done = Withheld(withheld.pages, withheld.boxes, tuple(grown))
    return BuiltRendition(assembly.finish(leaves), write_pack(packed), pages, done, kept, dropped)


def _check_words(title: str, language: str) -> None:
    if not title.strip() or len(title) > 300 or any(unicodedata.category(c).startswith("C") for c in title):
        raise Invalid({"title": "Give the rendition a title of 1 to 300 characters on one line."})
    if not language.replace("-", "").isalnum() or not language.isascii() or len(language) > 35:
        raise Invalid({"language": "Name the language by its code, for example en or pt-BR."})


def _no_such_page() -> Invalid:
    return Invalid({"pages": "The document does not have all of these pages. Check the page numbers."})
