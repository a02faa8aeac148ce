"""One person at the certified provider, by clicking: the sign-in page, a wrong password, the right one, a page of the portal, out."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import is_fault
from tests.browser.test_journey import DARK, NARROW, look
from tests.common.certified import Certified, running
from tests.common.s3server import S3Server
from tests.common.stages import staged
from tools.tour.stage import Stage


@pytest.fixture(scope="module")
def two_ways(tmp_path_factory: pytest.TempPathFactory, house_s3: S3Server | None) -> Iterator[tuple[Stage, Certified]]:
    """A portal that serves, with the development provider and the certified one."""
    with ExitStack() as stack:
        found: list[Certified] = []

        def join(stage: Stage) -> None:
            provider = stack.enter_context(running(tmp_path_factory.mktemp("certified"), stage.portal, deliver=True))
            provider.join(stage.folder)
            found.append(provider)

        stage = stack.enter_context(staged(tmp_path_factory.mktemp("two-ways"), house_s3, prepared=join))
        yield stage, found[0]


def fill(page: Page, login: str, password: str) -> None:
    page.get_by_label("Name").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("options", [{}, NARROW | DARK], ids=["desktop", "narrow and dark"])
def test_a_person_signs_in_with_a_password_after_a_wrong_one_and_out_again(
    two_ways: tuple[Stage, Certified], browser: Browser, faults: list[str], options: dict[str, object]
) -> None:
    stage, certified = two_ways
    context = browser.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("console", lambda said: faults.append(said.text) if is_fault(said.type, said.text) else None)
    page.goto(f"{stage.portal}/sign-in")
    look(page)
    page.get_by_role("link", name="certified provider").click()
    fill(page, "ines", "a wrong one")
    expect(page.get_by_role("alert")).to_contain_text("is wrong")
    assert page.url.startswith(certified.issuer)
    fill(page, "ines", certified.persons["ines"]["password"])
    page.wait_for_url(f"{stage.portal}/")
    look(page)
    page.locator("summary", has_text="Ines Okafor").click()
    expect(page.locator("body")).to_contain_text("Reviewer")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_contain_text("Sign out of the organisation, too?")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out")
    page.goto(f"{stage.portal}/")
    expect(page.locator("h1")).to_contain_text("Sign in")
    context.close()


def test_a_person_who_cancels_there_finds_a_way_to_start_again(
    two_ways: tuple[Stage, Certified], browser: Browser, faults: list[str]
) -> None:
    stage, _ = two_ways
    context = browser.new_context()
    page = context.new_page()
    page.on("console", lambda said: faults.append(said.text) if is_fault(said.type, said.text) else None)
    page.goto(f"{stage.portal}/sign-in")
    page.get_by_role("link", name="certified provider").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("main")).to_contain_text("did not complete the sign-in")
    look(page)
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("link", name="certified provider")).to_be_visible()
    context.close()
