"""A share passed on to a third body, by clicking: asked, consented to, approved, read; and a recall from who asked reaches it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import look, register
from tests.common.entity import READER, with_entity
from tests.common.s3server import S3Server
from tests.common.stages import staged
from tools.tour.sample import SAMORIA
from tools.tour.stage import Stage

SignIn = Callable[..., Page]
TITLE = "Needs that the Entity may answer"


class WithEntity(Stage):
    """With a third body."""

    def _configuration(self) -> str:
        return with_entity(super()._configuration())


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, house_s3: S3Server | None) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("three"), house_s3, kind=WithEntity) as stage:
        yield stage


def test_what_was_received_goes_on_if_two_officers_agree_and_a_recall_reaches_it(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    file = tmp_path / "needs.pdf"
    file.write_bytes(SAMORIA)
    ada, dana, omar, lena = person("ada"), person("dana"), person("omar"), person(READER)
    document = register(ada, "CTED/2026/XSM/31", TITLE)
    ada.set_input_files("input[type=file]", str(file))
    expect(ada.locator("main")).to_contain_text("4 pages")
    ada.goto(document)
    ada.locator("select[name=recipient]").first.select_option("OCT")
    ada.get_by_role("button", name="Prepare").click()
    ada.wait_for_url(re.compile("/renditions/"))
    ada.goto(document)
    propose = ada.locator("#propose")
    propose.locator("[name=purpose]").fill("Follow-up")
    propose.get_by_role("button", name="Propose the release").click()
    approve(dana, document)

    omar.goto(stage.portal + "/received")
    omar.get_by_role("link", name=TITLE).first.click()
    omar.get_by_role("link", name="Ask to pass it on").click()
    omar.get_by_label("To whom it should go").select_option("ENTITY")
    omar.get_by_label("What they need it for").fill("Support to the capital")
    look(omar)
    omar.get_by_role("button", name="Ask", exact=True).click()
    expect(omar.locator("main")).to_contain_text("Asked")

    ada.goto(document)
    asked = ada.locator("#onward")
    expect(asked).to_contain_text("Support to the capital")
    asked.get_by_role("button", name="Prepare what the Entity will see").click()
    ada.wait_for_url(re.compile("/renditions/"))
    ada.goto(document)
    look(ada)
    asked.get_by_role("button", name="Propose to pass it on").click()
    lena.goto(stage.portal + "/received")
    expect(lena.locator("main")).not_to_contain_text(TITLE)
    approve(dana, document)

    lena.reload()
    lena.get_by_role("link", name=TITLE).first.click()
    lena.wait_for_url(re.compile("/pages/1$"))
    expect(lena.locator("aside")).to_contain_text("From the Directorate")
    omar.reload()
    expect(omar.locator("main")).to_contain_text("Agreed")

    dana.goto(document)
    dana.locator("summary", has_text="Recall it from the Office").click()
    recall = dana.locator("details", has_text="Recall it from the Office")
    recall.get_by_label("Why it is recalled").fill("Sent to the wrong unit")
    recall.get_by_role("button", name="Recall", exact=True).click()
    for page in (omar, lena):
        page.goto(stage.portal + "/received")
        expect(page.locator("main")).not_to_contain_text(TITLE)
        expect(page.locator("main")).to_contain_text("No longer available")


def approve(officer: Page, document: str) -> None:
    officer.goto(document)
    officer.get_by_role("button", name="Approve release").click()
    expect(officer.locator("#decide")).to_have_count(0)
