"""A running title is told once and not page by page; withheld wording is told wherever it stands, in a running title, too."""

from collections.abc import Callable

import pytest
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.build import build
from portal.confidentiality.render.proof import Proof, prove
from portal.confidentiality.render.running import running, without
from tests.rooms.render.forgery import SANDBOX, SECOND, TITLE
from tests.rooms.render.papers import SECRET, SIZE, document

RUNNING = "Report of the visit to Samoria in October"
BODY = (
    "The mission met the ministry of justice",
    "Border posts were seen in daylight",
    "A map is in the annex of it",
    "Thanks to the hosts",
)


def page(body: str, head: str = RUNNING, foot: str = "") -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(40, SIZE[1] - 22, head)
        canvas.drawString(40, SIZE[1] / 2, body)
        canvas.drawString(40, 10, foot)

    return draw


def proved(*pages: Callable[[Canvas], None], withheld: Withheld = SECOND) -> Proof:
    source = document(*pages)
    built = build(SANDBOX, [source], withheld=withheld, title=TITLE)
    proof = prove(SANDBOX, [source], built.pdf, built.pack, built.withheld)
    assert proof.ok
    return proof


def test_a_running_title_of_most_pages_asks_for_no_look_at_each_and_is_told() -> None:
    proof = proved(page(BODY[0]), page(SECRET), page(BODY[1]), page(BODY[2]), page(BODY[3], head="Annex"))
    assert proof.repeated == ()
    assert proof.running


def test_a_withheld_sentence_that_is_itself_the_running_title_is_told() -> None:
    """It stands on the withheld page in the text, too: then every page that says it is named."""
    proof = proved(page(BODY[0], SECRET), page(SECRET, SECRET), page(BODY[1], SECRET), page(BODY[2], SECRET))
    assert [repeat.page for repeat in proof.repeated] == [1, 3, 4]


def test_a_withheld_sentence_that_runs_over_the_feet_of_pages_is_told() -> None:
    proof = proved(*(page(body, foot=SECRET) for body in (BODY[0], f"He said: {SECRET}", BODY[1], BODY[2])))
    assert [repeat.page for repeat in proof.repeated] == [1, 3, 4]


def test_a_sentence_that_stands_at_the_edge_of_the_withheld_page_and_in_the_text_of_others_is_told() -> None:
    proof = proved(page(SECRET), page(BODY[0], SECRET), page(SECRET), page(SECRET))
    assert [repeat.page for repeat in proof.repeated] == [1, 3, 4]
    assert not proof.running


def test_a_title_that_somebody_boxed_is_told_wherever_else_it_stands() -> None:
    boxed = Withheld(boxes=(Box(2, 0.0, 0.0, 1.0, 0.1),))
    proof = proved(*(page(body) for body in BODY), withheld=boxed)
    assert [repeat.page for repeat in proof.repeated] == [1, 3, 4]
    assert not proof.running


def test_two_pages_that_begin_alike_have_no_running_title() -> None:
    proof = proved(page(BODY[0], SECRET), page(BODY[1], SECRET), page(BODY[2], SECRET))
    assert [repeat.page for repeat in proof.repeated] == [1, 3]


def test_the_title_is_left_out_and_what_else_a_page_repeats_is_not() -> None:
    proof = proved(page(SECRET), page(SECRET), page(BODY[1]), page(BODY[2]))
    assert [repeat.page for repeat in proof.repeated] == [1]
    assert proof.running


@pytest.mark.parametrize(
    ("text", "lines", "left"),
    [
        ("Title of it. The text", ["Title of it"], ["", "the text"]),
        ("Title of it. Title of it", ["Title of it"], ["", "title of it"]),
        ("The text", ["Title of it"], ["the text"]),
        ("The text", ["", "..."], ["the text"]),
        ("one two three four", ["two three", "four"], ["one", "", ""]),
    ],
)
def test_a_line_is_taken_out_once(text: str, lines: list[str], left: list[str]) -> None:
    assert without(text, lines) == left


@pytest.mark.parametrize(("with_it", "pages", "often"), [(3, 5, True), (3, 6, False), (2, 2, False), (4, 7, True), (0, 0, False)])
def test_most_pages_are_more_than_half_and_three_at_least(with_it: int, pages: int, often: bool) -> None:
    edge = {number: "xsecretx" if number < with_it else "other" for number in range(pages)}
    assert running(edge, {"secret"}) == (frozenset({"secret"}) if often else frozenset())
