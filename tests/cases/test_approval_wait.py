"""Whoever newly holds the role of releasing officer waits before approving, lifting a hold or shredding; closing waits for nobody."""

from datetime import timedelta

import pytest

from portal.app import create_app
from portal.kernel.config import load_config
from portal.kernel.errors import Misconfigured
from portal.kernel.vocabulary import Level, Role
from tests.cases.deputies import named, rules, waiting
from tests.cases.keeping import confirm, hold, lift
from tests.cases.keeping import propose as propose_shredding
from tests.cases.moments import at
from tests.cases.subjects import subject_of
from tests.common.house import House, proposal_of, shared


def waits(house: House, hours: int) -> None:
    """The same house, where a releasing officer waits so long, and a second factor does not age meanwhile."""
    file = house.folder / "config.toml"
    file.write_text(file.read_text().replace("approval_wait_hours = 0", f"approval_wait_hours = {hours}\nstep_up_minutes = 10000"))
    house.parts.database.close()
    house.config = load_config(file)
    house.app = create_app(house.config, clock=house.clock, background=False)
    house.guests.clear()


def test_who_has_come_to_release_only_lately_approves_nothing_before_the_time(house: House) -> None:
    waits(house, 24)
    document = waiting(house)
    since = house.clock.now()
    refused = house.guest("dana").approve(proposal_of(house))
    assert refused.status_code == 403
    assert "only lately" in refused.text
    assert rules(house) == ",F66-approval-wait,"
    assert "only lately" in house.guest("dana").get(f"/documents/{document}").text  # said beforehand, too
    at(house, since + timedelta(hours=23, minutes=59))
    assert house.guest("dana").approve(proposal_of(house)).status_code == 403
    at(house, house.clock.now() + timedelta(minutes=2))
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302


def test_neither_lifts_a_hold_nor_shreds_and_closes_all_the_same(house: House) -> None:
    document, _ = shared(house)
    waits(house, 24)
    propose_shredding(house, document)
    assert confirm(house, document, "dmitri").status_code == 403
    assert rules(house) == ",F66-approval-wait,"
    hold(house, document)
    assert lift(house, document, "dmitri").status_code == 403
    assert rules(house) == ",F66-approval-wait,"
    assert house.guest("dmitri").recall(document, proposal_of(house)).status_code == 302


def test_no_clock_set_back_shortens_the_wait_and_signing_in_again_does_not_begin_it_anew(house: House) -> None:
    waits(house, 24)
    dana = house.guest("dana")
    since = house.sql("select releases_since from person where sub = 'person-dana'")
    house.clock.advance(timedelta(seconds=9))
    assert dana.sign_in().status_code == 200
    assert house.sql("select releases_since from person where sub = 'person-dana'") == since
    at(house, house.clock.now() - timedelta(days=3))
    assert subject_of(house, "dana").waits


def test_a_role_given_up_and_held_again_is_newly_held(house: House) -> None:
    house.guest("dana")
    with house.parts.write() as uow:
        person = next(row for row in uow.people.of_body("CTED") if row.sub == "person-dana")
        uow.people.belong(person, "CTED", frozenset({Role.UPLOADER}), Level.CONFIDENTIAL, uow.at)
        assert person.releases_since is None
        later = uow.at + timedelta(days=40)
        uow.people.belong(person, "CTED", frozenset({Role.UPLOADER, Role.RELEASING_OFFICER}), Level.CONFIDENTIAL, later)
        assert person.releases_since == later
        uow.people.belong(person, "CTED", frozenset({Role.RELEASING_OFFICER}), Level.CONFIDENTIAL, later + timedelta(days=1))
        assert person.releases_since == later
        uow.people.belong(person, "OCT", frozenset({Role.RELEASING_OFFICER}), Level.CONFIDENTIAL, later + timedelta(days=2))
        assert person.releases_since == later + timedelta(days=2)


def test_a_deputy_waits_from_the_naming_and_not_from_the_first_day(house: House) -> None:
    waits(house, 3)
    waiting(house)
    named(house, "ada", until=f"{house.clock.now().date() + timedelta(days=3)}")
    since = house.clock.now()
    at(house, since + timedelta(hours=2, minutes=59))
    assert house.guest("ada").approve(proposal_of(house)).status_code == 403
    assert "F66-approval-wait" in rules(house)
    at(house, since + timedelta(hours=3, seconds=1))
    assert house.guest("ada").approve(proposal_of(house)).status_code == 302


def test_since_when_a_role_is_held_is_not_to_be_edited(house: House) -> None:
    waits(house, 24)
    house.guest("dana")
    for edit in ("update person set releases_since = null", "update person set releases_since = 0"):
        saved = house.sql("select releases_since from person where sub = 'person-dana'")[0]
        house.sql(f"{edit} where sub = 'person-dana'")
        assert house.guest("dana").get("/").status_code in {302, 401}
        assert ("alarm.raised", "done", "") in house.events()
        house.sql("update person set releases_since = ? where sub = 'person-dana'", *saved)
        assert house.guest("dana").get("/").status_code == 200


@pytest.mark.parametrize("hours", ["-1", "721"])
def test_a_wait_that_is_none_stops_the_start(house: House, hours: str) -> None:
    with pytest.raises(Misconfigured, match="approval_wait_hours"):
        waits(house, int(hours))
