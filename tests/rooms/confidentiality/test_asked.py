"""What is narrower than what: nothing may be kept from anybody that was not kept before."""

from dataclasses import replace
from datetime import date

import pytest

from portal.confidentiality.asked import Asked
from portal.confidentiality.boxes import Box
from portal.confidentiality.models import Scope
from portal.confidentiality.rules import Ground, RequestWords

WIDE, INSIDE, BESIDE = Box(4, 0.1, 0.1, 0.9, 0.5), Box(4, 0.2, 0.2, 0.8, 0.4), Box(4, 0.2, 0.4, 0.8, 0.6)
PLAIN = RequestWords("XSM", "NV/41", "2026-11-02", "letter")


def asked(scope: Scope, *, pages: tuple[int, ...] = (), boxes: tuple[Box, ...] = (), bodies: str = "*") -> Asked:
    return Asked(replace(PLAIN, pages=pages, boxes=boxes), scope, bodies, None)


WHOLE = asked(Scope.DOCUMENT)
PAGES = asked(Scope.PAGES, pages=(2, 3))
PASSAGES = asked(Scope.PASSAGES, pages=(3,), boxes=(WIDE,))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PAGES, WHOLE),
        (PASSAGES, WHOLE),
        (asked(Scope.PAGES, pages=(3,)), PAGES),
        (asked(Scope.PAGES, pages=(3,)), PASSAGES),
        (asked(Scope.PASSAGES, boxes=(INSIDE,)), PASSAGES),
        (asked(Scope.PASSAGES, boxes=(Box(3, 0.1, 0.1, 0.2, 0.2),)), PASSAGES),
        (asked(Scope.DOCUMENT, bodies="OCT"), WHOLE),
        (asked(Scope.DOCUMENT, bodies="OCT"), asked(Scope.DOCUMENT, bodies="ENTITY,OCT")),
    ],
)
def test_less_lies_within_more_and_not_the_other_way(one: Asked, other: Asked) -> None:
    assert one.within(other)
    assert one.within(one)
    assert not other.within(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (asked(Scope.PASSAGES, boxes=(BESIDE,)), PASSAGES),
        (asked(Scope.PASSAGES, boxes=(replace(INSIDE, page=5),)), PASSAGES),
        (asked(Scope.PAGES, pages=(4,)), PASSAGES),  # a box of a page is not the page
        (asked(Scope.PAGES, pages=(2, 3, 4)), PAGES),
        (asked(Scope.DOCUMENT, bodies="OCT"), PAGES),
        (asked(Scope.PAGES, pages=(2,), bodies="ENTITY"), asked(Scope.PAGES, pages=(2,), bodies="OCT")),
        (asked(Scope.PAGES, pages=(2,)), asked(Scope.PAGES, pages=(2, 3), bodies="OCT")),
    ],
)
def test_what_reaches_out_of_it_does_not(one: Asked, other: Asked) -> None:
    assert not one.within(other)


@pytest.mark.parametrize("until", [None, date(2027, 6, 30)])
def test_it_comes_back_from_its_text(until: date | None) -> None:
    words = replace(PLAIN, pages=(2,), boxes=(WIDE, BESIDE), ground=Ground.THIRD_PARTY, labels=("§16(e)",), of_labels=(BESIDE,))
    one = Asked(words, Scope.PASSAGES, "ENTITY,OCT", until)
    assert Asked.from_text(one.to_text()) == one


def test_words_from_before_there_were_grounds_and_labels_are_a_states_and_have_none() -> None:
    old = '{"state": "XSM", "reference": "NV/41", "dated": "2026-11-02", "received": "letter", "pages": []}'
    assert RequestWords.from_text(old) == PLAIN


def test_passages_that_were_taken_whole_are_named_and_the_drawn_ones_counted() -> None:
    words = replace(PLAIN, pages=(), boxes=(WIDE, BESIDE, INSIDE), labels=("§16(e)", "Annex I, §2"), of_labels=(BESIDE,))
    assert words.drawn == (WIDE, INSIDE)
    assert words.scope_words == "§16(e), Annex I, §2 and 2 passages on page 4"
    assert replace(words, pages=(3,)).scope_words == "§16(e), Annex I, §2, page 3 and 2 passages on page 4"
    assert replace(words, boxes=(BESIDE,)).scope_words == "§16(e) and Annex I, §2"
    assert replace(words, boxes=(BESIDE,), labels=("footnote 3",)).scope_words == "Footnote 3"
    assert replace(words, labels=(), of_labels=()).scope_words == "3 passages on page 4"
