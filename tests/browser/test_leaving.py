"""Signing out by clicking: from the portal to the provider and back, with no form that leads where the content security policy forbids."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_journey import DARK, NARROW, look
from tools.tour.stage import Stage

SignIn = Callable[..., Page]


def test_whoever_signs_out_leaves_the_provider_too_and_is_told(stage: Stage, person: SignIn) -> None:
    page = person("omar")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("summary", has_text="Omar").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in?out=1&state=*")
    expect(page.get_by_role("status")).to_have_text("You are signed out, here and at your organisation’s sign-in service.")
    assert [url.split("?")[0] for url in asked if "static" not in url][:2] == [f"{stage.portal}/sign-out", f"{stage.portal}/signed-out"]
    assert any("/end-session?id_token_hint=" in url and not url.startswith(stage.portal) for url in asked)
    page.go_back()
    page.goto(stage.portal + "/received")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to continue")


def test_a_session_is_ended_from_another_browser(stage: Stage, person: SignIn) -> None:
    lost, here = person("omar", **NARROW), person("omar", **DARK)
    here.locator("summary", has_text="Omar").click()
    here.get_by_role("link", name="Your sessions").click()
    look(here)
    lost.goto(stage.portal + "/sessions")
    look(lost)
    here.get_by_role("button", name="End all others").click()
    expect(here.get_by_role("button", name="End all others")).to_have_count(0)
    lost.reload()
    expect(lost.get_by_role("heading", level=1)).to_have_text("Sign in to continue")


def test_an_administrator_ends_somebodys_session(stage: Stage, person: SignIn) -> None:
    ada, greta = person("ada"), person("greta")
    greta.get_by_role("navigation").get_by_role("link", name="People").click()
    look(greta)
    greta.get_by_role("link", name="Ada Lindqvist", exact=True).click()
    look(greta)
    greta.get_by_role("button", name="End all").click()
    expect(greta.get_by_text("This person is not signed in anywhere.")).to_be_visible()
    ada.reload()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Sign in to continue")
