"""Reading what was shared: on a phone, with the keyboard alone, and without scripts. Each opens, turns, finds, sizes and acknowledges."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import NARROW, look, register
from tools.tour.sample import SAMORIA
from tools.tour.stage import Stage

SignIn = Callable[..., Page]
#: Long enough for something that was fetched ahead to be asked for.
AHEAD = 1_500


def share(person: SignIn, file: Path, symbol: str, title: str) -> None:
    """Deposit, prepare, propose and approve, under the narrowest terms: view only."""
    file.write_bytes(SAMORIA)
    ada, dana = person("ada"), person("dana")
    document = register(ada, symbol, title)
    ada.set_input_files("input[type=file]", str(file))
    expect(ada.locator("main")).to_contain_text("4 pages")
    ada.goto(document)
    ada.get_by_role("button", name="Prepare what the Office will see").click()
    ada.wait_for_url(re.compile("/renditions/"))
    look(ada)
    ada.goto(document)
    ada.locator("[name=purpose]").fill("To be read")
    ada.get_by_role("button", name="Propose the release").click()
    dana.goto(document)
    dana.get_by_role("button", name="Approve release").click()
    expect(dana.locator("main")).to_contain_text("The Directorate and the Office")


def at(page: Page, number: int, query: str = "") -> None:
    page.wait_for_url(re.compile(rf"/pages/{number}{re.escape(query)}$"))
    expect(page.locator(".p-turn")).to_contain_text(f"Page {number} of 4")


def test_a_reviewer_reads_on_a_phone(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    share(person, tmp_path / "report.pdf", "CTED/2026/XSM/231", "A report read on the way")
    omar = person("omar", has_touch=True, **NARROW)
    asked: list[str] = []
    omar.on("request", lambda request: asked.append(request.url))
    omar.get_by_role("link", name="A report read on the way").first.tap()
    at(omar, 1)
    look(omar)
    picture = omar.locator(".p-sheet img").bounding_box()
    assert picture is not None
    assert picture["width"] >= 386  # the whole width but a line at each side
    for name in ("Next page", "Larger"):
        button = omar.get_by_label(name).bounding_box()
        assert button is not None
        assert min(button["width"], button["height"]) >= 44
        assert button["y"] > 844 / 2  # where a thumb is
    omar.get_by_label("Next page").tap()
    at(omar, 2)
    omar.get_by_label("Larger").tap()
    expect(omar.locator("#zoom-now")).to_have_text("125")
    look(omar)
    omar.get_by_label("Next page").tap()
    at(omar, 3, "?zoom=125")
    omar.get_by_label("Find in this document", exact=True).fill("border")
    omar.get_by_role("button", name="Find", exact=True).tap()
    expect(omar.locator(".p-found")).to_contain_text("no places on this page, 3 in all, on 3 of 4 pages")
    look(omar)
    omar.get_by_role("button", name="Page 4, 1 place").tap()
    at(omar, 4)
    expect(omar.locator(".p-found")).to_contain_text("1 place on this page")
    omar.get_by_role("button", name="Acknowledge receipt").tap()
    expect(omar.locator("main")).to_contain_text("Receipt acknowledged")
    assert "border" not in " ".join(asked)
    look(omar)


def focused(page: Page) -> str:
    """What has the focus, as it is called; and it can be seen to have it."""
    ring = "const on = document.activeElement, s = getComputedStyle(on);"
    assert page.evaluate(f"(() => {{ {ring} return on === document.body || s.outlineStyle !== 'none' || s.boxShadow !== 'none' }})()")
    return str(page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent || '').trim()"))


def tab_to(page: Page, name: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    raise AssertionError(f"the keyboard does not lead to {name}")


def test_a_reviewer_reads_with_the_keyboard_alone(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    share(person, tmp_path / "report.pdf", "CTED/2026/XSM/232", "A report for the keyboard")
    omar = person("omar")
    tab_to(omar, "A report for the keyboard")
    omar.keyboard.press("Enter")
    at(omar, 1)
    look(omar)
    omar.keyboard.press("ArrowRight")
    at(omar, 2)
    for _ in range(2):
        omar.keyboard.press("+")
    expect(omar.locator("#zoom-now")).to_have_text("150")
    assert omar.url.endswith("?zoom=150")
    assert "p-zoom-150" in (omar.locator("#view").get_attribute("class") or "")
    omar.keyboard.press("-")
    omar.keyboard.press("ArrowRight")
    at(omar, 3, "?zoom=125")
    omar.keyboard.press("0")
    expect(omar.locator("#zoom-now")).to_have_text("100")
    omar.keyboard.press("/")
    omar.keyboard.type("Kestrel-0")  # in a field they are letters
    for key in ("ArrowLeft", "ArrowRight", "Backspace", "Backspace"):
        omar.keyboard.press(key)
    at(omar, 3)
    omar.keyboard.press("Enter")
    expect(omar.locator(".p-found")).to_contain_text("1 place on this page, 1 in all")
    expect(omar.locator("#zoom-now")).to_have_text("100")
    tab_to(omar, "Next page")
    omar.keyboard.press("Enter")
    at(omar, 4)
    tab_to(omar, "Page 2, opened")
    omar.keyboard.press("Enter")
    at(omar, 2)
    tab_to(omar, "Picture of page 2")
    expect(omar.locator("#keys")).to_be_visible()
    tab_to(omar, "Acknowledge receipt")
    omar.keyboard.press("Enter")
    expect(omar.locator("main")).to_contain_text("Receipt acknowledged")


def test_a_reviewer_reads_without_scripts(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    share(person, tmp_path / "report.pdf", "CTED/2026/XSM/233", "A report without scripts")
    omar = person("omar", java_script_enabled=False)
    omar.get_by_role("link", name="A report without scripts").first.click()
    at(omar, 1)
    expect(omar.locator("#keys")).to_be_hidden()
    omar.get_by_label("Next page").click()
    at(omar, 2)
    omar.get_by_label("Larger").click()
    at(omar, 2, "?zoom=125")
    omar.get_by_label("Page 4").first.click()
    at(omar, 4, "?zoom=125")
    omar.get_by_label("Find in this document", exact=True).fill("BORDER posts")
    omar.get_by_role("button", name="Find", exact=True).click()
    expect(omar.locator(".p-found")).to_contain_text("1 place on this page, 2 in all, on 2 of 4 pages")
    omar.get_by_role("button", name="Previous page with it").click()
    at(omar, 2)
    expect(omar.locator("#zoom-now")).to_have_text("125")
    expect(omar.locator(".p-found")).to_contain_text("1 place on this page")
    omar.get_by_role("button", name="Acknowledge receipt").click()
    expect(omar.locator("main")).to_contain_text("Receipt acknowledged")


def test_nothing_is_asked_for_ahead_and_nothing_shows_after_signing_out(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    share(person, tmp_path / "report.pdf", "CTED/2026/XSM/234", "A report read page by page")
    omar = person("omar")
    omar.goto(stage.portal + "/received")
    asked: list[str] = []
    omar.on("request", lambda request: asked.append(request.url))
    omar.get_by_role("link", name="A report read page by page").first.click()
    at(omar, 1)
    omar.get_by_label("Next page").hover()
    omar.wait_for_timeout(AHEAD)
    assert [url for url in asked if re.search(r"/pages/[^1]", url)] == []
    expect(omar.locator(".p-panel")).to_contain_text("You have opened 1 of 4 pages since you signed in")
    omar.get_by_label("Next page").click()
    at(omar, 2)
    expect(omar.locator(".p-panel")).to_contain_text("You have opened 2 of 4 pages since you signed in")
    assert omar.locator(".p-sketched").count() == 2

    omar.locator("summary", has_text="Omar").click()
    omar.get_by_role("button", name="Sign out").click()
    omar.wait_for_url("**/sign-in?out=1&state=*")
    for _ in range(3):  # through the pages of leaving to the reader
        omar.evaluate("history.back()")
        omar.wait_for_timeout(AHEAD)
        assert "A report read page by page" not in omar.content()
        assert "Border posts exchange" not in omar.content()
        assert omar.locator(".p-sheet").count() == 0


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, NARROW | {"color_scheme": "dark"}], ids=["dark", "narrow and dark"])
def test_the_reader_holds_in_other_windows(person: SignIn, tmp_path: Path, options: dict[str, object]) -> None:
    number = 235 + len(options)
    share(person, tmp_path / "report.pdf", f"CTED/2026/XSM/{number}", f"A report in window {number}")
    omar = person("omar", **options)
    omar.get_by_role("link", name=f"A report in window {number}").first.click()
    at(omar, 1)
    omar.goto(omar.url + "?zoom=200")
    look(omar)
    omar.get_by_label("Find in this document", exact=True).fill("a")
    omar.get_by_role("button", name="Find", exact=True).click()
    expect(omar.locator(".p-found")).to_contain_text("Give 2 letters or more")
    look(omar)
