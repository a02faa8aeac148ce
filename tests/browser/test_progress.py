"""An officer sees how far a rendition is while the browser waits for it; without scripts the same button leads to the same page."""

import io
import json
import re
from pathlib import Path

import pikepdf
from playwright.sync_api import Page, expect

from tests.browser.test_journey import DARK, NARROW, SignIn, look, register
from tools.tour.sample import SAMORIA

PAGES = 40
BUTTON = "Prepare what the Office will see"


def long_report() -> bytes:
    report, made = pikepdf.new(), io.BytesIO()
    source = pikepdf.open(io.BytesIO(SAMORIA))
    for number in range(PAGES):
        report.pages.append(source.pages[number % len(source.pages)])
    report.save(made)
    return made.getvalue()


def deposited(ada: Page, symbol: str, folder: Path) -> str:
    (folder / "report.pdf").write_bytes(long_report())
    document = register(ada, symbol, "A long report")
    ada.set_input_files("input[type=file]", str(folder / "report.pdf"))
    expect(ada.locator("main")).to_contain_text(f"{PAGES} pages")
    return document


#: Keeps what the page says while the browser waits: whoever drives it is not answered until the next page is there.
WATCH = """() => {
  const seen = [];
  const note = () => {
    const [stage, amount, bar] = ["stage", "amount", "bar"].map((name) => document.getElementById(`build-${name}`));
    const button = document.querySelector("form[data-progress] button");
    seen.push([stage.textContent, amount.textContent, bar.value / bar.max, stage.checkVisibility(), button.disabled]);
    sessionStorage.setItem("seen", JSON.stringify(seen));
  };
  new MutationObserver(note).observe(document.getElementById("rendition"), {subtree: true, childList: true, attributes: true});
}"""


def test_pages_that_are_built_and_proved_are_counted_while_the_browser_waits(person: SignIn, tmp_path: Path) -> None:
    ada, carla = person("ada"), person("carla", **NARROW, **DARK)
    document = deposited(ada, "CTED/2026/XSM/131", tmp_path)
    carla.goto(document)
    expect(carla.locator("#rendition")).to_contain_text("This takes about 20 seconds")
    expect(carla.locator("#build-progress")).to_be_hidden()
    carla.evaluate(WATCH)
    carla.get_by_role("button", name=BUTTON).click()
    carla.wait_for_url(re.compile("/renditions/"))
    seen = json.loads(carla.evaluate("sessionStorage.getItem('seen')"))
    told = [(stage, amount) for stage, amount, *_ in seen]
    assert [stage for stage in dict.fromkeys(stage for stage, _ in told) if stage] == [
        "It begins",
        "The pages are being built",
        "Each page is being proved",
    ]
    assert any(re.fullmatch(rf"[1-9]\d* of {PAGES}", amount) for _, amount in told)
    assert all(shown and pressed for _, _, _, shown, pressed in seen[1:])
    shares = [share for _, _, share, _, _ in seen]
    assert shares == sorted(shares)
    carla.go_back()
    expect(carla.get_by_role("button", name="Prepare it anew")).to_be_enabled()
    look(carla)


def test_without_scripts_the_button_leads_to_what_was_prepared(person: SignIn, tmp_path: Path) -> None:
    document = deposited(person("ada"), "CTED/2026/XSM/132", tmp_path)
    plain = person("carla", java_script_enabled=False)
    plain.goto(document)
    expect(plain.locator("#rendition")).to_contain_text("keep this page open until then")
    plain.get_by_role("button", name=BUTTON).click()
    expect(plain.locator("main")).to_contain_text("Page 1")
