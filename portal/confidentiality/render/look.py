"""Look at one page of the original as the engine sees it, to draw boxes on it; or as the recipient would see it, boxes painted.

The parent half; the child half is `raster.look`. The page is of the original: show it to nobody but its originator.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.confidentiality.boxes import Box, outward
from portal.confidentiality.render.arrival import arrived, page_count
from portal.confidentiality.render.notice import is_notice
from portal.confidentiality.render.remote import Content
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.wire import SMALL
from portal.confidentiality.render.words import Line
from portal.kernel.errors import Invalid

_JOB = "portal.confidentiality.render.raster:look"


@dataclass(frozen=True, slots=True)
class Look:
    """One page. `image` is a PNG or JPEG file (`mime`), 150 dpi; `points` its size in points; `pages` how many the document has.

    `grown`: what the boxes become, merged where they meet; a single box that is `whole` when the page would be withheld altogether.
    `text`: the lines that can be seen on it (with `painted`: that stay), each standing at `places` of the same index.
    """

    image: bytes
    mime: str
    pages: int
    points: tuple[float, float]
    grown: tuple[Box, ...]
    text: tuple[str, ...]
    places: tuple[Box, ...]

    @property
    def picture(self) -> bool:
        """Is there no text that can be seen, but at most the marks'? Then the page is a picture, or empty."""
        return all(map(is_notice, self.text)) and not any(box.whole for box in self.grown)


def look(sandbox: Sandbox, chunks: Content, *, page: int, boxes: Sequence[Box] = (), painted: bool = False, language: str = "en") -> Look:
    """Draw page `page` (from 1) in the sandbox; `boxes` on other pages are ignored. `painted`: as the recipient would see the page.

    `language`: that of the marks.

    Raises `FileRefused` (the file), `RenderFailed` (us), `Invalid` (a page that the document does not have).
    """
    mine = sorted({box for box in boxes if box.page == page})
    edges = [[b.page, *b.edges] for b in mine]
    header = {"max_pages": sandbox.max_pages, "page": page, "boxes": edges, "painted": painted, "language": language}
    with sandbox.run(_JOB, header, chunks, short=True) as answers:
        pages = page_count(answers.expect("DOCU", SMALL), sandbox.max_pages)
        if not 1 <= page <= pages:
            raise Invalid({"page": f"The document has pages 1 to {pages}."})
        shown = arrived(answers, page, withheld=False, boxes=mine, language=language)
        answers.end()
    text = tuple(" ".join(word.text for word in line) for line in shown.lines)
    places = tuple(_place(page, line) for line in shown.lines)
    return Look(shown.picture.file(), shown.picture.mime, pages, shown.points, shown.grown, text, places)


def _place(page: int, line: Line) -> Box:
    """The box around a line of words; at least a step wide and high."""
    sides = list(zip(*(word.box for word in line), strict=True))
    left, top, right, bottom = min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])
    left, top = min(left, 0.999), min(top, 0.999)
    return outward(page, (left, top, max(right, left + 0.001), max(bottom, top + 0.001)))
