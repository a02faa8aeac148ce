"""The notation of boxes, and what a rendition leaves out, in words and at rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.confidentiality.boxes import MOST_BOXES, Box, Withheld, boxes_text, outward, parse_boxes
from portal.confidentiality.rules import RequestWords
from portal.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("p1:nan,0.1,0.2,0.3", "fractions"),
        ("p1:0.1,0.1,inf,0.3", "fractions"),
        ("p1:-0.1,0.1,0.2,0.3", "fractions"),
        ("p1:0.1,0.1,0.2,1.01", "fractions"),
        ("p1:0.1,0.1,1e3,0.2", "fractions"),
        ("p1:0.1,0.1,x,0.2", "fractions"),
        ("p1:0.3,0.1,0.2,0.3", "inside"),
        ("p1:0.1,0.3,0.2,0.3", "inside"),
        ("p1:0.1,0.1,0.1019,0.3", "thin"),
        ("p1:0.1,0.1,0.3,0.1001", "thin"),
        ("p0:0.1,0.1,0.2,0.3", "page"),
        ("p4:0.1,0.1,0.2,0.3", "page"),
        ("p1:0.1,0.1,0.2", "not a box"),
        ("p1:0.1,0.1,0.2,0.3,0.4", "not a box"),
        ("p1:0.1, 0.1,0.2,0.3", "not a box"),
        ("1:0.1,0.1,0.2,0.3", "not a box"),
        ("p1:0.1,0.1,0.2,0.3;", "not all fractions"),
        ("p1:" + "1" * 90 + ",0.1,0.2,0.3", "not a box"),
        (" ".join(f"p1:0.1,0.1,0.2,0.{at:04}" for at in range(2000, 2001 + MOST_BOXES)), "more than"),
        ("p1:0.1,0.1,0.2,0.3 " * 99999, "more than"),
    ],
)  # fmt: skip
def test_what_is_not_a_box_is_refused_by_name(text: str, told: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_boxes(text, last=3)
    assert told in caught.value.faults["boxes"]
    assert len(caught.value.faults["boxes"]) < 250


def test_boxes_are_sorted_and_each_stands_once() -> None:
    text = " p3:0.10,0.20,0.90,0.40\n p1:.5,0,1,.25  p3:0.1,0.2,0.9,0.4 "
    assert parse_boxes(text, last=3) == (Box(1, 0.5, 0.0, 1.0, 0.25), Box(3, 0.1, 0.2, 0.9, 0.4))
    assert parse_boxes("", last=3) == ()
    assert boxes_text(parse_boxes(text, last=3)) == "p1:0.5000,0.0000,1.0000,0.2500 p3:0.1000,0.2000,0.9000,0.4000"


EDGE = st.integers(0, 9_970)
SOME = st.tuples(st.integers(1, 99), EDGE, EDGE, st.integers(20, 30), st.integers(20, 30)).map(
    lambda t: Box(t[0], t[1] / 10_000, t[2] / 10_000, (t[1] + t[3]) / 10_000, (t[2] + t[4]) / 10_000)
)


@given(st.lists(SOME, max_size=9), st.frozensets(st.integers(1, 99), max_size=4))
def test_what_is_written_is_read_again(boxes: list[Box], pages: frozenset[int]) -> None:
    assert parse_boxes(boxes_text(boxes), last=99) == tuple(sorted(set(boxes)))
    left_out = Withheld(pages, tuple(boxes), tuple(boxes[:1]))
    assert Withheld.from_text(left_out.to_text()) == left_out
    words = RequestWords("XSM", "r", "2026-11-02", "letter", tuple(sorted(pages)), tuple(sorted(set(boxes))))
    assert RequestWords.from_text(words.to_text()) == words


@given(st.tuples(*[st.floats(-2, 3) for _ in range(4)]))
def test_a_box_in_our_steps_lies_around_what_it_is_made_from(edges: tuple[float, ...]) -> None:
    x0, y0, x1, y1 = min(edges[0], 0.99), min(edges[1], 0.99), max(edges[2], edges[0] + 0.01, 0.01), max(edges[3], edges[1] + 0.01, 0.01)
    box = outward(1, (x0, y0, x1, y1))
    slack = 1e-9
    assert box.x0 <= max(0.0, x0) + slack
    assert box.y0 <= max(0.0, y0) + slack
    assert box.x1 >= min(1.0, x1) - slack
    assert box.y1 >= min(1.0, y1) - slack


def test_what_was_stored_before_there_were_boxes_is_still_read() -> None:
    assert Withheld.from_text("[2, 3]") == Withheld(frozenset({2, 3}))
    assert Withheld.from_text("[]") == Withheld()
    old = '{"dated": "2026-11-02", "pages": [3], "received": "letter", "reference": "r", "state": "XSM"}'
    assert RequestWords.from_text(old) == RequestWords("XSM", "r", "2026-11-02", "letter", (3,))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "3",
        '{"pages": [0], "boxes": "", "grown": ""}',
        '{"pages": [true], "boxes": "", "grown": ""}',
        '{"pages": [], "boxes": "x", "grown": ""}',
        '{"pages": [], "boxes": "p1:2,0,1,1", "grown": ""}',
    ],
)
def test_what_we_would_not_have_stored_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not "):
        Withheld.from_text(text)


@pytest.mark.parametrize("edges", [(float("nan"), 0, 1, 1), (0, 0, 1, 1.5), (0.5, 0, 0.5, 1), (0, True, 1, 1), (0, 0, 1, "1")])
def test_a_box_cannot_be_without_an_inside_or_off_the_page(edges: tuple[float, float, float, float]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Box(1, *edges)


def test_words_for_officers_are_short_and_tell_no_place() -> None:
    box = (0.1, 0.1, 0.9, 0.2)
    both = Withheld(frozenset({3}), (Box(5, *box), Box(7, *box)))
    assert both.words == "page 3, and 2 passages on pages 5 and 7"
    assert Withheld(boxes=(Box(5, *box),)).words == "a passage on page 5"
    assert Withheld(frozenset({2, 3, 5})).words == "pages 2-3, 5"
    assert Withheld(frozenset({5}), (Box(5, *box),)).words == "page 5"
    assert Withheld(boxes=tuple(Box(page, *box) for page in (1, 2, 3, 9))).words == "4 passages on pages 1-3, 9"
    assert (Withheld().words, bool(Withheld())) == ("", False)
    assert RequestWords("XSM", "r", "d", "letter", boxes=both.boxes).scope_words == "2 passages on pages 5 and 7"
    assert RequestWords("XSM", "r", "d", "letter", (3,), both.boxes).scope_words == "Page 3, and 2 passages on pages 5 and 7"
    assert RequestWords("XSM", "r", "d", "letter").scope_words == "The whole document"
