"""An officer takes passages on the page's picture: with the mouse, with the keyboard alone, without JavaScript; and is warned."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_journey import DARK, NARROW, SignIn, look, register
from tests.common.paragraphs import REPORT, TITLE


@pytest.fixture
def deposited(person: SignIn, tmp_path: Path) -> SignIn:
    """Deposits the report under a symbol; returns the address of its pages."""
    file = tmp_path / "report.pdf"
    file.write_bytes(REPORT)

    def deposit(number: int) -> str:
        ada = person("ada")
        document = register(ada, f"CTED/2026/XSM/{number}", TITLE)
        ada.set_input_files("input[type=file]", str(file))
        expect(ada.locator("main")).to_contain_text("2 pages")
        ada.context.close()
        return f"{document}/passages"

    return deposit


def marked(page: Page) -> Locator:
    return page.locator("#m-marked")


def taken(page: Page, name: str | re.Pattern[str]) -> Locator:
    """The button of a passage over the picture."""
    return page.locator("#takes").get_by_role("button", name=name)


@pytest.mark.parametrize("options", [{}, NARROW | DARK], ids=["wide", "narrow and dark"])
def test_a_passage_is_taken_with_the_mouse_and_recorded_by_its_name(deposited: SignIn, person: SignIn, options: dict[str, object]) -> None:
    pages, carla = deposited(31 if options else 30), person("carla", **options)
    carla.goto(pages + "/1")
    look(carla)
    taken(carla, re.compile(r"^Take §2: Two officers")).hover()
    look(carla)
    taken(carla, re.compile(r"^Take §2: Two officers")).click()
    expect(marked(carla)).to_contain_text("With §2(a), §2(b) and §2(c).")
    expect(taken(carla, "Let §2 go: §2(a) goes with it")).to_be_visible()
    echoes = carla.get_by_role("region", name="The same words stay elsewhere")
    expect(echoes).to_contain_text("says the same as §2(a): about 16 words")
    look(carla)
    echoes.get_by_role("button", name="Take §5, too").click()
    expect(marked(carla)).to_contain_text("§5")
    expect(echoes).to_have_count(0)
    carla.get_by_role("button", name="Undo the last").click()
    expect(marked(carla)).not_to_contain_text("§5")
    taken(carla, "Let §2 go: §2(a) goes with it").click()
    expect(marked(carla)).to_contain_text("Nothing yet")
    taken(carla, re.compile(r"^Take §2\(b\)")).click()
    carla.locator("#outline").get_by_role("button", name=re.compile("^§5")).click()
    carla.get_by_label("State", exact=True).select_option("XSM")
    carla.get_by_label("Reference, or why").fill("SM/NV/2026/41")
    carla.get_by_label("Dated").fill("2026-11-02")
    carla.get_by_role("button", name="Record the request").click()
    expect(carla.locator("#requests")).to_contain_text("§2(b) and §5")
    assert "%C2%A7" not in carla.url


def test_a_drag_that_begins_on_a_passage_draws_a_box_and_takes_no_passage(deposited: SignIn, person: SignIn) -> None:
    pages, carla = deposited(32), person("carla")
    carla.goto(pages + "/1")
    button = taken(carla, re.compile(r"^Take §2\(b\)"))
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    assert place is not None
    carla.mouse.move(place["x"] + 20, place["y"] + 2)
    carla.mouse.down()
    carla.mouse.move(place["x"] + 160, place["y"] + place["height"] - 1, steps=4)
    expect(carla.locator("#rubber")).to_have_attribute("visibility", "visible")
    carla.keyboard.press("Escape")
    carla.mouse.up()
    expect(marked(carla)).to_contain_text("Nothing yet")
    carla.mouse.move(place["x"] + 20, place["y"] + 2)
    carla.mouse.down()
    carla.mouse.move(place["x"] + 160, place["y"] + place["height"] - 1, steps=4)
    carla.mouse.up()
    expect(marked(carla)).to_contain_text("Page 1, box 1")
    expect(marked(carla)).not_to_contain_text("§2(b)")
    expect(carla.locator("#outline")).to_contain_text("By boxes")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_passage_is_taken_with_the_keyboard_alone_and_keeps_the_focus(deposited: SignIn, person: SignIn, script: bool) -> None:
    pages, carla = deposited(33 if script else 34), person("carla", java_script_enabled=script)
    carla.goto(pages + "/1")
    carla.get_by_role("button", name="As the Office will see it").focus()
    for _ in range(2):
        carla.keyboard.press("Tab")
    expect(taken(carla, re.compile("^Take §2:"))).to_be_focused()
    carla.keyboard.press("Enter")
    expect(marked(carla)).to_contain_text("With §2(a), §2(b) and §2(c).")
    expect(taken(carla, re.compile("^Let §2 go: Two"))).to_be_focused()
    carla.keyboard.press("Space")
    expect(marked(carla)).to_contain_text("Nothing yet")
    row = carla.locator("#outline").get_by_role("button", name=re.compile("^§6"))
    row.focus()
    carla.keyboard.press("Enter")
    expect(marked(carla)).to_contain_text("§6")
    expect(row).to_be_focused()
    carla.locator("#outline").get_by_role("button", name="Show §6 on p. 2").press("Enter")
    carla.wait_for_url(re.compile("/passages/2$"))
    expect(carla.locator(".p-mark-new")).to_have_count(1)
