"""Where somebody is signed in: what they and their security administrator see of it, and how they end it."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal.gateway.browsers import family
from tests.cases.subjects import subject_of
from tests.cases.test_sessions import cookie_of, opened
from tests.common.house import Guest, House

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"


def another(house: House, login: str, user_agent: str = FIREFOX) -> Guest:
    """The same person in one more browser."""
    guest = Guest(house, login)
    guest.client.environ_base["HTTP_USER_AGENT"] = user_agent
    assert guest.sign_in().status_code == 200
    return guest


def session_of(house: House, guest: Guest) -> str:
    found = opened(house, cookie_of(guest))
    assert found is not None
    return str(found.id)


def person_of(house: House, login: str) -> str:
    return str(UUID(house.sql("select id from person where sub = ?", f"person-{login}")[0][0]))


def test_a_person_sees_each_live_session_of_theirs_and_which_is_this(house: House) -> None:
    omar, other = house.guest("omar"), another(house, "omar")
    house.guest("ada")
    page = omar.get("/sessions").text
    rows = page.split("<tbody>")[1].split("</tr>")[:-1]
    assert [("This one" in row, "Firefox on Windows" in row, "127.0.0.1" in row) for row in sorted(rows, key=lambda r: "Firefox" in r)] == [
        (True, False, True),
        (False, True, True),
    ]
    assert FIREFOX not in page
    assert other.get("/sessions").text.count("This one") == 1


def test_the_page_tells_when_a_session_began_was_used_and_will_end(house: House) -> None:
    omar = house.guest("omar")
    begun = house.clock.now()
    house.clock.advance(timedelta(minutes=10))
    omar.get("/received")
    page = omar.get("/sessions").text
    for at in (begun, begun + timedelta(minutes=10), begun + timedelta(minutes=30)):
        assert f"{at.day} {at:%b %Y}, {at:%H:%M} UTC" in page


def test_no_session_lasts_longer_than_its_absolute_limit_however_it_is_used(house: House) -> None:
    omar = house.guest("omar")
    begun = house.clock.now()
    for _ in range(31):
        house.clock.advance(timedelta(minutes=15))
        assert omar.get("/received").status_code == 200
    end = begun + timedelta(hours=8)
    assert f"{end.day} {end:%b %Y}, {end:%H:%M} UTC" in omar.get("/sessions").text
    house.clock.advance(timedelta(minutes=15))
    assert omar.get("/received").status_code == 401


def test_ended_and_expired_sessions_are_not_shown(house: House) -> None:
    omar, other = house.guest("omar"), another(house, "omar")
    other.post("/sign-out")
    assert omar.get("/sessions").text.count("<tr>") == 2
    another(house, "omar")
    assert omar.get("/sessions").text.count("<tr>") == 3
    house.clock.advance(timedelta(minutes=15))
    omar.get("/received")
    house.clock.advance(timedelta(minutes=6))
    assert omar.get("/sessions").text.count("<tr>") == 2


def test_one_of_ones_own_sessions_is_ended_and_that_is_one_event(house: House) -> None:
    omar, other = house.guest("omar"), another(house, "omar")
    session = session_of(house, other)
    before = len(house.events())
    assert omar.post(f"/sessions/{session}/end").status_code == 302
    assert house.events()[before:] == [("session.ended", "done", "")]
    assert session in house.sql("select detail from audit_event where event = 'session.ended'")[0][0]
    assert (omar.get("/received").status_code, other.get("/received").status_code) == (200, 401)


def test_all_others_are_ended_and_this_one_stays(house: House) -> None:
    omar, others = house.guest("omar"), [another(house, "omar") for _ in range(3)]
    stranger = house.guest("pedro")
    assert omar.post("/sessions/end-others").status_code == 302
    assert [guest.get("/received").status_code for guest in (omar, *others)] == [200, 401, 401, 401]
    assert stranger.get("/documents").status_code == 200
    assert "End all others" not in omar.get("/sessions").text


def test_nobody_ends_a_session_of_somebody_else_or_one_that_is_not(house: House) -> None:
    omar, pedro = house.guest("omar"), house.guest("pedro")
    theirs = omar.post(f"/sessions/{session_of(house, pedro)}/end")
    absent = omar.post(f"/sessions/{uuid4()}/end")
    assert theirs.status_code == absent.status_code == 404
    assert theirs.data == absent.data
    assert pedro.get("/documents").status_code == 200


def test_an_administrator_sees_times_and_nothing_more(house: House) -> None:
    another(house, "ada")
    page = house.guest("greta").get(f"/people/{person_of(house, 'ada')}/sessions").text
    row = page.split("<tbody>")[1].split("</tbody>")[0]
    assert row.count("<tr>") == 1
    assert not re.search("Firefox|Windows|127.0.0.1|demo", row)
    assert house.events()[-1] == ("person.sessions_read", "done", "")


def test_an_administrator_ends_one_session_and_what_is_under_way_in_the_others_is_void(house: House) -> None:
    ada, other = house.guest("ada"), another(house, "ada")
    before = subject_of(house, "ada").epoch
    house.guest("greta").post(f"/people/{person_of(house, 'ada')}/sessions/{session_of(house, other)}/end")
    assert house.events()[-1] == ("person.sessions_ended", "done", "")
    assert (ada.get("/documents").status_code, other.get("/documents").status_code) == (200, 401)
    assert subject_of(house, "ada").epoch == before + 1


def test_an_administrator_ends_all_sessions_and_the_person_may_sign_in_again(house: House) -> None:
    browsers = [house.guest("ada"), another(house, "ada")]
    person = person_of(house, "ada")
    assert house.guest("greta").post(f"/people/{person}/sessions/end").status_code == 302
    assert [guest.get("/documents").status_code for guest in browsers] == [401, 401]
    assert "not signed in anywhere" in house.guest("greta").get(f"/people/{person}/sessions").text
    assert another(house, "ada").get("/documents").status_code == 200


def test_the_session_of_one_person_is_not_ended_under_the_name_of_another(house: House) -> None:
    ada, carla = house.guest("ada"), house.guest("carla")
    answer = house.guest("greta").post(f"/people/{person_of(house, 'ada')}/sessions/{session_of(house, carla)}/end")
    assert answer.status_code == 404
    assert (ada.get("/documents").status_code, carla.get("/documents").status_code) == (200, 200)


@pytest.mark.parametrize("login", ["ada", "farid", "sven"])
def test_nobody_but_an_administrator_of_the_body_finds_a_persons_sessions(house: House, login: str) -> None:
    carla = house.guest("carla")
    guest, person = house.guest(login), person_of(house, "carla")
    answers = [guest.get(f"/people/{person}/sessions"), guest.post(f"/people/{person}/sessions/end")]
    answers += [guest.post(f"/people/{person}/sessions/{session_of(house, carla)}/end")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert carla.get("/documents").status_code == 200


def test_the_name_in_the_head_leads_to_the_sessions_and_the_list_of_people_to_each_ones(house: House) -> None:
    assert 'href="/sessions"' in house.guest("omar").get("/").text
    house.guest("ada")
    assert f'href="/people/{person_of(house, "ada")}/sessions"' in house.guest("greta").get("/people").text


def test_which_browser_it_is_is_sealed(house: House) -> None:
    another(house, "omar")
    assert not [name for name, content in house.everything_at_rest().items() if b"Firefox" in content]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 CriOS/142.0 Mobile Safari/604.1", "Chrome on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("<script>alert(1)</script>", "Another browser"),
        ("", "Another browser"),
    ],
)
def test_a_browser_is_told_in_words_of_ours(said: str, words: str) -> None:
    assert family(said) == words
