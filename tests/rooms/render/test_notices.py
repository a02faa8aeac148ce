"""The mark is in the document's language: to be seen, to be searched and to be heard; and no font is needed for it."""

import hashlib
import io
import subprocess
from itertools import pairwise

import numpy as np
import pikepdf
import pytest
from PIL import Image

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.build import BuiltRendition, build
from portal.confidentiality.render.look import look
from portal.confidentiality.render.notice import (
    NOTICE,
    NOTICES,
    PICTURES,
    is_notice,
    letters_across,
    notice,
    notice_line,
    notice_pixels,
    spoken,
)
from portal.confidentiality.render.pack import PackReader
from portal.confidentiality.render.paint import GREY, mark_line, patch
from portal.confidentiality.render.words import Line, as_text
from tests.rooms.render.forgery import SANDBOX, SOURCE, TITLE, examine
from tests.rooms.render.papers import KEPT

LANGUAGES = tuple(NOTICES)
#: The second line of the first page, and the second page.
KEPT_BACK = Withheld(frozenset({2}), (Box(1, 0.05, 0.22, 0.95, 0.32),))


@pytest.fixture(scope="module", params=LANGUAGES)
def made(request: pytest.FixtureRequest) -> tuple[str, BuiltRendition]:
    return request.param, build(SANDBOX, [SOURCE], withheld=KEPT_BACK, title=TITLE, language=request.param)


def heard(pdf: bytes, *options: str) -> str:
    """What poppler makes of the file, without the marks that tell where right-to-left text begins and ends."""
    run = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(sign for sign in run.stdout.decode() if sign not in "\u202a\u202b\u202c\u200e\u200f")


def test_the_notice_is_heard_in_the_language_of_the_document(made: tuple[str, BuiltRendition]) -> None:
    language, built = made
    for page in ("1", "2"):
        assert NOTICES[language] in heard(built.pdf, "-f", page, "-l", page), page
    assert KEPT[0] in heard(built.pdf, "-f", "1", "-l", "1")
    assert KEPT[1] not in heard(built.pdf)
    with pikepdf.open(io.BytesIO(built.pdf)) as pdf:
        assert str(pdf.Root.Lang) == language
    assert not any(text in heard(built.pdf) for other, text in NOTICES.items() if other != language)


def test_it_is_proved_and_in_another_language_it_is_not(made: tuple[str, BuiltRendition]) -> None:
    language, built = made
    assert examine(built.pdf, built.pack, SOURCE, built.withheld, language=language).ok
    other = "fr" if language != "fr" else "ru"
    wrong = {
        (finding.page, finding.kind.value) for finding in examine(built.pdf, built.pack, SOURCE, built.withheld, language=other).findings
    }
    assert {(0, "language"), (2, "notice_pixels"), (2, "notice_words"), (1, "box_paint"), (1, "box_words")} <= wrong


def test_the_same_file_gives_the_same_bytes_again(made: tuple[str, BuiltRendition]) -> None:
    language, built = made
    again = build(SANDBOX, [SOURCE], withheld=KEPT_BACK, title=TITLE, language=language)
    assert hashlib.sha256(again.pdf).digest() == hashlib.sha256(built.pdf).digest()
    assert again.pack == built.pack


def test_it_is_seen_in_the_middle_of_the_page_and_of_the_paint(made: tuple[str, BuiltRendition]) -> None:
    language, built = made
    page = PackReader(lambda offset, length: built.pack[offset : offset + length]).page(2)
    assert is_notice(page.text.strip())
    grey = np.asarray(Image.open(io.BytesIO(page.image)).convert("L"))
    inside = grey[grey.shape[0] // 4 : -grey.shape[0] // 4, grey.shape[1] // 12 : -grey.shape[1] // 12]
    assert_in_the_middle(inside < 128)
    assert_in_the_middle(patch(900, 60, language) < 128)


def assert_in_the_middle(ink: np.ndarray) -> None:  # type: ignore[type-arg]
    columns = np.flatnonzero(ink.any(axis=0))
    assert len(columns) > 40
    assert abs(columns[0] + columns[-1] - ink.shape[1]) <= 4
    assert ink.sum() > 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_sees_the_page_with_the_mark_of_its_language(language: str) -> None:
    seen = look(SANDBOX, [SOURCE], page=1, boxes=KEPT_BACK.boxes, painted=True, language=language)
    assert notice(language) in seen.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_too_small_for_the_words_is_painted_without_them(language: str) -> None:
    assert (patch(int(letters_across(language, 1) ** -1 * 5), 60, language) == GREY).all()
    assert (patch(900, 12, language) == GREY).all()
    assert not (notice_pixels((8.0, 8.0), language) < 100).any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_stand_within_the_box_in_the_order_of_their_script(language: str) -> None:
    box = Box(1, 0.1, 0.2, 0.9, 0.3)
    for line in (mark_line(box, language), notice_line((595.0, 842.0), language)):
        assert as_text([line]).strip() == NOTICES[language]
        lefts = [word.box[0] for word in line]
        assert lefts == sorted(lefts, reverse=language == "ar")
        assert_apart(line)
    assert all(box.x0 <= word.box[0] < word.box[2] <= box.x1 for word in mark_line(box, language))


def assert_apart(line: Line) -> None:
    row = sorted(word.box for word in line)
    assert all(one[2] < other[0] for one, other in pairwise(row))


def test_a_picture_is_of_the_words_that_are_heard() -> None:
    assert {path.stem for path in PICTURES.iterdir()} == set(NOTICES)
    for language, text in NOTICES.items():
        with Image.open(PICTURES / f"{language}.png") as picture:
            assert picture.info["Title"] == text
            assert (np.asarray(picture) > 0).sum() > 2000
    assert len({(PICTURES / f"{language}.png").read_bytes() for language in NOTICES}) == 6


@pytest.mark.parametrize(("language", "said"), [("fr-CA", "fr"), ("ZH-Hans", "zh"), ("pt-BR", "en"), ("en", "en"), ("arz", "en")])
def test_a_language_that_is_none_of_the_six_has_its_marks_in_english(language: str, said: str) -> None:
    assert spoken(language) == said
    assert notice(language) == NOTICES[said]
    assert notice("pt") == NOTICE
