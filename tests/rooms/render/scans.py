"""Scans for these tests: pages of other papers as pictures; and Tesseract as the tests need it: real, counted, failing."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pypdfium2
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.tesseract import Reading, installed
from tests.rooms.render.papers import SIZE, document

READER = installed()
assert READER, "these tests need tesseract and bubblewrap: make .driven installs them"
TESSERACT = READER
READING = Sandbox(seconds=30, tesseract=installed)
read = TESSERACT.speaking("en").table


def scan(content: bytes, *, hidden: Callable[[Canvas], None] | None = None, dots: int = 200, colour: bool = False) -> bytes:
    """The same pages as pictures, with no text but what `hidden` writes on each, invisibly."""
    with pypdfium2.PdfDocument(content) as pdf:
        return document(*(_picture(page.render(scale=dots / 72).to_pil().convert("RGB" if colour else "L"), hidden) for page in pdf))


def _picture(image: Image.Image, hidden: Callable[[Canvas], None] | None) -> Callable[[Canvas], None]:
    def drawing(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(image), 0, 0, *SIZE)
        if hidden:
            canvas.setFont("Helvetica", 12)
            canvas._code.append("3 Tr")
            hidden(canvas)

    return drawing


def text_picture(*lines: str) -> ImageReader:
    """Black lines on white, as a picture of 420 points by 20 for each."""
    content = document(lambda canvas: [canvas.drawString(10, SIZE[1] - 15 - 20 * row, line) for row, line in enumerate(lines)])
    with pypdfium2.PdfDocument(content) as pdf:
        image = pdf[0].render(scale=200 / 72).to_pil().convert("L")
    return ImageReader(image.crop((0, 0, image.width, round(20 * len(lines) * 200 / 72))))


@dataclass(frozen=True, slots=True)
class Counted(Reading):
    """The real one; `seen` are the pictures it was given."""

    seen: list[bytes] = field(default_factory=list)

    def table(self, picture: bytes) -> bytes:
        self.seen.append(picture)
        return Reading.table(self, picture)


@dataclass(frozen=True, slots=True)
class Saying(Reading):
    """One that gives this table whatever it is shown."""

    said: bytes = b""

    def table(self, picture: bytes) -> bytes:
        return self.said


@dataclass(frozen=True, slots=True)
class Having(Sandbox):
    """A sandbox whose pictures are read by this one."""

    by: Reading | None = None

    def reading(self, language: str) -> tuple[Reading, ...]:
        assert self.by
        return (self.by,)


def limited(**limits: int | float) -> Sandbox:
    """Tesseract with other limits than its own."""
    bubble = replace(TESSERACT.bubble, **limits)  # type: ignore[arg-type]
    return Sandbox(seconds=30, tesseract=lambda: replace(TESSERACT, bubble=bubble))
