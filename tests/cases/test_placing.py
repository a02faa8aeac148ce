"""Whoever says where something stands has seen it there; a second officer reads where it was placed, who may not see pages does not."""

import pytest

from portal.confidentiality.boxes import Box, Withheld
from tests.cases.test_step_up import ASKS, unconfirmed
from tests.cases.versions import (
    FIRST,
    NUMBERED,
    NUMBERED_LATER,
    SECOND,
    SECRET,
    begun,
    boxes_of,
    line,
    place,
    prepare,
    read,
    released,
    report,
    two_versions,
    withhold,
    withhold_label,
)
from tests.cases.withholding import lifted, request_of
from tests.common.beginnings import beginning
from tests.common.house import House

BEFORE = ("1. The mission visited the capital and two provinces.", "2. It met the ministries concerned.")
TAIL = "This was at the northern jetty before dawn."
AFTER = "4. The border posts were visited by the team."
NOT_KEPT = "This keeps something that was not kept in this version"


@beginning
def numbered(house: House, content: bytes) -> tuple[str, str]:
    """A document of which paragraph 3 is kept back, and its second version. Returns (document, request)."""
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    request = withhold_label(house, document, NUMBERED, "§3")
    assert ada.upload(document, content).status_code == 201
    return document, request


def versions_card(page: str) -> str:
    return page[page.index('id="versions"') :].partition("</section>")[0]


def test_a_label_is_not_confirmed_unseen(house: House) -> None:
    document, request = numbered(house, NUMBERED_LATER)
    assert place(house, document, request, 2, found="yes").status_code == 422
    assert house.sql("select count(*) from request_place") == [(0,)]
    shown = house.guest("carla").get(f"/documents/{document}").text
    assert "/places" not in shown
    assert f"/documents/{document}/passages/1?version=2&amp;place={request}" in shown


@pytest.mark.parametrize("heading", ["Where it was", "PLACE OF THE MEETING"])
def test_a_paragraph_that_a_heading_cut_shows_what_of_it_would_stay_before_it_is_placed(house: House, heading: str) -> None:
    document, request = numbered(house, report((*BEFORE, "3. Heron met the informant Kestrel."), (heading, TAIL, AFTER)))
    boxes = boxes_of(begun(house, document, request, 2))
    assert boxes == "§3"
    form = {"version": "2", "place": request, "boxes": boxes, "press": "paint"}
    seen = house.guest("carla").post(f"/documents/{document}/passages/2", form).text
    assert TAIL in seen
    assert place(house, document, request, 2, boxes=f"{boxes} {line(2, 0)} {line(2, 1)}").status_code == 302
    text = read(house, released(house, document), 2)
    assert TAIL not in text
    assert AFTER in text


def test_the_same_words_elsewhere_are_pointed_out_before_it_is_placed(house: House) -> None:
    document, request = numbered(house, report((f"Summary: {SECRET} of the day.", *BEFORE), (f"3. {SECRET} of the day.", AFTER)))
    assert "The same words stay in text on page 1. Take what was asked for there, too." in begun(house, document, request, 2)


def test_what_was_let_go_on_the_page_does_not_come_back(house: House) -> None:
    """Labels are taken at the first look only."""
    document, request = numbered(house, NUMBERED_LATER)
    form = {"version": "2", "place": request, "boxes": "§3", "press": "take §3"}
    looked = house.guest("carla").post(f"/documents/{document}/passages/4", form).text
    assert boxes_of(looked) == ""
    turned = house.guest("carla").post(f"/documents/{document}/passages/3", form | {"boxes": "", "press": "turn"})
    assert boxes_of(turned.text) == ""
    assert boxes_of(begun(house, document, "", 2)) == ""


def test_who_may_not_see_the_pages_reads_that_something_waits_and_not_what(house: House) -> None:
    document, request = numbered(house, NUMBERED_LATER)
    for login in ("ada", "elena", "carla", "dana"):
        shown = house.guest(login).get(f"/documents/{document}").text
        assert "Heron met" not in shown
        told = versions_card(shown)
        assert ("§3 of version 1" in told) == (login == "carla"), login
        assert ("Where does what is kept back stand in version 2?" in told) == (login != "carla"), login
    assert place(house, document, request, 2, boxes="§3").status_code == 302
    for login in ("ada", "elena", "carla", "dana"):
        shown = house.guest(login).get(f"/documents/{document}").text
        told = versions_card(shown)
        assert ("§3, on page 4" in told) == (login == "carla"), login
        assert ("What is kept back has its place here" in told) == (login != "carla"), login


def test_damaged_passages_stop_the_marking_page_and_not_the_documents(house: House) -> None:
    document, request = numbered(house, NUMBERED_LATER)
    damaged = house.sql("select passages_object_id from version where number = 2")[0][0]
    house.sql("delete from key_wrap where object_id = ?", damaged)
    carla = house.guest("carla")
    assert carla.get(f"/documents/{document}").status_code == 200
    assert carla.get(f"/documents/{document}/passages/1?version=2&place={request}").status_code == 409


def test_what_a_request_was_narrowed_to_lies_within_its_place_in_every_version(house: House) -> None:
    """What left out a request counts as leaving out what it was narrowed to: an open share would show what is placed elsewhere."""
    ada, omar = house.guest("ada"), house.guest("omar")
    document = ada.deposit(content=NUMBERED)
    request = withhold_label(house, document, NUMBERED, "§3", "§1")
    assert ada.upload(document, NUMBERED_LATER).status_code == 201
    assert place(house, document, request, 2, boxes="§1").status_code == 302
    share = released(house, document)
    assert SECRET in read(house, share, 4)
    lifted(house, document, request=request, box="§3")
    narrower = request_of(house)
    for boxes, pages in (("§3", ""), ("§1 §3", ""), ("", "1"), (line(1, 2), "")):
        refused = place(house, document, narrower, 2, boxes=boxes, pages=pages)
        assert refused.status_code == 422
        assert NOT_KEPT in refused.text
    assert house.sql("select count(*) from request_place") == [(1,)]
    assert withhold(house, document, "§3", version="2").status_code == 302
    assert omar.get(f"/received/{share}/pages/4").status_code == 403
    assert place(house, document, narrower, 2, boxes="§1").status_code == 302


def test_it_lies_within_the_place_of_what_was_narrowed_before_that(house: House) -> None:
    """The request in between never had a place in this version."""
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert withhold(house, document, f"{line(2, 0)} {line(2, 1)} {line(1, 0)}").status_code == 302
    assert ada.upload(document, SECOND).status_code == 201
    assert place(house, document, request_of(house), 2, pages="4").status_code == 302
    lifted(house, document, request=request_of(house), box=f"{line(2, 0)} {line(2, 1)}")
    lifted(house, document, request=request_of(house), box=line(2, 0))
    refused = place(house, document, request_of(house), 2, boxes=line(1, 0))
    assert refused.status_code == 422
    assert NOT_KEPT in refused.text
    assert place(house, document, request_of(house), 2, boxes=line(4, 1)).status_code == 302


def test_what_the_whole_document_was_narrowed_to_may_stand_anywhere(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert house.guest("carla").withhold(document).status_code == 302
    assert ada.upload(document, SECOND, language="fr").status_code == 201
    lifted(house, document, request=request_of(house), pages="2", version="1")
    assert place(house, document, request_of(house), 2, boxes=line(4, 1)).status_code == 302


@pytest.mark.parametrize(
    ("one", "other", "lies"),
    [
        (Withheld(), Withheld(), True),
        (Withheld(frozenset({1})), Withheld(frozenset({1, 2})), True),
        (Withheld(frozenset({1, 2})), Withheld(frozenset({1})), False),
        (Withheld(boxes=(Box(1, 0.2, 0.2, 0.3, 0.3),)), Withheld(frozenset({1})), True),
        (Withheld(boxes=(Box(1, 0.2, 0.2, 0.3, 0.3),)), Withheld(boxes=(Box(1, 0.1, 0.1, 0.9, 0.9),)), True),
        (Withheld(boxes=(Box(1, 0.2, 0.2, 0.3, 0.3),)), Withheld(boxes=(Box(2, 0.1, 0.1, 0.9, 0.9),)), False),
        (Withheld(boxes=(Box(1, 0.0, 0.2, 0.3, 0.3),)), Withheld(boxes=(Box(1, 0.1, 0.1, 0.9, 0.9),)), False),
        (Withheld(frozenset({1})), Withheld(boxes=(Box(1, 0.1, 0.1, 0.9, 0.9),)), False),
    ],
)
def test_what_lies_within_what_leaves_nothing_more_out(one: Withheld, other: Withheld, lies: bool) -> None:
    assert one.within(other) is lies


def test_the_second_officer_reads_where_the_first_placed_it(house: House) -> None:
    document, request = two_versions(house)
    assert place(house, document, request, 2, boxes="p1:0.0,0.0,0.01,0.01").status_code == 302
    assert prepare(house, document).status_code == 302
    assert house.guest("ada").propose(document).status_code == 302
    shown = house.guest("dana").get(f"/documents/{document}").text
    checks = shown[shown.index('id="decide"') : shown.index('id="decide"') + 3000]
    assert "A passage on page 2 of version 1: placed in this one by Carla" in checks
    assert "(a passage on page 1)" in checks


def test_no_place_is_told_of_where_there_is_none(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert prepare(house, document).status_code == 302
    assert ada.propose(document).status_code == 302
    assert "placed in this one by" not in house.guest("dana").get(f"/documents/{document}").text


def test_placing_takes_the_second_factor_that_seeing_the_pages_takes(house: House) -> None:
    dana = house.guest(house.cast.both)
    document = dana.deposit(content=FIRST, level=2)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert dana.upload(document, SECOND).status_code == 201
    form = {"place": request_of(house), "version": "2", "boxes": line(4, 1)}
    asked = unconfirmed(house, "carla").post(f"/documents/{document}/places", form)
    assert asked.status_code == 403
    assert ASKS in asked.text
    assert house.events()[-1] == ("request.placed", "refused", "step_up")
    assert house.sql("select count(*) from request_place") == [(0,)]
    assert house.guest("carla").post(f"/documents/{document}/places", form).status_code == 302
