"""Two officers shred a document in their browsers: held first, then proposed by one, confirmed by the other with the symbol typed."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.test_journey import DARK, NARROW, SignIn, look, register
from tools.tour.sample import SAMORIA


def test_a_document_is_held_released_and_shredded_by_two(person: SignIn, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(SAMORIA)
    ada, carla, dana = person("ada"), person("carla"), person("dana", **NARROW, **DARK)
    symbol = "CTED/2026/XSM/86"
    document = register(ada, symbol, "Report to be shredded")
    ada.set_input_files("input[type=file]", str(file))
    expect(ada.locator("main")).to_contain_text("4 pages")

    carla.goto(document)
    carla.locator("summary", has_text="Place a legal hold").click()
    carla.get_by_label("Why it must be kept").fill("Case 12 of the Tribunal")
    carla.get_by_role("button", name="Place the hold").click()
    expect(carla.locator("#keeping")).to_contain_text("Under legal hold")
    look(carla)
    dana.goto(document)
    expect(dana.get_by_role("button", name="Propose to shred it")).to_have_count(0)
    dana.get_by_role("button", name="Lift this hold").click()
    expect(dana.locator("#keeping")).to_contain_text("Held from")

    carla.goto(document)
    carla.locator("summary", has_text="Propose to shred it").click()
    look(carla)
    carla.get_by_label("Why it is to be shredded").fill("Retention is over")
    carla.get_by_role("button", name="Propose to shred it").click()
    expect(carla.locator("#keeping")).to_contain_text("You proposed this yourself")

    dana.goto(document.rsplit("/documents/", 1)[0] + "/")
    dana.get_by_role("link", name="Decide: Report to be shredded").click()
    look(dana)
    dana.get_by_label("To confirm, type the symbol").fill(symbol.lower())
    dana.get_by_role("button", name="Shred it for good").click()
    expect(dana.locator("#keeping")).to_contain_text("Type the symbol exactly")
    look(dana)
    dana.get_by_label("To confirm, type the symbol").fill(symbol)
    dana.get_by_role("button", name="Shred it for good").click()
    expect(dana.locator("main")).to_contain_text("This document was shredded on")
    look(dana)
    ada.goto(document)
    expect(ada.locator("main")).to_contain_text("by Carla")
    expect(ada.get_by_role("button")).to_have_count(0)  # nothing is left to do
