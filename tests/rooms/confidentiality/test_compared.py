"""Two renditions of one version, page by page: what more may be seen is never called the same."""

import pytest

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.compared import Change, changes_words, page_changes

UPPER, LOWER, BOTH = Box(2, 0.0, 0.1, 1.0, 0.3), Box(2, 0.0, 0.5, 1.0, 0.7), Box(2, 0.0, 0.1, 1.0, 0.7)
WHOLE = Withheld(frozenset({2}))


def painted(*boxes: Box) -> Withheld:
    return Withheld(boxes=boxes, grown=boxes)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (Withheld(), WHOLE, Change.ADDED),
        (Withheld(), painted(UPPER), Change.ADDED),
        (WHOLE, Withheld(), Change.GONE),
        (painted(UPPER), Withheld(), Change.GONE),
        (painted(UPPER), WHOLE, Change.MORE),
        (painted(UPPER), painted(UPPER, LOWER), Change.MORE),
        (painted(UPPER), painted(BOTH), Change.MORE),
        (WHOLE, painted(BOTH), Change.LESS),
        (painted(UPPER, LOWER), painted(UPPER), Change.LESS),
        (painted(BOTH), painted(LOWER), Change.LESS),
        (painted(UPPER), painted(LOWER), Change.OTHER),
        (painted(UPPER, LOWER), painted(UPPER, LOWER), Change.SAME),
        (WHOLE, Withheld(boxes=(UPPER,), grown=(Box(2, 0.0, 0.0, 1.0, 1.0),)), Change.SAME),
    ],
)
def test_each_page_is_called_by_what_changed_on_it(before: Withheld, now: Withheld, change: Change) -> None:
    (found,) = page_changes(before, now)
    assert (found.page, found.change) == (2, change)
    assert found.change.opens == (change in {Change.GONE, Change.LESS, Change.OTHER})


def test_what_is_painted_counts_and_not_what_was_drawn() -> None:
    drawn = Box(2, 0.2, 0.15, 0.4, 0.2)
    assert page_changes(Withheld(boxes=(drawn,), grown=(BOTH,)), Withheld(boxes=(drawn,), grown=(UPPER,)))[0].change is Change.LESS


def test_what_changed_is_said_in_one_sentence_and_what_did_not_is_left_out() -> None:
    before, now = Withheld(frozenset({1, 3, 9})), Withheld(frozenset({1, 4, 5}))
    assert changes_words(page_changes(before, now)) == "added on pages 4-5; no longer kept on pages 3, 9"
    assert changes_words(page_changes(before, before)) == ""


def test_passages_are_counted_as_they_were_drawn() -> None:
    (found,) = page_changes(Withheld(boxes=(UPPER,), grown=(UPPER,)), Withheld(boxes=(UPPER, LOWER), grown=(BOTH,)))
    assert (found.before, found.now) == ("A passage", "2 passages")
