"""Another page around the portal, or behind it, in a real browser: it shows nothing of the portal and holds nothing of it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from portal.gateway.safety import UNUSED
from tests.browser.test_journey import SignIn
from tools.tour.stage import Stage

OWN_WORDS = "the attacker's own frame"


class Attacker(BaseHTTPRequestHandler):
    """A page with the portal in it, in every way there is, and beside it a frame of its own, which shows that frames are shown."""

    portal = ""

    def do_GET(self) -> None:
        around = "".join(
            f'<iframe src="{self.portal}{path}"></iframe><iframe sandbox="allow-scripts allow-forms" src="{self.portal}{path}"></iframe>'
            f'<object data="{self.portal}{path}"></object><embed src="{self.portal}{path}">'
            for path in ("/", "/sign-in", "/received", "/no/such/page")
        )
        page = OWN_WORDS if self.path == "/own" else f'<!doctype html><iframe src="/own"></iframe>{around}'
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def attacker(stage: Stage) -> Iterator[int]:
    """The port of the attacker's server. On `localhost` it is a neighbour of the portal's, to which the browser gives our cookie."""
    handler = type("Around", (Attacker,), {"portal": stage.portal})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def shown(page: Page) -> list[str]:
    """The words of every frame within the page."""
    return [frame.locator("html").inner_text() for frame in page.frames if frame != page.main_frame]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nothing_of_the_portal_is_shown_in_another_page(stage: Stage, person: SignIn, attacker: int, host: str) -> None:
    omar = person("omar")
    said: list[str] = []
    page = omar.context.new_page()  # another tab of the same browser, with the same cookies
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"http://{host}:{attacker}/")
    page.wait_for_load_state("networkidle")
    words = shown(page)
    assert words.count(OWN_WORDS) == 1
    assert not [text for text in words if "Portal" in text or "Sign in" in text], words
    assert [text for text in said if "frame-ancestors 'none'" in text]
    assert omar.goto(stage.portal + "/received").status == 200  # type: ignore[union-attr]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_page_that_opens_the_portal_loses_hold_of_it(stage: Stage, person: SignIn, attacker: int, host: str) -> None:
    page = person("omar").context.new_page()
    page.goto(f"http://{host}:{attacker}/own")
    with page.context.expect_page() as opening:
        page.evaluate("address => { window.held = window.open(address) }", stage.portal + "/sign-in")
    opened = opening.value
    opened.wait_for_load_state()
    assert opened.url.startswith(stage.portal)
    assert opened.evaluate("window.opener === null")
    page.wait_for_function("window.held.closed")
    assert not opened.is_closed()


def test_a_page_of_the_portal_may_use_nothing_of_the_device(stage: Stage, browser: Browser) -> None:
    page = browser.new_page()
    try:
        page.goto(stage.portal + "/sign-in")
        known = set(page.evaluate("document.featurePolicy.features()"))
        allowed = set(page.evaluate("document.featurePolicy.allowedFeatures()"))
        assert not allowed & set(UNUSED)
        assert set(UNUSED) <= known, "the browser knows these no more, and would complain"
        assert {"publickey-credentials-create", "publickey-credentials-get"} <= allowed
        assert page.evaluate("crossOriginIsolated")
    finally:
        page.close()
