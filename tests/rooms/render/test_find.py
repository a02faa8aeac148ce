"""What a reader sees alike is found alike, in every official language; and finding takes one page at a time."""

from collections.abc import Iterator

import pytest

from portal.confidentiality.render.find import findable, folded, places


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("ADVANCE passenger", "receives advance\npassenger information"),
        ("delegation", "La Délégation de l'État"),
        ("DÉLÉGATION", "la delegation"),
        ("l'état", "de l’État"),
        ("cooperation", "co\u00adop\u00ad\nera\u00adtion"),
        ("co-operation", "co‑operation"),
        ("2026", "٢٠٢٦"),
        ("الارهاب", "مكافحة الإِرْهَـــاب"),
        ("محمد", "ﻣﺤﻤﺪ"),
        ("علي", "على"),
        ("反恐怖", "联合国反\n恐怖主义"),
        ("恐", "反恐"),
        ("йод", "ЙОД"),
        ("file", "the \ufb01le"),
        ("strasse", "Straße"),
        ("el nino", "El Niño"),
        ("a b", "a\u00a0\u200fb"),
    ],
)
def test_words_are_found_as_they_are_seen(typed: str, text: str) -> None:
    assert findable(folded(typed))
    assert places([(7, text)], folded(typed)) == {7: 1}


def test_every_place_is_counted_on_its_page_and_pages_without_one_are_not_named() -> None:
    pages = [(1, "post to post"), (2, "nothing"), (3, "Postal post")]
    assert places(pages, folded("post")) == {1: 2, 3: 2}


@pytest.mark.parametrize("typed", ["", " ", "a", "\u00ad\u00ad", "\u0301\u0302", "x" * 101])
def test_what_is_on_every_page_or_longer_than_words_are_is_not_looked_for(typed: str) -> None:
    assert not findable(folded(typed))


def test_signs_of_patterns_mean_themselves() -> None:
    assert places([(1, "a.c abc (a|b)* 100%")], folded("a.c")) == {1: 1}
    assert places([(1, "aaaaaaaaaaaaaaaaaaaaaaaaaaaa!")], folded("(a+)+$")) == {}


def test_one_page_at_a_time_is_asked_for() -> None:
    asked: list[int] = []

    def pages() -> Iterator[tuple[int, str]]:
        for number in range(1, 4):
            asked.append(number)
            yield number, "word " * number

    assert places(pages(), "word") == {1: 1, 2: 2, 3: 3}
    assert asked == [1, 2, 3]
