"""What boxes grow to: whole lines, whole columns, one where they meet; and that kept words do not meet them."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
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
    around,
    lines_seen,
    page_of,
    paragraph,
    three_lines,
    two_columns,
    withheld,
)


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
