"""What may go by other means is what its share allows: nothing of what is for viewing only, closed, over or still under an embargo."""

from datetime import timedelta

import pytest

from tests.cases.moments import at, midnight
from tests.cases.transfers import (
    TO_WHOM,
    count,
    give_back,
    number_of,
    page_of,
    prepare,
    recall,
    receive,
    received,
    record,
    seen,
    today,
)
from tests.common import directions
from tests.common.house import House, proposal_of, shared

house = directions.house

NOT_OPEN = "nothing of it is handed over by other means either"
VIEW_ONLY = "nothing of it stays with its recipient"


# ---- the terms
def test_of_a_share_for_viewing_only_nothing_stays_but_it_may_be_shown_or_told(house: House) -> None:
    document, share = shared(house)
    for went in ("paper", "file", "", "anything"):
        assert VIEW_ONLY in record(house, document, share, went=went).text
    assert prepare(house, document, share).status_code == 403
    assert count(house) == count(house, "prepared_copy") == 0
    page = page_of(house, document)
    assert VIEW_ONLY in page
    assert "Take a copy for the pouch" not in page
    assert record(house, document, share, means="oral", went="shown", pages="2, 1").status_code == 302
    assert record(house, document, share, means="meeting", went="shown").status_code == 302
    assert house.sql("select pages, copies from transfer order by recorded_at") == [("1-2", 0), ("", 0)]
    assert "Shown or told, pages 1-2" in page_of(house, document)
    assert receive(house, share).status_code == 302
    recall(house, document)
    assert give_back(house, share).status_code == 409
    assert "Not returned yet" not in page_of(house, document)


def test_nothing_is_handed_over_of_what_is_closed_or_over(house: House) -> None:
    document, share = shared(house, use="download", until=(house.clock.now().date() + timedelta(days=1)).isoformat())
    assert record(house, document, share).status_code == 302
    at(house, midnight(house, 2))
    for went in ("paper", "shown"):
        assert NOT_OPEN in record(house, document, share, went=went, means="meeting").text
    assert prepare(house, document, share).status_code == 403
    assert count(house) == 1
    assert record(house, document, share, day=(house.clock.now().date() - timedelta(days=1)).isoformat()).status_code == 302
    assert count(house) == 2


@pytest.mark.parametrize("closing", ["recall", "request"])
def test_nothing_is_handed_over_after_a_closing(house: House, closing: str) -> None:
    document, share = shared(house, use="download")
    if closing == "recall":
        recall(house, document)
    else:
        assert house.guest(house.cast.confidentiality).withhold(document, "2").status_code == 302
    assert prepare(house, document, share).status_code == 403
    assert "Take a copy for the pouch" not in page_of(house, document)
    at(house, midnight(house, 1))
    assert NOT_OPEN in record(house, document, share).text
    assert NOT_OPEN in record(house, document, share, means="oral", went="shown").text
    assert count(house) == 0


@pytest.mark.parametrize("closing", ["recall", "request"])
def test_what_went_before_a_closing_is_written_down_afterwards_and_asked_back(house: House, closing: str) -> None:
    document, share = shared(house, use="download")
    reader = house.guest(house.cast.reader)
    assert prepare(house, document, share).status_code == 200
    if closing == "recall":
        recall(house, document)
    else:
        assert house.guest(house.cast.confidentiality).withhold(document, "2").status_code == 302
    last = today(house)
    at(house, midnight(house, 1))
    assert "before it was closed" in page_of(house, document)
    faulty = record(house, document, share, day="")
    assert faulty.status_code == 422
    assert TO_WHOM in faulty.text
    assert record(house, document, share, day="2020-01-01").status_code == 422
    assert record(house, document, share, day=last, went="file", number=number_of(house)).status_code == 302
    for page in (page_of(house, document), seen(house, document).text):
        assert "Not returned yet" in page
    assert "Say what became of it" in reader.get("/").text
    assert receive(house, share).status_code == 403
    assert give_back(house, share).status_code == 302
    assert "Not returned yet" not in page_of(house, document)


def test_of_what_was_for_viewing_only_nothing_stayed_before_the_closing_either(house: House) -> None:
    document, share = shared(house)
    recall(house, document)
    assert VIEW_ONLY in record(house, document, share).text
    assert record(house, document, share, means="oral", went="shown").status_code == 302


def test_an_embargo_binds_whichever_way_it_goes(house: House) -> None:
    opens = (house.clock.now().date() + timedelta(days=2)).isoformat()
    document, share = shared(house, use="download", opens=opens)
    assert NOT_OPEN in record(house, document, share).text
    assert received(house, share).status_code == 404
    at(house, midnight(house, 2))
    assert record(house, document, share, day=(house.clock.now().date() - timedelta(days=1)).isoformat()).status_code == 422
    assert record(house, document, share).status_code == 302
    assert receive(house, share).status_code == 302


def test_a_closed_share_of_another_approval_does_not_become_open_again(house: House) -> None:
    document, first = shared(house, use="download", withheld="")
    recall(house, document)
    uploader = house.guest(house.cast.uploader)
    assert uploader.prepare(document).status_code == 302
    assert uploader.propose(document, use="download").status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    at(house, midnight(house, 1))
    assert NOT_OPEN in record(house, document, first).text
    assert count(house) == 0
