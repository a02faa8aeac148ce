"""What every answer tells the browser: each door, by each method, to a stranger and to each role, and every kind of failure."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.cases import facts
from portal.cases.facts import BodyTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.gateway.safety import UNUSED
from portal.kernel.actions import Action
from portal.kernel.config import load_config
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from tests.architecture.test_doors import STAFF, UNSAFE, doors
from tests.common.house import PORTAL, Guest, House, shared

ALWAYS = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
#: `default-src 'none'` and nothing that lets in code or styles of the page itself, or anything from elsewhere.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
#: Of a file that is to be saved: not even what our own pages may.
ALONE = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'", "sandbox": ""}
PASSKEYS = {"publickey-credentials-create", "publickey-credentials-get"}
ASSET = re.compile(r"/static/[^?]+(\?.*)?")


def faults_of(answer: TestResponse) -> list[str]:
    """What this answer fails to tell the browser, or tells the world too much of."""
    head, faults = answer.headers, []
    faults += [f"{name}: {head.getlist(name)}" for name, value in ALWAYS.items() if head.getlist(name) != [value]]
    policies = head.getlist("Content-Security-Policy")
    directives = {name: sources for name, _, sources in (part.strip().partition(" ") for part in ";".join(policies).split(";"))}
    if len(policies) != 1 or directives != (ALONE if head.get("Content-Disposition", "").startswith("attachment") else POLICY):
        faults.append(f"Content-Security-Policy: {policies}")
    allowed = dict(part.strip().split("=", 1) for part in head.get("Permissions-Policy", "=").split(","))
    if allowed != dict.fromkeys(UNUSED, "()") | dict.fromkeys(PASSKEYS, "(self)"):
        faults.append(f"Permissions-Policy: {allowed}")
    if "cookie" not in head.get("Vary", "").lower():
        faults.append(f"Vary: {head.get('Vary')}")
    public = ASSET.fullmatch(answer.request.path) and answer.status_code in {200, 304}
    if ("no-store" in head.get("Cache-Control", "")) == bool(public) or len(head.getlist("Cache-Control")) != 1:
        faults.append(f"Cache-Control: {head.getlist('Cache-Control')}")
    faults += [f"{name}: {head[name]}" for name in ("Server", "X-Powered-By", "Access-Control-Allow-Origin") if name in head]
    for cookie in head.getlist("Set-Cookie"):
        name, *rest = [part.strip() for part in cookie.split(";")]
        if not name.startswith("__Host-portal=") or not {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(rest) or "Domain" in cookie:
            faults.append(f"Set-Cookie: {cookie}")
    if answer.mimetype == "text/html" and re.search(r"<script>|<style|\sstyle=|\son[a-z]+=|javascript:", answer.get_data(as_text=True)):
        faults.append("code or styles within the page")
    return faults


def knocks(house: House, guest: Guest) -> Iterator[TestResponse]:
    """Every door by every method: once about what is there, once about nothing; the way out comes last."""
    there = {
        "document_id": str(UUID(house.sql("select id from document")[0][0])),
        "proposal_id": str(UUID(house.sql("select id from proposal")[0][0])),
        "share_id": str(UUID(house.sql("select id from share")[0][0])),
        "provider": "demo",
    }
    around = sorted(
        {(path, method) for known in (there, {}) for _, method, path in doors(house, **known)}, key=lambda door: "sign-out" in door[0]
    )
    for path, method in around:
        for way in {method, "HEAD"} if method == "GET" else {method}:
            headers = {"X-CSRF-Token": guest.token()} if way in UNSAFE else {}
            yield guest.client.open(path, method=way, base_url=PORTAL, headers=headers)


@pytest.mark.parametrize("login", ["", *STAFF["CTED"], *STAFF["OCT"]])
def test_every_answer_of_every_door_is_safe_in_a_browser(house: House, login: str) -> None:
    shared(house)
    guest = house.guest(login) if login else house.stranger()
    seen: set[int] = set()
    for answer in knocks(house, guest):
        assert faults_of(answer) == [], (answer.request.method, answer.request.path, answer.status_code)
        seen.add(answer.status_code)
    assert {200, 302, 404} <= seen
    assert 500 not in seen


def with_a_broken_door(house: House) -> None:
    """A door of the test's own, through which whatever goes wrong comes out as it would at any other."""
    bp = GuardedBlueprint("broken", __name__)

    @bp.get("/broken", guard=Guard(action=Action.HEALTH_READ, event=Event.HEALTH_READ, locate=facts.nowhere))
    def broken(uow: UnitOfWork, permit: Permit, target: BodyTarget) -> str:
        raise ZeroDivisionError("broken for this test")

    house.app._got_first_request = False
    house.app.register_blueprint(bp)


def lost(house: House, table: str, ask: Callable[[], TestResponse]) -> TestResponse:
    """The answer while a table is missing."""
    house.sql(f"alter table {table} rename to {table}_lost")
    try:
        return ask()
    finally:
        house.sql(f"alter table {table}_lost rename to {table}")


@pytest.mark.parametrize("login", ["", "omar"])
def test_every_failure_is_as_safe(house: House, login: str) -> None:
    with_a_broken_door(house)
    guest = house.guest(login) if login else house.stranger()
    form = "application/x-www-form-urlencoded"
    big = {"data": b"csrf=" + b"y" * 400_000, "content_type": form, "headers": {"X-CSRF-Token": guest.token()}}
    answers = {
        404: guest.get("/no/such/page"),
        405: guest.client.open("/documents", method="PUT", base_url=PORTAL),
        413: guest.client.post("/sign-out", base_url=PORTAL, **big),
        421: guest.client.get("/", base_url=PORTAL, headers={"Host": "evil.example"}),
        503: lost(house, "audit_event", lambda: guest.get("/received")),
        304: guest.get("/static/portal.css", headers={"If-None-Match": guest.get("/static/portal.css").headers["ETag"]}),
        308: guest.client.get("/", base_url=PORTAL, environ_overrides={"PATH_INFO": "/static//portal.css"}),
        500: guest.get("/broken"),
    }
    for about, answer in answers.items():
        assert faults_of(answer) == [], (about, answer.status_code)
    # A stranger's form and second refusal are not looked at before it is clear that they are nobody.
    codes = {about: answer.status_code for about, answer in answers.items()}
    assert codes == {404: 404, 405: 404, 413: 413 if login else 401, 421: 421, 503: 503 if login else 401, 304: 304, 308: 404, 500: 500}
    assert "ZeroDivisionError" not in answers[500].get_data(as_text=True)


def test_a_session_that_cannot_be_written_is_a_failure_and_as_safe(house: House) -> None:
    answer = lost(house, "session", lambda: house.stranger().get("/sign-in/demo/start"))
    assert (answer.status_code, faults_of(answer)) == (503, [])


def test_over_https_browsers_are_told_to_stay_there(house: House) -> None:
    assert "Strict-Transport-Security" not in house.stranger().get("/sign-in").headers
    file = house.folder / "config.toml"
    text = file.read_text().replace('public_url = "http://localhost:8000"', 'public_url = "https://localhost:8000"')
    file.write_text(text)
    app = create_app(load_config(file), clock=house.clock, background=False)
    for path in ("/sign-in", "/no/such/page", "/", "/static/portal.css"):
        assert app.test_client().get(path).headers["Strict-Transport-Security"] == "max-age=31536000", path
    app.extensions["passage"].parts.database.close()


def test_a_static_file_is_the_same_for_everybody_and_no_directory_is_listed(house: House) -> None:
    stranger, omar = (guest.get("/static/portal.css") for guest in (house.stranger(), house.guest("omar")))
    assert stranger.data == omar.data
    assert stranger.headers["Cache-Control"] == "public, max-age=86400"
    assert "Set-Cookie" not in stranger.headers
    for path in ("/static/", "/static/vendor", "/static/..%2fentrance.py", "/static/%2e%2e/entrance.py", "/static/none.css"):
        answer = house.stranger().get(path)
        assert (answer.status_code, faults_of(answer)) == (404, []), path


def test_signing_out_empties_what_the_browser_kept_and_leaves_other_sites_their_cookies(house: House) -> None:
    """`"cookies"` would end the sessions of every neighbour under the same domain."""
    answer = house.guest("omar").post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
