"""Bad input: a clear sentence with what to do, nothing lost, nothing left behind, one event."""

import io
import shutil
from pathlib import Path

import pikepdf
import pytest

from portal.app import create_app
from portal.kernel.config import load_config
from portal.kernel.errors import Misconfigured
from tests.common.house import House
from tests.common.slips import SAMORIA, VELLAND


def encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(SAMORIA)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        (b"", 422, "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 500, 422, "PDF"),
        (b"GIF89a" + SAMORIA, 422, "PDF"),
        (SAMORIA[:400], 422, "file"),
        (b"%PDF-1.7\n" + b"nonsense " * 300, 422, "file"),
        (encrypted(), 422, "password"),
    ],
)
def test_a_file_that_cannot_be_taken_leaves_nothing_and_one_event(house: House, content: bytes, status: int, word: str) -> None:
    ada = house.guest("ada")
    document = ada.register()
    before, events = house.objects(), len(house.events())
    reply = ada.upload(document, content)
    assert reply.status_code == status, reply.text
    assert word in reply.get_json()["detail"]
    assert house.objects() == before
    assert house.sql("select count(*) from version") == [(0,)]
    made = house.events()[events:]
    assert [event[0] for event in made] == ["version.deposited"]
    assert made[0][1] != "done"
    assert ada.upload(document, SAMORIA).status_code == 201


def test_a_file_larger_than_any_form_is_taken(house: House) -> None:
    assert len(VELLAND) > 1_000_000
    house.guest("ada").deposit(content=VELLAND)


def test_a_file_over_the_limit_is_refused_before_it_is_read(house: House) -> None:
    text = (house.folder / "config.toml").read_text() + "\n[uploads]\nmax_bytes = 1048576\n"
    (house.folder / "config.toml").write_text(text)
    app = create_app(load_config(house.folder / "config.toml"), clock=house.clock, background=False)
    house.app = app
    ada = house.guest("ada")
    document = ada.register()
    before = house.objects()
    reply = ada.upload(document, SAMORIA + b" " * 1048576)
    assert reply.status_code == 413
    assert "1 MB" in reply.get_json()["detail"]
    assert house.objects() == before


def test_a_cut_connection_leaves_nothing_behind(house: House) -> None:
    ada = house.guest("ada")
    document = ada.register()
    before, events = house.objects(), len(house.events())
    reply = ada.client.post(
        f"/documents/{document}/file",
        base_url="http://localhost:8000",
        input_stream=io.BytesIO(SAMORIA[:500]),
        environ_overrides={"CONTENT_LENGTH": str(len(SAMORIA))},
        content_type="application/pdf",
        headers={"X-CSRF-Token": ada.token(), "Accept": "application/json"},
    )
    assert reply.status_code == 422
    assert "connection" in reply.get_json()["detail"]
    assert house.objects() == before
    assert [event for event, *_ in house.events()[events:]] == ["version.deposited"]


def test_a_multipart_form_is_not_spooled_to_disk(house: House) -> None:
    ada = house.guest("ada")
    document = ada.register()
    reply = ada.post(f"/documents/{document}/requests", {"file": (io.BytesIO(b"x" * 600_000), "x.pdf")})
    assert reply.status_code == 413


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"state": "FRA"}, "State"),
        ({"state": "QQQ"}, "State"),
        ({"reference": ""}, "reference"),
        ({"dated": "yesterday"}, "date"),
        ({"dated": "2999-01-01"}, "future"),
        ({"received": "pigeon"}, "received"),
        ({"scope": "everything"}, "whole document"),
    ],
)
def test_a_request_that_cannot_be_recorded_says_why_and_keeps_what_was_typed(house: House, changes: dict[str, str], word: str) -> None:
    carla = house.guest("carla")
    document = house.guest("ada").deposit()
    events = len(house.events())
    reply = carla.withhold(document, **changes)
    assert reply.status_code == 422
    assert word in reply.text
    if "reference" not in changes:
        assert "SM/NV/2026/41" in reply.text
    assert house.sql("select count(*) from request") == [(0,)]
    refused, seen = house.events()[events:]
    assert refused == ("request.recorded", "failed", "invalid")
    assert seen == ("document.read", "done", "")  # the page that was given back is a page that was read


@pytest.mark.parametrize("pages", ["9", "0", "x", "3-1", ""])
def test_pages_a_document_does_not_have_cannot_be_withheld(house: House, pages: str) -> None:
    document = house.guest("ada").deposit()
    reply = house.guest("carla").withhold(document, pages or " ", scope="pages")
    assert reply.status_code == 422
    assert "page" in reply.text


def test_an_unknown_body_cannot_be_named_as_recipient(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    assert ada.prepare(document, "ACME").status_code == 422
    ada.prepare(document)
    assert ada.propose(document, "ACME").status_code == 422
    assert ada.propose(document, "CTED").status_code in {403, 422}


def test_every_fault_of_a_form_is_reported_at_once(house: House) -> None:
    ada = house.guest("ada")
    reply = ada.post("/documents", {"title": "", "symbol": "?", "kind": "poem", "level": "7", "visit": "none"})
    assert reply.status_code == 422
    for word in ("title", "letters, digits", "kinds", "Unclassified, Confidential", "visit"):
        assert word in reply.text


@pytest.mark.parametrize(("login", "word"), [("tomas", "no role"), ("xenia", "nobody may be both")])
def test_a_person_without_a_role_or_with_two_that_exclude_each_other_gets_in_nowhere(house: House, login: str, word: str) -> None:
    guest = house.stranger()
    guest.login = login
    reply = guest.sign_in()
    assert reply.status_code == 403
    assert word in reply.text
    assert guest.get("/").status_code == 401
    assert house.events()[-1][0] == "session.signed_in" or house.events()[-2][0] == "session.signed_in"
    assert house.sql("select count(*) from person") == [(0,)]


def test_an_answer_of_the_provider_is_used_once(house: House) -> None:
    guest = house.stranger()
    guest.login = "omar"
    assert guest.get("/sign-in/demo/callback?code=x&state=y").status_code == 403
    guest.sign_in()
    assert guest.get("/sign-in/demo/callback?code=x&state=y").status_code == 403


def test_a_request_without_the_forms_token_is_forged(house: House) -> None:
    ada = house.guest("ada")
    events = len(house.events())
    reply = ada.client.post("/visits", base_url="http://localhost:8000", data={"state": "XSM"})
    assert reply.status_code == 403
    assert house.events()[events:] == [("visit.registered", "refused", "forged")]
    other = ada.client.post(
        "/visits", base_url="http://localhost:8000", data={"csrf": ada.token()}, headers={"Origin": "http://evil.example"}
    )
    assert other.status_code == 403
    site = ada.client.post(
        "/visits", base_url="http://localhost:8000", data={"csrf": ada.token()}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert site.status_code == 403


def test_the_token_of_another_session_does_not_count(house: House) -> None:
    ada, bruno = house.guest("ada"), house.guest("bruno")
    reply = ada.client.post("/visits", base_url="http://localhost:8000", data={"csrf": bruno.token()})
    assert reply.status_code == 403


def test_a_page_that_does_not_exist_is_recorded_once(house: House) -> None:
    ada = house.guest("ada")
    events = len(house.events())
    assert ada.get("/no/such/page").status_code == 404
    assert house.events()[events:] == [("door.missed", "refused", "not_found")]


def test_an_unknown_configuration_key_stops_the_start(house: House) -> None:
    file = house.folder / "config.toml"
    file.write_text(file.read_text().replace("[store]\n", "[store]\ncolour = 'red'\n"))
    with pytest.raises(Misconfigured, match=r"store\.colour"):
        load_config(file)


def test_a_broken_policy_stops_the_start_and_names_the_file(tmp_path: Path, house: House) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(house.config.policy.path, folder)
    broken = next(folder.glob("*.cedar"))
    broken.write_text(broken.read_text() + "\npermit (principal, action, resource\n")
    file = house.folder / "config.toml"
    file.write_text(file.read_text().replace(str(house.config.policy.path), str(folder)))
    with pytest.raises(Misconfigured, match=broken.name):
        create_app(load_config(file), background=False)


def test_a_missing_static_file_is_one_event(house: House) -> None:
    omar = house.guest("omar")
    events = len(house.events())
    assert omar.get("/static/none.css").status_code == 404
    assert house.events()[events:] == [("asset.read", "refused", "not_found")]


@pytest.mark.parametrize("path", ["/documents/{}/requests", "/documents/{}/proposals", "/visits"])
def test_a_form_that_is_too_large_is_one_event(house: House, path: str) -> None:
    document = house.guest("ada").deposit()
    carla = house.guest("carla")
    events = len(house.events())
    headers = {"X-CSRF-Token": carla.token()}
    reply = carla.client.post(path.format(document), base_url="http://localhost:8000", data={"x": "y" * 400_000}, headers=headers)
    assert reply.status_code in {403, 413}
    assert len(house.events()) == events + 1


def test_a_foreign_cookie_is_ignored(house: House) -> None:
    stranger = house.stranger()
    stranger.client.set_cookie("remember_token", "a|b", domain="localhost")
    reply = stranger.get("/")
    assert reply.status_code == 401
    assert "Content-Security-Policy" in reply.headers


@pytest.mark.parametrize("query", ["before=5", "before=5.x", "before=9999999999999999999.%s" % ("0" * 32), "before=-1.x"])
def test_a_list_goes_on_only_where_a_list_ended(house: House, query: str) -> None:
    assert house.guest("ada").get(f"/documents?{query}").status_code == 422


@pytest.mark.parametrize("title", ["Mission \u202efdp.exe", "A\x00B report", "a\x1b[31m report", "x\u2028y zzz"])
def test_a_title_cannot_carry_control_characters(house: House, title: str) -> None:
    ada = house.guest("ada")
    ada.register()
    visit = house.sql("select lower(hex(id)) from visit")[0][0]
    reply = ada.post("/documents", {"title": title, "symbol": "CTED/1", "kind": "other", "level": "0", "visit": visit})
    assert reply.status_code == 422
    assert "control characters" in reply.text


def test_sign_ins_that_nobody_finishes_neither_fill_the_log_nor_the_table(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cases.sign_in.MOST_UNFINISHED", 20)
    events = len(house.events())
    for _ in range(30):
        assert house.stranger().get("/sign-in/demo/start").status_code == 302
    assert house.sql("select count(*) from session") == [(20,)]
    assert len(house.events()) == events
    assert house.guest("omar").get("/received").status_code == 200


def test_a_missing_floors_file_stops_the_start(house: House) -> None:
    """Without it, everything that was ever closed would open again."""
    house.config.keyring.floors.unlink()
    with pytest.raises(Misconfigured, match=r"floors\.jsonl is missing"):
        create_app(house.config, background=False)


def test_answers_tell_the_browser_to_keep_nothing(house: House) -> None:
    reply = house.guest("omar").get("/received")
    assert reply.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert reply.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert reply.headers["Referrer-Policy"] == "same-origin"  # with no-referrer, a browser's own forms come with `Origin: null`
    cookie = house.stranger().get("/sign-in/demo/start").headers["Set-Cookie"]
    assert cookie.startswith("__Host-portal=")
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
