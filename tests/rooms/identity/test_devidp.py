"""The development sign-in: when it does not start, what its page holds, and that it closes what Authlib leaves open."""

import re
import socket
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
import requests

from portal.identity.oidc import Provider
from tests.rooms.identity.conftest import CALLBACK, CHECKOUT, DevIdp, click
from tools.devidp.__main__ import main
from tools.devidp.persons import read_persons

PERSONS = CHECKOUT / "tools" / "devidp" / "persons.toml"


@pytest.fixture
def options(devidp: DevIdp, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.delenv("PORTAL_DEMO", raising=False)
    return ["--port", "0", "--client-secret-file", str(devidp.secret_file)]


def test_it_does_not_start_unless_told_that_this_is_a_demonstration(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*options, "--redirect-uri", CALLBACK]) == 2
    assert "--demo" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["https://portal.example/callback", "http://10.0.0.1/callback", "ftp://localhost/x", "localhost", ""])
def test_it_does_not_start_for_a_portal_elsewhere(options: list[str], target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*options, "--demo", "--redirect-uri", target]) == 2
    assert "--redirect-uri" in capsys.readouterr().err


def test_it_does_not_start_with_a_short_secret_or_a_broken_file(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weak, broken = tmp_path / "weak", tmp_path / "persons.toml"
    weak.write_text("short")
    broken.write_text("[[person]]\nlogin = 'a'\n")
    assert main(["--demo", "--redirect-uri", CALLBACK, "--client-secret-file", str(weak)]) == 2
    assert main([*options, "--demo", "--redirect-uri", CALLBACK, "--persons", str(broken)]) == 2
    assert main([*options, "--demo", "--redirect-uri", CALLBACK, "--persons", str(tmp_path / "absent")]) == 2
    errors = capsys.readouterr().err
    assert "at least 32 characters" in errors
    assert "person 1: give login" in errors
    assert "absent" in errors


def test_it_listens_on_one_loopback_address_only(devidp: DevIdp) -> None:
    port = urlsplit(devidp.issuer).port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=2)


def test_it_answers_under_no_other_name(devidp: DevIdp) -> None:
    answer = requests.get(devidp.issuer + "/keys", headers={"Host": "elsewhere.example"}, timeout=10)
    assert answer.status_code == 400


def test_its_page_has_a_button_for_each_person_and_says_what_it_is(sso: Provider) -> None:
    url, _ = sso.begin()
    page = requests.get(url, timeout=10)
    buttons = re.findall(r'<button name="login" value="(\w+)">', page.text)
    assert sorted(buttons) == sorted(read_persons(PERSONS).by_login)
    assert "<title>Development sign-in</title>" in page.text
    assert "For demonstration on this machine only." in page.text
    assert "Persons are invented." in page.text
    assert not re.search(r"<script|<style|style=|\son\w+=", page.text)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://localhost:8000;" in policy
    assert page.headers["Cache-Control"] == "no-store"


def test_an_unknown_person_is_not_signed_in(sso: Provider) -> None:
    url, _ = sso.begin()
    answer = requests.post(url, data={"login": "<i>nobody"}, allow_redirects=False, timeout=10)
    assert answer.status_code == 400
    assert "&lt;i&gt;nobody" in answer.text


def changed(url: str, **values: str | None) -> str:
    parts = urlsplit(url)
    query = {key: found[0] for key, found in parse_qs(parts.query).items()} | values
    return urlunsplit(parts._replace(query=urlencode({key: value for key, value in query.items() if value is not None})))


@pytest.mark.parametrize(
    "change",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"nonce": None},
        {"prompt": "none"},
    ],
    ids=str,
)
def test_a_request_it_cannot_grant_goes_back_with_state_and_issuer(sso: Provider, devidp: DevIdp, change: dict[str, str | None]) -> None:
    url, flow = sso.begin()
    answer = requests.get(changed(url, **change), allow_redirects=False, timeout=10)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["error"][0] in {"invalid_request", "login_required"}
    assert (back["state"], back["iss"]) == ([flow.state], [devidp.issuer])


@pytest.mark.parametrize("change", [{"redirect_uri": "http://localhost:8000/other"}, {"client_id": "other"}], ids=str)
def test_a_request_of_a_stranger_goes_nowhere(sso: Provider, change: dict[str, str | None]) -> None:
    url, _ = sso.begin()
    answer = requests.post(changed(url, **change), data={"login": "ada"}, allow_redirects=False, timeout=10)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_code_needs_the_secret_of_the_client(sso: Provider, devidp: DevIdp) -> None:
    url, flow = sso.begin()
    form = {
        "grant_type": "authorization_code",
        "code": click(url, "ada")["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": flow.code_verifier,
    }
    for wrong in (None, ("portal", "x" * 43), ("other", devidp.secret)):
        assert requests.post(devidp.issuer + "/token", data=form, auth=wrong, timeout=10).status_code == 401
    posted = form | {"client_id": "portal", "client_secret": devidp.secret}
    assert requests.post(devidp.issuer + "/token", data=posted, timeout=10).status_code == 401
    good = requests.post(devidp.issuer + "/token", data=form, auth=("portal", devidp.secret), timeout=10)
    assert good.status_code == 200


def test_the_end_of_a_session_leads_nowhere_but_to_the_portal(sso: Provider, devidp: DevIdp) -> None:
    url, flow = sso.begin()
    token = sso.finish(flow, click(url, "ada")).id_token
    home = "http://localhost:8000/sign-in?out=1"
    for hint, back in ((token, "https://elsewhere.example/"), (token, "http://localhost:8000/"), ("a.b.c", home), ("", home)):
        query = {"id_token_hint": hint, "post_logout_redirect_uri": back}
        answer = requests.get(devidp.issuer + "/end-session", params=query, allow_redirects=False, timeout=10)
        assert answer.status_code == 200
        assert "Signed out" in answer.text


def test_the_shipped_cast_is_complete() -> None:
    groups = sorted(group for person in read_persons(PERSONS).by_login.values() for group in person.groups)
    wanted = ["cted-uploaders"] * 4 + ["cted-confidentiality"] * 2 + ["cted-releasing"] * 3 + ["cted-reviewers"] + ["cted-security"] * 2
    wanted += ["cted-auditors"] * 2 + ["oct-reviewers"] * 2 + ["oct-uploaders"] * 2 + ["oct-releasing"] * 2
    wanted += ["oct-confidentiality", "cted-cleared", "oct-cleared", "oct-auditors", "oct-security", "oct-security", "canteen"]
    assert groups == sorted(wanted)
