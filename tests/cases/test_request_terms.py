"""What a request says besides what it keeps: on whose account, from whom, and until when."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.cases.moments import at
from tests.common.entity import ENTITY, READER
from tests.common.house import House, open_house, proposal_of, shared
from tests.common.s3server import S3Server

OWN = {"ground": "third_party", "reference": "Names of interlocutors", "state": "", "dated": "", "received": ""}


@pytest.fixture
def three(entity_template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    """A portal with a third body."""
    house = open_house(entity_template, tmp_path / "portal", s3=house_s3)
    yield house
    house.close()


# ---- on whose account
def test_an_own_redaction_keeps_nothing_of_a_states_communication(house: House) -> None:
    document = house.guest("ada").deposit()
    assert house.guest("carla").withhold(document, "2", **OWN | {"state": "XSM", "dated": "2026-11-02"}).status_code == 302
    page = house.guest("ada").get(f"/documents/{document}").text
    assert "Own redaction: third party" in page
    assert "Names of interlocutors" in page
    assert "<dt>State</dt>" not in page.split('id="requests"')[1].split("<form")[0]


def test_a_whole_document_is_kept_back_at_a_states_request_only(house: House) -> None:
    document = house.guest("ada").deposit()
    refused = house.guest("carla").withhold(document, **OWN)
    assert refused.status_code == 422
    assert "A whole document is kept back when a State asks for it" in refused.text
    assert house.sql("select count(*) from request") == [(0,)]


def test_an_own_redaction_closes_like_a_request(house: House) -> None:
    document, share = shared(house)
    assert house.guest("carla").withhold(document, "2", **OWN).status_code == 302
    assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 403
    assert house.sql("select count(*) from closure where reason = 'request'") == [(1,)]


def test_the_recipient_sees_one_and_the_same_mark_whoever_asked(house: House) -> None:
    seen = []
    for number, said in enumerate(({}, OWN)):
        document = house.guest("ada").deposit(symbol=f"CTED/2026/XSM/{number}")
        assert house.guest("carla").withhold(document, "2", **said).status_code == 302
        assert house.guest("ada").prepare(document).status_code == 302
        assert house.guest("ada").propose(document).status_code == 302
        assert house.guest("dana").approve(proposal_of(house)).status_code == 302
        house.clock.advance(timedelta(seconds=1))
        share = UUID(house.sql("select id from share order by approved_at desc")[0][0])
        page = house.guest("omar").get(f"/received/{share}/pages/2")
        assert page.status_code == 200
        seen.append(page.text.count("Not included in this rendition"))
        assert "third party" not in page.text
        assert "Member State" not in page.text
    assert seen[0] == seen[1] > 0


def test_what_is_no_ground_is_refused(house: House) -> None:
    document = house.guest("ada").deposit()
    assert "Choose on whose account" in house.guest("carla").withhold(document, "2", ground="whim").text


def test_a_request_of_a_state_still_takes_state_day_and_way(house: House) -> None:
    document = house.guest("ada").deposit()
    for field in ("state", "dated", "received", "reference"):
        assert house.guest("carla").withhold(document, "2", **{field: ""}).status_code == 422, field
    assert house.sql("select count(*) from request") == [(0,)]


# ---- from whom
def test_what_is_withheld_from_one_body_may_go_to_another(three: House) -> None:
    document = three.guest("ada").deposit()
    assert three.guest("carla").withhold(document, bodies="OCT").status_code == 302
    assert three.guest("ada").prepare(document, "OCT").status_code == 409
    assert three.guest("ada").propose(document, "OCT").status_code == 403
    assert three.guest("ada").prepare(document, ENTITY).status_code == 302
    assert three.guest("ada").propose(document, ENTITY).status_code == 302
    assert three.guest("dana").approve(proposal_of(three)).status_code == 302
    assert three.guest(READER).get("/received").text.count("CTED/2026") > 0
    assert "The Office" in three.guest("ada").get(f"/documents/{document}").text


def test_none_named_is_every_other_body(three: House) -> None:
    document = three.guest("ada").deposit()
    assert three.guest("carla").withhold(document).status_code == 302
    assert three.sql("select withheld_from from request") == [("*",)]
    for body in ("OCT", ENTITY):
        assert three.guest("ada").propose(document, body).status_code == 403


@pytest.mark.parametrize("body", ["CTED", "XYZ", "*", "OCT,ENTITY"])
def test_a_request_names_other_bodies_only(house: House, body: str) -> None:
    document = house.guest("ada").deposit()
    refused = house.guest("carla").withhold(document, "2", bodies=body)
    assert refused.status_code == 422
    assert "Choose from the other bodies" in refused.text


def test_a_share_with_a_body_that_is_not_named_stays(three: House) -> None:
    document = three.guest("ada").deposit()
    for body in ("OCT", ENTITY):
        assert three.guest("ada").prepare(document, body).status_code == 302
        assert three.guest("ada").propose(document, body).status_code == 302
        assert three.guest("dana").approve(proposal_of(three)).status_code == 302
        three.clock.advance(timedelta(seconds=1))
    assert three.guest("carla").withhold(document, "2", bodies="OCT").status_code == 302
    kept = three.sql("select recipient from share where id not in (select share_id from closure)")
    assert kept == [(ENTITY,)]


# ---- until when
def test_a_day_that_passes_opens_nothing_and_is_due_for_review(house: House) -> None:
    document = house.guest("ada").deposit()
    until = (house.clock.now() + timedelta(days=3)).date()
    assert house.guest("carla").withhold(document, until=until.isoformat()).status_code == 302
    at(house, datetime.combine(until, time(23, 59), UTC))
    house.worker.tick()
    page = house.guest("ada").get(f"/documents/{document}").text
    assert 'id="requests"' in page
    assert "Due for review" not in page  # its last day
    at(house, datetime.combine(until + timedelta(days=1), time(0, 0), UTC))
    house.worker.tick()
    page = house.guest("ada").get(f"/documents/{document}").text
    assert "Due for review" in page
    assert "stays in force until two officers lift it" in page
    assert house.guest("ada").prepare(document).status_code == 409
    assert house.guest("ada").propose(document).status_code == 403


@pytest.mark.parametrize("until", ["2020-01-01", "soon", "2027-02-30"])
def test_a_day_that_is_over_or_none_is_refused(house: House, until: str) -> None:
    document = house.guest("ada").deposit()
    assert house.guest("carla").withhold(document, until=until).status_code == 422
    assert house.sql("select count(*) from request") == [(0,)]


@pytest.mark.parametrize("edit", ["until = '2020-01-01'", "until = null", "withheld_from = 'OCT'"])
def test_bounds_edited_in_the_database_are_an_alarm(house: House, edit: str) -> None:
    document = house.guest("ada").deposit()
    until = (house.clock.now() + timedelta(days=3)).date().isoformat()
    house.guest("carla").withhold(document, until=until)
    house.sql(f"update request set {edit}")
    assert house.guest("ada").get(f"/documents/{document}").status_code == 500
    assert house.events()[-1] == ("document.read", "failed", "tampered")


# ---- the form
def test_a_refused_form_is_given_back_as_it_was_typed(three: House) -> None:
    document = three.guest("ada").deposit()
    until = (three.clock.now() + timedelta(days=3)).date().isoformat()
    page = three.guest("carla").withhold(document, "99", bodies=ENTITY, until=until, ground="personal_data").text
    assert f'value="{until}"' in page
    assert f'value="{ENTITY}" checked' in page
    assert '<option value="personal_data" selected>' in page
