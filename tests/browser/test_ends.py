"""The end of a document's life, by clicking: a date is set, a lower level proposed and agreed to, and the document archived."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.test_journey import DARK, NARROW, SignIn, look, register
from tools.tour.sample import SAMORIA
from tools.tour.stage import Stage

SYMBOL, TITLE = "CTED/2026/XSM/242", "Report whose time is over"


def test_a_date_is_set_a_level_lowered_by_two_and_the_document_archived(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(SAMORIA)
    ada, carla, dana = person("ada"), person("carla"), person("dana", **NARROW, **DARK)
    document = register(ada, SYMBOL, TITLE)
    ada.set_input_files("input[type=file]", str(file))
    expect(ada.locator("main")).to_contain_text("4 pages")

    carla.goto(document)
    carla.locator("summary", has_text="Set a date").click()
    look(carla)
    carla.get_by_label("Which date").select_option("retention")
    carla.get_by_label("Day", exact=True).fill((datetime.now(UTC) + timedelta(days=400)).date().isoformat())
    carla.get_by_label("Why", exact=True).fill("Kept for the follow-up mission")
    carla.get_by_role("button", name="Set the date").click()
    expect(carla.locator("#dates")).to_contain_text("Kept for the follow-up mission")
    carla.locator("summary", has_text="Propose to lower its level").click()
    carla.get_by_label("To", exact=True).select_option("0")
    carla.get_by_label("Why its level is lowered").fill("It was made public")
    carla.get_by_role("button", name="Propose to lower it").click()
    expect(carla.locator("#dates")).to_contain_text("Lower level proposed")
    look(carla)

    dana.goto(stage.portal + "/")
    dana.get_by_role("link", name=re.compile(TITLE)).first.click()
    look(dana)
    dana.get_by_role("button", name="Lower its level").click()
    expect(dana.get_by_role("region", name="Level, top")).to_contain_text("Unclassified")
    dana.locator("summary", has_text="Archive it").click()
    dana.get_by_label("Why it is archived").fill("Its mission is over")
    dana.get_by_role("button", name="Archive it").click()
    expect(dana.locator("#dates")).to_contain_text("In the archive")
    look(dana)

    ada.goto(document)
    expect(ada.get_by_role("button", name="Prepare what the Office will see")).to_have_count(0)
    ada.goto(stage.portal + "/documents")
    expect(ada.locator("main")).not_to_contain_text(TITLE)
    ada.get_by_label("Archive").select_option("yes")
    ada.get_by_role("button", name="Search").click()
    expect(ada.locator("main")).to_contain_text(TITLE)
    look(ada)
