"""A copy for the pouch, by clicking: taken, recorded, its hash compared where it arrives, and answered for after a recall."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_journey import look, register
from tools.tour.sample import SAMORIA
from tools.tour.stage import Stage

SignIn = Callable[..., Page]
SYMBOL, TITLE = "CTED/2026/XSM/241", "Advice that goes by pouch"


def test_a_copy_goes_by_pouch_arrives_and_is_destroyed_after_a_recall(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    file = tmp_path / "advice.pdf"
    file.write_bytes(SAMORIA)
    ada, dana, omar = person("ada"), person("dana"), person("omar")
    document = register(ada, SYMBOL, TITLE)
    ada.set_input_files("input[type=file]", str(file))
    expect(ada.locator("main")).to_contain_text("4 pages")
    ada.goto(document)
    ada.get_by_role("button", name="Prepare what the Office will see").click()
    ada.wait_for_url(re.compile("/renditions/"))
    ada.goto(document)
    ada.locator("[name=purpose]").fill("For a unit without the portal")
    ada.locator("input[name=use][value=download]").check()
    ada.get_by_role("button", name="Propose the release").click()
    dana.goto(document)
    dana.get_by_role("button", name="Approve release").click()

    dana.goto(document)
    with dana.expect_download() as download:
        dana.get_by_role("button", name="Take a copy for the pouch").click()
    digest = hashlib.sha256(Path(download.value.path()).read_bytes()).hexdigest()
    dana.goto(document)
    dana.locator("summary", has_text="Record what went").click()
    look(dana)
    dana.get_by_label("How it went").select_option("pouch")
    dana.get_by_label("What went").select_option("file")
    dana.get_by_label("Which copy").select_option(index=1)
    dana.get_by_label("Day on which it was handed over").fill(datetime.now(UTC).date().isoformat())
    dana.get_by_label("To whom").fill("Registry, pouch 17")
    dana.get_by_role("button", name="Record it").click()
    expect(dana.locator("#transfers")).to_contain_text(digest)
    expect(dana.locator("#transfers")).to_contain_text("Arrival not confirmed yet")
    look(dana)

    omar.goto(stage.portal + "/")
    omar.get_by_role("link", name=f"Confirm its arrival: {TITLE}").click()
    expect(omar.locator("main")).to_contain_text("Registry, pouch 17")
    look(omar)
    omar.get_by_label("SHA-256 of what arrived").fill(digest)
    omar.get_by_role("button", name="It arrived").click()
    expect(omar.locator("main")).to_contain_text("Arrived, ")

    dana.goto(document)
    dana.locator("summary", has_text="Recall it from").click()
    dana.get_by_label("Why it is recalled").fill("Sent to the wrong unit")
    dana.get_by_role("button", name="Recall", exact=True).click()
    expect(dana.locator("#transfers")).to_contain_text("Not returned yet")
    dana.get_by_role("link", name="Who has seen it").click()
    expect(dana.get_by_role("table", name="Handed over by other means")).to_contain_text("Registry, pouch 17")
    look(dana)

    omar.goto(stage.portal + "/received")
    omar.get_by_role("link", name=f"Confirm: {SYMBOL}").click()
    look(omar)
    omar.get_by_role("link", name="say what became of it").click()
    expect(omar.locator("main")).not_to_contain_text(TITLE)
    omar.get_by_label("What became of it").select_option("destroyed")
    omar.get_by_label("Day", exact=True).fill(datetime.now(UTC).date().isoformat())
    look(omar)
    omar.get_by_role("button", name="Confirm it").click()
    expect(omar.locator("main")).to_contain_text("Destroyed, ")
    dana.goto(document)
    expect(dana.locator("#transfers")).to_contain_text("Destroyed, ")
