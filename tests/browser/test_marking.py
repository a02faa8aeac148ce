"""An officer draws a box on a page with the mouse: it appears as it will be painted, is seen painted, and is recorded."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import DARK, NARROW, SignIn, look, register
from tools.tour.sample import SAMORIA


def drag(page: Page, *, cancelled: bool = False) -> None:
    """A box over the middle of the line that begins "5. Border posts"."""
    area = page.locator("#marks")
    area.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, scrollY + document.getElementById('marks').getBoundingClientRect().top - 120)")
    box = area.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.155 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.16 * box["height"], steps=3)
    expect(page.locator("#rubber")).to_have_attribute("visibility", "visible")
    if cancelled:
        page.keyboard.press("Escape")
        expect(page.locator("#rubber")).to_have_attribute("visibility", "hidden")
    page.mouse.up()


@pytest.mark.parametrize("options", [{}, NARROW | DARK], ids=["wide", "narrow and dark"])
def test_a_box_that_is_drawn_appears_as_it_will_be_painted_and_is_recorded(
    person: SignIn, tmp_path: Path, options: dict[str, object]
) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(SAMORIA)
    ada, carla = person("ada"), person("carla", **options)
    document = register(ada, f"CTED/2026/XSM/{5 if options else 6}", "Report with a passage")
    ada.set_input_files("input[type=file]", str(file))
    expect(ada.locator("main")).to_contain_text("4 pages")

    carla.goto(document)
    carla.locator("summary", has_text="Record a request").click()
    carla.get_by_label("Reference, or why").fill("SM/NV/2026/41")
    look(carla)
    carla.get_by_role("button", name="Mark them on the pages").click()
    carla.wait_for_url(re.compile("/passages/1$"))
    carla.get_by_role("button", name="Next page").click()
    carla.wait_for_url(re.compile("/passages/2$"))
    drag(carla, cancelled=True)
    expect(carla.locator("#m-marked")).to_contain_text("Nothing yet")
    drag(carla)
    expect(carla.locator("#m-marked")).to_contain_text("5. Border posts exchange")
    grown, drawn = carla.locator(".p-mark-new").bounding_box(), carla.locator(".p-mark-drawn").bounding_box()
    assert grown is not None
    assert drawn is not None
    assert grown["width"] > 2 * drawn["width"]
    assert carla.evaluate("scrollY") > 0  # the page is where it was
    look(carla)
    carla.get_by_role("button", name="As the Office will see it").click()
    expect(carla.get_by_role("region", name="Text of page 2 that stays")).to_contain_text("Not included in this rendition")
    look(carla)
    carla.get_by_label("Reference, or why").press("Enter")
    carla.get_by_label("State").select_option("XSM")
    assert carla.get_by_label("Reference, or why").input_value() == "SM/NV/2026/41"  # carried from the document's page
    carla.get_by_label("Dated").fill("2026-11-02")
    carla.get_by_role("button", name="Record the request").click()
    expect(carla.locator("#requests")).to_contain_text("A passage on page 2")
    look(carla)
    assert "p2:" not in carla.url


def test_without_javascript_lines_are_chosen_with_the_keyboard(person: SignIn, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(SAMORIA)
    ada, carla = person("ada"), person("carla", java_script_enabled=False)
    document = register(ada, "CTED/2026/XSM/8", "Report without a script")
    ada.set_input_files("input[type=file]", str(file))
    expect(ada.locator("main")).to_contain_text("4 pages")
    carla.goto(document + "/passages/2")
    carla.locator("summary", has_text="Choose lines of page 2").press("Enter")
    carla.get_by_role("checkbox", name="5. Border posts").press("Space")
    carla.get_by_role("button", name="Take these lines").press("Enter")
    expect(carla.locator("#m-marked")).to_contain_text("5. Border posts exchange")
    expect(carla.locator(".p-mark-gone")).to_have_count(1)
