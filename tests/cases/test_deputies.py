"""Deputies: two administrators name one for a time; closing takes one; no clock and no edited row gives a role that nobody gave."""

from datetime import timedelta
from uuid import UUID

import pytest

from portal.cases import facts
from portal.gateway.passage import Errand, Guard
from portal.kernel.actions import Action
from portal.kernel.errors import Unauthenticated
from portal.kernel.events import Event
from portal.kernel.vocabulary import Level, Role
from tests.cases.deputies import account, end, enter, name, named, propose, releases, rules, waiting
from tests.cases.moments import at, midnight
from tests.cases.subjects import subject_of
from tests.common.house import House, proposal_of


# ---- opening takes two
def test_nobody_is_a_deputy_before_a_second_administrator_names_them(house: House) -> None:
    waiting(house)
    assert propose(house, "ada").status_code == 302
    assert not releases(house, "ada")
    assert name(house).status_code == 302
    assert releases(house, "ada")
    assert subject_of(house, "ada").clearance is Level.CONFIDENTIAL  # naming a deputy clears nobody for more


def test_who_proposed_a_deputy_does_not_name_them(house: House) -> None:
    propose(house, "ada")
    refused = name(house, "greta")
    assert refused.status_code == 403
    assert "F61-deputy-takes-two" in rules(house)
    assert house.sql("select named_by from deputy") == [(None,)]


def test_the_deputy_neither_proposes_nor_names_themself(house: House) -> None:
    assert propose(house, "greta", role="auditor").status_code == 403
    assert propose(house, "gustav", role="auditor").status_code == 302
    assert name(house, "gustav").status_code == 403
    assert "F63-nobody-names-themself" in rules(house)


def test_two_accounts_of_one_human_are_not_two_administrators(house: House) -> None:
    propose(house, "ada")
    assert house.guest("greta").post(f"/people/{account(house, 'gustav')}/accounts", {"other": account(house, "greta")}).status_code == 302
    assert name(house, "gustav").status_code == 403
    assert "F61-deputy-takes-two" in rules(house)
    assert propose(house, "gustav", role="auditor").status_code == 403
    assert "F62-nobody-proposes-themself" in rules(house)


def test_an_administrator_of_another_body_finds_neither_person_nor_deputy(house: House) -> None:
    assert propose(house, "ada", by="sven").status_code == 404
    propose(house, "ada")
    assert name(house, "sven").status_code == 404
    assert end(house, "sven").status_code == 404
    assert "Ada" not in house.guest("sven").get("/people").text


@pytest.mark.parametrize("login", ["ada", "dana", "carla", "elena", "farid"])
def test_nobody_but_an_administrator_proposes_names_or_ends(house: House, login: str) -> None:
    assert propose(house, "bruno", by=login).status_code == 404
    propose(house, "bruno")
    assert name(house, login).status_code == 404
    assert end(house, login).status_code == 404


# ---- separation
@pytest.mark.parametrize(
    ("login", "role"), [("ada", "auditor"), ("dana", "security_administrator"), ("farid", "reviewer"), ("gustav", "releasing_officer")]
)
def test_no_deputy_joins_a_role_that_oversees_with_one_that_sees_content(house: House, login: str, role: str) -> None:
    refused = propose(house, login, role=role)
    assert refused.status_code == 422
    assert "nobody may do both" in refused.text
    assert f'value="{role}"' not in house.guest("greta").get(f"/people/{account(house, login)}/deputies").text
    assert house.sql("select count(*) from deputy") == [(0,)]


def test_a_sign_in_whose_groups_exclude_what_the_person_is_a_deputy_for_is_refused(house: House) -> None:
    enter(house, "farid", Role.REVIEWER)
    assert subject_of(house, "farid").roles == {Role.AUDITOR}  # a session from before does not join them either
    again = house.guest("farid").sign_in()
    assert again.status_code == 403
    assert "end what you do as a deputy" in again.text
    assert set(house.events()[-2:]) == {("session.signed_in", "failed", "conflicting_roles"), ("session.ended", "done", "")}


def test_a_proposal_whose_person_came_to_oversee_is_not_named(house: House) -> None:
    enter(house, "farid", Role.REVIEWER, is_named=False)
    refused = name(house)
    assert refused.status_code == 409
    assert "End the proposal" in refused.text
    assert house.sql("select named_by from deputy") == [(None,)]


def test_the_four_eyes_stay_with_a_deputy(house: House) -> None:
    named(house, "ada")
    waiting(house, "ada")
    assert house.guest("ada").approve(proposal_of(house)).status_code == 403
    assert "F06-four-eyes" in rules(house)
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302


# ---- closing takes one
@pytest.mark.parametrize("by", ["greta", "gustav"])
def test_either_administrator_ends_it_at_once(house: House, by: str) -> None:
    named(house, "ada")
    waiting(house)
    assert house.guest("ada").get("/approvals").status_code == 200
    assert end(house, by).status_code == 302
    assert not releases(house, "ada")
    assert name(house, "gustav").status_code == 403  # and nobody names it anew
    assert end(house, by).status_code == 403


def test_an_act_under_way_stops_when_the_deputy_is_ended_or_over(house: House) -> None:
    """A subject that was read before is no longer who it was."""
    named(house, "ada")
    errand = Errand(
        guard=Guard(action=Action.PROPOSAL_LIST, event=Event.PROPOSALS_LISTED, locate=facts.own_body), subject=subject_of(house, "ada")
    )
    assert house.passage.write(errand, lambda *_: "in") == "in"
    at(house, midnight(house, 1))
    with pytest.raises(Unauthenticated):
        house.passage.write(errand, lambda *_: "in")
    at(house, midnight(house, 0) - timedelta(hours=1))
    end(house)
    with pytest.raises(Unauthenticated):
        house.passage.write(errand, lambda *_: "in")


# ---- time
def test_the_role_is_held_from_the_first_day_to_the_last_and_no_longer(house: House) -> None:
    waiting(house)
    day = house.clock.now().date()
    named(house, "ada", begins=f"{day + timedelta(days=1)}", until=f"{day + timedelta(days=2)}")
    first, over = midnight(house, 1), midnight(house, 3)
    for moment, held in ((first - timedelta(seconds=1), False), (first, True), (over - timedelta(seconds=1), True), (over, False)):
        at(house, moment)
        assert (Role.RELEASING_OFFICER in subject_of(house, "ada").roles) is held, moment


def test_no_clock_set_back_gives_the_role_again(house: House) -> None:
    named(house, "ada")
    now, over = house.clock.now(), midnight(house, 1)
    assert house.passage.end_deputies() == 0
    at(house, over)
    assert house.passage.end_deputies() == 1
    assert house.passage.end_deputies() == 0
    assert house.sql("select bodies from audit_event where event = 'deputy.ended'") == [(",CTED,",)]
    at(house, now)
    assert Role.RELEASING_OFFICER not in subject_of(house, "ada").roles


def test_the_worker_ends_what_is_over_and_a_forged_row_does_not_stop_it(house: House) -> None:
    named(house, "ada")
    named(house, "elena")
    house.sql("update deputy set role = 'reviewer' where person_id = (select id from person where sub = 'person-elena')")
    house.clock.at = midnight(house, 2)
    house.worker.tick()
    assert house.sql("select count(*) from deputy where ended_at is not null and ended_by is null") == [(1,)]


def test_a_deputy_is_not_named_after_the_time(house: House) -> None:
    propose(house, "ada")
    house.guest("gustav")
    at(house, midnight(house, 1))
    assert name(house).status_code == 403
    assert "F64-named-once" in rules(house)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"begins": "-1"}, "lies in the past"),
        ({"until": "-1"}, "not before the first"),
        ({"until": "30"}, "at most 30 days"),
        ({"role": "emperor"}, "Choose one of the roles"),
        ({"role": "uploader"}, "holds the role already"),
        ({"reason": "x"}, "Say why"),
        ({"reason": "Mission\u202e"}, "change the direction"),
        ({"begins": "soon", "until": "later", "reason": ""}, "Give the last day"),
    ],
)
def test_what_cannot_be_taken_is_said_field_by_field(house: House, changes: dict[str, str], fault: str) -> None:
    today = house.clock.now().date()
    days = {key: f"{today + timedelta(days=int(value))}" for key, value in changes.items() if value.strip("-").isdigit()}
    refused = propose(house, "ada", **changes | days)
    assert refused.status_code == 422
    assert fault in refused.text
    assert "Nobody was proposed" in refused.text
    assert house.sql("select count(*) from deputy") == [(0,)]


def test_thirty_days_are_the_most_and_are_taken(house: House) -> None:
    assert propose(house, "ada", until=f"{house.clock.now().date() + timedelta(days=29)}").status_code == 302


# ---- rows
@pytest.mark.parametrize(
    "edit",
    [
        "update deputy set ends_at = ends_at + 86400000000",
        "update deputy set begins_at = 0",
        "update deputy set ended_at = null, ended_by = null",
        "update deputy set role = 'confidentiality_officer'",
        "update deputy set named_at = proposed_at, named_by = proposed_by",
        "update deputy set person_id = (select id from person where sub = 'person-elena')",
        "update deputy set body = 'OCT'",
    ],
)
def test_a_row_edited_in_the_database_gives_no_role(house: House, edit: str) -> None:
    house.guest("elena")
    propose(house, "ada", begins=f"{house.clock.now().date() + timedelta(days=1)}", until=f"{house.clock.now().date() + timedelta(days=1)}")
    if "ended_at" in edit:
        end(house)
    elif "named_at" not in edit:
        name(house)
    house.sql(edit)
    at(house, midnight(house, 1))
    for login in ("ada", "elena"):
        assert house.guest(login).post(f"/approvals/{UUID(int=1)}/decline").status_code in {401, 404}
        assert house.guest(login).get("/approvals").status_code in ({401} if login in edit else {200, 401, 403})
    assert ("alarm.raised", "done", "") in house.events()


# ---- who reads of it
def test_auditors_of_the_body_read_of_deputies_and_nobody_else(house: House) -> None:
    named(house, "ada")
    end(house)
    told = house.sql("select event, bodies from audit_event where event like 'deputy.%' order by at, rowid")
    assert told == [("deputy.proposed", ",CTED,"), ("deputy.named", ",CTED,"), ("deputy.ended", ",CTED,")]
    page = house.guest("farid").log()
    assert "Deputy named" in page
    assert "Dana is on mission" not in page
    assert "Deputy named" not in house.guest("rana").log()


def test_the_page_of_people_says_who_is_a_deputy_and_who_may_name_them(house: House) -> None:
    propose(house, "ada")
    mine, others = house.guest("greta").get("/people").text, house.guest("gustav").get("/people").text
    assert "You proposed this deputy yourself" in mine
    assert "Name as deputy" not in mine
    assert "Name as deputy" in others
    assert "Dana is on mission" in others
    name(house)
    assert "In force" in house.guest("greta").get("/people").text


def test_the_reason_is_sealed_for_the_body(house: House) -> None:
    propose(house, "ada", reason="A word that nobody reads")
    assert not [file for file, content in house.everything_at_rest().items() if b"A word that nobody reads" in content]
