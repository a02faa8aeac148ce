"""A request is confirmed, lifted and narrowed by two persons; lifting opens nothing by itself, and races with no approval."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.cases.deputies import link
from tests.cases.moments import at
from tests.cases.test_step_up import ASKS
from tests.cases.withholding import REASON, agree, confirm, lifted, propose, request_of, withdraw
from tests.common.beginnings import beginning
from tests.common.entity import ENTITY
from tests.common.house import House, open_house, proposal_of, shared
from tests.common.s3server import S3Server

BOXES = "p2:0.1000,0.1000,0.9000,0.3000 p3:0.1000,0.1000,0.9000,0.3000"


@pytest.fixture
def three(entity_template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    """A portal with a third body."""
    house = open_house(entity_template, tmp_path / "portal", s3=house_s3)
    yield house
    house.close()


def page(house: House, document: str, login: str = "ada") -> str:
    return house.guest(login).get(f"/documents/{document}").text


@beginning
def whole(house: House) -> str:
    """A document that a State asked to keep."""
    document = house.guest("ada").deposit()
    assert house.guest("carla").withhold(document).status_code == 302
    return document


def share(house: House, document: str) -> int:
    """Prepared, proposed and approved; the status of the first step that was refused, 302 if none was."""
    for step in (
        lambda: house.guest("ada").prepare(document),
        lambda: house.guest("ada").propose(document),
        lambda: house.guest("dana").approve(proposal_of(house)),
    ):
        house.clock.advance(timedelta(seconds=1))
        status = step().status_code
        if status != 302:
            return status
    return 302


# ---- confirmed
def test_a_second_officer_confirms_and_the_first_does_not(house: House) -> None:
    document = whole(house)
    assert "not confirmed yet" in page(house, document)
    for login, status in (("carla", 403), ("ada", 403), ("elena", 403), ("farid", 404), ("omar", 404), ("quentin", 404)):
        assert confirm(house, document, login).status_code == status, login
    assert confirm(house, document, "dana").status_code == 302
    assert "confirmed by" in page(house, document)
    assert confirm(house, document, "dmitri").status_code == 403
    assert house.sql("select count(*) from request_act") == [(1,)]


def test_a_confirmation_opens_and_closes_nothing(house: House) -> None:
    document, given = shared(house)
    before = house.sql("select epoch from document")
    assert confirm(house, document, "dana").status_code == 302
    assert house.sql("select epoch from document") == before
    assert house.guest("omar").get(f"/received/{given}/pages/1").status_code == 200


# ---- lifted
def test_what_was_lifted_by_two_can_be_shared_by_two_and_not_before(house: House) -> None:
    document = whole(house)
    assert share(house, document) == 409
    assert propose(house, document).status_code == 302
    assert share(house, document) == 409
    assert agree(house, document).status_code == 302
    assert share(house, document) == 302
    seen = page(house, document)
    assert "then lifted" in seen
    assert REASON in seen


def test_nobody_lifts_what_they_proposed_to_lift(house: House) -> None:
    document = whole(house)
    assert propose(house, document, "dana").status_code == 302
    refused = agree(house, document, "dana")
    assert refused.status_code == 403
    assert "You proposed this yourself" in refused.text
    for login, status in (("carla", 403), ("ada", 403), ("farid", 404), ("omar", 404), ("quentin", 404)):
        assert agree(house, document, login).status_code == status, login
    assert agree(house, document, "dmitri").status_code == 302


def test_two_accounts_of_one_human_neither_confirm_nor_lift(house: House) -> None:
    document = whole(house)
    propose(house, document)
    house.guest("dana")
    assert link(house, "carla", "dana").status_code == 302
    for refused in (agree(house, document, "dana"), confirm(house, document, "dana")):
        assert refused.status_code == 403
    assert agree(house, document, "dmitri").status_code == 302


def test_who_may_propose_to_lift(house: House) -> None:
    document = whole(house)
    for login, status in (("ada", 403), ("elena", 403), ("farid", 404), ("omar", 404), ("quentin", 404)):
        assert propose(house, document, login).status_code == status, login
    assert house.sql("select count(*) from request_act") == [(0,)]


@pytest.mark.parametrize("login", ["carla", "dana"])
def test_one_officer_withdraws_it_and_the_request_stays(house: House, login: str) -> None:
    document = whole(house)
    propose(house, document)
    assert withdraw(house, document, login).status_code == 302
    assert agree(house, document).status_code == 403
    assert share(house, document) == 409
    assert propose(house, document).status_code == 302  # anew


def test_one_proposal_waits_at_a_time_and_is_answered_once(house: House) -> None:
    document = whole(house)
    propose(house, document)
    assert propose(house, document, "dana").status_code == 409
    assert agree(house, document).status_code == 302
    for refused in (agree(house, document, "dmitri"), withdraw(house, document, "carla"), propose(house, document)):
        assert refused.status_code == 403
    assert confirm(house, document, "dana").status_code == 403


def test_a_lifting_opens_nothing_that_was_closed_prepared_or_proposed(house: House) -> None:
    document, given = shared(house, withheld="")
    wraps = house.sql("select count(*) from key_wrap")
    assert house.guest("carla").withhold(document, "2").status_code == 302
    assert house.guest("ada").prepare(document).status_code == 302
    house.clock.advance(timedelta(seconds=1))
    assert house.guest("ada").propose(document).status_code == 302
    proposal = proposal_of(house)
    lifted(house, document)
    assert house.guest("omar").get(f"/received/{given}/pages/1").status_code == 403
    assert house.sql("select count(*) from closure") == [(1,)]
    assert house.guest("dana").approve(proposal).status_code == 409
    assert house.guest("ada").propose(document).status_code == 409
    assert "No longer available" in house.guest("omar").get("/received").text
    assert house.sql("select count(*) from key_wrap where share_id is not null") == [(0,)]
    assert house.sql("select count(*) from key_wrap") <= [(wraps[0][0] + 2,)]


def test_of_two_requests_one_lifted_leaves_the_other(house: House) -> None:
    document = house.guest("ada").deposit()
    house.guest("carla").withhold(document, "2")
    first = request_of(house)
    house.clock.advance(timedelta(seconds=1))
    house.guest("carla").withhold(document)
    assert propose(house, document, request=first).status_code == 302
    assert agree(house, document).status_code == 302
    assert share(house, document) == 409


def test_an_open_share_stays_open_when_what_it_left_out_is_lifted_or_narrowed(house: House) -> None:
    document, given = shared(house, withheld="2-3")
    lifted(house, document, pages="2")
    reader = house.guest("omar")
    assert reader.get(f"/received/{given}/pages/1").status_code == 200
    assert "Report of" in reader.get("/received").text or "CTED/2026" in reader.get("/received").text
    lifted(house, document, pages="2", until=(house.clock.now() + timedelta(days=9)).date().isoformat())
    assert reader.get(f"/received/{given}/pages/1").status_code == 200
    lifted(house, document)
    assert reader.get(f"/received/{given}/pages/1").status_code == 200
    assert house.sql("select count(*) from closure") == [(0,)]


def test_a_request_after_a_narrowing_closes_the_share(house: House) -> None:
    document, given = shared(house, withheld="2-3")
    lifted(house, document, pages="2")
    assert house.guest("carla").withhold(document, "3").status_code == 302
    assert house.guest("omar").get(f"/received/{given}/pages/1").status_code == 403


def test_who_had_seen_it_before_a_request_stays_told_after_that_was_lifted(house: House) -> None:
    document, given = shared(house, withheld="")
    assert house.guest("omar").get(f"/received/{given}/pages/2").status_code == 200
    house.clock.advance(timedelta(seconds=1))
    house.guest("carla").withhold(document, "2")
    assert "before the request of" in house.guest("dana").get(f"/documents/{document}/seen").text
    lifted(house, document)
    assert "before the request of" in house.guest("dana").get(f"/documents/{document}/seen").text


def test_the_log_of_the_other_body_knows_of_none_of_it(house: House) -> None:
    document = whole(house)
    confirm(house, document, "dana")
    propose(house, document)
    withdraw(house, document, "carla")
    lifted(house, document)
    told = "select distinct bodies from audit_event where event like 'request.%'"
    assert house.sql(told) == [(",CTED,",)]
    assert REASON.encode() not in b"".join(house.everything_at_rest().values())


def test_it_takes_a_second_factor(house: House) -> None:
    document = whole(house)
    propose(house, document)
    house.guest("dana")
    house.clock.advance(timedelta(minutes=11))
    for answer in (agree(house, document), confirm(house, document, "dana")):
        assert answer.status_code == 403
        assert ASKS in answer.text
    assert house.sql("select count(*) from request_act") == [(1,)]


# ---- narrowed
def test_a_whole_document_is_narrowed_to_pages(house: House) -> None:
    document = whole(house)
    lifted(house, document, pages="2")
    assert "Page 2" in page(house, document)
    assert "then narrowed" in page(house, document)
    assert share(house, document) == 302
    assert house.sql("select scope from request order by recorded_at") == [("document",), ("pages",)]


def test_passages_are_narrowed_to_some_of_them(house: House) -> None:
    document = house.guest("ada").deposit()
    assert house.guest("carla").withhold(document, scope="passages", boxes=BOXES).status_code == 302
    lifted(house, document, box=BOXES.split()[0])
    seen = page(house, document)
    assert "A passage on page 2" in seen


def test_a_narrowed_request_is_confirmed_and_can_be_lifted(house: House) -> None:
    document = whole(house)
    lifted(house, document, pages="2")
    assert confirm(house, document, "dmitri").status_code == 403
    lifted(house, document)
    assert share(house, document) == 302


@pytest.mark.parametrize(
    ("stays", "fault"),
    [
        ({"pages": "2-3"}, "This is what it keeps already"),
        ({"pages": "1-3"}, "keeps something that it does not keep now"),
        ({"pages": ""}, "Name the pages"),
        ({"pages": "99"}, "The document has pages"),
        ({"pages": "2", "until": "2020-01-01"}, "This day is over"),
        ({"pages": "2", "bodies": "CTED"}, "Choose from the other bodies"),
        ({"pages": "2", "reason": ""}, "Say why"),
        ({"box": "p1:0.1,0.1,0.9,0.3"}, "keeps something that it does not keep now"),
        ({"box": "p2:0.9,0.1,0.1,0.3"}, "has no inside"),
        ({"what": "", "pages": "2-3"}, "This is what it keeps already"),  # nothing chosen lifts nothing
    ],
)
def test_what_is_not_narrower_is_refused_and_nothing_typed_is_lost(house: House, stays: dict[str, str], fault: str) -> None:
    document = house.guest("ada").deposit()
    house.guest("carla").withhold(document, "2-3")
    refused = propose(house, document, **stays)
    assert refused.status_code == 422
    assert fault in refused.text
    assert stays.get("pages", "") in refused.text
    assert house.sql("select count(*) from request_act") == [(0,)]


def test_fewer_bodies_are_narrower_and_more_are_not(three: House) -> None:
    document = whole(three)
    lifted(three, document, bodies="OCT")
    assert three.sql("select withheld_from from request order by recorded_at") == [("*",), ("OCT",)]
    for more in (ENTITY, ""):
        assert propose(three, document, bodies=more, pages="2").status_code == 422
    assert three.guest("ada").prepare(document, ENTITY).status_code == 302
    assert three.guest("ada").prepare(document, "OCT").status_code == 409


# ---- what waits for whom
def test_home_says_what_waits_for_a_second_officer_and_to_nobody_else(house: House) -> None:
    document = whole(house)
    assert "To confirm as second officer: requests" in house.guest("dana").get("/").text
    assert "To confirm as second officer: requests" not in house.guest("carla").get("/").text
    assert confirm(house, document, "dana").status_code == 302
    assert "To confirm as second officer: requests" not in house.guest("dmitri").get("/").text
    assert propose(house, document, "dana").status_code == 302
    assert "To decide as second officer: what is kept back" in house.guest("dmitri").get("/").text
    for login in ("dmitri", "dana", "carla", "ada"):
        assert "Lift what is kept back" in house.guest(login).get("/approvals").text, login
    assert "Lift what is kept back" not in house.guest("quentin").get("/approvals").text
    for login in ("dana", "carla", "ada", "elena", "omar", "pedro"):
        assert "To decide as second officer: what is kept back" not in house.guest(login).get("/").text, login
    agree(house, document, "dmitri")
    assert "To decide as second officer: what is kept back" not in house.guest("dmitri").get("/").text


def test_home_says_what_is_due_for_review_until_somebody_proposed_to_lift_it(house: House) -> None:
    document = house.guest("ada").deposit()
    until = (house.clock.now() + timedelta(days=1)).date()
    house.guest("carla").withhold(document, until=until.isoformat())
    for login in ("carla", "ada"):
        assert "Requests due for review" not in house.guest(login).get("/").text
    at(house, datetime.combine(until + timedelta(days=1), time(0, 0), UTC))
    assert "Requests due for review" in house.guest("carla").get("/").text
    assert "Requests due for review" not in house.guest("ada").get("/").text
    propose(house, document)
    assert "Requests due for review" not in house.guest("carla").get("/").text
