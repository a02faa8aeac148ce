"""A request on a visit covers every document of the visit that the body has, and those that are registered later."""

from datetime import timedelta
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from tests.cases.keeping import confirm as shred
from tests.cases.keeping import propose as propose_shredding
from tests.cases.test_races import at_once, posting
from tests.cases.withholding import lifted, request_of
from tests.common.backups import started
from tests.common.house import House, shared

FIELDS = {"title": "A further report of the same visit", "kind": "mission_report", "level": "1"}


def visit_of(house: House, document: str) -> str:
    return str(UUID(house.sql("select visit_id from document where id = ?", UUID(document).hex)[0][0]))


def register(house: House, document: str, symbol: str, login: str = "ada", **changes: str) -> TestResponse:
    """Another document of the same visit."""
    return house.guest(login).post("/documents", {**FIELDS, "symbol": symbol, "visit": visit_of(house, document)} | changes)


def another(house: House, document: str, symbol: str, **changes: str) -> str:
    answer = register(house, document, symbol, **changes)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].rsplit("/", 1)[-1]


def withhold(house: House, document: str, **changes: str) -> TestResponse:
    return house.guest("carla").withhold(document, scope="visit", **changes)


def page(house: House, document: str) -> str:
    return house.guest("ada").get(f"/documents/{document}").text


def test_every_document_of_the_visit_is_closed_in_one_act_and_others_are_not(house: House) -> None:
    document, share = shared(house, withheld="")
    second = another(house, document, "CTED/2026/XSM/4")
    house.clock.advance(timedelta(seconds=1))
    foreign = house.guest("ada").register("CTED/2026/XSM/5")  # of another visit
    assert withhold(house, document).status_code == 302
    assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 403
    for covered in (document, second):
        assert "every document of the visit" in page(house, covered)
        assert house.guest("ada").propose(covered).status_code == 403
    assert "Nothing. All of it may be shared." in page(house, foreign)
    assert house.sql("select count(*) from request") == [(2,)]
    assert [event for event, *_ in house.events()].count("request.recorded") == 2


def test_a_document_registered_later_is_covered_from_its_first_moment(house: House) -> None:
    document = house.guest("ada").deposit()
    assert withhold(house, document, bodies="OCT").status_code == 302
    later = another(house, document, "CTED/2026/XSM/4")
    assert "every document of the visit" in page(house, later)
    assert house.guest("ada").upload(later, b"not a pdf").status_code == 422
    assert house.guest("ada").propose(later).status_code == 403
    assert house.sql("select withheld_from, scope from request") == [("OCT", "document")] * 2
    assert [event for event, *_ in house.events()].count("request.recorded") == 2


def test_each_document_is_lifted_by_itself_and_what_comes_later_stays_covered(house: House) -> None:
    document = house.guest("ada").deposit()
    second = another(house, document, "CTED/2026/XSM/4")
    withhold(house, document)
    first = str(UUID(house.sql("select id from request where document_id = ?", UUID(document).hex)[0][0]))
    lifted(house, document, request=first)
    assert house.guest("ada").prepare(document).status_code == 302
    assert "every document of the visit" in page(house, second)
    assert "every document of the visit" in page(house, another(house, document, "CTED/2026/XSM/5"))


def test_documents_of_the_visit_are_closed_whatever_their_level(house: House) -> None:
    document = house.guest("ada").deposit()
    secret = another(house, document, "CTED/2026/XSM/4", login=house.cast.both, level="2")
    assert withhold(house, document).status_code == 302
    assert house.sql("select count(*) from request where document_id = ?", UUID(secret).hex) == [(1,)]


def test_what_was_shredded_is_left_as_it_is(house: House) -> None:
    document, _ = shared(house, withheld="")
    second = another(house, document, "CTED/2026/XSM/4")
    propose_shredding(house, document)
    assert shred(house, document).status_code == 302
    assert withhold(house, second).status_code == 302
    assert house.sql("select count(*) from request") == [(1,)]


def test_a_document_of_no_visit_and_an_own_redaction_are_refused(house: House) -> None:
    document = house.guest("ada").deposit()
    refused = withhold(house, document, ground="third_party")
    assert refused.status_code == 422
    assert "A whole document is kept back when a State asks for it" in refused.text
    answer = house.guest("ada").post("/documents", FIELDS | {"symbol": "CTED/2026/T/1", "kind": "survey_tool", "visit": ""})
    tool = answer.headers["Location"].rsplit("/", 1)[-1]
    assert "All of the visit" not in house.guest("carla").get(f"/documents/{tool}").text
    assert "of no visit" in withhold(house, tool).text
    assert house.sql("select count(*) from request") == [(0,)]


@pytest.mark.parametrize("turn", range(3))
def test_a_document_registered_at_the_same_moment_is_covered(house: House, turn: int) -> None:
    document = house.guest("ada").deposit()
    fields = {"state": "XSM", "reference": "SM/NV/2026/41", "dated": "2026-11-02", "received": "letter", "scope": "visit"}
    record = posting(house.guest("carla"), f"/documents/{document}/requests", fields)
    enter = posting(house.guest("ada"), "/documents", {**FIELDS, "symbol": "CTED/2026/XSM/4", "visit": visit_of(house, document)})
    assert at_once(*([record, enter] if turn % 2 else [enter, record])) == [302, 302]
    assert house.sql("select count(*) from request") == [(2,)]


@pytest.mark.parametrize(
    "edit", ["withheld_from = 'XYZ'", "visit_id = id", "originator = 'OCT'", "until = '2020-01-01'", "recorded_at = recorded_at + 1"]
)
def test_a_request_on_a_visit_edited_in_the_database_lets_nothing_be_registered(house: House, edit: str) -> None:
    document = house.guest("ada").deposit()
    withhold(house, document)
    house.sql(f"update visit_request set {edit}")
    assert register(house, document, "CTED/2026/XSM/4").status_code in {409, 500}
    assert house.sql("select count(*) from document") == [(1,)]


def test_one_taken_away_or_lost_with_a_restore_lets_nothing_be_registered_until_it_is_recorded_again(house: House) -> None:
    document = house.guest("ada").deposit()
    withhold(house, document)
    house.sql("delete from visit_request")
    refused = register(house, document, "CTED/2026/XSM/4")
    assert refused.status_code == 409
    assert "A request on this visit is not in the register" in refused.text
    house.clock.advance(timedelta(seconds=1))
    assert withhold(house, document).status_code == 302
    later = another(house, document, "CTED/2026/XSM/4")
    assert "every document of the visit" in page(house, later)


def test_the_portal_starts_again_and_counts_no_document_behind(house: House) -> None:
    document = house.guest("ada").deposit()
    withhold(house, document)
    another(house, document, "CTED/2026/XSM/4")
    again = started(house)
    assert again.guest("ada").get(f"/documents/{document}").status_code == 200


def test_a_row_moved_to_another_visits_request_is_an_alarm(house: House) -> None:
    document = house.guest("ada").deposit()
    withhold(house, document)
    house.sql("update request set visit_request_id = id")
    assert house.guest("ada").get(f"/documents/{document}").status_code == 500
    assert request_of(house)


def test_the_other_body_learns_of_none_of_it(house: House) -> None:
    document, _ = shared(house, withheld="")
    another(house, document, "CTED/2026/XSM/4")
    withhold(house, document)
    another(house, document, "CTED/2026/XSM/5")
    assert house.sql("select distinct bodies from audit_event where event = 'request.recorded'") == [(",CTED,",)]
    seen = "".join(house.guest("omar").get(place).text for place in ("/", "/received"))
    assert "XSM/4" not in seen
    assert "XSM/5" not in seen
