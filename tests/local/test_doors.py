"""The locks on doors (tests/architecture/test_doors.py), where a body has local accounts and their doors are not all absent."""

import pytest

from tests.architecture import test_doors as doors
from tests.common.house import House
from tests.common.local import enrolled, grant, grant_of, handed, proposed


def test_a_stranger_opens_no_door_and_each_refusal_is_accounted_for(house: House) -> None:
    doors.test_a_stranger_opens_no_door_and_each_refusal_is_accounted_for(house)


@pytest.mark.parametrize("login", ["ada", "carla", "greta", "sven"])
def test_a_signed_in_person_leaves_exactly_one_event_for_each_refusal(house: House, login: str) -> None:
    doors.test_a_signed_in_person_leaves_exactly_one_event_for_each_refusal(house, login)


@pytest.mark.parametrize("login", ["carla", "greta"])
def test_a_body_that_is_too_large_or_no_form_is_one_refusal_at_every_door(house: House, login: str) -> None:
    doors.test_a_body_that_is_too_large_or_no_form_is_one_refusal_at_every_door(house, login)


def test_the_other_body_cannot_tell_an_account_from_one_that_never_was(house: House) -> None:
    account = proposed(house)
    handed(grant(house, account))
    for guest in (house.guest("sven"), house.guest("quentin"), house.guest("ada")):
        for real, absent in (
            (f"/accounts/{account}/grants", f"/accounts/{doors.ABSENT}/grants"),
            (f"/accounts/{account}/grants/{grant_of(house)}/confirm", f"/accounts/{account}/grants/{doors.ABSENT}/confirm"),
        ):
            replies = [guest.post(path, {"roles": ["uploader"], "clearance": "1"}) for path in (real, absent)]
            assert [reply.status_code for reply in replies] == [404, 404]
            assert replies[0].data == replies[1].data


def test_a_refused_sign_in_tells_no_auditor_whose_it_was(house: House) -> None:
    ines = enrolled(house)
    ines.give_password("wrong")
    last = house.sql("select actor, object_id, detail from audit_event order by at desc, rowid desc limit 1")
    assert last == [(None, "PORTAL", "{}")]
