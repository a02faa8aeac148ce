"""Two accounts of one human: one person where two are needed, and neither oversees what the other sees."""

from uuid import UUID

import pytest

from tests.cases.deputies import account, link, rules, waiting
from tests.cases.keeping import last, lift
from tests.common.house import House, proposal_of


def test_two_accounts_of_one_human_are_one_person_where_two_are_needed(house: House) -> None:
    document = waiting(house, "ada")
    assert link(house, "ada", "dana").status_code == 302
    assert house.guest("dana").approve(proposal_of(house)).status_code == 403
    assert "F06-four-eyes" in rules(house)
    house.guest("dana").post(f"/documents/{document}/holds", {"reason": "Case 12"})
    assert link(house, "dana", "dmitri").status_code == 302  # and what is one with each of two is one with both
    assert lift(house, document, "dmitri").status_code == 403
    assert "F44-hold-lifted-by-another" in rules(house)
    assert house.guest("dmitri").approve(proposal_of(house)).status_code == 403
    assert house.guest("uma").approve(proposal_of(house)).status_code == 302


def test_a_shredding_is_not_confirmed_by_another_account_of_who_proposed_it(house: House) -> None:
    document = house.guest("ada").deposit()
    assert house.guest("dana").post(f"/documents/{document}/shredding", {"reason": "Retention is over"}).status_code == 302
    link(house, "dana", "dmitri")
    path = f"/documents/{document}/shredding/{last(house, 'shredding_proposed')}/confirm"
    assert house.guest("dmitri").post(path, {"symbol": house.cast.symbol}).status_code == 403
    assert "F43-shredding-takes-two" in rules(house)


def test_one_human_oversees_with_no_account_what_they_see_with_another(house: House) -> None:
    house.guest("ada")
    assert link(house, "farid", "ada").status_code == 302
    for login in ("ada", "farid"):
        assert house.guest(login).get("/").status_code in {302, 401}
        refused = house.guest(login).sign_in()
        assert refused.status_code == 403
        assert "close one of the two accounts" in refused.text
    assert house.guest("greta").post(f"/people/{account(house, 'ada')}/close").status_code == 302
    assert house.guest("farid").sign_in().status_code == 200


@pytest.mark.parametrize("other", ["", "nobody", str(UUID(int=9)), "omar", "ada"])
def test_only_another_account_of_the_body_is_recorded(house: House, other: str) -> None:
    other = account(house, other) if other in {"omar", "ada"} else other
    refused = house.guest("greta").post(f"/people/{account(house, 'ada')}/accounts", {"other": other})
    assert refused.status_code == 422
    assert house.sql("select count(*) from person where human is not null") == [(0,)]


def test_a_link_edited_away_in_the_database_lets_nobody_in(house: House) -> None:
    link(house, "ada", "dana")
    house.sql("update person set human = null")
    assert house.guest("dana").get("/").status_code in {302, 401}
    assert ("alarm.raised", "done", "") in house.events()
