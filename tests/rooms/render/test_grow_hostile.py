"""Pages that make it hard to tell where text stands: turned, cropped, nested, hidden, lying. Nothing under a box is left."""

import pikepdf
import pytest
from pikepdf import Array
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.notice import NOTICE
from portal.confidentiality.render.paint import pixel_edges
from tests.rooms.render.papers import document
from tests.rooms.render.passages import (
    ABOVE,
    BELOW,
    SPY,
    WIDTH,
    around,
    changed,
    lines_seen,
    lying_font,
    mapped_font,
    page_of,
    paragraph,
    three_lines,
    with_content,
    withheld,
)


def test_a_highlight_or_a_line_under_a_word_does_not_look_out_of_the_paint() -> None:
    def highlighted(canvas: Canvas) -> None:
        canvas.setFillColorRGB(1, 0.6, 0)
        canvas.rect(74, 172, 40, 22, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(40, 180, SPY)
        canvas.line(120, 177.5, 160, 177.5)
        canvas.rect(20, 20, 380, 260)

    made = withheld(three_lines(highlighted), around(200, 182, 210, 186))
    (grown,) = made.grown
    assert grown.covers(around(0, 172, WIDTH, 194))
    assert not grown.meets(around(0, 60, WIDTH, 120))
    assert ABOVE in made.text()


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_painted_where_it_is_seen(turn: int) -> None:
    def turned(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
        page.Rotate = turn

    content = changed(three_lines(paragraph), turned)
    _, lines = page_of(content, [], painted=True)
    place = next(word.box for line in lines for word in line if word.text == "Kestrel")
    made = withheld(content, Box(1, *(round(edge, 4) for edge in place)))
    assert "Kestrel" not in made.text()
    assert "Heron" not in made.text() or turn != 180
    assert "ministry" in made.text() or turn != 180


def test_a_page_on_its_side_that_is_turned_upright_loses_one_line_only() -> None:
    def sideways(canvas: Canvas) -> None:
        canvas.rotate(90)
        for x, line in ((60, ABOVE), (120, SPY), (135, "and handed over the blue folder"), (300, BELOW)):
            canvas.drawString(20, -x, line)

    def turned(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
        page.Rotate = 90

    content = changed(document(sideways), turned)
    made = withheld(content, Box(1, 0.2, 0.272, 0.3, 0.283))
    assert made.text().splitlines() == [ABOVE, NOTICE, "and handed over the blue folder", BELOW]
    assert (made.grown[0].x0, made.grown[0].x1) == (0.0, 1.0)
    assert made.grown[0].y1 - made.grown[0].y0 < 0.05


def test_a_cropped_page_is_painted_where_it_is_seen() -> None:
    def cropped(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
        page.CropBox = Array([30, 50, 400, 290])

    content = changed(three_lines(paragraph), cropped)
    made = withheld(content, Box(1, 0.2, 1 - (183 - 50) / 240, 0.3, 1 - (181 - 50) / 240))
    assert made.text().splitlines() == [ABOVE, NOTICE, "and handed over the blue folder", BELOW]
    assert lines_seen(made) == 3


def test_text_in_forms_within_forms_goes_too() -> None:
    def nested(canvas: Canvas) -> None:
        canvas.beginForm("inner")
        canvas.setFont("Helvetica", 12)
        canvas.drawString(0, 0, SPY)
        canvas.endForm()
        canvas.beginForm("outer")
        canvas.translate(20, 80)
        canvas.doForm("inner")
        canvas.endForm()
        canvas.translate(20, 100)
        canvas.doForm("outer")
        canvas.translate(-20, -100)

    made = withheld(three_lines(nested), around(60, 182, 70, 186))
    assert made.text().splitlines() == [ABOVE, NOTICE, BELOW]
    assert lines_seen(made) == 2


def test_a_raised_number_goes_with_its_line() -> None:
    content = with_content(b"BT /F1 12 Tf 40 180 Td (Agent Kestrel) Tj 8 Ts /F1 7 Tf (17) Tj 0 Ts /F1 12 Tf ( met Heron) Tj ET")
    made = withheld(content, around(60, 182, 70, 184))
    assert made.text().splitlines() == [ABOVE, BELOW, NOTICE]
    assert lines_seen(made) == 2


def test_a_word_with_ligatures_goes_whole() -> None:
    font = mapped_font({"#": "ffi", "a": "a", "d": "d", "v": "v", "t": "t"})
    made = withheld(with_content(b"BT /X 12 Tf 40 180 Td (a#dav#t) Tj ET", font), around(40, 182, 46, 184))
    assert made.text().splitlines() == [ABOVE, BELOW, NOTICE]


def test_a_line_of_arabic_goes_whole() -> None:
    letters = dict(zip("abcdefg", "شاهدسرم", strict=True))
    content = with_content(b"BT /X 12 Tf 40 180 Td (gfe dcba) Tj ET", mapped_font(letters))
    assert "سرم" in " ".join(word.text for line in page_of(content, [])[1] for word in line)
    made = withheld(content, around(41, 182, 44, 184))
    assert made.text().splitlines() == [ABOVE, BELOW, NOTICE]


def test_hidden_text_in_a_box_is_neither_kept_nor_a_hindrance() -> None:
    def hidden(canvas: Canvas) -> None:
        scan = Image.new("L", (300, 30), 200)
        canvas.drawImage(ImageReader(scan), 40, 170, 200, 25)
        text = canvas.beginText(40, 180)
        text.setTextRenderMode(3)
        text.textOut(SPY)
        text.setTextRenderMode(0)
        canvas.drawText(text)

    made = withheld(three_lines(hidden), around(60, 178, 200, 186))
    assert made.text().splitlines() == [ABOVE, NOTICE, BELOW]
    assert made.grown[0].covers(around(0, 180, WIDTH, 188))


def test_a_picture_is_painted_as_it_was_boxed_and_no_pixel_of_it_is_left() -> None:
    def scan(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.effect_noise((400, 200), 90)), 40, 100, 300, 120)

    box = around(39, 99, 341, 221)
    made = withheld(three_lines(scan), box)
    (grown,) = made.grown
    assert grown.covers(box)
    height, width = made.grey().shape
    left, top, right, bottom = pixel_edges(grown, width, height)
    assert left + 2 <= box.x0 * width + 0.5
    assert top + 2 <= box.y0 * height + 0.5
    assert right - 2 >= box.x1 * width - 0.5
    assert bottom - 2 >= box.y1 * height - 0.5
    assert abs(grown.x0 - box.x0) < 0.01
    assert abs(grown.x1 - box.x1) < 0.01
    assert lines_seen(made) == 2
    assert made.text().splitlines() == [ABOVE, BELOW, NOTICE]


@pytest.mark.parametrize("claim", [b"0 0 100 100", b"0 0 0 0", b"400 400 600 600"])
def test_ink_of_a_font_that_claims_a_smaller_box_is_covered(claim: bytes) -> None:
    made = withheld(with_content(b"BT /X 40 Tf 60 150 Td (AAA) Tj ET", lying_font(claim)), around(55, 148, 90, 170))
    assert made.grown[0].whole or made.grown[0].covers(around(60, 150, 180, 190))
    assert made.grown[0].whole or lines_seen(made) == 2


@pytest.mark.parametrize("claim", [b"0 -2000 1000 -1500", b"0 2000 1000 2500", b"4000 0 5000 1000", b"-1000 -1000 0 -500"])
def test_ink_of_a_font_that_claims_another_place_is_covered(claim: bytes) -> None:
    content = with_content(b"BT /X 40 Tf 60 150 Td (AAA) Tj ET", lying_font(claim))
    assert lines_seen(withheld(content, around(300, 20, 310, 30))) == 3
    made = withheld(content, around(75, 160, 90, 170))
    assert made.grown[0].whole or made.grown[0].covers(around(60, 150, 180, 190))
    assert made.grown[0].whole or lines_seen(made) == 2


def test_a_mark_across_the_page_does_not_take_the_page() -> None:
    def marked(canvas: Canvas) -> None:
        paragraph(canvas)
        canvas.saveState()
        canvas.setFillGray(0.8)
        canvas.translate(60, 30)
        canvas.rotate(40)
        canvas.setFont("Helvetica", 90)
        canvas.drawString(0, 0, "DRAFT")
        canvas.restoreState()

    made = withheld(three_lines(marked), around(60, 182, 70, 186))
    assert not made.grown[0].whole
    assert "DRAFT" in " ".join(word.text for line in page_of(made.source, [])[1] for word in line)
    assert not any(word.isupper() for word in made.text().split())
    assert all(line in made.text() for line in (ABOVE, BELOW, NOTICE, "and handed over the blue"))
