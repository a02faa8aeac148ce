"""Redacted pages are read once more: wording that can still be read in the picture is found, whatever way it came there."""

from collections.abc import Sequence

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.assemble import Assembly
from portal.confidentiality.render.pack import write_pack
from portal.confidentiality.render.paint import mark_line, paint
from portal.confidentiality.render.passages import taken_texts
from portal.confidentiality.render.pixels import Pixels, decode, encode
from portal.confidentiality.render.proof import Proof, prove
from portal.confidentiality.render.raster import interleaved
from portal.confidentiality.render.reread import read_again
from portal.confidentiality.render.scanned import Reader, texts_of
from portal.confidentiality.render.source import open_page, open_source
from portal.confidentiality.render.visibility import draw
from portal.confidentiality.render.wording import Secrets, wording
from portal.confidentiality.render.words import Line, Word, as_text
from tests.rooms.render.forgery import TITLE, examine
from tests.rooms.render.papers import SIZE
from tests.rooms.render.passages import ABOVE, BELOW, SPY, around, paragraph, three_lines, with_content, withheld
from tests.rooms.render.scans import READING, read, scan, text_picture

PAGE = three_lines(paragraph)
DRAWN = around(20, 158, 400, 198)


def kinds(proof: Proof) -> set[str]:
    return {finding.kind.value for finding in proof.findings}


def again(content: bytes, pixels: Pixels, grown: Sequence[Box], seen: str) -> tuple[set[str], set[str]]:
    """What this check alone says of a finished picture."""
    page = open_page(open_source(content, 9), 1)
    taken, reader = Secrets(), Reader(read)
    taken.add(taken_texts(page, draw(page), grown))
    texts = texts_of(reader.read(decode(encode(pixels, exact=True))))
    return read_again(reader, page, grown, texts, taken, wording(seen))


def painted(content: bytes, grown: Sequence[Box]) -> Pixels:
    return interleaved(paint(draw(open_page(open_source(content, 9), 1)), grown))


def test_a_passage_that_was_left_in_the_picture_is_read_there() -> None:
    made = withheld(PAGE, DRAWN)
    assert again(PAGE, painted(PAGE, made.grown), made.grown, ABOVE + " " + BELOW) == (set(), set())
    leaked, repeated = again(PAGE, painted(PAGE, ()), made.grown, ABOVE + " " + BELOW)
    assert "agentkestrelmetheron" in leaked
    assert repeated == set()


def test_a_passage_that_was_left_in_the_picture_is_a_finding_of_its_own() -> None:
    made = withheld(PAGE, DRAWN)
    lines = [_line(ABOVE, 0.15), *map(mark_line, made.grown), _line(BELOW, 0.78)]
    proof = forged(PAGE, made.built.withheld, painted(PAGE, ()), lines)
    assert kinds(proof) == {"box_paint", "kept_pixels", "picture_words"}
    assert "kestrel" not in repr(proof).lower()


def forged(content: bytes, out: Withheld, pixels: Pixels, lines: Sequence[Line]) -> Proof:
    picture = encode(pixels, exact=True)
    assembly = Assembly(TITLE, "en")
    assembly.add((float(SIZE[0]), float(SIZE[1])), picture, lines)
    return examine(assembly.finish(), write_pack([(picture.file(), as_text(lines))]), content, out, read)


def _line(text: str, top: float) -> Line:
    return tuple(Word(word, (0.1 + 0.1 * at, top, 0.18 + 0.1 * at, top + 0.05)) for at, word in enumerate(text.split()))


def far_ink(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """A font whose one sign claims a small box and writes a sentence a hundred points below it."""
    helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    sign = pdf.make_stream(b"1000 0 0 0 1000 1000 d1 BT /H 1000 Tf 0 -7000 Td (" + SPY.encode() + b") Tj ET")
    code = SPY.encode("utf-16-be").hex()
    table = f"begincmap 1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <41> <{code}> endbfchar endcmap"
    return Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 1000, 1000]), FirstChar=65, LastChar=65,
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]), Widths=Array([1000]), CharProcs=Dictionary(A=sign),
        Resources=Dictionary(Font=Dictionary(H=helvetica)), ToUnicode=pdf.make_stream(table.encode()),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([65, Name.A])),
    )  # fmt: skip


def test_ink_outside_the_box_that_its_font_claims_is_read_where_it_is() -> None:
    content = with_content(b"BT /X 14 Tf 40 180 Td (A) Tj ET", far_ink)
    careless = (around(0, 170, 420, 200),)
    leaked, repeated = again(content, painted(content, careless), careless, ABOVE + " " + BELOW)
    assert "agentkestrelmetheron" in leaked
    assert repeated == set()
    made = withheld(content, around(30, 176, 60, 196))  # the engine's own growth takes the ink with it
    assert again(content, painted(content, made.grown), made.grown, ABOVE + " " + BELOW) == (set(), set())


def test_wording_that_kept_text_says_too_is_no_leak_of_the_picture() -> None:
    def twice(canvas: Canvas) -> None:
        paragraph(canvas)
        canvas.drawString(40, 110, SPY)

    content = three_lines(twice)
    made = withheld(content, DRAWN)
    proof = examine(made.built.pdf, made.built.pack, content, made.built.withheld, read)
    assert proof.ok
    assert [repeat.page for repeat in proof.repeated] == [1]


def letterhead(canvas: Canvas) -> None:
    canvas.drawImage(text_picture("Bureau: Agent Kestrel met Heron"), 0, 270, 420, 20)
    paragraph(canvas)


def test_wording_of_a_letterhead_that_is_a_picture_is_told_as_repeated() -> None:
    content = three_lines(letterhead)
    made = withheld(content, DRAWN)
    assert made.proof().repeated == ()
    proof = prove(READING, [content], made.built.pdf, made.built.pack, made.built.withheld)
    assert proof.ok
    assert [(repeat.page, repeat.sequences) for repeat in proof.repeated] == [(1, 1)]


def test_what_is_read_in_a_picture_vouches_for_no_word_of_a_page_that_has_text() -> None:
    content = three_lines(letterhead)
    made = withheld(content, DRAWN)
    lines = [_line("Bureau", 0.03), _line(ABOVE, 0.15), *map(mark_line, made.grown), _line(BELOW, 0.78)]
    assert kinds(forged(content, made.built.withheld, painted(content, made.grown), lines)) == {"unseen_words"}
    assert kinds(forged(content, made.built.withheld, painted(content, made.grown), lines[1:])) == set()


def test_a_scan_whose_hidden_text_is_withheld_but_whose_picture_is_not_is_found() -> None:
    content = scan(PAGE, hidden=paragraph)
    made = withheld(content, DRAWN)
    leaked, repeated = again(content, painted(content, ()), made.grown, "")
    assert "agentkestrelmetheron" in leaked
    assert repeated == set()
    assert again(content, painted(content, made.grown), made.grown, "") == (set(), set())


@pytest.mark.parametrize("colour", [False, True])
def test_reading_is_grey_whatever_the_colours(colour: bool) -> None:
    pixels = painted(PAGE, ())
    if colour:
        pixels = np.where(pixels < 128, np.array([120, 20, 20], dtype=np.uint8), np.array([250, 250, 235], dtype=np.uint8))
    assert SPY in " ".join(texts_of(Reader(read).read(pixels)))
