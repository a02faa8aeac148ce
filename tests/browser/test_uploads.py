"""A file sent from the page: measured, paused, continued, cancelled, and continued after the portal, the session or the page was gone."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, Route, expect

from portal.kernel.config import load_config
from tests.browser.test_journey import look, register
from tests.common import databases
from tests.rooms.render.office_papers import docx
from tools.bench.memory import MIB, large_pdf
from tools.tour.sample import SAMORIA
from tools.tour.stage import Stage

SignIn = Callable[..., Page]
#: What a browser says of requests that a test cuts or refuses on purpose.
CUT = re.compile(r"net::ERR_|the server responded with a status of (410|502)")
_numbers = iter(range(200, 900))


@pytest.fixture
def faults() -> list[str]:
    """As everywhere, but for what these tests break themselves."""
    return []


@pytest.fixture(autouse=True)
def no_other_fault(faults: list[str]):  # type: ignore[no-untyped-def]
    yield
    assert [fault for fault in faults if not CUT.search(fault)] == []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A report of 24 MiB: three pieces and a little."""
    path = tmp_path / "a large report.pdf"
    with path.open("wb") as out:
        for piece in large_pdf(24 * MIB)[1]:
            out.write(piece)
    return path


def document_of(page: Page, title: str = "A report that takes a while") -> str:
    return register(page, f"CTED/2026/XSM/{next(_numbers)}", title)


class Held:
    """After so many pieces those that follow wait, until they are let go."""

    def __init__(self, page: Page, pieces: int) -> None:
        self._page, self._left, self._open = page, pieces, False
        self.waiting: list[Route] = []
        page.route("**/uploads/*", self._on_request)

    def _on_request(self, route: Route) -> None:
        piece = route.request.method == "PATCH"
        if self._open or not piece or self._left > 0:
            self._left -= piece
            route.continue_()
        else:
            self.waiting.append(route)

    def let_go(self) -> None:
        """Every piece goes on, those that wait as well: taking the route away leaves it to chance what becomes of them."""
        self._open = True
        for route in self.waiting:
            with suppress(Error):  # the page that sent it is gone, or gave it up
                route.continue_()


def stands_at_a_third(page: Page) -> None:
    expect(page.locator("#deposit-amount")).to_have_text(re.compile(r"[89]\.\d / 25\.2 MB, 33 %"))


def is_deposited(page: Page) -> None:
    expect(page.locator("main")).to_contain_text("4 pages")


def test_a_file_can_be_paused_and_continued_and_says_how_far_it_is(stage: Stage, person: SignIn, file: Path) -> None:
    ada = person("ada")
    document_of(ada)
    held = Held(ada, 1)
    ada.set_input_files("input[type=file]", str(file))
    stands_at_a_third(ada)
    look(ada)
    ada.get_by_role("button", name="Pause").click()
    expect(ada.locator("#deposit-status")).to_have_text("Paused. What arrived is kept.")
    held.let_go()
    ada.get_by_role("button", name="Continue").click()
    is_deposited(ada)


def test_a_file_that_is_cancelled_is_discarded_and_can_be_sent_anew(stage: Stage, person: SignIn, file: Path) -> None:
    ada = person("ada")
    document_of(ada)
    held = Held(ada, 1)
    ada.set_input_files("input[type=file]", str(file))
    stands_at_a_third(ada)
    ada.get_by_role("button", name="Cancel").click()
    expect(ada.locator("#deposit-fault")).to_have_text("Cancelled. Nothing was kept.")
    held.let_go()
    ada.reload()
    expect(ada.locator("main")).not_to_contain_text("Choose the same file again")
    ada.set_input_files("input[type=file]", str(file))
    is_deposited(ada)


def test_an_unfinished_upload_is_listed_continued_by_the_same_file_and_by_no_other(
    stage: Stage, person: SignIn, file: Path, tmp_path: Path
) -> None:
    ada = person("ada")
    document = document_of(ada)
    held = Held(ada, 1)
    ada.set_input_files("input[type=file]", str(file))
    stands_at_a_third(ada)
    ada.goto(document)
    held.let_go()
    expect(ada.locator("main")).to_contain_text("a large report.pdf, 25.2 MB, 33 % arrived. Choose the same file again to continue")
    look(ada)
    kept = ada.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert kept == "[[],[]]"

    other = tmp_path / "other" / file.name
    other.parent.mkdir()
    other.write_bytes(file.read_bytes().replace(b"Kestrel", b"Harrier"))
    with ada.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/uploads")):
        other_held = Held(ada, 0)
        ada.set_input_files("input[type=file]", str(other))  # another file of this name: begun from its first byte
    ada.goto(document)
    other_held.let_go()
    expect(ada.locator("[data-upload]")).to_have_count(2)
    ada.locator("[data-upload]", has_text=" 0 %").get_by_role("button", name="Discard").click()
    expect(ada.locator("#deposit-fault")).to_have_text("Cancelled. Nothing was kept.")
    expect(ada.locator("[data-upload]:visible")).to_have_count(1)

    sent: list[str] = []
    ada.on("request", lambda request: sent.append(f"{request.method} {request.headers.get('upload-offset', '')}"))
    ada.set_input_files("input[type=file]", str(file))
    is_deposited(ada)
    assert f"PATCH {8 * MIB}" in sent
    assert not [line for line in sent if line in {"PATCH 0", "POST 0"}]
    assert ada.locator("[data-upload]").count() == 0


def test_an_upload_goes_on_by_itself_when_the_portal_was_killed_and_is_back(stage: Stage, person: SignIn, file: Path) -> None:
    ada = person("ada")
    document_of(ada)
    held = Held(ada, 1)
    ada.set_input_files("input[type=file]", str(file))
    stands_at_a_third(ada)
    stage.kill()
    held.let_go()
    expect(ada.locator("#deposit-status")).to_contain_text("it is tried again")
    stage.revive()
    is_deposited(ada)


def test_a_session_that_ends_in_the_middle_is_said_and_signing_in_again_continues(stage: Stage, person: SignIn, file: Path) -> None:
    ada = person("uma")
    document_of(ada)
    held = Held(ada, 1)
    ada.set_input_files("input[type=file]", str(file))
    stands_at_a_third(ada)
    databases.tamper(_database(stage), "delete from session where person_id = (select id from person where sub = 'person-uma')")
    held.let_go()
    expect(ada.locator("#deposit-status")).to_contain_text("Your session has ended")
    look(ada)
    with ada.context.expect_page() as opened:
        ada.get_by_role("link", name="Sign in").click()
    again = opened.value
    again.get_by_role("link", name="Sign in as").click()
    again.locator('button[value="uma"]').click()
    again.wait_for_url(stage.portal + "/")
    again.close()
    ada.bring_to_front()
    button = ada.get_by_role("button", name="Continue")
    if button.is_visible():
        button.click()
    is_deposited(ada)


def test_a_line_that_went_dead_is_given_up_and_the_upload_goes_on(stage: Stage, person: SignIn, file: Path) -> None:
    ada = person("ada")
    document_of(ada)
    ada.evaluate("Sending.QUIET = 2000")
    held = Held(ada, 1)
    ada.set_input_files("input[type=file]", str(file))
    for _ in range(3):  # the first piece, one that waits, and the one that is sent in its stead
        ada.wait_for_event("request", lambda request: request.method == "PATCH")
    held.let_go()
    is_deposited(ada)


def test_a_deposit_whose_answer_is_lost_is_asked_for_again(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    small = tmp_path / "report.pdf"
    small.write_bytes(SAMORIA)
    ada = person("ada")
    document_of(ada)
    lost = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)  # it is done, but nobody hears of it
        route.abort()

    ada.route("**/deposit", lose)
    ada.set_input_files("input[type=file]", str(small))
    is_deposited(ada)
    assert lost == [201]


def test_a_file_that_is_refused_after_it_arrived_is_explained(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    picture = tmp_path / "picture.pdf"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 900)
    ada = person("ada")
    document_of(ada)
    ada.set_input_files("input[type=file]", str(picture))
    expect(ada.locator("#deposit-fault")).to_contain_text("This is not a PDF")


def test_an_office_file_is_taken_and_what_is_none_is_refused_before_it_is_sent(stage: Stage, person: SignIn, tmp_path: Path) -> None:
    notes, report, large = (tmp_path / name for name in ("notes.txt", "Mission report.docx", "large.odt"))
    notes.write_text("not a document")
    report.write_bytes(docx(["1. The mission met the ministry."]))
    with large.open("wb") as out:
        out.truncate(64_000_001)
    ada = person("ada")
    document_of(ada)
    expect(ada.locator("#deposit-hint")).to_contain_text(".docx")
    look(ada)
    ada.set_input_files("input[type=file]", str(notes))
    expect(ada.locator("#deposit-fault")).to_contain_text("ends in none of .pdf, .docx")
    ada.set_input_files("input[type=file]", str(large))
    expect(ada.locator("#deposit-fault")).to_contain_text("larger than 64.0 MB")
    ada.set_input_files("input[type=file]", str(report))
    expect(ada.locator("main")).to_contain_text("Mission report.docx")
    expect(ada.locator("main")).to_contain_text("It stays as it came")
    look(ada)


def _database(stage: Stage) -> str:
    return load_config(stage.config).database.url
