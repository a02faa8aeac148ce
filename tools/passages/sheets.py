"""Reports set on pages, in layouts that differ in what a finder goes by: columns, gaps, indents, sizes, running heads, places of notes."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tools.passages.languages import LANGUAGES, Language
from tools.passages.reports import Block

_FONT = "Signs"
_SPACED = ("section", "part", "heading", "annex", "title", "table")


@dataclass(frozen=True)
class Layout:
    """`gap`: between paragraphs, in sizes. `first`, `hang`: indents of a paragraph's first row and of the others, in points."""

    name: str
    page: tuple[float, float] = (595, 842)
    margins: tuple[float, float, float] = (72, 80, 80)  # at the sides, above, below
    size: float = 11
    leading: float = 1.2
    gap: float = 0.7
    first: float = 0
    hang: float = 0
    step: float = 22  # of items and of items under items
    columns: int = 1
    head: str = "A/77/{page}/Rev.1"
    foot: str = "{page}/{pages}"
    tab: float = 24  # from the number to the text


#: Layouts that the finder was made with, and others that it was not.
TUNED = (
    Layout("plain"),
    Layout("hanging", hang=24, gap=0.5, size=10.5, head="S/2026/118", foot="26-{page}"),
    Layout("columns", columns=2, size=9.5, margins=(50, 70, 70), gap=0.6, tab=18, step=12),
)
HELD_OUT = (
    Layout("tight", gap=0.0, first=20, size=10, margins=(90, 70, 90), head="", foot="Page {page}"),
    Layout("double", page=(612, 792), leading=2.0, gap=0.0, first=36, size=12, margins=(90, 90, 90), foot="— {page} —"),
    Layout("small", size=8, leading=1.35, gap=1.1, margins=(110, 100, 120), step=34, head="CTC/2026/{page}", tab=16),
    Layout("wide columns", page=(842, 595), columns=2, size=10, margins=(60, 60, 60), gap=0.5, hang=20, tab=20, step=16, foot="{page}"),
    Layout("columns without gaps", columns=2, size=9, leading=1.15, gap=0.0, first=12, margins=(45, 60, 60), tab=14, step=10, head=""),
)


@dataclass
class _Line:
    pieces: list[tuple[float, str]]  # from the start of the column; of a language from right to left, from its right edge
    bold: bool = False
    raised: str = ""
    note: list["_Line"] = field(default_factory=list)
    keep: bool = False  # not the last in its column


def sheet(language: Language, blocks: list[Block], layout: Layout) -> bytes:
    """The report as a PDF."""
    return _Sheet(language, layout).draw(blocks)


class _Sheet:
    def __init__(self, language: Language, layout: Layout) -> None:
        _register()
        self._language, self._layout = language, layout
        side = layout.margins[0]
        gutter = 24 if layout.columns == 2 else 0
        self._width = (layout.page[0] - 2 * side - gutter) / layout.columns
        self._lefts = [side + at * (self._width + gutter) for at in range(layout.columns)]
        if language.rtl:
            self._lefts.reverse()
        self._font = "Times-Roman" if language.code in ("en", "fr", "es") else _FONT

    def draw(self, blocks: list[Block]) -> bytes:
        columns = list(self._columns(blocks))
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=self._layout.page, invariant=1)
        count = self._layout.columns
        pages = -(-len(columns) // count)
        for page in range(pages):
            self._edges(canvas, page + 1, pages)
            for left, lines in zip(self._lefts, columns[page * count : page * count + count], strict=False):
                self._column(canvas, left, lines)
            canvas.showPage()
        canvas.save()
        return out.getvalue()

    def _edges(self, canvas: Canvas, page: int, pages: int) -> None:
        width, height = self._layout.page
        canvas.setFont("Helvetica", 8)
        canvas.drawRightString(width - self._layout.margins[0], height - 36, self._layout.head.format(page=page))
        canvas.drawCentredString(width / 2, 30, self._layout.foot.format(page=page, pages=pages))

    def _columns(self, blocks: list[Block]) -> Iterator[list[tuple[float, float, _Line]]]:
        """The lines of each column, each with its height above the foot of the page and its size; notes at the foot."""
        layout = self._layout
        top, bottom = layout.page[1] - layout.margins[1], layout.margins[2]
        placed: list[tuple[float, float, _Line]] = []
        notes: list[_Line] = []
        at = top
        lines = [line for block in blocks for line in self._set(block)]
        for index, (gap, line) in enumerate(lines):
            step, small = layout.size * layout.leading, layout.size * 0.8
            needed = (gap if placed else 0) + step * (3 if line.keep else 1) + (len(notes) + len(line.note) + 1) * small * 1.2
            if placed and at - needed < bottom:
                yield placed + self._foot(notes, bottom)
                placed, notes, at = [], [], top
            at -= (gap if placed else 0) + step
            placed.append((at, layout.size, line))
            notes += line.note
            if index == len(lines) - 1:
                yield placed + self._foot(notes, bottom)

    def _foot(self, notes: list[_Line], bottom: float) -> list[tuple[float, float, _Line]]:
        small = self._layout.size * 0.8
        return [(bottom + (len(notes) - 1 - at) * small * 1.2, small, line) for at, line in enumerate(notes)]

    def _set(self, block: Block) -> Iterator[tuple[float, _Line]]:
        """The lines of a block, each with the gap above it."""
        layout = self._layout
        deep = {"item": 1, "subitem": 2}.get(block.kind, 0) * layout.step
        heading = block.kind in _SPACED
        first, hang = (0.0, layout.tab) if heading else (layout.first + deep, layout.hang + deep)
        gap = layout.size * max(layout.gap, 0.8 if heading else 0)
        words = block.words
        start = first + (max(layout.tab, self._wide(block.mark, layout.size) + 5) if block.mark else 0)
        note = self._note(block) if block.note else []
        rows = list(self._wrapped(words, start, hang, layout.size)) or [[]]
        for number, row in enumerate(rows):
            pieces = [*([(first, block.mark)] if block.mark and not number else []), *row]
            last = number == len(rows) - 1
            raised = str(block.number) if block.note and last else ""
            line = _Line(pieces, heading, self._digits(raised), note if last else [], keep=heading)
            yield (gap if not number else 0.0), line
        for cells in block.cells:
            places = (0, 0.45 * self._width, 0.85 * self._width)
            yield 0.0, _Line([(place, self._digits(cell)) for place, cell in zip(places, cells, strict=True)], keep=True)

    def _note(self, block: Block) -> list[_Line]:
        small = self._layout.size * 0.8
        rows = list(self._wrapped(block.note, 10, 0, small))
        mark = self._digits(str(block.number))
        return [
            _Line([*([(0.0, mark)] if not number else []), *row], raised="first" if not number else "") for number, row in enumerate(rows)
        ]

    def _digits(self, text: str) -> str:
        return text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")) if self._language.code == "ar" else text

    def _wrapped(self, words: list[str], start: float, hang: float, size: float) -> Iterator[list[tuple[float, str]]]:
        space = self._wide(" ", size) if self._language.spaced else 0.0
        row: list[tuple[float, str]] = []
        at = start
        for word in words:
            wide = self._wide(word, size)
            if row and at + wide > self._width:
                yield row
                row, at = [], hang
            row.append((at, word))
            at += wide + space
        if row:
            yield row

    def _wide(self, text: str, size: float) -> float:
        return float(pdfmetrics.stringWidth(text, self._font, size))

    def _column(self, canvas: Canvas, left: float, lines: list[tuple[float, float, _Line]]) -> None:
        for at, size, line in lines:
            end = 0.0
            for number, (place, text) in enumerate(line.pieces):
                mark = line.raised == "first" and number == 0
                own = size * 0.65 if mark else size
                self._say(canvas, left, place, at + (0.35 * size if mark else 0), text, own)
                end = place + self._wide(text, own)
            if line.raised and line.raised != "first":
                self._say(canvas, left, end, at + 0.35 * size, line.raised, size * 0.65)

    def _say(self, canvas: Canvas, left: float, place: float, at: float, text: str, size: float) -> None:
        canvas.setFont(self._font, size)
        if self._language.rtl:
            canvas.drawRightString(left + self._width - place, at, _as_seen(text))
        else:
            canvas.drawString(left + place, at, text)


def _as_seen(text: str) -> str:
    """From left to right as it stands on paper: signs reversed, numbers as they are, brackets turned."""
    done = "".join({"(": ")", ")": "(", "‘": "’", "’": "‘"}.get(sign, sign) for sign in reversed(text))
    pieces, number = [], ""
    for sign in done:
        if sign.isdigit():
            number = sign + number
            continue
        pieces += [number, sign]
        number = ""
    return "".join([*pieces, number])


@lru_cache(maxsize=1)
def _register() -> None:
    """A font of plain blocks for every sign that the languages use: so that it does not matter which fonts a machine has."""
    signs = {sign for language in LANGUAGES.values() for word in language.words for sign in word}
    for language in LANGUAGES.values():
        marks = [language.annex, language.table, language.end, *(language.annex_of(n) for n in (1, 2, 3))]
        for kind, most in ((language.section, 6), (language.part, 6), (language.paragraph, 9), (language.item, 12), (language.subitem, 9)):
            marks += [kind(n) for n in range(1, most + 1)]
        signs |= set("".join(marks))
    signs |= {sign.upper() for sign in signs if len(sign.upper()) == 1} | set(" 0123456789٠١٢٣٤٥٦٧٨٩.:;,()-–‘’。，；")
    names = {ord(sign): f"u{ord(sign):04X}" for sign in sorted(signs)}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    widths = {name: (1000 if code > 0x3000 else 280 if chr(code) in " .:;,()-‘’" else 520) for code, name in names.items()}
    glyphs = {name: _block(widths[name]) if name != "u0020" else TTGlyphPen(None).glyph() for name in names.values()}
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), **glyphs})
    builder.setupHorizontalMetrics({".notdef": (500, 0), **{name: (wide, 40) for name, wide in widths.items()}})
    builder.setupHorizontalHeader(ascent=850, descent=-200)
    builder.setupNameTable({"familyName": _FONT, "styleName": "Regular", "psName": _FONT})
    builder.setupOS2(sTypoAscender=850, sTypoDescender=-200, usWinAscent=850, usWinDescent=200)
    builder.setupPost()
    out = io.BytesIO()
    builder.save(out)
    out.seek(0)
    pdfmetrics.registerFont(TTFont(_FONT, out))


def _block(width: int):  # type: ignore[no-untyped-def]
    pen = TTGlyphPen(None)
    for x0, y0, x1, y1 in ((40, 0, width - 40, 120), (40, 480, width - 40, 600), (40, 120, 120, 480)):
        pen.moveTo((x0, y0))
        pen.lineTo((x0, y1))
        pen.lineTo((x1, y1))
        pen.lineTo((x1, y0))
        pen.closePath()
    return pen.glyph()
