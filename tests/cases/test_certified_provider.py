"""What changes at a person's provider (keys, groups, the account, the provider itself), and what it does here: neither more nor less."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from tests.common.certified import KEY_CLIENT, NAME, Certified, Visitor, running
from tests.common.house import PORTAL, House, open_house
from tests.common.s3server import S3Server

IN, OUT = 200, 401


@pytest.fixture
def ines(certified_house: House, certified: Certified) -> Visitor:
    """A reviewer of the Office, signed in at the certified provider."""
    visitor = Visitor(certified_house, "ines", certified)
    assert visitor.sign_in().status_code == 302
    return visitor


def another(visitor: Visitor) -> Visitor:
    """The same person in another browser."""
    return Visitor(visitor.house, visitor.login, visitor.certified)


def roles(house: House, login: str) -> str:
    return house.sql("select roles from person where sub = ?", login)[0][0]


def a_minute_passes(house: House) -> None:
    """For the keys that were read: the provider's own clock does not go along with a house's, so the sign-in stays where it is."""
    discovery = house.parts.providers[NAME]._discovery
    discovery._keys_asked_at -= timedelta(minutes=1)


# ---- who somebody is


def test_a_person_is_known_by_issuer_and_subject_and_each_provider_names_its_own(ines: Visitor) -> None:
    house = ines.house
    house.guest("omar")
    issuers = {sub: issuer for issuer, sub in house.sql("select issuer, sub from person")}
    assert issuers["ines"] == ines.certified.issuer
    assert issuers["person-omar"] != ines.certified.issuer
    assert another(ines).sign_in().status_code == 302
    assert len(house.sql("select id from person where sub = 'ines'")) == 1


def test_the_portal_signs_in_with_a_key_of_its_own_too(
    template: Path, tmp_path: Path, house_s3: S3Server | None, certified: Certified
) -> None:
    house = open_house(template, tmp_path / "portal", s3=house_s3, change=lambda folder: certified.join(folder, KEY_CLIENT))
    visitor = Visitor(house, "ines", certified)
    assert visitor.sign_in().status_code == 302
    assert visitor.get("/").status_code == IN
    house.close()


def test_somebody_in_no_group_of_ours_gets_in_nowhere(certified_house: House, certified: Certified) -> None:
    noor = Visitor(certified_house, "noor", certified)
    answer = noor.sign_in()
    assert (answer.status_code, noor.get("/").status_code) == (403, OUT)
    assert "Your account has no role in the portal" in answer.text
    assert ("session.signed_in", "failed", "no_role") in certified_house.events()


# ---- keys


@pytest.mark.parametrize("keep", [True, False], ids=["the old key is kept", "the old key is gone"])
def test_a_new_key_of_the_provider_is_taken_after_a_minute_and_ends_no_session(ines: Visitor, keep: bool) -> None:
    ines.certified.door("rotate", keep=keep)
    assert ines.get("/").status_code == IN
    refused = another(ines).sign_in()
    assert refused.status_code == 403
    assert "has a new key. Wait a minute" in refused.text
    a_minute_passes(ines.house)
    assert another(ines).sign_in().status_code == 302


def test_a_token_of_a_key_that_was_withdrawn_opens_nothing(ines: Visitor) -> None:
    ines.certified.door("rotate", keep=False)
    a_minute_passes(ines.house)
    assert another(ines).sign_in().status_code == 302
    ines.certified.door("tamper", sign="other", header={"kid": "the-withdrawn-one"})
    assert another(ines).sign_in().status_code == 403


# ---- groups and accounts


def test_other_groups_take_effect_at_the_next_sign_in_and_then_in_every_session(ines: Visitor) -> None:
    assert roles(ines.house, "ines") == "reviewer"
    ines.certified.door("person", login="ines", groups=["oct-uploaders"])
    assert ines.get("/documents").status_code == IN
    assert roles(ines.house, "ines") == "reviewer"
    assert another(ines).sign_in().status_code == 302
    assert roles(ines.house, "ines") == "uploader"
    assert "Uploader" in ines.get("/").text


def test_a_person_who_moved_to_the_other_body_is_of_that_body_alone(ines: Visitor) -> None:
    ines.certified.door("person", login="ines", groups=["cted-auditors"])
    assert another(ines).sign_in().status_code == 302
    assert ines.house.sql("select body, roles from person where sub = 'ines'") == [("CTED", "auditor")]


@pytest.mark.parametrize(
    ("groups", "code"),
    [([], "no_role"), (["cted-uploaders", "oct-uploaders"], "two_bodies"), (["oct-reviewers", "oct-auditors"], "conflicting_roles")],
)
def test_groups_that_make_no_sense_let_nobody_in_and_whoever_was_in_is_out(ines: Visitor, groups: list[str], code: str) -> None:
    """Groups are read at a sign-in; refused there, nobody goes on elsewhere as what they were."""
    house = ines.house
    omar = house.guest("omar")
    epoch = house.sql("select access_epoch from person where sub = 'ines'")[0][0]
    ines.certified.door("person", login="ines", groups=groups)
    assert ines.get("/").status_code == IN
    assert another(ines).sign_in().status_code == 403
    assert house.events(outcome="failed") == [("session.signed_in", "failed", code)]
    assert house.events()[-1] == ("session.ended", "done", "")
    assert ines.get("/").status_code == OUT
    assert omar.get("/").status_code == IN
    assert house.sql("select access_epoch from person where sub = 'ines'") == [(epoch + 1,)]


def test_a_refusal_that_says_nothing_of_the_person_ends_no_session(ines: Visitor) -> None:
    ines.certified.door("tamper", claims={"aud": "somebody-else"})
    assert another(ines).sign_in().status_code == 403
    assert ines.get("/").status_code == IN
    ines.certified.door("tamper")
    params = (twin := another(ines)).identify()
    assert twin.come_back(params).status_code == 302
    assert twin.come_back(params).status_code == 403
    assert (twin.get("/").status_code, ines.get("/").status_code) == (IN, IN)


def test_whoever_is_refused_while_they_confirm_is_out_too(ines: Visitor) -> None:
    sent = ines.get("/confirm/start").headers["Location"]
    ines.certified.door("person", login="ines", groups=[])
    assert ines.come_back(ines.identify(sent, code=True)).status_code == 403
    assert ines.get("/").status_code == OUT


def test_an_account_that_the_provider_disabled_cannot_sign_in_again(ines: Visitor) -> None:
    ines.certified.door("person", login="ines", closed=True)
    with pytest.raises(AssertionError, match="Name, password or code is wrong"):
        another(ines).identify()


def test_an_account_closed_here_is_out_at_the_next_request_whatever_the_provider_says(ines: Visitor) -> None:
    person = UUID(ines.house.sql("select id from person where sub = 'ines'")[0][0])
    assert ines.house.guest("sven").post(f"/people/{person}/close").status_code == 302
    assert ines.get("/").status_code == OUT
    refused = another(ines).sign_in()
    assert refused.status_code == 403
    assert "This account is closed" in refused.text
    assert ines.house.events(outcome="failed") == [("session.signed_in", "failed", "account_closed")]


# ---- a provider that fails


def is_friendly(answer: TestResponse) -> bool:
    return answer.status_code == 503 and "does not answer at the moment. Try again" in answer.text


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_provider_that_fails_is_named_as_down_and_everything_else_goes_on(ines: Visitor, status: int) -> None:
    house = ines.house
    halfway = another(ines)
    params = halfway.identify()
    ines.certified.door("mood", status=status)
    assert is_friendly(halfway.come_back(params))
    assert is_friendly(another(ines).get(f"/sign-in/{NAME}/start"))
    assert house.events(outcome="failed")[0] == ("session.signed_in", "failed", "provider_down")
    assert ines.get("/").status_code == IN
    assert house.guest("omar").get("/").status_code == IN  # from another provider
    ines.certified.door("mood")
    assert halfway.sign_in().status_code == 302
    assert halfway.get("/").status_code == IN


def test_a_provider_that_hangs_costs_some_seconds_and_nobody_else_waits_for_it(ines: Visitor) -> None:
    ines.certified.door("mood", seconds=8)
    answers: list[TestResponse] = []
    waiting = threading.Thread(target=lambda: answers.append(another(ines).get(f"/sign-in/{NAME}/start")))
    waiting.start()
    assert ines.get("/").status_code == IN
    assert ines.house.guest("omar").get("/").status_code == IN
    assert waiting.is_alive()
    waiting.join(timeout=30)
    assert is_friendly(answers[0])


@pytest.fixture
def short_lived(template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[tuple[House, Certified]]:
    """A portal whose provider the test has for itself; at the end of the fixture's first step it is gone."""
    with running(tmp_path, PORTAL) as provider:
        house = open_house(template, tmp_path / "portal", s3=house_s3, change=provider.join)
        assert Visitor(house, "ines", provider).sign_in().status_code == 302
    yield house, provider
    house.close()


def test_a_provider_that_is_gone_keeps_nobody_from_the_other_one(short_lived: tuple[House, Certified]) -> None:
    house, provider = short_lived
    assert is_friendly(Visitor(house, "ines", provider).get(f"/sign-in/{NAME}/start"))
    assert house.guest("omar").get("/").status_code == IN
    ways = re.findall(r'href="(/sign-in/[a-z]+/start)"', house.stranger().get("/sign-in").text)
    assert ways == ["/sign-in/demo/start", f"/sign-in/{NAME}/start"]
