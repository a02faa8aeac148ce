"""What a State asked to keep stands in every version, by its label or where an officer marks it; without a place nothing goes across."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete

from portal.cases.standing import seal_requests
from portal.confidentiality.places import RequestPlace
from tests.cases.versions import (
    FIRST,
    FRENCH,
    KEPT,
    NUMBERED,
    NUMBERED_LATER,
    SECOND,
    begun,
    boxes_of,
    line,
    place,
    prepare,
    read,
    released,
    two_versions,
    withhold,
    withhold_label,
)
from tests.cases.withholding import lifted, request_of
from tests.common.entity import ENTITY
from tests.common.house import House, open_house, proposal_of
from tests.common.s3server import S3Server

TOLD = ("Heron", "Kestrel", "jetty", "jetee", "informant", "source")
MARK = "Not included in this rendition"


def test_what_has_no_place_in_a_version_blocks_it_until_an_officer_places_it(house: House) -> None:
    document, request = two_versions(house)
    refused = prepare(house, document)
    assert refused.status_code == 409
    assert "no place in this version yet" in refused.text
    assert house.events()[-1] == ("rendition.built", "failed", "unplaced")
    shown = house.guest("carla").get(f"/documents/{document}").text
    assert "Say where it stands" in shown
    assert "Where does this stand in version 2?" in shown
    assert "Until a confidentiality officer says so" in shown
    assert "Versions: where does what is kept back stand?" in house.guest("carla").get("/").text
    of_uploader = house.guest("ada").get(f"/documents/{document}").text
    assert "a confidentiality officer says where what is kept back stands in version 2" in of_uploader
    assert f"/documents/{document}/renditions" not in of_uploader
    assert "where does what is kept back stand?" not in house.guest("ada").get("/").text
    assert place(house, document, request, 2, boxes=line(4, 1)).status_code == 302
    assert house.events()[-1][:2] == ("request.placed", "done")
    assert "where does what is kept back stand?" not in house.guest("carla").get("/").text
    assert "a passage on page 4" in house.guest("carla").get(f"/documents/{document}").text
    share = released(house, document)
    shown = read(house, share, 4)
    assert MARK in shown
    assert KEPT[1] in shown
    assert not any(word in shown for word in TOLD)


def test_a_label_that_a_version_has_is_taken_on_its_pages_and_placed_from_there(house: House) -> None:
    """The paragraph moved from page 2 to page 4."""
    ada, carla = house.guest("ada"), house.guest("carla")
    document = ada.deposit(content=NUMBERED)
    request = withhold_label(house, document, NUMBERED, "§3")
    assert ada.upload(document, NUMBERED_LATER).status_code == 201
    assert prepare(house, document).status_code == 409
    shown = begun(house, document, request, 2)
    assert "Page <b>4</b> of 4" in shown
    assert "§3 was taken by its label when you came" in shown
    assert place(house, document, request, 2, boxes=boxes_of(shown)).status_code == 302
    assert house.events()[-1][:2] == ("request.placed", "done")
    assert "§3, on page 4" in carla.get(f"/documents/{document}").text
    share = released(house, document)
    text = read(house, share, 4)
    assert text.count(MARK) >= 1
    assert "4. The border posts" in text
    assert not any(word in text for word in TOLD)


def test_a_language_version_inherits_by_the_label(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    request = withhold_label(house, document, NUMBERED, "§3")
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    assert '<input type="hidden" name="language" value="en">' in ada.get(f"/documents/{document}").text  # the only one to be prepared
    assert prepare(house, document, "en").status_code == 302
    assert prepare(house, document, "fr").status_code == 409
    assert place(house, document, request, 2, boxes=boxes_of(begun(house, document, request, 2))).status_code == 302
    share = released(house, document, "fr")
    text = read(house, share, 3)
    assert "Ne figure pas dans la présente version" in text
    assert "Une carte de la mission" in text
    assert not any(word in text for word in TOLD)


def test_a_label_that_a_version_lacks_is_not_guessed(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    request = withhold_label(house, document, NUMBERED, "§3")
    assert ada.upload(document, SECOND).status_code == 201
    shown = begun(house, document, request, 2)
    assert boxes_of(shown) == ""
    assert "It is not found in this version by a label" in shown
    assert place(house, document, request, 2, boxes="§3").status_code == 422
    assert prepare(house, document).status_code == 409


def test_a_request_that_keeps_more_than_passages_taken_whole_is_not_found_by_label(house: House) -> None:
    """A box that was drawn, or a page, would be forgotten."""
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    requests = []
    for more in ({"boxes": f"§3 {line(1, 0)}"}, {"boxes": "§3", "pages": "1"}):
        assert withhold(house, document, more.pop("boxes"), **more).status_code == 302
        requests.append(request_of(house))
    assert ada.upload(document, NUMBERED_LATER).status_code == 201
    for request in requests:
        shown = begun(house, document, request, 2)
        assert boxes_of(shown) == ""
        assert "It is not found in this version by a label" in shown


def test_a_passage_may_be_taken_by_its_label_in_the_other_version_too(house: House) -> None:
    ada, carla = house.guest("ada"), house.guest("carla")
    document = ada.deposit(content=FIRST)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert ada.upload(document, NUMBERED_LATER).status_code == 201
    looked = carla.get(f"/documents/{document}/passages/4?version=2&place={request_of(house)}")
    assert "What is to be placed" in looked.text
    assert "a passage on page 2 of version 1" in looked.text.lower()
    assert place(house, document, request_of(house), 2, boxes="§3").status_code == 302
    assert "§3, on page 4" in carla.get(f"/documents/{document}").text


@pytest.mark.parametrize("step", ["propose", "approve"])
def test_what_lost_its_place_does_not_go_across_even_if_nothing_else_made_it_stale(house: House, step: str) -> None:
    ada, dana = house.guest("ada"), house.guest("dana")
    document, request = two_versions(house)
    assert place(house, document, request, 2, boxes=line(4, 1)).status_code == 302
    assert prepare(house, document).status_code == 302
    if step == "approve":
        assert ada.propose(document).status_code == 302
    with house.parts.write() as uow:
        row = uow.documents.lock(UUID(document))
        uow.session.execute(delete(RequestPlace))
        seal_requests(uow, row)
        uow.session.commit()
    answer = ada.propose(document) if step == "propose" else dana.approve(proposal_of(house))
    assert answer.status_code == 409
    assert house.events()[-1][1:] == ("failed", "unplaced")
    assert house.sql("select count(*) from key_wrap where body = 'OCT'") == [(0,)]


def test_a_version_that_comes_between_proposal_and_approval_blocks_it(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert prepare(house, document).status_code == 302
    assert ada.propose(document).status_code == 302
    assert ada.upload(document, SECOND).status_code == 201
    assert house.guest("dana").approve(proposal_of(house)).status_code == 409
    assert prepare(house, document).status_code == 409
    assert house.sql("select count(*) from share") == [(0,)]


@pytest.mark.parametrize(
    "edit",
    [
        "delete from request_place",
        "update request_place set version = 3",
        "update request_place set request_id = id",
        "update request_place set document_id = request_id",
        "update request_place set kept = x'00'",
        "update request_place set placed_by = id",
        "update request_place set placed_at = placed_at + 1",
        "update request_place set mac = x'00'",
        "update request_place set originator = 'OCT'",
    ],
)
def test_a_place_that_was_edited_or_taken_away_stops_the_release(house: House, edit: str) -> None:
    document, request = two_versions(house)
    assert place(house, document, request, 2, boxes=line(4, 1)).status_code == 302
    house.sql(edit)
    assert prepare(house, document).status_code == 500
    assert house.events()[-1] == ("rendition.built", "failed", "tampered")


def test_it_is_said_once_by_a_confidentiality_officer_for_a_version_that_counts(house: House) -> None:
    document, request = two_versions(house)
    assert place(house, document, request, 2, "ada", boxes=line(4, 1)).status_code == 403
    assert place(house, document, request, 2, "dana", boxes=line(4, 1)).status_code == 403
    assert place(house, document, request, 3, boxes=line(4, 1)).status_code == 404
    assert place(house, document, document, 2, boxes=line(4, 1)).status_code == 404
    assert place(house, document, "nonsense", 2, boxes=line(4, 1)).status_code == 404
    assert place(house, document, request, 1, boxes=line(1, 0)).status_code == 409
    assert place(house, document, request, 2).status_code == 422
    assert place(house, document, request, 2, boxes="p9:0.1,0.1,0.9,0.2").status_code == 422
    assert house.sql("select count(*) from request_place") == [(0,)]
    assert place(house, document, request, 2, boxes=line(4, 1)).status_code == 302
    again = place(house, document, request, 2, boxes=line(1, 0))
    assert again.status_code == 409
    assert "its place in this version already" in again.text
    assert house.sql("select version from request_place") == [(2,)]


def test_nothing_is_placed_in_a_version_that_was_superseded(house: House) -> None:
    document, request = two_versions(house)
    assert house.guest("ada").upload(document, SECOND).status_code == 201
    refused = place(house, document, request, 2, boxes=line(4, 1))
    assert refused.status_code == 409
    assert "A newer version has come" in refused.text
    assert place(house, document, request, 3, boxes=line(4, 1)).status_code == 302
    assert house.sql("select version from request_place") == [(3,)]


def test_a_request_of_another_document_is_not_placed_in_this_one(house: House) -> None:
    ada = house.guest("ada")
    other = ada.deposit("CTED/2026/XSM/9", content=FIRST)
    assert withhold(house, other, line(2, 0)).status_code == 302
    stranger = request_of(house)
    document, _ = two_versions(house)
    assert place(house, document, stranger, 2, boxes=line(4, 1)).status_code == 404


def test_the_whole_document_needs_no_place(house: House) -> None:
    ada, carla = house.guest("ada"), house.guest("carla")
    document = ada.deposit(content=FIRST)
    assert carla.withhold(document).status_code == 302
    assert ada.upload(document, SECOND).status_code == 201
    assert "Where does this stand" not in carla.get(f"/documents/{document}").text
    assert place(house, document, request_of(house), 2, pages="1").status_code == 404
    assert prepare(house, document).status_code == 409
    assert house.events()[-1] == ("rendition.built", "failed", "withheld")


def test_a_visit_that_is_kept_is_kept_in_every_version(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert house.guest("carla").withhold(document, scope="visit").status_code == 302
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    assert prepare(house, document, "fr").status_code == 409
    assert house.events()[-1] == ("rendition.built", "failed", "withheld")


def test_what_was_lifted_needs_no_place_and_what_it_was_narrowed_to_does(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert withhold(house, document, f"{line(2, 0)} {line(1, 0)}").status_code == 302
    request = request_of(house)
    assert ada.upload(document, SECOND).status_code == 201
    assert place(house, document, request, 2, boxes=f"{line(4, 1)} {line(1, 0)}").status_code == 302
    assert prepare(house, document).status_code == 302
    lifted(house, document, request=request, boxes="", box=line(2, 0))
    assert ada.propose(document).status_code == 409
    assert prepare(house, document).status_code == 409
    assert place(house, document, request, 2, boxes=line(4, 1)).status_code == 404
    narrower = request_of(house)
    assert place(house, document, narrower, 2, boxes=line(4, 1)).status_code == 302
    text = read(house, released(house, document), 4)
    assert KEPT[0] in text
    assert not any(word in text for word in TOLD)
    lifted(house, document, request=narrower)
    assert prepare(house, document).status_code == 302


def test_a_request_recorded_when_there_are_two_is_placed_in_the_other_one(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    request = withhold_label(house, document, FRENCH, "§3", version=2)
    assert prepare(house, document, "fr").status_code == 302
    assert prepare(house, document, "en").status_code == 409
    assert place(house, document, request, 1, boxes="§3").status_code == 302
    text = read(house, released(house, document, "en"), 2)
    assert MARK in text
    assert not any(word in text for word in TOLD)


def test_a_body_that_a_request_does_not_bind_is_not_kept_waiting(entity_template: Path, tmp_path: Path, house_s3: S3Server | None) -> None:
    house = open_house(entity_template, tmp_path / "portal", s3=house_s3)
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert withhold(house, document, line(2, 0), bodies=ENTITY).status_code == 302
    assert ada.upload(document, SECOND).status_code == 201
    assert ada.prepare(document, ENTITY).status_code == 409
    assert ada.prepare(document, "OCT").status_code == 302
    house.close()
