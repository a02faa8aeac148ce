"""A sign-in service says that a session is over: then it is over here, and nobody else's is."""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from tests.cases.forged import signed_in, told, with_forger
from tests.common.house import Guest, House
from tests.rooms.identity.forger import CONFIGURATION, Edit, Forger


@pytest.fixture
def forged(house: House) -> Iterator[tuple[House, Forger]]:
    with with_forger(house) as made:
        yield made


def inside(*guests: Guest) -> list[bool]:
    return [guest.get("/documents").status_code == 200 for guest in guests]


def test_a_named_session_ends_and_the_persons_others_do_not(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    one, two = signed_in(house, forger, sid="s-1"), signed_in(house, forger, sid="s-2")
    answer = told(house, forger, lambda c: c.update(sid="s-1"))
    assert (answer.status_code, answer.headers["Cache-Control"], answer.data) == (200, "no-store", b"")
    assert inside(one, two) == [False, True]


def test_a_session_alone_is_enough(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    one, two = signed_in(house, forger, sid="s-1"), signed_in(house, forger, sid="s-2")
    assert told(house, forger, lambda c: [c.pop("sub"), c.update(sid="s-2")]).status_code == 200
    assert inside(one, two) == [True, False]


def test_a_person_alone_means_all_their_sessions_and_voids_what_is_under_way(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    one, two, other = (signed_in(house, forger, sub, sid) for sub, sid in (("person-1", "s-1"), ("person-1", "s-2"), ("person-2", "s-3")))
    epoch = "select access_epoch from person where sub = 'person-1'"
    before = house.sql(epoch)[0][0]
    assert told(house, forger).status_code == 200
    assert inside(one, two, other) == [False, False, True]
    assert house.sql(epoch) == [(before + 1,)]
    assert inside(signed_in(house, forger)) == [True]


def test_a_session_that_is_somebody_elses_does_not_end(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    one, other = signed_in(house, forger, "person-1", "s-1"), signed_in(house, forger, "person-2", "s-2")
    assert told(house, forger, lambda c: c.update(sid="s-2")).status_code == 200
    assert inside(one, other) == [True, True]


def test_a_service_ends_no_session_that_another_began(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    house.guest("ada")
    sid = house.sql("select provider_session from session where person_id is not null")[0][0]
    assert told(house, forger, lambda c: [c.pop("sub"), c.update(sid=sid)]).status_code == 200
    assert told(house, forger, lambda c: c.update(sub="person-ada", jti="token-2")).status_code == 200
    assert inside(house.guest("ada")) == [True]


def test_its_end_is_one_event_that_the_persons_body_alone_may_read(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    signed_in(house, forger)
    before = len(house.events())
    told(house, forger)
    assert house.events()[before:] == [("session.ended_by_provider", "done", "")]
    ((bodies, actor, detail),) = house.sql("select bodies, actor, detail from audit_event where event = 'session.ended_by_provider'")
    ((session, person),) = house.sql("select id, person_id from session where person_id is not null")
    assert (bodies, actor) == (",CTED,", person)
    assert json.loads(detail) == {"person": str(UUID(person)), "provider": "forged", "sessions": [str(UUID(session))]}


def test_that_nobody_is_here_is_no_fault(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    assert told(house, forger).status_code == 200
    assert house.events()[-1] == ("session.ended_by_provider", "done", "")


def test_a_token_is_taken_once(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    assert told(house, forger).status_code == 200
    one = signed_in(house, forger)
    again = told(house, forger)
    assert (again.status_code, again.headers["Cache-Control"]) == (400, "no-store")
    assert inside(one) == [True]
    assert house.events()[-2][1:] == ("failed", "logout_token")


def test_a_token_is_remembered_until_it_could_not_come_again_and_no_longer(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    told(house, forger)
    house.clock.advance(timedelta(seconds=149))
    late: Edit = lambda c: c.update(iat=c["iat"] - 149, exp=c["exp"] - 149)  # noqa: E731
    assert told(house, forger, late).status_code == 400
    house.clock.advance(timedelta(seconds=60))
    told(house, forger, lambda c: c.update(jti="token-2"))
    assert house.sql("select count(*) from logout_token") == [(1,)]


def test_the_database_holds_no_identifier_of_a_token(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    told(house, forger, lambda c: c.update(jti="an-identifier-of-a-token"))
    assert not [name for name, content in house.everything_at_rest().items() if b"an-identifier-of-a-token" in content]


BAD: dict[str, Edit] = {
    "another issuer": lambda c: c.update(iss="https://elsewhere.example"),
    "another audience": lambda c: c.update(aud="somebody"),
    "a nonce": lambda c: c.update(nonce="x" * 43),
    "no event": lambda c: c.pop("events"),
    "too late": lambda c: c.update(iat=c["iat"] - 300, exp=c["exp"] - 300),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_token_ends_nothing_and_is_one_refusal(forged: tuple[House, Forger], fault: str) -> None:
    house, forger = forged
    one = signed_in(house, forger)
    house.clock.advance(timedelta(minutes=1))  # nothing of this address was refused in this minute
    before = len(house.events())
    answer = told(house, forger, BAD[fault])
    assert (answer.status_code, answer.headers["Cache-Control"]) == (400, "no-store")
    assert house.events()[before:] == [("session.ended_by_provider", "failed", "logout_token")]
    assert inside(one) == [True]


def test_a_good_token_at_another_services_address_is_refused(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    one = signed_in(house, forger)
    assert told(house, forger, at="demo").status_code == 400
    assert told(house, forger, at="nobody").status_code == 404
    assert inside(one) == [True]


def test_no_token_at_all_is_refused(house: House) -> None:
    assert house.stranger().post("/back-channel-logout/demo").status_code == 400
    assert house.stranger().get("/back-channel-logout/demo").status_code == 404


def test_a_service_whose_keys_are_out_of_reach_may_come_again(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    forger.status[CONFIGURATION] = 503
    assert told(house, forger).status_code == 503
    forger.status.clear()
    house.clock.advance(timedelta(seconds=6))
    assert told(house, forger).status_code == 200


def test_a_page_elsewhere_cannot_bring_a_token_through_somebodys_browser(forged: tuple[House, Forger]) -> None:
    house, forger = forged
    one = signed_in(house, forger)
    answer = one.client.post("/back-channel-logout/forged", base_url="http://localhost:8000", data={"logout_token": "x"})
    assert answer.status_code == 403
    assert house.events()[-1] == ("session.ended_by_provider", "refused", "forged")
