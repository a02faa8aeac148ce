"""Something Strictly Confidential, in browsers whose persons signed in with a password alone: each is asked to confirm, and goes on."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_journey import DARK, NARROW, SignIn, look, register
from tools.tour.sample import SAMORIA

ASKS = "Confirm that it is you"


def confirm(page: Page, login: str) -> None:
    """From the page that asks, through the provider, and back."""
    expect(page.get_by_role("heading", name=ASKS)).to_be_visible()
    look(page)
    page.get_by_role("link", name="Confirm with your second factor").click()
    expect(page.locator("body")).to_contain_text("asks for a second factor")
    page.locator(f'button[value="{login}"]').click()


def test_a_strictly_confidential_report_crosses_and_nothing_typed_is_lost(person: SignIn, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(SAMORIA)
    uma = person("uma", second_factor=False)
    dana, lena = person("dana", second_factor=False), person("lena", second_factor=False, **NARROW, **DARK)
    document = register(uma, "CTED/2026/XSM/97", "Report that few may read", level=2)
    uma.set_input_files("input[type=file]", str(file))
    expect(uma.locator("main")).to_contain_text("4 pages", timeout=30_000)
    expect(uma.locator("#rendition")).to_contain_text("You will be asked to confirm")
    uma.get_by_role("button", name="Prepare what").click()
    confirm(uma, "uma")
    look(uma)
    uma.get_by_role("button", name="Prepare what the other body will see").click()
    uma.wait_for_url(re.compile("/renditions/"))
    uma.goto(document)
    uma.get_by_label("Purpose").fill("Follow-up in the north")
    uma.get_by_role("radio", name="View only").check()
    uma.get_by_role("button", name="Propose the release").click()
    expect(uma.locator("main")).to_contain_text("a second officer decides")

    dana.goto(document)
    expect(dana.locator("#decide")).to_contain_text("You will be asked to confirm that it is you")
    look(dana)
    dana.get_by_role("button", name="Approve release").click()
    confirm(dana, "dana")
    expect(dana.get_by_role("heading", name="You confirmed that it is you")).to_be_visible()
    look(dana)
    dana.get_by_role("button", name="Approve release").click()
    dana.wait_for_url(document)
    expect(dana.locator("main")).to_contain_text("The Directorate and the Office")

    lena.goto(document.rsplit("/documents/", 1)[0] + "/received")
    lena.get_by_role("link", name="Report that few may read").first.click()
    confirm(lena, "lena")
    lena.wait_for_url(re.compile("/received/.*/pages/1$"))
    expect(lena.locator("main")).to_contain_text("Strictly Confidential")
    look(lena)
