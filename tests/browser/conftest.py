"""A real browser before the real portal: gunicorn, the development provider, Debian's Chromium."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.common.s3server import S3Server
from tests.common.stages import staged
from tools.tour.stage import Stage

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Milliseconds that a page or a word on it is waited for: no test is about this time, and a machine may be busy with other things.
PATIENCE = 60_000
#: What a browser says of an answer that is a refusal; anything else on the console is a fault.
REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of (401|403|404|409|422)")


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, house_s3: S3Server | None) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage"), house_s3) as stage:
        yield stage


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM.exists(), "the browser tests need Debian's chromium: apt-get install chromium"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """Everything the browser complained of; a violation of the content security policy is among it. Empty at the end, or the test fails."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def person(stage: Stage, browser: Browser, faults: list[str]) -> Iterator[Callable[..., Page]]:
    """Sign a person in, in a browser of their own, by clicking: portal, provider, portal."""
    contexts = []

    def sign_in(login: str, *, second_factor: bool = True, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if is_fault(said.type, said.text) else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(stage.portal + "/sign-in")
        page.get_by_role("link", name="Sign in as").click()
        page.get_by_role("checkbox").set_checked(second_factor)
        page.locator(f'button[value="{login}"]').click()
        page.wait_for_url(stage.portal + "/")
        return page

    yield sign_in
    for context in contexts:
        context.close()


def is_fault(kind: str, text: str) -> bool:
    return kind in {"error", "warning"} and REFUSAL.match(text) is None
