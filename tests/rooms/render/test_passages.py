"""The proof of painted pages can fail: wrong paint, wrong places, words and ink beside it are found, each by a check of its own."""

from collections.abc import Sequence

import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.assemble import Assembly
from portal.confidentiality.render.notice import notice_line, notice_pixels
from portal.confidentiality.render.pack import write_pack
from portal.confidentiality.render.paint import mark_line, paint, pixel_edges
from portal.confidentiality.render.pixels import Pixels, encode
from portal.confidentiality.render.proof import Proof, prove
from portal.confidentiality.render.raster import interleaved
from portal.confidentiality.render.source import open_page, open_source
from portal.confidentiality.render.visibility import draw
from portal.confidentiality.render.words import Line, Word, as_text
from tests.rooms.render.forgery import SANDBOX, TITLE, examine
from tests.rooms.render.papers import SIZE, document, says
from tests.rooms.render.passages import ABOVE, SPY, Made, around, lying_font, page_of, paragraph, three_lines, with_content, withheld

CONTENT = three_lines(paragraph)
DRAWN = around(60, 182, 70, 186)


@pytest.fixture(scope="module")
def good() -> Made:
    return withheld(CONTENT, DRAWN)


def planes(content: bytes):  # type: ignore[no-untyped-def]
    return draw(open_page(open_source(content, 9), 1))


def forged(content: bytes, out: Withheld, pixels: Pixels | None = None, lines: Sequence[Line] | None = None, title: str = TITLE) -> Proof:
    """The proof of a well-formed rendition of one page with these pixels and words; without any, with those that belong to `grown`."""
    grown = out.grown
    picture = encode(interleaved(paint(planes(content), grown)) if pixels is None else pixels, exact=True)
    words = honest(content, grown) if lines is None else lines
    assembly = Assembly(title, "en")
    assembly.add((float(SIZE[0]), float(SIZE[1])), picture, words)
    return examine(assembly.finish(), write_pack([(picture.file(), as_text(words))]), content, out)


def honest(content: bytes, grown: Sequence[Box]) -> list[Line]:
    """The words of the page, as placed, that do not meet these boxes, and the marks."""

    def clear(word: Word) -> bool:
        left, top, right, bottom = word.box
        return all(right <= box.x0 or left >= box.x1 or bottom <= box.y0 + 0.002 or top >= box.y1 - 0.002 for box in grown)

    lines = [tuple(word for word in line if clear(word)) for line in page_of(content, [])[1]]
    return [line for line in lines if line] + [mark_line(box) for box in grown]


def kinds(proof: Proof) -> set[str]:
    return {finding.kind.value for finding in proof.findings}


def in_margin(text: str) -> Line:
    return tuple(Word(word, (0.1 + 0.05 * at, 0.95, 0.14 + 0.05 * at, 0.98)) for at, word in enumerate(text.split()))


def test_a_true_painted_page_is_proved_in_a_child_too(good: Made) -> None:
    assert prove(SANDBOX, [CONTENT], good.built.pdf, good.built.pack, good.built.withheld).ok
    assert kinds(forged(CONTENT, good.built.withheld)) == set()


def test_paint_that_does_not_cover_what_was_drawn_is_found(good: Made) -> None:
    drawn = Box(1, 0.1, 0.1, 0.9, 0.5)
    assert "box_cover" in kinds(forged(CONTENT, Withheld(boxes=(drawn,), grown=good.grown)))
    assert "box_cover" in kinds(forged(CONTENT, Withheld(boxes=(drawn,))))


def test_boxes_that_did_not_grow_as_they_must_are_found(good: Made) -> None:
    (grown,) = good.grown
    for other in (Box(1, 0.0, grown.y0, 0.6, grown.y1), Box(1, 0.0, grown.y0 - 0.01, 1.0, grown.y1), DRAWN):
        assert "box_growth" in kinds(forged(CONTENT, Withheld(boxes=(DRAWN,), grown=(other,)))), other
    assert kinds(forged(CONTENT, Withheld(boxes=(DRAWN,), grown=(Box(1, 0.0, grown.y0 - 0.005, 1.0, grown.y1),)))) == {"box_growth"}
    assert "box_growth" in kinds(forged(CONTENT, Withheld(grown=(grown,))))


def test_a_page_that_is_not_painted_is_found_by_its_picture_alone(good: Made) -> None:
    whole = interleaved(planes(CONTENT))
    assert kinds(forged(CONTENT, good.built.withheld, pixels=whole)) == {"box_paint", "kept_pixels"}


def test_one_wrong_pixel_in_the_paint_is_found(good: Made) -> None:
    right = interleaved(paint(planes(CONTENT), good.grown)).copy()
    left, top, edge, bottom = pixel_edges(good.grown[0], right.shape[1], right.shape[0])
    for row, column in ((top, left), (bottom - 1, edge - 1), (top + 5, left + 40)):
        wrong = right.copy()
        wrong[row, column] -= 17
        assert kinds(forged(CONTENT, good.built.withheld, pixels=wrong)) == {"box_paint", "kept_pixels"}
    right[top - 1, left] -= 17
    assert kinds(forged(CONTENT, good.built.withheld, pixels=right)) == {"kept_pixels"}


def test_a_page_in_colour_that_is_not_painted_is_found() -> None:
    def coloured(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.9, 0, 0)
        canvas.rect(300, 90, 60, 60, fill=1)
        paragraph(canvas)

    content = three_lines(coloured)
    made = withheld(content, DRAWN)
    right, whole = interleaved(paint(planes(content), made.grown)), interleaved(planes(content))
    assert right.shape[2] == 3
    assert kinds(forged(content, made.built.withheld, pixels=right)) == set()
    assert kinds(forged(content, made.built.withheld, pixels=whole)) == {"box_paint", "kept_pixels"}
    left, top, _, _ = pixel_edges(made.grown[0], right.shape[1], right.shape[0])
    part = right.copy()
    part[top : top + 24, left + 100 : left + 140] = whole[top : top + 24, left + 100 : left + 140]
    assert "box_paint" in kinds(forged(content, made.built.withheld, pixels=part))


def test_ink_beside_the_paint_of_text_that_is_taken_is_found(good: Made) -> None:
    (grown,) = good.grown
    cut = Withheld(boxes=(DRAWN,), grown=(Box(1, 0.0, grown.y0, 0.45, grown.y1),))
    assert "box_ink" in kinds(forged(CONTENT, cut))
    low = Withheld(boxes=(DRAWN,), grown=(Box(1, 0.0, grown.y0 + 0.025, 1.0, grown.y1),))
    assert "box_ink" in kinds(forged(CONTENT, low))
    content = with_content(b"BT /X 40 Tf 60 150 Td (A) Tj ET", lying_font(b"0 0 100 100"))
    false = Withheld(boxes=(around(60, 150, 64, 154),), grown=(around(58, 148, 66, 156),))
    assert "box_ink" in kinds(forged(content, false))


def test_words_in_the_paint_are_found_even_if_they_stand_elsewhere_too(good: Made) -> None:
    (grown,) = good.grown
    middle = (grown.y0 + grown.y1) / 2
    for words in ("ministry", "Not", "included in this"):
        line = tuple(Word(word, (0.1 + 0.1 * at, middle - 0.01, 0.15 + 0.1 * at, middle + 0.01)) for at, word in enumerate(words.split()))
        assert "box_words" in kinds(forged(CONTENT, good.built.withheld, lines=[*honest(CONTENT, good.grown), line])), words
    without = [line for line in honest(CONTENT, good.grown) if line != mark_line(grown)]
    edge = (Word("ministry", (0.1, grown.y0 - 0.03, 0.2, grown.y0 + 0.01)),)
    assert kinds(forged(CONTENT, good.built.withheld, lines=[*without, edge])) == {"box_words"}
    assert kinds(forged(CONTENT, good.built.withheld, lines=without)) == set()


def test_words_of_a_passage_are_looked_for_on_its_page_and_in_the_title(good: Made) -> None:
    lines = [*honest(CONTENT, good.grown), in_margin("Kestrel met Heron at")]
    assert kinds(forged(CONTENT, good.built.withheld, lines=lines)) == {"withheld_words"}
    assert kinds(forged(CONTENT, good.built.withheld, title="Kestrel met Heron at")) == {"withheld_words"}
    hidden = with_content(b"/Span << /ActualText (very secret wording here) >> BDC BT /F1 12 Tf 40 180 Td (dots) Tj ET EMC")
    made = withheld(hidden, around(41, 182, 50, 184))
    assert kinds(forged(hidden, made.built.withheld, title="On very secret wording here")) == {"withheld_words"}


def test_wording_of_a_passage_on_another_page_is_a_warning() -> None:
    made = withheld(document(says(ABOVE, SPY, "end of this page"), says(SPY, "more on this page")), around(60, 222, 70, 226))
    (repeat,) = made.proof().repeated
    assert (repeat.page, repeat.sequences) == (2, 4)


def test_a_page_grown_whole_must_be_the_notice() -> None:
    content = document(says(SPY, SPY, SPY))
    made = withheld(content, Box(1, 0.1, 0.05, 0.9, 0.9))
    assert made.grown[0].whole
    points = (float(SIZE[0]), float(SIZE[1]))
    assert kinds(forged(content, made.built.withheld, pixels=notice_pixels(points), lines=[notice_line(points)])) == set()
    wrong = forged(content, made.built.withheld, pixels=interleaved(planes(content)), lines=honest(content, ()))
    assert kinds(wrong) == {"notice_pixels", "notice_words"}


def test_paint_is_the_same_for_the_same_size() -> None:
    page = np.zeros((3, 300, 400), dtype=np.uint8)
    box = Box(1, 0.1, 0.1, 0.9, 0.4)
    assert (paint(page, [box]) == paint(page + 99, [box]))[:, 30:120, 40:360].all()
