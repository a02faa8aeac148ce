"""What boxes grow to, and that nothing under them is left: neither in the picture nor in the words, whatever the file claims."""

import io

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.notice import NOTICE
from portal.confidentiality.render.paint import GREY, pixel_edges
from tests.rooms.render.papers import document, says
from tests.rooms.render.passages import (
    ABOVE,
    BELOW,
    COLUMNS,
    HEIGHT,
    SPY,
    WIDTH,
    Made,
    around,
    changed,
    lying_font,
    mapped_font,
    page_of,
    paragraph,
    three_lines,
    two_columns,
    with_content,
    withheld,
)


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


def test_a_box_in_the_middle_of_a_line_takes_the_line_and_the_width_of_the_page() -> None:
    made = withheld(three_lines(paragraph), around(100, 183, 120, 184))
    (grown,) = made.grown
    assert (grown.x0, grown.x1) == (0.0, 1.0)
    assert grown.covers(around(40, 178, 250, 188))
    assert not grown.meets(around(40, 165, 250, 174))
    assert made.text().splitlines() == [ABOVE, NOTICE, "and handed over the blue folder", BELOW]
    assert lines_seen(made) == 3
    assert made.built.kept_words == 23


def test_lines_touched_only_by_a_sliver_stay_and_those_touched_deeper_go() -> None:
    content = three_lines(paragraph)
    assert "blue folder" in withheld(content, around(100, 174.5, 120, 190)).text()
    assert "blue folder" not in withheld(content, around(100, 170, 120, 190)).text()


def test_of_a_line_that_paint_only_brushes_the_words_it_touches_stay_behind_whole() -> None:
    made = withheld(three_lines(paragraph), around(100, 173, 120, 190))
    assert made.text().splitlines() == [ABOVE, NOTICE, "over", BELOW]
    assert lines_seen(made) == 3


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


def test_the_paint_is_flat_and_says_neutrally_that_something_is_not_included() -> None:
    made = withheld(three_lines(paragraph), around(100, 160, 120, 190))
    grey, (grown,) = made.grey(), made.grown
    left, top, right, bottom = pixel_edges(grown, grey.shape[1], grey.shape[0])
    inside = grey[top:bottom, left:right]
    assert set(inside[:, : (right - left) // 4].ravel().tolist()) == {GREY}
    assert 200 < (inside < 150).sum() < 4000
    assert NOTICE in made.text()


def test_of_two_columns_a_box_takes_the_one_it_touches() -> None:
    made = withheld(document(two_columns), around(60, 213, 80, 216))
    (grown,) = made.grown
    assert grown.x0 == 0
    assert 0.4 < grown.x1 < 0.55
    assert all(line in made.text() for line in COLUMNS["right"])
    assert [line in made.text() for line in COLUMNS["left"]] == [True, True, False, True, True, True, True, True]
    made = withheld(document(two_columns), around(250, 213, 260, 216))
    assert [line in made.text() for line in COLUMNS["right"]] == [True, True, False, True, True, True, True, True]
    assert all(line in made.text() for line in COLUMNS["left"])


def test_where_columns_are_not_plain_or_both_are_touched_the_whole_width_goes() -> None:
    made = withheld(document(two_columns), around(130, 213, 240, 216))
    assert (made.grown[0].x0, made.grown[0].x1) == (0.0, 1.0)

    def mixed(canvas: Canvas) -> None:
        two_columns(canvas)
        canvas.drawString(30, 221, "A heading that stands over both columns and reaches across the whole page")

    assert (withheld(document(mixed), around(60, 213, 80, 216)).grown[0].x1) == 1.0


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


def test_a_page_in_colour_is_painted_and_tells_no_colour_of_what_was_taken() -> None:
    def coloured(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.9, 0, 0)
        canvas.drawString(40, 180, SPY)
        canvas.setFillColorRGB(0, 0, 0)

    made = withheld(three_lines(coloured), around(60, 182, 70, 186))
    assert Image.open(io.BytesIO(made._page(1).image)).format == "PNG"

    def more(canvas: Canvas) -> None:
        coloured(canvas)
        canvas.setFillColorRGB(0, 0, 0.9)
        canvas.rect(300, 90, 60, 60, fill=1)
        canvas.setFillColorRGB(0, 0, 0)

    made = withheld(three_lines(more), around(60, 182, 70, 186))
    assert Image.open(io.BytesIO(made._page(1).image)).format == "JPEG"
    assert made.text().splitlines() == [ABOVE, NOTICE, BELOW]


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


def test_a_box_over_nearly_all_of_a_page_withholds_the_page() -> None:
    made = withheld(document(says(SPY, SPY, SPY), says(ABOVE)), Box(1, 0.1, 0.05, 0.9, 0.9))
    assert made.grown == (Box(1, 0, 0, 1, 1),)
    assert made.text().strip() == NOTICE
    assert made.text(2).strip() == ABOVE
    assert made.built.withheld.pages == frozenset()


def test_boxes_that_meet_as_they_grow_become_one() -> None:
    made = withheld(three_lines(paragraph), around(60, 182, 70, 186), around(200, 182, 210, 186), around(40, 166, 50, 170))
    assert len(made.grown) <= 2
    assert made.text().splitlines()[0] == ABOVE
    assert SPY not in made.text()
    assert "folder" not in made.text()


def test_words_beside_the_paint_say_what_they_said() -> None:
    made = withheld(three_lines(paragraph), around(60, 182, 70, 186))
    assert made.proof().repeated == ()
    content = document(says(SPY, "Some other words between", "Agent Kestrel met Heron at the jetty again"))
    made = withheld(content, around(60, 250, 70, 256))
    assert made.proof().repeated != ()
    assert "jetty again" in made.text()


LINES = document(says("one two three", "four five six seven", "eight nine", "ten eleven twelve thirteen", "fourteen", "fifteen sixteen"))
EDGES = st.floats(0.0, 1.0).map(lambda edge: round(edge, 4))
BOXES = st.tuples(EDGES, EDGES, EDGES, EDGES).map(
    lambda e: Box(1, min(e[0], e[2], 0.99), min(e[1], e[3], 0.99), max(e[0], e[2], min(e[0], e[2], 0.99) + 0.005),
                  max(e[1], e[3], min(e[1], e[3], 0.99) + 0.005))
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(BOXES, min_size=1, max_size=4), st.sampled_from([LINES, document(two_columns)]))
def test_no_word_that_is_kept_meets_a_box_as_it_grew(boxes: list[Box], content: bytes) -> None:
    grown, lines = page_of(content, boxes)
    assert all(any(large.covers(box) for large in grown) for box in boxes)
    assert not any(one.meets(other) for one in grown for other in grown if one is not other)
    for word in (word for line in lines for word in line if word.text not in NOTICE.split()):
        left, top, right, bottom = word.box
        for box in grown:
            assert right <= box.x0 + 1e-4 or left >= box.x1 - 1e-4 or bottom <= box.y0 + 1e-4 or top >= box.y1 - 1e-4, (word, box)
    assert page_of(content, boxes)[0] == grown


@pytest.mark.parametrize("size", [0.002, 0.005, 0.02, 0.1])
def test_the_smallest_boxes_and_many_of_them_are_built_and_proved(size: float) -> None:
    boxes = [Box(1, x, y, round(x + size, 4), round(y + size, 4)) for x in (0.0, 0.3, 0.85) for y in (0.0, 0.3, 0.55, 0.9)]
    made = withheld(three_lines(paragraph), *boxes)
    assert all(any(grown.covers(box) for grown in made.grown) for box in boxes)


def test_a_narrow_and_high_box_is_built_and_proved() -> None:
    made = withheld(document(says(ABOVE)), Box(1, 0.68, 0.4, 0.69, 1.0))
    assert made.text().splitlines() == [ABOVE, NOTICE]


def test_the_same_boxes_give_the_same_bytes() -> None:
    content = three_lines(paragraph)
    first, second = (withheld(content, around(60, 182, 70, 186)).built for _ in range(2))
    assert (first.pdf, first.pack) == (second.pdf, second.pack)
    assert HEIGHT == 300
