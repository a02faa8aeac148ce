"""Enrolment: a link that works once, a code that came another way, and no way for one officer alone."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tests.common.house import PORTAL, House
from tests.common.local import PASSWORD, Local, confirm, enrolled, grant, grant_of, handed, invited, proposed


def test_a_proposed_account_has_no_role_and_no_way_in(house: House) -> None:
    account = proposed(house)
    assert house.sql("select roles from person where issuer = 'local'") == [("",)]
    assert Local(house, "ines", account).give_password("").status_code == 403


def test_a_link_works_once(house: House) -> None:
    account = proposed(house)
    link, code = invited(house, account)
    assert Local(house, "ines", account).enrol(link, code).status_code == 200
    again = Local(house, "ines", account).enrol(link, code)
    assert again.status_code == 404
    assert house.events()[-1][2] == "link_over"


def test_two_who_use_one_link_enrol_one(house: House) -> None:
    account = proposed(house)
    link, code = invited(house, account)
    first, second = Local(house, "ines", account), Local(house, "ines", account)
    path = urlsplit(link).path
    for person in (first, second):
        page = person.client.get(path, base_url=PORTAL, follow_redirects=True)
        person.secret = "".join(
            page.text.split('dir="ltr"><span>')[1].split("</p>")[0].replace("</span>", "").replace("<span>", "").split()
        )
    fields = {"handed_over": code, "password": PASSWORD, "again": PASSWORD}
    assert first.post(path, fields | {"first_code": first.code()}).status_code == 200
    assert second.post(path, fields | {"first_code": second.code()}).status_code == 404
    assert second.give_password().status_code == 302
    assert second.give_code(second.next_code()).status_code == 403
    assert first.sign_in().status_code == 200


def test_a_link_ends_when_its_time_is_over(house: House) -> None:
    account = proposed(house)
    link, code = invited(house, account)
    house.clock.advance(timedelta(hours=72) - timedelta(seconds=1))
    assert Local(house, "ines", account).get(urlsplit(link).path, follow_redirects=True).status_code == 200
    house.clock.advance(timedelta(seconds=1))
    assert Local(house, "ines", account).enrol(link, code).status_code == 404


def test_a_newer_link_ends_an_older_one_and_what_was_enrolled(house: House) -> None:
    ines = enrolled(house)
    at_work = ines.other_browser()
    assert at_work.sign_in().status_code == 200
    first, first_code = invited(house, ines.account)
    assert at_work.get("/").status_code == 401
    assert ines.give_password().status_code == 403
    second, second_code = invited(house, ines.account)
    assert Local(house, "ines", ines.account).enrol(first, first_code).status_code == 404
    assert Local(house, "ines", ines.account).enrol(second, first_code).status_code == 422
    anew = Local(house, "ines", ines.account)
    assert anew.enrol(second, second_code).status_code == 200
    assert anew.sign_in().status_code == 200
    ines.give_password()
    assert ines.give_code(ines.next_code()).status_code == 403
    assert ines.give_code(ines.recovery[0]).status_code == 403


def test_a_link_alone_enrols_nobody_and_neither_does_the_code(house: House) -> None:
    account = proposed(house)
    link, code = invited(house, account)
    person = Local(house, "ines", account)
    assert person.enrol(link, "0000-0000-0000-0000").status_code == 422
    assert person.enrol(link, "").status_code == 422
    assert person.enrol(link.rsplit("/", 1)[0] + "/" + "x" * 43, code).status_code == 404
    assert person.enrol(link, code).status_code == 200


def test_looking_at_a_link_uses_nothing_up(house: House) -> None:
    account = proposed(house)
    link, code = invited(house, account)
    for _ in range(3):
        assert house.stranger().get(urlsplit(link).path, follow_redirects=True).status_code == 200
    assert Local(house, "ines", account).enrol(link, code).status_code == 200


def test_the_link_of_a_closed_account_is_over(house: House) -> None:
    account = proposed(house)
    link, code = invited(house, account)
    assert house.guest("greta").post(f"/people/{account}/close").status_code == 302
    assert Local(house, "ines", account).enrol(link, code).status_code == 404


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short words", "at least 12"),
        ("passwordpassword", "others would try"),
        ("qwertyuiopasdfgh", "others would try"),
        ("aaaaaaaaaaaaaaaa", "others would try"),
        ("ｑｗｅｒｔｙ１２３４５６", "others would try"),
        ("ines drift kettle ninety", "names"),
        ("my quiroga kettle drift", "names"),
        ("ＱＵＩＲＯＧＡ kettle drift", "names"),
        ("the directorate kettle", "names"),
        ("portal kettle drift ninety", "names"),
        ("kettle\tmaple ninety drift", "tabulators"),
        ("k" * 257, "at most 256"),
    ],
)
def test_a_password_that_others_would_try_is_refused_with_what_to_do(house: House, password: str, said: str) -> None:
    account = proposed(house)
    link, code = invited(house, account)
    answer = Local(house, "ines", account, password=password).enrol(link, code)
    assert answer.status_code == 422
    assert said in answer.text
    assert password not in answer.text


@pytest.mark.parametrize(
    "password",
    ["kettle maple ninety drift", "kettlemapleninetydrift" * 11, "Ќетл мејпл најнти дрифт", "ケトル楓九十漂流水星木星", "x9!Lq#2vTz7&"],
)
def test_any_alphabet_and_any_composition_is_taken(house: House, password: str) -> None:
    account = proposed(house)
    ines = Local(house, "ines", account, password=password)
    assert ines.enrol(*invited(house, account)).status_code == 200
    assert ines.sign_in().status_code == 200


def test_the_same_keys_on_another_keyboard_give_the_same_password(house: House) -> None:
    account = proposed(house)
    ines = Local(house, "ines", account, password="caf\u00e9 maple\u00a0ninety drift")
    assert ines.enrol(*invited(house, account)).status_code == 200
    assert ines.give_password("cafe\u0301 maple ninety drift").status_code == 302
    assert ines.give_password("cafe maple ninety drift").status_code == 403
    assert ines.give_password("CAF\u00c9 maple ninety drift").status_code == 403


def test_no_officer_enrols_in_anothers_name_alone(house: House) -> None:
    """Who proposed has the code, who confirmed the link; the one cannot do the other's part, nor the security administrator either's."""
    account = proposed(house)
    handed(grant(house, account, "carla"))
    assert confirm(house, account, "carla").status_code == 403
    assert confirm(house, account, "greta").status_code == 403
    assert grant(house, account, "greta").status_code == 403
    assert house.sql("select roles from person where issuer = 'local'") == [("",)]
    page = confirm(house, account, "dana")
    assert "p-handed" in page.text
    assert confirm(house, account, "dana").status_code == 403
    assert house.events()[-1] == ("grant.confirmed", "refused", "denied")


def test_an_officer_gives_nothing_to_themself(house: House) -> None:
    omid = enrolled(house, "omid", roles=("confidentiality_officer", "releasing_officer"))
    assert omid.sign_in().status_code == 200
    ines = proposed(house)
    assert "more than you are cleared for" in omid.post(f"/accounts/{ines}/grants", {"roles": ["uploader"], "clearance": "2"}).text
    handed(grant(house, ines, "carla", clearance="2"))
    assert omid.post(f"/accounts/{ines}/grants/{grant_of(house)}/confirm").status_code == 403
    fields = {"roles": ["uploader"], "clearance": "1"}
    assert omid.post(f"/accounts/{omid.account}/grants", fields).status_code == 403
    assert grant(house, omid.account, "carla", enrol="").status_code == 302
    assert omid.post(f"/accounts/{omid.account}/grants/{grant_of(house)}/confirm").status_code == 403
    assert confirm(house, omid.account).status_code == 302
    assert omid.get("/documents/new").status_code == 200


def test_roles_that_exclude_each_other_are_not_given_nor_a_clearance_above_ones_own(house: House) -> None:
    account = proposed(house)
    for changes in ({"roles": ("uploader", "auditor")}, {"roles": ()}, {"roles": ("king",)}, {"clearance": "9"}, {"enrol": ""}):
        answer = grant(house, account, **changes)  # type: ignore[arg-type]
        assert answer.status_code == 422, changes
        assert "Nothing was proposed." in answer.text
    assert house.sql("select count(*) from role_grant") == [(0,)]


def test_a_withdrawn_proposal_is_not_confirmed_and_another_can_be_made(house: House) -> None:
    account = proposed(house)
    handed(grant(house, account))
    assert grant(house, account, "dana").status_code == 409
    first = grant_of(house)
    assert house.guest("dana").post(f"/accounts/{account}/grants/{first}/withdraw").status_code == 302
    assert house.guest("dana").post(f"/accounts/{account}/grants/{first}/confirm").status_code == 403
    assert Local(house, "ines", account).enrol(*invited(house, account)).status_code == 200


def test_other_roles_count_from_the_confirmation_on(house: House) -> None:
    ines = enrolled(house)
    assert ines.sign_in().status_code == 200
    assert ines.get("/documents/new").status_code == 200
    grant(house, ines.account, roles=("reviewer",), enrol="")
    assert confirm(house, ines.account).status_code == 302
    assert ines.get("/documents/new").status_code == 403


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("update role_grant set roles = 'releasing_officer'", "role_grant"),
        ("update role_grant set done_by = (select id from person where issuer = 'local')", "role_grant"),
        ("update role_grant set code = ''", "role_grant"),
    ],
)
def test_an_edited_proposal_gives_nothing(house: House, statement: str, table: str) -> None:
    account = proposed(house)
    handed(grant(house, account))
    house.sql(statement)
    assert confirm(house, account).status_code == 500
    assert house.events()[-1][2] == "tampered"
    assert house.sql("select roles from person where issuer = 'local'") == [("",)]


def test_what_one_signs_in_with_cannot_be_moved_to_another_account(house: House) -> None:
    ines, omid = enrolled(house), enrolled(house, "omid", roles=("releasing_officer",))
    mine = house.sql(
        "select state from local_account where id = (select id from person where issuer = 'local' order by created_at limit 1)"
    )
    house.sql("update local_account set state = ?", mine[0][0])
    assert ines.give_password().status_code == 302
    assert omid.give_password().status_code == 500
    assert house.events()[-1][2] in {"label_mismatch", "tampered"}


def test_another_account_cannot_be_given_ones_name(house: House) -> None:
    ines, omid = enrolled(house), enrolled(house, "omid")
    keys = house.sql("select login_key from local_account order by (select created_at from person where person.id = local_account.id)")
    house.sql("delete from local_account where login_key = ? and 1 = 0", keys[0][0])
    house.sql("update local_account set login_key = zeroblob(32) where login_key = ?", keys[0][0])
    house.sql("update local_account set login_key = ? where login_key = ?", keys[0][0], keys[1][0])
    assert ines.give_password(omid.password).status_code == 500
    assert house.events()[-1][2] == "tampered"


def test_nothing_of_it_stands_in_clear_in_the_database(house: House) -> None:
    ines = enrolled(house, "quillon")
    ines.sign_in()
    kept = b"".join(content for name, content in house.everything_at_rest().items() if "portal" in name or "db" in name)
    for trace in ("quillon", "Ines Quiroga", ines.secret, PASSWORD, *ines.recovery, "argon2"):
        assert trace.encode() not in kept, trace


@pytest.mark.parametrize("login", ["іnes", "in es", "ab", "-ines", "ines\u200d", "x" * 65, "ínes"])
def test_names_that_look_like_others_are_not_given(house: House, login: str) -> None:
    assert house.guest("greta").post("/accounts", {"name": "Ines Quiroga", "login": login}).status_code == 422


@pytest.mark.parametrize("login", ["ines", "INES", "ｉｎｅｓ"])
def test_a_name_is_given_once(house: House, login: str) -> None:
    proposed(house)
    answer = house.guest("greta").post("/accounts", {"name": "Another", "login": login})
    assert answer.status_code == 422
    assert "has this name already" in answer.text


def test_the_other_body_has_none_and_sees_none(house: House) -> None:
    account = proposed(house)
    handed(grant(house, account))
    for login in ("sven", "quentin", "omar"):
        guest = house.guest(login)
        assert guest.get("/accounts").status_code == 404
        assert guest.post("/accounts", {"name": "Some Body", "login": "somebody"}).status_code == 404
        assert guest.post(f"/accounts/{account}/grants", {"roles": ["uploader"], "clearance": "1"}).status_code == 404
        assert guest.post(f"/accounts/{account}/grants/{grant_of(house)}/confirm").status_code == 404
