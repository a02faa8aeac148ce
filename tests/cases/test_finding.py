"""Find words in what one may read: on which pages and how often, and nothing else; what was looked for stands nowhere."""

import logging
import re
from html import unescape
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from tests.cases.test_reading_sessions import counted, pages_told, told
from tests.common.house import PORTAL, House, proposal_of, shared
from tests.common.slips import SAMORIA


def find(house: House, share: str, term: str, page: int = 1, login: str = "omar", **more: str) -> TestResponse:
    return house.guest(login).post(f"/received/{share}/pages/{page}", {"term": term, **more})


def found(answer: TestResponse) -> str:
    """What the page says of the search."""
    assert answer.status_code == 200, answer.text[:500]
    said = re.search(r'<div class="p-found".*?</div>\s*</div>|<div class="p-found".*?</div>', answer.text, flags=re.S)
    assert said is not None
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", said.group()))).strip()


def hits(answer: TestResponse) -> list[str]:
    return re.findall(r'class="p-hit"[^>]*aria-label="([^"]+)"', answer.text)


def test_words_are_found_on_pages_that_were_not_opened_by_number_and_count_alone(house: House) -> None:
    _, share = shared(house)
    answer = find(house, share, "BORDER")
    assert found(answer).startswith("“ BORDER ”: 1 place on this page, 3 in all, on 3 of 4 pages")
    assert hits(answer) == ["Page 1, 1 place", "Page 2, 1 place", "Page 4, 1 place"]
    assert "passenger lists by hand" not in answer.text  # of page 2
    assert "central register" not in answer.text  # of page 4


def test_what_is_left_out_of_the_rendition_is_not_found(house: House) -> None:
    _, share = shared(house)  # page 3 is kept back
    assert "is on none of the 4 pages" in found(find(house, share, "HERON"))
    assert "is on none of the 4 pages" in found(find(house, share, "Kestrel"))


def test_words_that_a_line_parts_are_found(house: House) -> None:
    _, share = shared(house)
    assert "1 place on this page, 2 in all" in found(find(house, share, "financial intelligence unit"))


def test_a_search_is_an_event_without_its_words_and_the_page_with_it_is_a_view(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _, share = shared(house)
    house.guest("omar")
    before = len(house.events())
    find(house, share, "strategy", page=2)
    find(house, share, "strategy", page=2)
    assert sorted(event for event, *_ in house.events()[before:]) == ["share.page_read", "share.searched", "share.searched"]
    assert [detail for _, detail in told(house, "share.searched")] == [{"page": 2, "searched": 4}] * 2
    assert (pages_told(house), counted(house)) == ([2], [(2, 1)])
    assert "strategy" not in caplog.text
    at_rest = b"".join(house.everything_at_rest().values())
    assert b"strategy" not in at_rest


def test_a_search_tells_the_originator_who_searched_and_how_often(house: House) -> None:
    document, share = shared(house)
    find(house, share, "border")
    find(house, share, "unit")
    page = house.guest("carla").get(f"/documents/{document}/seen").text
    assert "Looked for words on all pages, 2 times" in page
    assert "border" not in page


@pytest.mark.parametrize("term", ["", "a", "\u00ad", "x" * 500])
def test_what_cannot_be_looked_for_is_said_and_nothing_is_searched(house: House, term: str) -> None:
    _, share = shared(house)
    assert "Give 2 letters or more" in found(find(house, share, term))
    assert [detail["searched"] for _, detail in told(house, "share.searched")] == [0]


def test_what_was_typed_never_becomes_markup(house: House) -> None:
    _, share = shared(house)
    answer = find(house, share, '"><img src=x onerror=go()>')
    assert "<img src=x" not in answer.text


def test_nobody_finds_in_what_they_may_not_read(house: House) -> None:
    _, share = shared(house)
    for login in ("pedro", "sven", "ada", "dana"):
        house.guest(login)
        before = len(house.events())
        answer = find(house, share, "border", login=login)
        assert answer.status_code == 404, login
        assert house.events()[before:] == [("share.searched", "refused", "not_found")], login
        assert "places" not in answer.text
    assert house.stranger().client.post(f"/received/{share}/pages/1", base_url=PORTAL, data={"term": "unit"}).status_code == 401
    assert find(house, str(uuid4()), "unit").status_code == 404


def test_after_a_recall_nothing_is_found_any_more(house: House) -> None:
    document, share = shared(house)
    find(house, share, "border")
    house.guest("dana").recall(document, proposal_of(house))
    before = len(house.events())
    answer = find(house, share, "border")
    assert answer.status_code == 403
    assert "place" not in re.sub(r"<[^>]+>", "", answer.text.split("<main")[1])
    assert house.events()[before:] == [("share.searched", "refused", "denied")]


def test_a_search_from_elsewhere_is_refused(house: House) -> None:
    _, share = shared(house)
    omar = house.guest("omar")
    assert omar.client.post(f"/received/{share}/pages/1", base_url=PORTAL, data={"term": "border"}).status_code == 403
    assert house.events()[-1][:2] == ("share.searched", "refused")


def test_a_page_that_is_not_there_is_not_searched_from(house: House) -> None:
    _, share = shared(house)
    assert find(house, share, "border", page=9).status_code == 404


def test_a_term_in_an_address_finds_nothing(house: House) -> None:
    _, share = shared(house)
    answer = house.guest("omar").get(f"/received/{share}/pages/1?term=border")
    assert "p-found" not in answer.text


def test_the_originator_finds_in_the_preview_what_the_other_body_will(house: House) -> None:
    document, _ = shared(house)
    rendition = UUID(house.sql("select id from rendition")[0][0])
    before = len(house.events())
    answer = house.guest("ada").post(f"/documents/{document}/renditions/{rendition}/pages/1", {"term": "HERON"})
    assert "is on none of the 4 pages" in found(answer)
    assert [event for event, *_ in house.events()[before:]] == ["rendition.searched"]
    assert house.guest("omar").post(f"/documents/{document}/renditions/{rendition}/pages/1", {"term": "unit"}).status_code == 404


# ---- the rest of the page


def page_of(house: House, share: str, number: int, query: str = "") -> str:
    answer = house.guest("omar").get(f"/received/{share}/pages/{number}{query}")
    assert answer.status_code == 200
    return answer.text


def listed(page: str) -> dict[int, bool]:
    """The pages in the list, and whether a sketch stands there."""
    rows = re.findall(r'<li(?: class="p-sketched")?><a [^>]*aria-label="Page (\d+)[^>]*>(.*?)</a>', page, flags=re.S)
    return {int(number): "<img" in inside for number, inside in rows}


def test_pages_that_were_not_opened_are_numbers(house: House) -> None:
    _, share = shared(house)
    page_of(house, share, 1)
    page = page_of(house, share, 4)
    assert listed(page) == {1: True, 2: False, 3: False, 4: True}
    assert "You have opened 2 of 4 pages since you signed in" in page
    assert pages_told(house) == [1, 4]
    olga = house.guest("olga").get(f"/received/{share}/pages/2").text
    assert listed(olga) == {1: False, 2: True, 3: False, 4: False}


def test_turning_a_page_keeps_its_size_and_a_size_that_is_none_is_the_usual_one(house: House) -> None:
    _, share = shared(house)
    page = page_of(house, share, 2, "?zoom=150")
    assert "p-zoom-150" in page
    turns = re.findall(r'id="page-(?:before|after)"[^>]*href="([^"]+)"', page)
    assert [turn.rsplit("/", 1)[1] for turn in turns] == ["1?zoom=150", "3?zoom=150"]
    assert re.findall(r'id="zoom-(?:out|in)"[^>]*href="[^"]*zoom=(\d+)"', page) == ["125", "200"]
    for odd in ("?zoom=151", "?zoom=-1", "?zoom=%22%3E", "?zoom="):
        assert "p-zoom-100" in page_of(house, share, 2, odd)
    assert "p-zoom-150" in find(house, share, "unit", zoom="150").text


def test_the_words_of_a_page_are_read_in_the_language_of_the_file(house: House) -> None:
    ada = house.guest("ada")
    document = ada.register()
    assert ada.upload(document, SAMORIA, language="ar").status_code == 201
    ada.prepare(document)
    ada.propose(document)
    house.guest("dana").approve(proposal_of(house))
    share = str(UUID(house.sql("select id from share")[0][0]))
    assert '<section class="visually-hidden" aria-label="Text of page 1" lang="ar" dir="auto">' in page_of(house, share, 1)


def test_view_only_has_no_way_to_a_file_and_nothing_is_fetched_ahead(house: House) -> None:
    _, share = shared(house)
    answer = house.guest("omar").get(f"/received/{share}/pages/1")
    links: list[str] = re.findall(r'(?:href|action|formaction|src)="([^"]+)"', answer.text)
    assert not [link for link in links if "/file" in link or "/copies" in link]
    assert not re.search(r'rel="(?:next )?(?:prefetch|preload|prerender|modulepreload)', answer.text)
    assert "speculationrules" not in answer.text
    assert "Link" not in answer.headers
    assert "no-store" in answer.headers["Cache-Control"]
    assert pages_told(house) == [1]
