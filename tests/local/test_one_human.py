"""Roles of local accounts, where a human has other accounts: two of them are one officer, and what one holds counts for the other."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.cases.deputies import link, rules, waiting
from tests.cases.test_approval_wait import waits
from tests.common.house import House, proposal_of
from tests.common.local import confirm, enrolled, grant, grant_of, handed, proposed


def link_local(house: House, login: str, account: str) -> None:
    """This person also has the local account."""
    person = UUID(house.sql("select id from person where sub = ?", f"person-{login}")[0][0])
    assert house.guest("greta").post(f"/people/{person}/accounts", {"other": account}).status_code == 302


def test_two_accounts_of_one_human_are_not_two_officers(house: House) -> None:
    account = proposed(house)
    for login in ("carla", "dana", "uma"):
        house.guest(login)
    handed(grant(house, account, "carla"))
    assert link(house, "carla", "dana").status_code == 302
    for login in ("carla", "dana", "uma"):  # their permits are new
        house.guest(login).sign_in()
    assert confirm(house, account, "dana").status_code == 403
    assert rules(house) == ",F53-grant-takes-two,"
    assert house.sql("select roles from person where issuer = 'local'") == [("",)]
    handed(confirm(house, account, "uma"))


def test_nobody_gives_roles_to_another_account_of_their_own(house: House) -> None:
    account = proposed(house)
    house.guest("dana")
    handed(grant(house, account, "carla"))
    link_local(house, "dana", account)
    house.guest("dana").sign_in()
    assert confirm(house, account, "dana").status_code == 403
    assert house.guest("carla").post(f"/accounts/{account}/grants/{grant_of(house)}/withdraw").status_code == 302
    assert grant(house, account, "dana").status_code == 403
    assert house.sql("select roles from person where issuer = 'local'") == [("",)]


@pytest.mark.parametrize("login", ["farid", "greta"])
def test_who_oversees_in_another_account_is_given_no_role_that_sees_content(house: House, login: str) -> None:
    account = proposed(house)
    house.guest(login)
    link_local(house, login, account)
    refused = grant(house, account)
    assert refused.status_code == 422
    assert "in another account" in refused.text
    assert house.sql("select count(*) from role_grant") == [(0,)]


def test_who_came_to_oversee_in_another_account_since_the_proposal_is_given_nothing(house: House) -> None:
    account = proposed(house)
    house.guest("farid")
    handed(grant(house, account))
    link_local(house, "farid", account)
    refused = confirm(house, account)
    assert refused.status_code == 409
    assert "Withdraw the proposal" in refused.text
    assert house.events()[-1] == ("grant.confirmed", "failed", "stale")
    assert house.sql("select roles from person where issuer = 'local'") == [("",)]
    assert house.guest("farid").get("/").status_code == 200


def test_who_is_given_the_releasing_role_waits_from_the_confirmation_on(house: House) -> None:
    waits(house, 24)
    omid = enrolled(house, "omid", roles=("releasing_officer",), clearance="2")
    waiting(house)
    assert omid.sign_in().status_code == 200
    proposal = proposal_of(house)
    refused = omid.post(f"/approvals/{proposal}/approve")
    assert (refused.status_code, "only lately" in refused.text) == (403, True)
    assert rules(house) == ",F66-approval-wait,"
    house.clock.advance(timedelta(hours=24))
    assert omid.sign_in().status_code == 200
    assert omid.post(f"/approvals/{proposal}/approve").status_code == 302
