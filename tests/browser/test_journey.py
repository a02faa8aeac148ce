"""One report through the browser, by clicking: deposit, withhold, preview, propose, approve, read, late request, audit.

And every page on the way is looked at by axe-core for WCAG 2.2 AA, at desktop and at narrow width, in the light and in the dark.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tools.tour.sample import SAMORIA
from tools.tour.stage import Stage

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW = {"viewport": {"width": 390, "height": 844}}
DARK = {"color_scheme": "dark"}

SignIn = Callable[..., Page]


def look(page: Page) -> None:
    """No finding of axe, and nothing wider than the page."""
    page.evaluate(AXE)
    found = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(RULES)}}})")["violations"]
    assert [(finding["id"], [node["target"] for node in finding["nodes"]]) for finding in found] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} is wider than the window"


def register(page: Page, symbol: str, title: str, *, level: int = 1) -> str:
    """Register a visit and a document; returns its address."""
    page.get_by_role("link", name="Deposit", exact=True).click()
    page.get_by_label("State visited").select_option("XSM")
    page.get_by_label("First day").fill("2026-10-05")
    page.get_by_label("Last day").fill("2026-10-09")
    page.get_by_label("Place").fill("Samora")
    page.get_by_role("button", name="Register visit").click()
    page.get_by_label("Symbol").fill(symbol)
    page.get_by_label("Title").fill(title)
    page.get_by_label("Kind").select_option("mission_report")
    page.get_by_label("Visit", exact=True).select_option(index=1)
    page.locator(f"input[name=level][value='{level}']").check()
    look(page)
    page.get_by_role("button", name="Register document").click()
    page.wait_for_url(re.compile("/documents/[0-9a-f-]{36}$"))
    return page.url


def withhold(page: Page, document: str, *, pages: str = "") -> None:
    page.goto(document)
    page.locator("summary", has_text="Record a request").click()
    page.locator("#r-state").select_option("XSM")
    page.locator("#r-reference").fill("SM/NV/2026/41")
    page.locator("#r-dated").fill("2026-11-02")
    page.locator("#r-received").select_option(index=1)
    page.locator(f"input[name=scope][value={'pages' if pages else 'document'}]").check()
    if pages:
        page.locator("#r-pages").fill(pages)
    page.get_by_role("button", name="Record the request").click()


def test_one_report_crosses_and_is_closed_again(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    file = tmp_path / "visit report.pdf"
    file.write_bytes(SAMORIA)
    ada, carla = person("ada"), person("carla")
    look(ada)
    document = register(ada, "CTED/2026/XSM/3", "Report of the visit to Samoria")
    look(ada)
    ada.set_input_files("input[type=file]", str(file))
    expect(ada.locator("main")).to_contain_text("4 pages")

    withhold(carla, document, pages="9")
    expect(carla.locator("main")).to_contain_text("The document has pages 1 to 4")
    assert carla.locator("#r-reference").input_value() == "SM/NV/2026/41"  # nothing typed is lost
    look(carla)
    carla.locator("#r-pages").fill("3")
    carla.get_by_role("button", name="Record the request").click()
    expect(carla.locator("main")).to_contain_text("In force since")
    look(carla)

    ada.goto(document)
    ada.get_by_role("button", name="Prepare what the Office will see").click()
    ada.wait_for_url(re.compile("/renditions/"))
    expect(ada.locator("main, body")).to_contain_text(["This is what a reader of the other body will see"])
    look(ada)
    ada.goto(document)
    expect(ada.locator("#rendition")).to_contain_text("still show wording of what is kept back")
    ada.locator("[name=looked]").check()
    ada.locator("[name=purpose]").fill("Follow-up in the northern posts")
    ada.get_by_role("button", name="Propose the release").click()
    expect(ada.locator("main")).to_contain_text("You proposed this yourself")
    look(ada)

    dana = person("dana")
    dana.get_by_role("link", name="Report of the visit").first.click()
    look(dana)
    dana.get_by_role("button", name="Approve release").click()
    expect(dana.locator("main")).to_contain_text("The Directorate and the Office")

    omar = person("omar")
    look(omar)
    omar.get_by_role("link", name="Report of the visit").first.click()
    omar.wait_for_url(re.compile("/pages/1$"))
    expect(omar.get_by_role("img").first).to_be_visible()
    look(omar)
    omar.keyboard.press("ArrowRight")
    omar.wait_for_url(re.compile("/pages/2$"))
    omar.keyboard.press("ArrowRight")
    omar.wait_for_url(re.compile("/pages/3$"))
    assert "HERON" not in omar.content()

    withhold(carla, document)
    omar.keyboard.press("ArrowLeft")
    expect(omar.locator("main")).to_contain_text("No longer available")
    omar.goto(stage.portal + "/received")
    expect(omar.locator("main")).to_contain_text("CTED/2026/XSM/3")
    expect(omar.locator("main")).not_to_contain_text("Report of the visit")
    look(omar)

    farid = person("farid")
    look(farid)
    farid.goto(stage.portal + "/audit?document=CTED/2026/XSM/3")
    for act in ("Version deposited", "Request recorded", "Share approved", "Share page read", "Share closed"):
        expect(farid.get_by_role("table", name="Events, newest first")).to_contain_text(act)
    farid.get_by_text("The same in figures").click()
    look(farid)
    farid.get_by_label("Keep this filter as").fill("Samoria")
    farid.get_by_role("button", name="Keep").click()
    expect(farid.get_by_role("link", name="Samoria")).to_have_attribute("aria-current", "true")
    farid.get_by_role("link", name="Who saw what").click()
    farid.locator("main td a").first.click()
    expect(farid.get_by_role("table", name="Events, newest first")).to_contain_text("CTED/2026/XSM/3")


@pytest.mark.parametrize("options", [NARROW, DARK, NARROW | DARK], ids=["narrow", "dark", "narrow and dark"])
def test_every_page_holds_in_other_windows(stage: Stage, person: SignIn, options: dict[str, object]) -> None:
    pages = {
        "ada": ["/", "/documents", "/documents/new", "/approvals", "/no/such/page"],
        "omar": ["/", "/received"],
        "farid": ["/", "/audit", "/audit/seen", "/audit/unusual"],
        "greta": ["/", "/people"],
    }
    for login, paths in pages.items():
        page = person(login, **options)
        for path in paths:
            page.goto(stage.portal + path)
            look(page)
        if login == "ada":
            page.goto(stage.portal + "/documents")
            for link in page.locator("main table a").all()[:1]:
                link.click()
                look(page)


def test_a_file_that_cannot_be_taken_is_explained_on_the_page_which_stays_usable(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    picture, file = tmp_path / "picture.pdf", tmp_path / "report.pdf"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 900)
    file.write_bytes(SAMORIA)
    bruno = person("bruno")
    register(bruno, "CTED/2026/XSM/4", "Another report")
    bruno.set_input_files("input[type=file]", str(picture))
    expect(bruno.locator("main")).to_contain_text("This is not a PDF")
    look(bruno)
    bruno.set_input_files("input[type=file]", str(file))
    expect(bruno.locator("main")).to_contain_text("4 pages")


def test_after_signing_out_the_back_button_shows_nothing(stage: Stage, person: SignIn) -> None:
    elena = person("elena")
    elena.goto(stage.portal + "/documents")
    elena.locator("summary", has_text="Elena").click()
    elena.get_by_role("button", name="Sign out").click()
    elena.wait_for_url("**/sign-in?out=1**")  # by way of the provider
    expect(elena.locator("main")).to_contain_text("signed out")
    elena.go_back()
    expect(elena.locator("main")).to_contain_text("Sign in")
