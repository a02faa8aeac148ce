"""Pages for tests of boxes, and what the engine makes of them, here in the test's process: a child each time would take minutes."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render import raster
from portal.confidentiality.render.build import BuiltRendition, build
from portal.confidentiality.render.pack import PackReader
from portal.confidentiality.render.paint import pixel_edges
from portal.confidentiality.render.words import Line, from_json
from tests.rooms.render.forgery import SANDBOX, TITLE, examine
from tests.rooms.render.papers import SIZE, document

WIDTH, HEIGHT = SIZE
SPY = "Agent Kestrel met Heron at the jetty"
ABOVE = "The mission met the ministry in Samoria"
BELOW = "Recommendations follow in the annex"


@dataclass(frozen=True)
class Made:
    """A rendition of a page with boxes, proved by `examine`."""

    source: bytes
    built: BuiltRendition

    @property
    def grown(self) -> tuple[Box, ...]:
        return self.built.withheld.grown

    def text(self, page: int = 1) -> str:
        return self._page(page).text

    def grey(self, page: int = 1) -> np.ndarray:  # type: ignore[type-arg]
        return np.asarray(Image.open(io.BytesIO(self._page(page).image)).convert("L"))

    def _page(self, number: int):  # type: ignore[no-untyped-def]
        return PackReader(lambda offset, length: self.built.pack[offset : offset + length]).page(number)

    def findings(self) -> set[str]:
        return {finding.kind.value for finding in self.proof().findings}

    def proof(self):  # type: ignore[no-untyped-def]
        return examine(self.built.pdf, self.built.pack, self.source, self.built.withheld)


def withheld(content: bytes, *boxes: Box) -> Made:
    made = Made(content, build(SANDBOX, [content], withheld=Withheld(boxes=boxes), title=TITLE))
    assert made.findings() == set()
    return made


def rows(made: Made) -> list[int]:
    """Pixel rows of the first page on which anything but paper and paint is seen."""
    grey = made.grey()
    for box in made.grown:
        left, top, right, bottom = pixel_edges(box, grey.shape[1], grey.shape[0])
        grey = grey.copy()
        grey[top:bottom, left:right] = 255
    return np.flatnonzero((grey < 200).any(axis=1)).tolist()


def lines_seen(made: Made) -> int:
    """How many separate bands of ink the page shows beside the paint."""
    return int((np.diff(rows(made)) > 1).sum()) + 1


def around(x0: float, y0: float, x1: float, y1: float, page: int = 1) -> Box:
    """A box in points from the bottom left, as text is placed."""
    return Box(page, x0 / WIDTH, 1 - y1 / HEIGHT, x1 / WIDTH, 1 - y0 / HEIGHT)


def page_of(content: bytes, boxes: list[Box], *, painted: bool = True) -> tuple[tuple[Box, ...], tuple[Line, ...]]:
    """The boxes as they grow, and the words that leave the child."""
    header = {"max_pages": 9, "page": 1, "boxes": [[box.page, *box.edges] for box in boxes], "painted": painted, "language": "en"}
    frames = dict(raster.look(header, [content]))
    grown = tuple(Box(1, *edges) for edges in json.loads(bytes(frames["PAGE"]))["grown"])
    return grown, from_json(json.loads(bytes(frames["WORD"]))) if "WORD" in frames else ()


def three_lines(middle: Callable[[Canvas], None]) -> bytes:
    """A page with a line above, something in the middle, a line below."""

    def drawing(canvas: Canvas) -> None:
        canvas.drawString(40, 250, ABOVE)
        middle(canvas)
        canvas.drawString(40, 60, BELOW)

    return document(drawing)


def paragraph(canvas: Canvas) -> None:
    canvas.drawString(40, 180, SPY)
    canvas.drawString(40, 165, "and handed over the blue folder")


COLUMNS = {
    "left": [f"left words of row {row} fill this side" for row in "abcdefgh"],
    "right": [f"right words of row {row} fill that side" for row in "abcdefgh"],
}


def two_columns(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 9)
    for x, lines in ((30, COLUMNS["left"]), (225, COLUMNS["right"])):
        for row, line in enumerate(lines):
            canvas.drawString(x, 240 - 14 * row, line)


def changed(content: bytes, change: Callable[[pikepdf.Pdf, pikepdf.Object], None]) -> bytes:
    """The file after a change of its first page."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf, pdf.pages[0].obj)
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def with_content(extra: bytes, font: Callable[[pikepdf.Pdf], pikepdf.Object] | None = None) -> bytes:
    """The page of three lines without its middle, and this content on it; its font, if any, is /X."""

    def add(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
        if font is not None:
            page.Resources.Font["/X"] = font(pdf)
        page.Contents = Array([page.Contents, pdf.make_stream(extra)])

    return changed(three_lines(lambda canvas: None), add)


def lying_font(claim: bytes) -> Callable[[pikepdf.Pdf], pikepdf.Object]:
    """A font whose one sign, A, is a bar 1000 wide and 1000 high, and claims to be as wide and high as these four numbers."""

    def make(pdf: pikepdf.Pdf) -> pikepdf.Object:
        sign = pdf.make_stream(b"1000 0 " + claim + b" d1 0 0 1000 1000 re f")
        return Dictionary(
            Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([int(edge) for edge in claim.split()]), FirstChar=65, LastChar=65,
            FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]), Widths=Array([1000]), CharProcs=Dictionary(A=sign), Resources=Dictionary(),
            Encoding=Dictionary(Type=Name.Encoding, Differences=Array([65, Name.A])),
        )  # fmt: skip

    return make


def mapped_font(letters: dict[str, str]) -> Callable[[pikepdf.Pdf], pikepdf.Object]:
    """Helvetica whose signs mean other letters."""

    def make(pdf: pikepdf.Pdf) -> pikepdf.Object:
        pairs = " ".join(f"<{ord(sign):02x}> <{text.encode('utf-16-be').hex()}>" for sign, text in letters.items())
        table = f"begincmap 1 begincodespacerange <00> <FF> endcodespacerange {len(letters)} beginbfchar {pairs} endbfchar endcmap"
        return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, ToUnicode=pdf.make_stream(table.encode()))

    return make
