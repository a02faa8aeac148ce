"""The outline of a document as a pure function: whatever stands on the pages, nothing is lost, doubled or without a place."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.confidentiality.render.outline import outline
from portal.confidentiality.render.rows import Page, Piece
from portal.confidentiality.render.text_passages import Kind, Passage, taken

POINTS = (600.0, 800.0)


def page(*lines: tuple[float, float, str], size: float = 10) -> Page:
    """Lines of (left, top, words)."""
    pieces: list[Piece] = []
    for left, top, text in lines:
        at = left
        for word in text.split():
            pieces.append(Piece(word, at, top, at + 5 * len(word), top + size, size))
            at += 5 * len(word) + 3
    return Page(POINTS, tuple(pieces))


def set_out(*blocks: str, left: float = 80, top: float = 120, wide: int = 80) -> Page:
    """Paragraphs below each other with a gap between; a line takes so many letters."""
    lines: list[tuple[float, float, str]] = []
    for block in blocks:
        row = ""
        for word in block.split():
            if len(row) + len(word) > wide:
                lines.append((left, top, row))
                row, top = "", top + 12
            row = f"{row} {word}".strip()
        lines.append((left, top, row))
        top += 20
    return Page(POINTS, page(*lines).pieces)


def labels(*pages: Page) -> list[str]:
    return [passage.label for passage in outline(pages) if passage.label]


LONG = "the mission visited posts and met officials of ministries who described training and equipment at great length and with care"
VOCABULARY = [
    *(
        "1.",
        "2.",
        "3.",
        "(a)",
        "(b)",
        "(i)",
        "(ii)",
        "I.",
        "II.",
        "A.",
        "B.",
        "Annex",
        "II",
        "Table",
        "1",
        "words",
        "that",
        "go",
        "on.",
        "so:",
    ),
    *("and", "12", "١ -", "(أ)", "زارت", "一、", "（一）", "代表团", "a)", "......", "17", "*"),
]
anything = st.lists(
    st.builds(
        lambda text, x, y, size: Piece(text, x, y, min(600.0, x + 5 * len(text)), min(800.0, y + size), size),
        st.one_of(st.sampled_from(VOCABULARY), st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=9)),
        st.floats(0, 560), st.floats(0, 780), st.floats(1, 20),
    ),
    max_size=40,
)  # fmt: skip
documents = st.lists(st.builds(lambda pieces: Page(POINTS, tuple(pieces)), anything), min_size=1, max_size=3)
ordered = st.lists(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=12).map(" ".join), min_size=1, max_size=20).map(
    lambda blocks: [set_out(*blocks)]
)


def in_margin(piece: Piece) -> bool:
    return piece.y0 < 0.12 * POINTS[1] or piece.y1 > 0.9 * POINTS[1]


@settings(max_examples=150, deadline=None)
@given(st.one_of(documents, ordered))
def test_every_word_of_the_text_stands_in_exactly_one_passage(pages: list[Page]) -> None:
    passages = outline(pages)
    said = Counter("".join(passage.text.replace(" ", "") for passage in passages))
    there = Counter("".join(piece.text for one in pages for piece in one.pieces).replace(" ", ""))
    margins = Counter("".join(piece.text for one in pages for piece in one.pieces if in_margin(piece)).replace(" ", ""))
    assert not said - there
    if len(pages) == 1:
        assert not {sign for sign in there - said - margins if sign.isalpha()}


@settings(max_examples=150, deadline=None)
@given(st.one_of(documents, ordered))
def test_no_two_passages_have_the_same_label_and_every_one_has_a_place(pages: list[Page]) -> None:
    passages = outline(pages)
    given_labels = [passage.label for passage in passages if passage.label]
    assert len(given_labels) == len(set(given_labels))
    assert all(1 <= box.page <= len(pages) for passage in passages for box in passage.boxes)
    assert all(passage.boxes and passage.text for passage in passages)
    assert all(note in given_labels for passage in passages for note in passage.notes)


@settings(max_examples=100, deadline=None)
@given(st.one_of(documents, ordered))
def test_boxes_reach_into_every_row_of_the_text(pages: list[Page]) -> None:
    boxes = [box for passage in outline(pages) for box in passage.boxes]
    for number, one in enumerate(pages, start=1):
        for piece in one.pieces:
            x, y = (piece.x0 + piece.x1) / 2 / POINTS[0], (piece.y0 + piece.y1) / 2 / POINTS[1]
            if not in_margin(piece) and piece.text.isalpha() and piece.height > 5:
                assert any(b.page == number and b.x0 - 0.01 <= x <= b.x1 + 0.01 and b.y0 - 0.01 <= y <= b.y1 + 0.01 for b in boxes)


@settings(max_examples=100, deadline=None)
@given(ordered)
def test_withholding_takes_the_passage_and_what_is_under_it(pages: list[Page]) -> None:
    passages = outline(pages)
    for passage in passages:
        if passage.label:
            gone = taken(passages, passage.label)
            assert passage in gone
            assert all(one in gone for one in passages if one.label.startswith(f"{passage.label}("))


def test_numbers_follow_the_sequence_and_nothing_else() -> None:
    text = [
        f"1. First {LONG}.",
        f"2. Second {LONG}:",
        f"(a) One {LONG};",
        f"(b) Two {LONG}.",
        f"7. Not the third {LONG}.",
        f"3. Third {LONG}.",
    ]
    assert labels(set_out(*text)) == ["§1", "§2", "§2(a)", "§2(b)", "§3"]


def test_an_excerpt_may_begin_at_any_number_if_the_next_follows() -> None:
    assert labels(set_out(f"45. {LONG}.", f"46. {LONG}.")) == ["§45", "§46"]
    assert labels(set_out(f"45. {LONG}.", f"52. {LONG}.")) == []


def test_a_letter_out_of_its_order_begins_nothing() -> None:
    text = [f"1. First {LONG}:", f"(a) One {LONG};", f"(e) Not the second {LONG};", f"(iii) Nor the third {LONG};", f"(b) Two {LONG}."]
    assert labels(set_out(*text)) == ["§1", "§1(a)", "§1(b)"]


def test_a_letter_i_after_h_is_a_letter_unless_a_second_roman_follows() -> None:
    items = [f"({sign}) Point {LONG};" for sign in "abcdefgh"]
    go_on = labels(set_out(f"1. {LONG}:", *items, f"(i) Next {LONG};", f"(j) Last {LONG}."))
    assert go_on[-2:] == ["§1(i)", "§1(j)"]
    nested = labels(set_out(f"1. {LONG}:", *items[:7], f"(h) With a list {LONG}:", f"(i) Next {LONG};", f"(ii) Last {LONG}."))
    assert nested[-2:] == ["§1(h)(i)", "§1(h)(ii)"]


def test_paragraphs_run_on_over_sections_and_begin_anew_in_an_annex() -> None:
    found = labels(
        set_out("I. Introduction", f"1. {LONG}.", "II. Findings", "A. Laws", f"2. {LONG}.", "Annex II", "Further visits", f"1. {LONG}.")
    )
    assert found == ["I", "§1", "II", "II.A", "§2", "Annex II", "Annex II, §1"]


def test_headings_with_numbers_of_their_own_leave_the_paragraphs_alone() -> None:
    found = labels(set_out("I. Findings", f"1. {LONG}.", "A. Laws", "1. Borders", f"2. {LONG}.", "2. Courts", f"3. {LONG}."))
    assert found == ["I", "§1", "I.A", "I.A.1", "§2", "I.A.2", "§3"]


def test_a_line_of_the_contents_is_no_section() -> None:
    lines = [
        "I. Introduction .................... 3",
        "II. Findings ........................ 5",
        "I. Introduction",
        f"1. {LONG}.",
        "II. Findings",
    ]
    assert labels(set_out(*lines)) == ["I", "§1", "II"]


def long_text(passages: tuple[Passage, ...], label: str) -> str:
    return next(passage.text for passage in passages if passage.label == label)


def test_a_paragraph_goes_on_over_columns_and_pages_without_their_running_heads() -> None:
    words = [f"row {number} of a paragraph that goes on" for number in range(30)]
    rows = [(60.0, 120 + 12.0 * at, text) for at, text in enumerate(["1. Begins here and goes on and", *words[:9]])]
    rows += [(320.0, 120 + 12.0 * at, text) for at, text in enumerate(words[10:20])]
    first = page((500, 30, "S/2026/1"), *rows, (300, 770, "1/2"))
    rows = [(60.0, 120 + 12.0 * at, text) for at, text in enumerate([*words[20:28], "which ends.", "2. The second one."])]
    rows += [(320.0, 120 + 12.0 * at, text) for at, text in enumerate(words[10:20])]
    second = page((500, 30, "S/2026/1"), *rows, (300, 770, "2/2"))
    passages = outline([first, second])
    assert (
        long_text(passages, "§1").split() == " ".join(["1. Begins here and goes on and", *words[:9], *words[10:28], "which ends."]).split()
    )
    assert [(box.page, box.x0 > 0.5) for passage in passages if passage.label == "§1" for box in passage.boxes] == [
        (1, False),
        (1, True),
        (2, False),
    ]


def test_a_paragraph_goes_on_after_a_table_and_the_table_has_a_label_of_its_own() -> None:
    above = [(80.0, 120.0, f"1. {LONG}"[:80] + ".")]
    cells = [(80.0, 150.0, "Table 1. Visits"), *((left, 162 + 12.0 * at, "cell") for at in range(3) for left in (80.0, 250.0, 420.0))]
    below = [(80.0, 230.0, LONG[:84] + "."), (80.0, 242.0, "and ends.")]
    passages = outline([page(*above, *cells, *below)])
    assert [passage.label for passage in passages if passage.label] == ["§1", "Table 1"]
    assert long_text(passages, "§1").endswith("and ends.")
    assert long_text(passages, "Table 1").count("cell") == 9
    assert len(taken(passages, "§1")) == 1


def note(mark: str, left: float, top: float) -> tuple[Piece, ...]:
    return (Piece(mark, left, top, left + 3, top + 5, 5), *page((left + 6, top, "said elsewhere in full"), size=7).pieces)


def test_a_footnote_goes_with_the_paragraph_that_refers_to_it() -> None:
    text = set_out(f"1. {LONG}.", f"2. {LONG}.")
    end = next(piece for piece in reversed(text.pieces) if piece.text == "care.")
    mark = Piece("3", end.x1, end.y0 - 2, end.x1 + 3, end.y0 + 4, 6)
    passages = outline([Page(POINTS, (*text.pieces, mark, *note("3", 80, 700), *note("4", 80, 710)))])
    kinds = {passage.label: passage.kind for passage in passages}
    assert kinds["footnote 3"] is kinds["footnote 4"] is Kind.FOOTNOTE
    assert [passage.label for passage in taken(passages, "§2")] == ["§2", "footnote 3"]
    assert [passage.label for passage in taken(passages, "§1")] == ["§1"]


def test_a_section_takes_everything_up_to_the_next() -> None:
    passages = outline(
        [set_out("I. Introduction", f"1. {LONG}.", "II. Findings", "A. Laws", f"2. {LONG}.", "B. Courts", f"3. {LONG}.", "III. End")]
    )
    assert [passage.label for passage in taken(passages, "II")] == ["II", "II.A", "§2", "II.B", "§3"]
    assert [passage.label for passage in taken(passages, "II.A")] == ["II.A", "§2"]
