"""A copy taken and a share recalled, by clicking: acknowledge, take a copy, recall, confirm. Three persons, two bodies."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_journey import look, register
from tools.tour.sample import SAMORIA
from tools.tour.stage import Stage

SignIn = Callable[..., Page]
TITLE = "Advice that may be taken along"


def test_a_copy_is_taken_with_its_reader_on_it_and_a_recall_asks_for_it_back(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    file = tmp_path / "advice.pdf"
    file.write_bytes(SAMORIA)
    ada, dana, omar = person("ada"), person("dana"), person("omar")
    document = register(ada, "CTED/2026/XSM/7", TITLE)
    ada.set_input_files("input[type=file]", str(file))
    expect(ada.locator("main")).to_contain_text("4 pages")
    ada.goto(document)
    ada.get_by_role("button", name="Prepare what the Office will see").click()
    ada.wait_for_url(re.compile("/renditions/"))
    ada.goto(document)
    ada.locator("[name=purpose]").fill("To be read on the way")
    ada.locator("input[name=use][value=download]").check()
    ada.get_by_role("button", name="Propose the release").click()
    dana.goto(document)
    dana.get_by_role("button", name="Approve release").click()

    omar.goto(stage.portal + "/received")
    omar.get_by_role("link", name=TITLE).first.click()
    omar.wait_for_url(re.compile("/pages/1$"))
    reader = omar.url
    omar.get_by_role("button", name="Acknowledge").click()
    expect(omar.locator("main")).to_contain_text("Receipt acknowledged")
    with omar.expect_download() as download:
        omar.get_by_role("button", name="Take a copy").click()
    copy = Path(download.value.path()).read_bytes()
    assert copy.startswith(b"%PDF-")
    assert len(copy) > 10_000

    dana.goto(document)
    dana.locator("summary", has_text="Recall it from").click()
    dana.get_by_label("Why it is recalled").fill("Sent to the wrong unit")
    dana.get_by_role("button", name="Recall", exact=True).click()
    expect(dana.locator("main")).to_contain_text("Recalled")
    look(dana)

    omar.goto(reader)
    expect(omar.locator("main")).to_contain_text("No longer available")
    expect(omar.locator("main")).not_to_contain_text(TITLE)
    look(omar)
    omar.goto(stage.portal + "/received")
    omar.get_by_role("link", name="Confirm: CTED/2026/XSM/7").click()
    look(omar)
    omar.get_by_role("button", name="Confirm: no copy is kept").click()
    expect(omar.locator("main")).to_contain_text("confirmed")
    dana.reload()
    expect(dana.locator("main")).to_contain_text("confirmed")
