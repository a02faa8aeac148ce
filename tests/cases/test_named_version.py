"""Pages are of the version that was looked at: a request names it, and so does the part that stays of a whole document."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from portal.cases.places import words_of
from portal.cases.standing import register_of
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.permit import Permit
from tests.cases.test_epochs import READ, errand
from tests.cases.versions import FIRST, FRENCH, INFORMANT, NUMBERED, NUMBERED_LATER, SECOND, SECRET, line, place, prepare, read, released
from tests.cases.versions import withhold as mark
from tests.cases.withholding import agree, lifted, propose, request_of
from tests.common.beginnings import beginning
from tests.common.house import House

CAME = "A newer version has come meanwhile"
CHOOSE = "Choose the version that these pages or passages are of"
PLACEHOLDER = '<option value="">Choose the version</option>'


def section(house: House, document: str) -> str:
    page = house.guest("carla").get(f"/documents/{document}").text
    return page[page.index('id="requests"') :]


def fields(text: str) -> list[str]:
    """What each form of the section sends as the version if nobody touches it: first those that ask nothing, then those that ask."""
    hidden = re.findall(r'<input type="hidden" name="version" value="([^"]*)"', text)
    chosen = re.findall(r'<select[^>]* name="version".*?</select>', text, re.DOTALL)
    return hidden + ["" if " selected" not in one else one for one in chosen]


@beginning
def english_and_french(house: House) -> str:
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    return document


def nothing_kept(house: House) -> bool:
    return house.sql("select count(*) from request") == [(0,)]


# ---- recording
def test_pages_of_a_version_that_was_superseded_meanwhile_are_not_taken_for_those_of_the_newest(house: House) -> None:
    ada, carla = house.guest("ada"), house.guest("carla")
    document = ada.deposit(content=FIRST)
    assert fields(section(house, document)) == ["1"]
    assert ada.upload(document, SECOND).status_code == 201
    refused = carla.withhold(document, "2", reference="SM/NV/2026/77")
    assert refused.status_code == 422
    assert CAME in refused.text
    assert nothing_kept(house)
    assert all(
        typed in refused.text for typed in ('value="SM/NV/2026/77"', 'name="pages" type="text" value="2"', "Version 2, English: 4 pages")
    )
    assert fields(refused.text) == [""]  # the officer says that it is the other one
    assert PLACEHOLDER in refused.text
    assert fields(section(house, document)) == ["2"]
    assert carla.withhold(document, "4", version="2").status_code == 302
    assert SECRET not in read(house, released(house, document), 4)


def test_another_fault_does_not_change_of_which_version_it_is(house: House) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    refused = house.guest("carla").withhold(document, "2", reference="")
    assert refused.status_code == 422
    assert fields(refused.text) == ["1"]


@pytest.mark.parametrize("version", ["", "0", "2", "x"])
def test_pages_and_passages_of_no_version_are_refused(house: House, version: str) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    for refused in (house.guest("carla").withhold(document, "2", version=version), mark(house, document, line(2, 0), version=version)):
        if version and refused.request.path.endswith("/passages"):
            assert refused.status_code == 404  # there is no such page to show again
        else:
            assert refused.status_code == 422
            assert CHOOSE in refused.text
    assert nothing_kept(house)


def test_passages_marked_on_a_superseded_version_are_refused_and_shown_again(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert ada.upload(document, SECOND).status_code == 201
    refused = mark(house, document, line(2, 0))
    assert refused.status_code == 422
    assert CAME in refused.text
    assert line(2, 0) in refused.text
    assert nothing_kept(house)


def test_of_several_versions_none_is_chosen_beforehand_and_each_says_its_pages(house: House) -> None:
    document = english_and_french(house)
    shown = section(house, document)
    assert fields(shown) == [""]
    assert all(words in shown for words in (PLACEHOLDER, "Version 1, English: 2 pages", "Version 2, French: 3 pages"))
    assert "The document has" not in shown
    refused = house.guest("carla").withhold(document, "2", version="")
    assert refused.status_code == 422
    assert CHOOSE in refused.text
    assert house.guest("carla").withhold(document, "2", version="1").status_code == 302
    assert prepare(house, document, "en").status_code == 302
    assert prepare(house, document, "fr").status_code == 409


@pytest.mark.parametrize("scope", ["document", "visit"])
@pytest.mark.parametrize("version", ["", "1", "2", "9", "x"])
def test_the_whole_document_is_closed_at_once_whatever_version_the_form_names(house: House, scope: str, version: str) -> None:
    """Of it no version is kept: a number there would be taken for one that somebody looked at."""
    ada, carla = house.guest("ada"), house.guest("carla")
    document = english_and_french(house)
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    assert carla.withhold(document, scope=scope, version=version).status_code == 302
    assert [prepare(house, document, language).status_code for language in ("en", "fr")] == [409, 409]
    assert recorded_on(house, document) == 0


def recorded_on(house: House, document: str) -> int:
    """The version that is kept of the request in force that was recorded last."""

    def act(uow: UnitOfWork, permit: Permit, target: Document) -> int:
        return words_of(uow, permit, register_of(uow, target.id, target).in_force[-1]).version

    return house.passage.read(errand(house, READ, "carla", document), act)


# ---- narrowing the whole document
def test_what_stays_of_a_whole_document_is_of_a_version_that_the_proposal_names(house: House) -> None:
    document = english_and_french(house)
    assert house.guest("carla").withhold(document, version="2").status_code == 302
    shown = section(house, document)
    assert fields(shown) == ["", ""]
    for version, told in (("", CHOOSE), ("9", CHOOSE)):
        refused = propose(house, document, pages="2", version=version)
        assert refused.status_code == 422
        assert told in refused.text
    assert house.sql("select count(*) from request_act") == [(0,)]
    assert propose(house, document, pages="2", version="1").status_code == 302
    assert "Page 2 of version 1 (English)" in section(house, document)
    assert agree(house, document).status_code == 302
    assert prepare(house, document, "fr").status_code == 409
    assert place(house, document, request_of(house), 2, boxes=line(3, 0)).status_code == 302
    text = read(house, released(house, document, "fr"), 3)
    assert INFORMANT not in text
    assert "Kestrel" not in text


def test_what_stays_is_not_said_of_a_version_that_was_superseded_meanwhile(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert house.guest("carla").withhold(document).status_code == 302
    assert fields(section(house, document)) == ["1", "1"]
    assert ada.upload(document, SECOND).status_code == 201
    refused = propose(house, document, pages="2")
    assert refused.status_code == 422
    assert CAME in refused.text
    assert 'name="pages" type="text" value="2"' in refused.text
    assert house.sql("select count(*) from request_act") == [(0,)]
    lifted(house, document, pages="4", version="2")
    assert SECRET not in read(house, released(house, document), 4)


def test_a_version_that_comes_before_the_second_officer_agrees_is_asked_where_it_stands(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert house.guest("carla").withhold(document).status_code == 302
    assert propose(house, document, pages="2").status_code == 302
    assert ada.upload(document, SECOND).status_code == 201
    assert "Page 2 of version 1 (English)" in section(house, document)
    assert agree(house, document).status_code == 302
    assert prepare(house, document).status_code == 409
    assert house.events()[-1] == ("rendition.built", "failed", "unplaced")


def test_a_visits_request_on_a_sibling_is_narrowed_to_pages_of_the_sibling(house: House) -> None:
    ada, carla = house.guest("ada"), house.guest("carla")
    document = ada.deposit(content=NUMBERED)
    assert ada.upload(document, NUMBERED_LATER).status_code == 201
    sibling = ada.deposit("CTED/2026/XSM/9", content=NUMBERED)
    assert carla.withhold(document, scope="visit", version="2").status_code == 302
    (row,) = house.sql("select id from request where document_id = ?", UUID(sibling).hex)
    assert propose(house, sibling, request=str(UUID(row[0])), pages="2").status_code == 302
    assert agree(house, sibling).status_code == 302
    assert "of version" not in section(house, sibling).split("Propose to lift")[0]
    assert prepare(house, sibling).status_code == 302
    assert prepare(house, document).status_code == 409


def test_fewer_bodies_or_another_day_need_no_version(house: House) -> None:
    document = english_and_french(house)
    assert house.guest("carla").withhold(document).status_code == 302
    same = propose(house, document, what="part", version="")
    assert same.status_code == 422
    assert "This is what it keeps already" in same.text
    lifted(house, document, until=(house.clock.now() + timedelta(days=9)).date().isoformat(), version="")
    assert prepare(house, document, "en").status_code == 409


def test_what_is_narrowed_of_pages_stays_of_the_version_they_were_marked_on(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert house.guest("carla").withhold(document, "1-2").status_code == 302
    assert ada.upload(document, SECOND).status_code == 201
    assert propose(house, document, pages="2", version="2").status_code == 302
    assert "Page 2 of version 1 (English)" in section(house, document)
    assert agree(house, document).status_code == 302
    assert recorded_on(house, document) == 1
    assert prepare(house, document).status_code == 409
