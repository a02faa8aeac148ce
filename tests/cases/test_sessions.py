"""Sessions and accounts: every one of the ways in which access ends holds without the others."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

import portal.cases.sign_in as signing_in
from portal.cases.sign_in import Opened, find_session, flows_in, store_session, touch
from portal.gateway.passage import Errand
from portal.kernel.errors import Unauthenticated
from portal.kernel.vocabulary import Level, Role
from tests.cases.subjects import subject_of
from tests.cases.test_epochs import READ
from tests.common.house import Guest, House


def cookie_of(guest: Guest) -> str:
    cookie = guest.client.get_cookie("__Host-portal", domain="localhost")
    assert cookie is not None
    return cookie.value


def opened(house: House, token: str) -> Opened | None:
    with house.parts.read() as uow:
        return find_session(uow, token)


def close(house: House, name: str) -> None:
    person = str(UUID(house.sql("select id from person where sub = ?", f"person-{name}")[0][0]))
    assert house.guest("greta").post(f"/people/{person}/close").status_code == 302


def begin(house: House) -> Guest:
    """A stranger who began to sign in and has not come back yet."""
    guest = house.stranger()
    guest.get("/sign-in/demo/start")
    return guest


def test_the_sessions_of_a_closed_account_are_revoked(house: House) -> None:
    house.guest("ada")
    close(house, "ada")
    left = "select count(*) from session s join person p on p.id = s.person_id where p.sub = 'person-ada' and s.revoked_at is null"
    assert house.sql(left) == [(0,)]


def test_a_session_put_back_after_the_account_was_closed_lets_nobody_in(house: House) -> None:
    ada = house.guest("ada")
    close(house, "ada")
    house.sql("update session set revoked_at = null")
    assert ada.get("/documents").status_code == 401


def test_who_was_read_before_the_account_was_closed_is_void_even_with_the_session_put_back(house: House) -> None:
    document = house.guest("ada").register()
    asked = Errand(guard=READ, subject=subject_of(house, "ada"), where={"document_id": UUID(document)})
    close(house, "ada")
    house.sql("update session set revoked_at = null")
    with pytest.raises(Unauthenticated):
        house.passage.read(asked, lambda *_: pytest.fail("acted"))


def test_a_sign_in_takes_the_roles_from_the_groups_and_voids_what_was_read_before(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    document = house.guest("ada").register()
    before = subject_of(house, "ada")
    today = SimpleNamespace(body="CTED", roles=frozenset({Role.RELEASING_OFFICER}), clearance=Level.STRICTLY_CONFIDENTIAL)
    monkeypatch.setattr(signing_in, "membership", lambda *_: today)
    again = Guest(house, "ada")
    again.sign_in()
    now = opened(house, cookie_of(again))
    assert now is not None
    assert now.subject is not None
    assert (now.subject.roles, now.subject.clearance) == (today.roles, today.clearance)
    with pytest.raises(Unauthenticated):
        house.passage.read(Errand(guard=READ, subject=before, where={"document_id": UUID(document)}), lambda *_: pytest.fail("acted"))


def test_the_session_that_began_a_sign_in_ends_with_it(house: House) -> None:
    house.guest("omar")
    assert house.sql("select count(*) from session where person_id is null and revoked_at is null") == [(0,)]


def test_signing_out_takes_the_session_away(house: House) -> None:
    omar = house.guest("omar")
    token = cookie_of(omar)
    omar.post("/sign-out")
    assert opened(house, token) is None
    left = opened(house, cookie_of(omar))
    assert left is not None
    assert (left.subject, set(left.data)) == (None, {"leaving"})


def test_a_sign_in_that_nobody_finished_is_forgotten(house: House) -> None:
    guest = begin(house)
    token = cookie_of(guest)
    house.clock.advance(timedelta(minutes=14))
    assert opened(house, token) is not None
    house.clock.advance(timedelta(minutes=2))
    assert opened(house, token) is None


def test_the_sweep_forgets_unfinished_sign_ins_and_no_others(house: House) -> None:
    omar = house.guest("omar")
    begin(house)
    house.clock.advance(timedelta(minutes=16))
    young = cookie_of(begin(house))
    house.worker.tick()
    assert house.sql("select count(*) from session where person_id is null") == [(1,)]
    assert opened(house, young) is not None
    assert omar.get("/received").status_code == 200


def test_a_session_from_the_future_is_none(house: House) -> None:
    omar = house.guest("omar")
    house.sql("update session set created_at = created_at + 3600000000, last_seen = last_seen + 3600000000")
    assert omar.get("/received").status_code == 401


def test_a_session_that_was_used_later_than_now_is_over(house: House) -> None:
    omar = house.guest("omar")
    house.clock.advance(timedelta(minutes=10))
    omar.get("/received")
    house.clock.advance(-timedelta(minutes=9))  # after it was begun, before it was used last
    assert omar.get("/received").status_code == 401


def test_a_clock_set_back_ends_every_session_with_one_event(house: House) -> None:
    """Fourteen minutes back would be fourteen more for whoever was idle meanwhile."""
    omar, ada = house.guest("omar"), house.guest("ada")
    house.worker.tick()
    house.clock.advance(timedelta(minutes=15))
    house.worker.tick()
    before = len(house.events())
    house.clock.advance(-timedelta(minutes=14))
    house.worker.tick()
    house.worker.tick()
    assert house.events()[before:] == [("session.ended", "done", "")]
    assert [omar.get("/received").status_code, ada.get("/documents").status_code] == [401, 401]
    assert Guest(house, "omar").sign_in().status_code == 200


def test_a_clock_that_was_set_back_while_the_portal_was_down_is_found_out_by_the_last_use(house: House) -> None:
    omar = house.guest("omar")
    house.clock.advance(timedelta(minutes=5))
    house.guest("ada").get("/documents")
    house.clock.advance(-timedelta(minutes=4))
    house.worker.tick()  # its first look
    assert omar.get("/received").status_code == 401


def test_a_clock_that_is_corrected_a_little_ends_nothing(house: House) -> None:
    omar = house.guest("omar")
    house.worker.tick()
    house.clock.advance(-timedelta(seconds=59))
    house.worker.tick()
    assert omar.get("/received").status_code == 200


def test_a_session_is_for_the_person_whose_identity_it_names(house: House) -> None:
    omar = house.guest("omar")
    session = subject_of(house, "omar").session
    with house.parts.write() as uow:
        store_session(uow, session, {"name": "Omar", "_user_id": str(uuid4()), "_fresh": True})
        uow.session.commit()
    assert omar.get("/received").status_code == 401


def test_a_dead_session_is_neither_revived_nor_written_to(house: House) -> None:
    house.guest("omar")
    session = subject_of(house, "omar").session
    house.clock.advance(timedelta(minutes=21))
    before = house.sql("select last_seen, data from session where id = ?", session.hex)
    house.sql("update session set revoked_at = 1 where id = ?", session.hex)
    with house.parts.write() as uow:
        touch(uow, session)
        store_session(uow, session, {"name": "somebody else"})
        uow.session.commit()
    assert house.sql("select last_seen, data from session where id = ?", session.hex) == before


def test_an_idle_session_is_not_revived(house: House) -> None:
    omar = house.guest("omar")
    session = subject_of(house, "omar").session
    house.clock.advance(timedelta(minutes=21))
    with house.parts.write() as uow:
        touch(uow, session)
        uow.session.commit()
    assert omar.get("/received").status_code == 401


def test_the_database_does_not_hold_what_the_cookie_holds(house: House) -> None:
    token = cookie_of(house.guest("omar")).encode()
    assert not [name for name, content in house.everything_at_rest().items() if token in content]


def test_a_sign_in_that_failed_cannot_be_answered_again(house: House) -> None:
    guest = begin(house)
    state = next(iter(flows_in(opened(house, cookie_of(guest)).data)))  # type: ignore[union-attr]
    first = guest.get(f"/sign-in/demo/callback?error=access_denied&state={state}")
    assert "No sign-in waits" not in first.text
    again = guest.get(f"/sign-in/demo/callback?error=access_denied&state={state}")
    assert again.status_code == 403
    assert "No sign-in waits" in again.text
