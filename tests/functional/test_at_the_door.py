"""What is tried at the door: a planted session, another provider's namesake, a way out to elsewhere, a form of somebody else's page."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import requests

from portal.gateway.sessions import COOKIE
from portal.kernel.config import load_config
from tests.architecture.test_doors import FORM, UNSAFE, doors
from tests.cases.test_sessions import begin, close, cookie_of, opened
from tests.common.house import PORTAL, Guest, House
from tools.tour.stage import ROOT, free_port, wait_for

OWN = PORTAL.removesuffix("/")
EVIL = "http://evil.example"

# ---- a session that somebody else chose


def test_a_session_planted_before_the_sign_in_is_nobodys_after_it(house: House) -> None:
    """Session fixation: whoever gave the victim this cookie holds nothing once the victim is in."""
    attacker = begin(house)
    planted = cookie_of(attacker)
    victim = Guest(house, "omar")
    victim.client.set_cookie(COOKIE, planted, domain="localhost")
    assert victim.sign_in().status_code == 200
    assert cookie_of(victim) != planted
    assert attacker.get("/").status_code == 401
    assert opened(house, planted) is None


@pytest.mark.parametrize("planted", ["a" * 43, "../" * 14, "0" * 100])
def test_a_token_that_the_portal_did_not_make_is_never_taken_over(house: House, planted: str) -> None:
    victim = Guest(house, "omar")
    victim.client.set_cookie(COOKIE, planted, domain="localhost")
    victim.get("/sign-in/demo/start")
    assert cookie_of(victim) != planted
    assert opened(house, planted) is None


def test_signing_in_again_ends_the_session_before(house: House) -> None:
    omar = house.guest("omar")
    before = cookie_of(omar)
    assert omar.sign_in().status_code == 200
    assert cookie_of(omar) != before
    assert opened(house, before) is None


def test_a_token_is_long_and_never_the_same(house: House) -> None:
    tokens = [cookie_of(begin(house)) for _ in range(8)]
    assert len(set(tokens)) == 8
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)  # 256 bits


def test_a_session_that_was_signed_out_of_opens_nothing(house: House) -> None:
    omar, thief = house.guest("omar"), house.stranger()
    thief.client.set_cookie(COOKIE, cookie_of(omar), domain="localhost")
    assert thief.get("/").status_code == 200
    assert omar.post("/sign-out").status_code == 302
    assert thief.get("/").status_code == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_sign_in_begins_on_a_page_of_the_portal_or_not_at_all(house: House, site: str) -> None:
    """A provider that still knows the person asks nothing: a link elsewhere would sign them in without a word (ASVS 7.6.2)."""
    stranger = house.stranger()
    followed = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    reply = stranger.get("/sign-in/demo/start", headers=followed | {"Sec-Fetch-Site": site})
    assert reply.status_code == 403
    assert "Set-Cookie" not in reply.headers
    assert 'href="/sign-in"' in reply.text
    omar = house.guest("omar")
    assert omar.get("/confirm/start", headers=followed | {"Sec-Fetch-Site": site}).status_code == 403
    for own in ("same-origin", "none"):
        assert stranger.get("/sign-in/demo/start", headers=followed | {"Sec-Fetch-Site": own}).status_code == 302
        assert omar.get("/confirm/start", headers=followed | {"Sec-Fetch-Site": own}).status_code == 302


def test_the_session_of_a_person_is_not_opened_by_the_answer_to_somebody_elses_sign_in(house: House) -> None:
    """Login CSRF: the attacker's way back, followed in the victim's browser, signs nobody in and nobody out."""
    attacker = Guest(house, "pedro")
    started = attacker.get("/sign-in/demo/start")
    page = requests.post(started.headers["Location"], data={"login": "pedro"}, timeout=20, allow_redirects=False)
    back = urlsplit(page.headers["Location"])
    victim = house.guest("omar")
    before = cookie_of(victim)
    assert victim.get(f"{back.path}?{back.query}").status_code == 403
    assert cookie_of(victim) == before
    session = opened(house, before)
    assert session is not None
    assert session.subject is not None
    assert session.subject.name.startswith("Omar")


# ---- another provider's namesake


@pytest.fixture(scope="module")
def neighbour(tmp_path_factory: pytest.TempPathFactory, provider: tuple[str, Path]) -> Iterator[str]:
    """A second provider, which knows persons by the same `sub`, in the same groups."""
    port = free_port()
    command = [sys.executable, "-m", "tools.devidp", "--demo", "--port", str(port), "--client-id", "portal"]
    command += ["--client-secret-file", str(provider[1]), "--redirect-uri", f"{PORTAL}/sign-in/neighbour/callback"]
    with (tmp_path_factory.mktemp("neighbour") / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    issuer = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: requests.get(f"{issuer}/.well-known/openid-configuration", timeout=2).ok, "the provider", lambda: None)
        yield issuer
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def with_neighbour(house: House, neighbour: str) -> Iterator[House]:
    """The house with a second provider, for whom the same group is another role."""
    lines = ["", "[[identity.provider]]", 'name = "neighbour"', 'label = "Neighbour"', f'issuer = "{neighbour}"', 'client_id = "portal"']
    lines += ['client_secret_file = "keys/client-secret"', 'bodies = ["CTED"]']
    lines += ["", "[[identity.provider.group]]", 'name = "cted-uploaders"', 'body = "CTED"', 'role = "auditor"', ""]
    file = house.folder / "config.toml"
    file.write_text(file.read_text() + "\n".join(lines))
    both = House(house.folder, load_config(file), house.clock, cast=house.cast, s3=house.s3)
    yield both
    both.parts.database.close()


def persons(house: House, sub: str) -> list[tuple[Any, ...]]:
    return house.sql("select issuer, roles, closed_at is null from person where sub = ? order by created_at", sub)


def test_the_same_sub_of_another_provider_is_another_person(with_neighbour: House, neighbour: str) -> None:
    house = with_neighbour
    ada = house.guest("ada")
    before = persons(house, "person-ada")
    namesake = Guest(house, "ada")
    assert namesake.sign_in("neighbour").status_code == 200
    assert persons(house, "person-ada") == [*before, (neighbour, "auditor", 1)]
    first, second = (opened(house, cookie_of(guest)) for guest in (ada, namesake))
    assert first is not None
    assert second is not None
    assert first.subject is not None
    assert second.subject is not None
    assert first.subject.id != second.subject.id
    assert namesake.get("/documents/new").status_code == 403
    assert ada.get("/documents/new").status_code == 200


def test_an_account_closed_at_one_provider_is_opened_by_no_other(with_neighbour: House) -> None:
    house = with_neighbour
    ada = house.guest("ada")
    close(house, "ada")
    assert Guest(house, "ada").sign_in("neighbour").status_code == 200
    assert [row[2] for row in persons(house, "person-ada")] == [0, 1]
    assert ada.get("/").status_code == 401
    assert Guest(house, "ada").sign_in().status_code == 403


def test_a_provider_vouches_for_nobody_of_a_body_that_is_not_its_own(with_neighbour: House) -> None:
    assert Guest(with_neighbour, "omar").sign_in("neighbour").status_code == 403
    assert persons(with_neighbour, "person-omar") == []


def test_the_answer_of_one_provider_at_the_way_back_of_another_signs_nobody_in(with_neighbour: House) -> None:
    """Mix-up (RFC 9700, section 4.4)."""
    for begun, returned in (("demo", "neighbour"), ("neighbour", "demo")):
        guest = Guest(with_neighbour, "ada")
        started = guest.get(f"/sign-in/{begun}/start")
        page = requests.post(started.headers["Location"], data={"login": "ada"}, timeout=20, allow_redirects=False)
        query = urlsplit(page.headers["Location"]).query
        assert guest.get(f"/sign-in/{returned}/callback?{query}").status_code == 403
        assert guest.get("/").status_code == 401


# ---- a way out to elsewhere

#: What such a parameter is called, here or anywhere.
WAYS_OUT = ("next", "return", "return_to", "returnTo", "back", "url", "redirect", "redirect_uri", "continue", "to", "dest", "target")
WAYS_OUT += ("post_logout_redirect_uri", "RelayState", "referer", "origin", "path", "out", "iss", "target_link_uri")
ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/%2fevil.example",
    "%2f%2fevil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "///evil.example",
    "http://localhost:8000@evil.example",
    "http://localhost:8000.evil.example",
    "/..//evil.example",
    "/x\r\nLocation: //evil.example",
    "javascript:alert('evil.example')",
    "data:text/html,evil.example",
]
#: An address within the portal, as it must stand in an answer: a path that no browser takes for a host.
WITHIN = re.compile(r"/(?![/\\])[!-\[\]-~]*")


@pytest.mark.parametrize("login", ["", "ada", "omar"])
def test_no_answer_leads_elsewhere_whatever_is_asked_for(house: House, login: str) -> None:
    """Every door; one that answers is asked each of these, one that refuses two of them, at each door others."""
    if login:
        house.guest(login)
    provider = house.config.identity.provider[0].issuer
    redirects = 0
    for at, (_, method, path) in enumerate(doors(house, provider="demo")):
        if path == "/sign-out" and not login:
            continue
        for turn in range(len(ELSEWHERE)):
            elsewhere = ELSEWHERE[(at + turn) % len(ELSEWHERE)]
            asked = dict.fromkeys(WAYS_OUT, elsewhere)
            guest = house.guest(login) if login and path != "/sign-out" else Guest(house, login)
            headers = {"X-CSRF-Token": guest.token(), "Referer": f"{EVIL}/page"}
            form = {"data": asked} if method in UNSAFE else {}
            answer = guest.client.open(path, method=method, base_url=PORTAL, headers=headers, query_string=asked, **form)
            place = answer.headers.get("Location")
            if place is not None:
                redirects += 1
                assert WITHIN.fullmatch(place) or place.startswith(f"{provider}/"), (path, elsewhere, place)
                assert "evil" not in place, (path, elsewhere, place)
            led = re.findall(r'\s(?:href|action|formaction|src|content)="([^"]*)"', answer.get_data(as_text=True))
            assert not [address for address in led if "evil.example" in unescape(address)], (path, elsewhere)
            assert not [value for name, value in answer.headers if "evil.example" in value], (path, elsewhere)
            if answer.status_code >= 400 and turn:
                break
    assert redirects >= len(ELSEWHERE)


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_signing_in_and_out_end_at_the_portals_own_pages(house: House, elsewhere: str) -> None:
    asked = "&".join(f"{name}={quote(elsewhere)}" for name in WAYS_OUT if name != "iss")
    guest = Guest(house, "omar")
    started = guest.get(f"/sign-in/demo/start?{asked}")
    page = requests.post(started.headers["Location"], data={"login": "omar"}, timeout=20, allow_redirects=False)
    back = urlsplit(page.headers["Location"])
    landed = guest.get(f"{back.path}?{back.query}&{asked}")
    assert (landed.status_code, landed.headers["Location"]) == (302, "/")
    left = guest.post(f"/sign-out?{asked}", dict.fromkeys(WAYS_OUT, elsewhere))
    assert left.status_code == 302
    assert "evil" not in left.headers["Location"]


# ---- a form of somebody else's page

Trick = Callable[[Guest, Guest], dict[str, Any]]


def _sent(guest: Guest, **headers: str) -> dict[str, Any]:
    """The right token, in the right place, and these headers."""
    return {"data": {"csrf": guest.token()}, "headers": headers}


TRICKS: dict[str, Trick] = {
    "no token": lambda me, _: {"data": {}},
    "an empty token": lambda me, _: {"data": {"csrf": ""}},
    "a wrong token": lambda me, _: {"data": {"csrf": "0" * 64}},
    "half of the token": lambda me, _: {"data": {"csrf": me.token()[:32]}},
    "not even ASCII": lambda me, _: {"data": {"csrf": "é" * 64}},
    "the token of another session": lambda me, other: {"data": {"csrf": other.token()}},
    "the token in the address": lambda me, _: {"query_string": {"csrf": me.token()}},
    "the token in the fields of a JSON object": lambda me, _: {
        "data": json.dumps({"csrf": me.token()}),
        "content_type": "application/json",
    },
    "the token in plain text": lambda me, _: {"data": f"csrf={me.token()}", "content_type": "text/plain"},
    "the token in a form that calls itself JSON": lambda me, _: {
        "data": f"csrf={me.token()}",
        "content_type": "application/json; x=application/x-www-form-urlencoded",
    },
    "the token without a type": lambda me, _: {"data": f"csrf={me.token()}", "content_type": ""},
    "from another site": lambda me, _: _sent(me, **{"Sec-Fetch-Site": "cross-site"}),
    "from a neighbour": lambda me, _: _sent(me, **{"Sec-Fetch-Site": "same-site"}),
    "from nowhere": lambda me, _: _sent(me, **{"Sec-Fetch-Site": "none"}),
    "from a site that the browser cannot name": lambda me, _: _sent(me, **{"Sec-Fetch-Site": ""}),
    "from another origin": lambda me, _: _sent(me, Origin=EVIL),
    "from an opaque origin": lambda me, _: _sent(me, Origin="null"),
    "from another port": lambda me, _: _sent(me, Origin="http://localhost:8001"),
    "from another scheme": lambda me, _: _sent(me, Origin="https://localhost:8000"),
    "from a longer name": lambda me, _: _sent(me, Origin="http://localhost:8000.evil.example"),
    "from a subdomain": lambda me, _: _sent(me, Origin="http://x.localhost:8000"),
    "as another method": lambda me, _: {"data": {"_method": "GET"}, "headers": {"X-HTTP-Method-Override": "GET"}},
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_form_of_another_page_opens_no_door(house: House, trick: str) -> None:
    ada, other = house.guest("ada"), house.guest("bruno")
    tried = 0
    for guard, method, path in doors(house):
        if method not in UNSAFE:
            continue
        before = len(house.events())
        options = {"content_type": FORM} | TRICKS[trick](ada, other)
        answer = ada.client.open(path, method=method, base_url=PORTAL, **options)
        assert answer.status_code == 403, (path, answer.status_code)
        assert house.events()[before:] == [(guard.event, "refused", "forged")], path
        tried += 1
    assert tried > 15
    assert ada.get("/").status_code == 200


def test_the_token_of_a_session_that_ended_opens_nothing(house: House) -> None:
    ada = house.guest("ada")
    token = ada.token()
    ada.sign_in()
    assert ada.client.post("/visits", base_url=PORTAL, data={"csrf": token}).status_code == 403


def test_asking_is_never_acting_whatever_a_header_calls_it(house: House) -> None:
    ada = house.guest("ada")
    headers = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST", "X-HTTP-Method": "POST", "X-CSRF-Token": ada.token()}
    for _, method, path in doors(house):
        if method in UNSAFE:
            ada.client.get(path, base_url=PORTAL, headers=headers, query_string={"_method": "POST", "csrf": ada.token()})
    assert ada.get("/").status_code == 200
    assert not [event for event, outcome, _ in house.events() if event == "visit.registered"]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": EVIL}, {"Origin": "null"}]
)
def test_a_stranger_sent_by_another_page_acts_at_no_door(house: House, headers: dict[str, str]) -> None:
    """Login CSRF by a form: whoever is nobody yet has no token, so that the browser's word is what counts."""
    stranger = begin(house)
    for _, method, path in doors(house):
        if method in UNSAFE:
            answer = stranger.client.open(path, method=method, base_url=PORTAL, headers=headers)
            assert answer.status_code == 403, path


# ---- a page of somebody else's, with ours in it

EMBEDDED = [("iframe", "navigate"), ("object", "navigate"), ("embed", "navigate"), ("image", "no-cors"), ("script", "no-cors")]
EMBEDDED += [("style", "no-cors"), ("empty", "cors"), ("empty", "no-cors"), ("document", "no-cors"), ("", "")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_answer_goes_into_another_sites_page(house: House, site: str) -> None:
    """The browser keeps our cookie from another site, but gives it to a neighbour under the same domain."""
    omar = house.guest("omar")
    for guard, method, path in doors(house, provider="demo"):
        if method in UNSAFE:
            continue
        for target, mode in EMBEDDED[:: 1 if path in {"/", "/received"} else 5]:
            before = len(house.events())
            headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": target}
            answer = omar.client.open(path, method=method, base_url=PORTAL, headers=headers)
            assert answer.status_code == 403, (path, target)
            assert house.events()[before:] == [(guard.event, "refused", "forged")], (path, target)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", "none"])
def test_a_link_from_anywhere_may_be_followed(house: House, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert house.guest("omar").get("/received", headers=headers).status_code == 200
    assert house.stranger().get("/sign-in", headers=headers).status_code == 200
